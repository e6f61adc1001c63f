// Mail by SMTP. STARTTLS is required unless the operator says otherwise; a password never travels without TLS, but to this host
// itself. What the server's codes mean is a table by stage: at the recipient's stage a 5xx is about the person, before it about
// the channel.
#include <array>
#include <string>

#include "channels/keys.hpp"
#include "channels/mail_message.hpp"

namespace surged {
namespace {

constexpr std::array<std::string_view, 3> tls_words{"starttls", "implicit", "none"};
constexpr std::array email_keys{
    ChannelKey{.name = "server", .form = KeyForm::server, .needed = true, .meaning = "host:port of the mail server"},
    ChannelKey{.name = "from", .form = KeyForm::mail, .needed = true, .meaning = "the sender's address"},
    ChannelKey{.name = "from_name", .meaning = "the sender's name"},
    ChannelKey{.name = "user", .meaning = "the login; with `password_file`"},
    ChannelKey{.name = "password_file", .form = KeyForm::secret_bytes, .meaning = "its password"},
    ChannelKey{.name = "tls",
               .form = KeyForm::choice,
               .fallback = "starttls",
               .meaning = "how the connection is encrypted",
               .words = tls_words},
    ChannelKey{.name = "hello", .meaning = "the name said to the server"},
    ca_file_key};

/// A code from..to at a stage first..last (all included). The first that fits decides.
struct MailRule {
    MailStage first;
    MailStage last;
    int from;
    int to;
    OutcomeClass outcome;
};

// RFC 5321 4.2.1, 4.2.3, RFC 4954 6, RFC 3207 4.
constexpr std::array<MailRule, 10> mail_rules = {{
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

void check_email(const ChannelSpec& spec, std::vector<ChannelFinding>& out) {
    using Weight = ChannelFinding::Weight;
    const bool user = spec.settings.contains("user");
    if (user != spec.settings.contains("password_file")) {
        out.push_back({Weight::error, "", user ? "`user` needs `password_file`" : "`password_file` needs `user`"});
    }
    if (setting(spec, "tls") != "none") {
        return;
    }
    out.push_back({Weight::warning, "tls", "mails of this channel travel in the clear"});
    if (user && !is_this_host(host_of(setting(spec, "server")))) {
        out.push_back({Weight::unfit, "tls", "a password is not sent without TLS: set tls to starttls or implicit"});
    }
}

Request build_mail(const PageInput& in) {
    const auto& spec = in.channel.spec;
    const auto tls = setting(spec, "tls");
    const auto hello = setting(spec, "hello");
    MailRequest out;
    out.url = (tls == "implicit" ? "smtps://" : "smtp://") + setting(spec, "server") + "/" + hello;
    out.tls = tls != "none";
    out.user = setting(spec, "user");
    out.password = in.channel.key;
    out.from = setting(spec, "from");
    out.ca_file = setting(spec, "ca_file");
    for (const auto& person : in.order.people) {
        if (mail_address_valid(address_of(person))) {
            out.to.push_back(address_of(person));
        }
    }
    if (out.to.empty()) {
        return refused("no mail address that can be written to");
    }
    // Several people need not know each other's addresses.
    const auto to = out.to.size() == 1 ? out.to.front() : std::string("undisclosed-recipients:;");
    out.body = mail_message(in.order, {out.from, setting(spec, "from_name"), to, mail_date(in.unix_s), in.channel.installation});
    return out;
}

SendVerdict read_mail(const MailReply& reply) {
    if (reply.transport != Transport::answered) {
        auto out = verdict_of(reply.transport, reply.error);
        out.detail = "SMTP " + std::string(describe(reply.stage)) + ": " + out.detail;
        return out;
    }
    SendVerdict out;
    for (const auto& rule : mail_rules) {
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

}  // namespace

const ChannelType& email_type() {
    static constexpr ChannelType type{.name = "email",
                                      .keys = email_keys,
                                      .reach = ReachBy::email,
                                      .coalesce = true,
                                      .check = check_email,
                                      .in_flight_max = mails_in_flight_max,
                                      .build = build_mail,
                                      .read_mail = read_mail};
    return type;
}

}  // namespace surged
