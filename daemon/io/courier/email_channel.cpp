// Mail by SMTP. STARTTLS is required unless the operator says otherwise; a password never travels without TLS, but to this host
// itself. What the server's codes mean is a table by stage: at the recipient's stage a 5xx is about the person, before it about
// the channel.
#include <array>
#include <string>

#include "io/courier/channel.hpp"
#include "io/courier/mail_message.hpp"

namespace surged {
namespace {

/// A code from..to at a stage first..last (all included). The first that fits decides.
struct MailRule {
    MailStage first;
    MailStage last;
    int from;
    int to;
    OutcomeClass outcome;
};

// RFC 5321 4.2.1, 4.2.3, RFC 4954 6, RFC 3207 4.
constexpr std::array<MailRule, 10> rules = {{
    {MailStage::body, MailStage::body, 200, 299, OutcomeClass::ok},
    {MailStage::greeting, MailStage::body, 421, 421, OutcomeClass::retry},
    {MailStage::login, MailStage::login, 400, 499, OutcomeClass::retry},
    {MailStage::login, MailStage::login, 500, 599, OutcomeClass::config_error},
    {MailStage::greeting, MailStage::body, 530, 538, OutcomeClass::config_error},
    {MailStage::greeting, MailStage::body, 400, 499, OutcomeClass::retry},
    {MailStage::greeting, MailStage::sender, 500, 599, OutcomeClass::config_error},
    {MailStage::recipient, MailStage::recipient, 500, 504, OutcomeClass::config_error},
    {MailStage::recipient, MailStage::body, 500, 599, OutcomeClass::reject},
    {MailStage::greeting, MailStage::body, 0, 999, OutcomeClass::unknown},
}};

std::string_view describe(MailStage stage) {
    switch (stage) {
        case MailStage::greeting: return "greeting";
        case MailStage::hello: return "EHLO";
        case MailStage::tls: return "STARTTLS";
        case MailStage::login: return "AUTH";
        case MailStage::sender: return "MAIL FROM";
        case MailStage::recipient: return "RCPT TO";
        case MailStage::data: return "DATA";
        case MailStage::body: return "text";
    }
    return "?";
}

std::string host_of(const std::string& server) {
    return server.substr(0, server.rfind(':') == std::string::npos ? server.size() : server.rfind(':'));
}

bool is_this_host(const std::string& host) {
    return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

std::string address_of(const Recipient& person) {
    return person.address.empty() ? person.email : person.address;
}

constexpr std::size_t mails_in_flight_max = 16;  // each has a thread

class Email final : public ChannelType {
public:
    std::size_t in_flight_max() const override { return mails_in_flight_max; }
    void load(LoadedChannel& channel, const LoadContext& context) const override {
        const auto server = setting(channel.spec, "server");
        const auto user = setting(channel.spec, "user");
        const auto tls = setting(channel.spec, "tls");
        if (server.empty() || server.find_first_of("/@ \t\r\n") != std::string::npos) {
            channel.problem = server.empty() ? "server is not set" : "server is not host:port";
        } else if (!mail_address_valid(setting(channel.spec, "from"))) {
            channel.problem = "from is not a mail address";
        } else if (!tls.empty() && tls != "starttls" && tls != "implicit" && tls != "none") {
            channel.problem = "tls is none of starttls, implicit, none";
        } else if (!user.empty() && tls == "none" && !is_this_host(host_of(server))) {
            channel.problem = "a password is not sent without TLS: set tls to starttls or implicit";
        } else {
            load_key(channel, context, "password_file");
            if (channel.problem.empty() && user.empty() != channel.key.empty()) {
                channel.problem = user.empty() ? "password_file without user" : "user without password_file";
            }
        }
    }

    Request build(const SendOrder& order, const LoadedChannel& channel, std::int64_t unix_s) const override {
        const auto& spec = channel.spec;
        const auto tls = setting(spec, "tls");
        const auto hello = setting(spec, "hello");
        MailRequest out;
        out.url = (tls == "implicit" ? "smtps://" : "smtp://") + setting(spec, "server") + "/" + hello;
        out.tls = tls != "none";
        out.user = setting(spec, "user");
        out.password = channel.key;
        out.from = setting(spec, "from");
        out.ca_file = setting(spec, "ca_file");
        for (const auto& person : order.people) {
            if (mail_address_valid(address_of(person))) {
                out.to.push_back(address_of(person));
            }
        }
        if (out.to.empty()) {
            return NoRequest{{OutcomeClass::reject, Span{0}, "no mail address that can be written to", Span{0}}};
        }
        // Several people need not know each other's addresses.
        const auto to = out.to.size() == 1 ? out.to.front() : std::string("undisclosed-recipients:;");
        out.body = mail_message(order, {out.from, setting(spec, "from_name"), to, mail_date(unix_s), channel.installation});
        return out;
    }

    SendVerdict classify_mail(const MailReply& reply) const override {
        if (reply.transport != Transport::answered) {
            auto out = verdict_of(reply.transport, reply.error);
            out.detail = "SMTP " + std::string(describe(reply.stage)) + ": " + out.detail;
            return out;
        }
        SendVerdict out;
        for (const auto& rule : rules) {
            if (reply.stage >= rule.first && reply.stage <= rule.last && reply.code >= rule.from && reply.code <= rule.to) {
                out.outcome = rule.outcome;
                break;
            }
        }
        out.detail = "SMTP " + std::string(describe(reply.stage)) + ": " + reply.words;
        if (out.outcome == OutcomeClass::ok && reply.refused > 0) {
            out.detail = std::to_string(reply.refused) + " of " + std::to_string(reply.recipients) +
                         " addresses refused: " + reply.refused_with + "; the others: " + reply.words;
        }
        return out;
    }
};

}  // namespace

const ChannelType& email_channel() {
    static const Email type;
    return type;
}

}  // namespace surged
