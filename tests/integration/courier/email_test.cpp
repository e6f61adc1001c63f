// Mail: the message by the RFCs, every answer at every stage against a scripted server, and a real server program from Debian
// with STARTTLS and a login.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "courier_kit.hpp"
#include "channels/mail_message.hpp"
#include "support/process.hpp"
#include "support/smtp_sink.hpp"
#include "support/temp_dir.hpp"
#include "support/test_certificate.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// "Name: value" of a message, unfolded.
std::string header(const std::string& message, const std::string& name) {
    const auto head = "\r\n" + message.substr(0, message.find("\r\n\r\n"));
    auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) {
        return {};
    }
    at += name.size() + 4;
    std::string out;
    for (;;) {
        const auto end = std::min(head.find("\r\n", at), head.size());
        out += head.substr(at, end - at);
        if (end + 2 >= head.size() || head[end + 2] != ' ') {
            return out;
        }
        at = end + 2;
    }
}

/// Encoded words back to text.
std::string decoded(const std::string& value) {
    std::string out;
    std::size_t at = 0;
    for (auto word = value.find("=?UTF-8?B?"); word != std::string::npos; word = value.find("=?UTF-8?B?", at)) {
        const auto end = value.find("?=", word);
        REQUIRE(end - word + 2 <= 75);
        const auto part = from_base64(value.substr(word + 10, end - word - 10));
        REQUIRE(part.has_value());
        REQUIRE(utf8_valid(*part));  // no code point is torn between words
        out += *part;
        at = end;
    }
    return at == 0 ? value : out;
}

std::string text_of(const std::string& message) {
    auto body = message.substr(message.find("\r\n\r\n") + 4);
    body.erase(std::remove_if(body.begin(), body.end(), [](char c) { return c == '\r' || c == '\n'; }), body.end());
    return from_base64(body).value_or("not base64");
}

ChannelSpec mail_spec(const std::string& server, std::map<std::string, std::string> more = {}) {
    ChannelSpec spec;
    spec.id = "mail";
    spec.type = "email";
    spec.settings = {{"server", server}, {"from", "surged@x.example"}, {"tls", "none"}};
    for (auto& [key, value] : more) {
        spec.settings[key] = value;
    }
    return spec;
}

SendOrder mail_order(const std::string& page = "0-17/1/lead-01/mail/first/1", milliseconds timeout = 5000ms) {
    auto order = order_for(page, "mail", timeout);
    order.people[0].email = "lead-01@x.example";
    return order;
}

struct Sent {
    SmtpSink sink;
    CourierKit kit;
    explicit Sent(std::map<std::string, std::string> more = {}) { kit.configure({mail_spec(sink.server(), std::move(more))}); }
    SendOutcome send(const SendOrder& order = mail_order()) { return kit.send(order).outcome; }
};

}  // namespace

TEST_CASE("mail: header text is plain ASCII or encoded words, and never a second line", "[integration]") {
    CHECK(header_text("Surge at jinan") == "Surge at jinan");
    CHECK(header_text("a\r\nBcc: x@y") == "a Bcc: x@y");
    CHECK(header_text("=?utf-8?Q?x?=").starts_with("=?UTF-8?B?"));
    std::string text;
    for (int i = 0; i < 40; ++i) {
        text += "话务a";
    }
    CHECK(decoded(header_text(text)) == text);
    CHECK(decoded(header_text(std::string(60, 'x'))) == std::string(60, 'x'));
    CHECK(header_text(std::string(61, 'x')).starts_with("=?UTF-8?B?"));  // one line would be too long
}

TEST_CASE("mail: the Message-ID is the page's, bounded, and its characters are safe", "[integration]") {
    CHECK(message_id("0-17/1/lead-01/mail/first/1", "x.example") == "<0-17/1/lead-01/mail/first/1@x.example>");
    CHECK(message_id("a.b @c", "x") == "<a=2Eb=20=40c@x>");
    const auto just = message_id(std::string(200, 'k'), "x");
    CHECK(just.size() == 204);
    const auto one = message_id(std::string(201, 'k'), "x");
    const auto other = message_id(std::string(200, 'k') + "j", "x");
    CHECK(one.size() < just.size());
    CHECK(one != other);
}

TEST_CASE("mail: addresses that could end a line or an envelope are refused", "[integration]") {
    for (const auto* good : {"a@b", "first.last+x@mail.example"}) {
        CHECK(mail_address_valid(good));
    }
    for (const auto* bad : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b>", "<a@b", "a@b\r\nDATA", "\"a\"@b", "a@b,c", "班@x"}) {
        CHECK_FALSE(mail_address_valid(bad));
    }
    CHECK(mail_address_valid(std::string(252, 'a') + "@b"));
    CHECK_FALSE(mail_address_valid(std::string(253, 'a') + "@b"));
}

TEST_CASE("mail: dates by RFC 5322, whatever the locale", "[integration]") {
    CHECK(mail_date(0) == "Thu, 01 Jan 1970 00:00:00 +0000");
    CHECK(mail_date(1789776000) == "Sat, 19 Sep 2026 00:00:00 +0000");
}

TEST_CASE("mail: a page arrives whole, in UTF-8, in the person's thread of the incident; repeats have the same id",
          "[integration]") {
    Sent sent({{"from_name", "话务预警"}, {"hello", "surged.x.example"}});
    auto order = mail_order();
    order.wall = WallTime{Span{1789776000000}};
    order.link = "https://surge.example/a/AbC-_1";
    const auto outcome = sent.send(order);
    CHECK(outcome.outcome == OutcomeClass::ok);
    CHECK(outcome.detail == "SMTP text: 250 2.0.0 taken over");
    order.attempt = 2;
    order.repeat = true;
    sent.send(order);
    const auto mails = sent.sink.mails();
    REQUIRE(mails.size() == 2);
    const auto& mail = mails[0];
    CHECK(mail.hello == "surged.x.example");
    CHECK(mail.from == "<surged@x.example>");
    CHECK(mail.to == std::vector<std::string>{"<lead-01@x.example>"});
    CHECK(mail.login.empty());
    CHECK(decoded(header(mail.data, "Subject")) == order.text);
    CHECK(header(mail.data, "From").ends_with(" <surged@x.example>"));
    CHECK(decoded(header(mail.data, "From")) == "话务预警");
    CHECK(header(mail.data, "To") == "lead-01@x.example");
    CHECK(header(mail.data, "Message-ID") == "<0-17/1/lead-01/mail/first/1@x.example>");
    CHECK(header(mail.data, "References") == "<incident/0-17@x.example>");
    CHECK(header(mail.data, "Auto-Submitted") == "auto-generated");
    CHECK(header(mail.data, "Content-Type") == "text/plain; charset=utf-8");
    CHECK(header(mails[1].data, "Message-ID") == header(mail.data, "Message-ID"));
    const auto text = text_of(mail.data);
    CHECK(text.starts_with(order.text + "\r\n\r\n回复：https://surge.example/a/AbC-_1\r\n范围：jinan / 普席\r\n事件：0-17\r\n级别：橙色\r\n"));
    CHECK(text.find("需要/已加入/已到岗：6/2/0\r\n") != std::string::npos);
    CHECK(text.find("2026-09-19T00:00:00.000Z") != std::string::npos);
    std::istringstream lines(mail.data);
    for (std::string line; std::getline(lines, line);) {
        CHECK(line.size() <= 78);
    }
}

TEST_CASE("mail: hostile names and places make no header, no second recipient and no end of text", "[integration]") {
    Sent sent;
    auto order = mail_order();
    order.text = "x\r\nBcc: evil@x.example\r\n\r\n.\r\nMAIL FROM:<evil@x>";
    order.language = Language::en;
    order.scope = {{"centre", "a\r\n.\r\nQUIT"}};
    order.people.push_back({"p", "P", "", "a@b>\r\nRCPT TO:<evil@x.example", ""});
    CHECK(sent.send(order).outcome == OutcomeClass::ok);
    const auto mails = sent.sink.mails();
    REQUIRE(mails.size() == 1);
    CHECK(mails[0].to.size() == 1);
    CHECK(header(mails[0].data, "Bcc").empty());
    CHECK(mails[0].data.find("\r\n.\r\n") == std::string::npos);
}

TEST_CASE("mail: every refusal has its class by stage and code", "[integration]") {
    struct Row {
        const char* stage;
        const char* says;
        OutcomeClass outcome;
        const char* detail;
    };
    using O = OutcomeClass;
    const std::vector<Row> rows = {
        {"greeting", "421 4.3.2 shutting down", O::retry, "SMTP greeting: 421"},
        {"greeting", "554 5.3.2 no service here", O::config_error, "SMTP greeting: 554"},
        {"greeting", "451-busy\r\n451 later", O::retry, "SMTP greeting: 451"},
        {"MAIL", "451 4.3.0 queue", O::retry, "SMTP MAIL FROM: 451"},
        {"MAIL", "530 5.7.0 authentication required", O::config_error, "SMTP MAIL FROM: 530"},
        {"MAIL", "553 5.1.8 sender refused", O::config_error, "SMTP MAIL FROM: 553"},
        {"RCPT", "450 4.2.0 greylisted, try again later", O::retry, "SMTP RCPT TO: 450"},
        {"RCPT", "452 4.2.2 mailbox full", O::retry, "SMTP RCPT TO: 452"},
        {"RCPT", "550 5.1.1 no such user", O::reject, "SMTP RCPT TO: 550 5.1.1 no such user"},
        {"RCPT", "554 5.7.1 relay access denied", O::reject, "SMTP RCPT TO: 554"},
        {"RCPT", "530 5.7.0 must login first", O::config_error, "SMTP RCPT TO: 530"},
        {"DATA", "451 4.3.0 no", O::retry, "SMTP DATA: 451"},
        {"DATA", "554 5.5.1 no valid recipients", O::reject, "SMTP DATA: 554"},
        {"body", "452 4.3.1 disk full", O::retry, "SMTP text: 452"},
        {"body", "552 5.3.4 too large", O::reject, "SMTP text: 552"},
        {"body", "554 5.7.1 looks like spam", O::reject, "SMTP text: 554"},
        {"body", "421 4.3.2 shutting down", O::retry, "SMTP text: 421"},
    };
    Sent sent;
    for (const auto& row : rows) {
        INFO(row.stage << " " << row.says);
        sent.sink.says(row.stage, row.says);
        const auto outcome = sent.send();
        INFO(outcome.detail);
        CHECK(to_string(outcome.outcome) == to_string(row.outcome));
        CHECK(outcome.detail.find(row.detail) == 0);
        sent.sink.says(row.stage, "");
    }
    CHECK(sent.sink.mails().empty());
    CHECK(sent.send().outcome == OutcomeClass::ok);
}

TEST_CASE("mail: lost before the text's end the server has nothing; lost after it nobody knows", "[integration]") {
    Sent sent;
    using O = OutcomeClass;
    for (const auto* how : {"close", "reset", "hang"}) {
        for (const auto& [stage, outcome] : std::map<std::string, O>{{"greeting", O::channel_down},
                                                                     {"EHLO", O::channel_down},
                                                                     {"MAIL", O::channel_down},
                                                                     {"RCPT", O::channel_down},
                                                                     {"DATA", O::channel_down},
                                                                     {"body", O::unknown}}) {
            INFO(how << " at " << stage);
            sent.sink.says(stage, how);
            const auto came = sent.send(mail_order("p", 400ms));
            INFO(came.detail);
            CHECK(to_string(came.outcome) == to_string(outcome));
            sent.sink.says(stage, "");
        }
    }
    CHECK(sent.sink.mails().empty());
    sent.kit.configure({mail_spec("127.0.0.1:1")});
    CHECK(sent.send().outcome == O::channel_down);
}

TEST_CASE("mail: of several people those who are refused keep it from nobody, and are counted", "[integration]") {
    Sent sent;
    auto order = mail_order();
    order.people.push_back({"b", "B", "", "b@x.example", ""});
    order.people.push_back({"c", "C", "", "", "c@y.example"});
    sent.sink.says("RCPT <b@x.example>", "550 5.1.1 no such user");
    const auto some = sent.send(order);
    CHECK(some.outcome == OutcomeClass::ok);
    CHECK(some.detail.find("1 of 3 addresses refused: 550 5.1.1") == 0);
    REQUIRE(sent.sink.mails().size() == 1);
    CHECK(sent.sink.mails()[0].to == std::vector<std::string>{"<lead-01@x.example>", "<c@y.example>"});
    CHECK(header(sent.sink.mails()[0].data, "To") == "undisclosed-recipients:;");
    sent.sink.says("RCPT", "550 5.1.1 nobody");
    const auto none = sent.send(order);
    CHECK(none.outcome == OutcomeClass::reject);
}

TEST_CASE("mail: without an address nothing is connected to", "[integration]") {
    Sent sent;
    auto order = mail_order();
    order.people[0].email = "not an address";
    const auto outcome = sent.send(order);
    CHECK(outcome.outcome == OutcomeClass::reject);
    CHECK(outcome.detail == "no mail address that can be written to");
    CHECK(sent.sink.connections() == 0);
}

TEST_CASE("mail: STARTTLS is required by default: a server without it gets neither login nor text", "[integration]") {
    const TempDir dir;
    std::ofstream(dir.file("pw")) << "hunter2222\n";
    SmtpSink sink;
    CourierKit kit;
    auto spec = mail_spec(sink.server(), {{"user", "surged"}, {"password_file", "pw"}});
    spec.settings.erase("tls");
    REQUIRE(kit.configure({spec}, dir.path().string()).empty());
    const auto outcome = kit.send(mail_order()).outcome;
    INFO(outcome.detail);
    CHECK(outcome.outcome == OutcomeClass::config_error);
    CHECK(sink.mails().empty());
}

TEST_CASE("mail: a login over loopback without TLS; elsewhere it is a problem; wrong passwords are the operator's",
          "[integration]") {
    const TempDir dir;
    std::ofstream(dir.file("pw")) << "hunter2222\n";
    SmtpSink sink;
    CourierKit kit;
    const std::map<std::string, std::string> login{{"user", "surged"}, {"password_file", "pw"}};
    REQUIRE(kit.configure({mail_spec(sink.server(), login)}, dir.path().string()).empty());
    CHECK(kit.send(mail_order()).outcome.outcome == OutcomeClass::ok);
    REQUIRE(sink.mails().size() == 1);
    CHECK(from_base64(sink.mails()[0].login) == std::string("\0surged\0hunter2222", 18));
    for (const auto& [says, outcome] : std::map<std::string, OutcomeClass>{
             {"535 5.7.8 hunter2222 is wrong", OutcomeClass::config_error}, {"454 4.7.0 later", OutcomeClass::retry}}) {
        sink.says("AUTH", says);
        const auto came = kit.send(mail_order()).outcome;
        INFO(came.detail);
        CHECK(to_string(came.outcome) == to_string(outcome));
        CHECK(came.detail.find("hunter2222") == std::string::npos);
    }
    auto problems = kit.configure({mail_spec("mail.example:25", login)}, dir.path().string());
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].detail == "a password is not sent without TLS: set tls to starttls or implicit");
    problems = kit.configure({mail_spec("mail.example:25", {{"tls", "starttls"}, {"user", "u"}})});
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].detail == "`user` needs `password_file`");
}

TEST_CASE("mail: a server that hangs at its end holds up nobody else, and stopping does not wait for it", "[integration]") {
    SmtpSink hanging;
    SmtpSink well;
    HttpSink hook;
    hanging.says("body", "hang");
    CourierOptions options;
    std::vector<SendOutcome> outcomes;
    std::mutex lock;
    options.on_outcome = [&](SendOutcome outcome, SendTiming) {
        const std::lock_guard hold(lock);
        outcomes.push_back(std::move(outcome));
    };
    Courier courier(options);
    auto good = mail_spec(well.server());
    good.id = "good";
    courier.configure({mail_spec(hanging.server()), good, webhook_spec("hook", hook.url())}, "");
    for (int i = 0; i < 20; ++i) {  // more than may be under way at once
        courier.submit(mail_order("stuck-" + std::to_string(i), 60s));
    }
    auto other = mail_order("mail", 5s);
    other.channel = "good";
    courier.submit(other);
    courier.submit(order_for("hook", "hook"));
    CHECK(hook.wait_for(1, 5s));
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 500 && (well.mails().empty() || hanging.connections() < 16); ++i) {
        std::this_thread::sleep_for(10ms);
    }
    CHECK(well.mails().size() == 1);
    CHECK(hanging.connections() == 16);
    courier.stop(0ms);
    CHECK(std::chrono::steady_clock::now() - start < 8s);
    REQUIRE(outcomes.size() == 22);
    const auto unknown =
        std::count_if(outcomes.begin(), outcomes.end(), [](const SendOutcome& o) { return o.outcome == OutcomeClass::unknown; });
    const auto unsent =
        std::count_if(outcomes.begin(), outcomes.end(), [](const SendOutcome& o) { return o.outcome == OutcomeClass::retry; });
    CHECK(unknown == 16);
    CHECK(unsent == 4);
}

TEST_CASE("mail: a real SMTP server takes pages over STARTTLS, and a certificate nobody signed is refused", "[integration]") {
    if (std::system("command -v aiosmtpd > /dev/null 2>&1") != 0) {
        WARN("aiosmtpd (Debian: python3-aiosmtpd) is not installed: skipped");
        return;
    }
    const TempDir dir;
    const TestCertificate certificate;
    int port = 0;
    {
        SmtpSink probe;  // a port that was free a moment ago
        port = probe.port();
    }
    const auto maildir = dir.file("mail");
    Process server("/usr/bin/python3",
                   {"-m", "aiosmtpd", "-n", "-l", "127.0.0.1:" + std::to_string(port), "--tlscert", certificate.certificate(),
                    "--tlskey", certificate.key(), "-c", "aiosmtpd.handlers.Mailbox", maildir},
                   dir.file("smtpd"));
    CourierKit kit;
    auto spec = mail_spec("127.0.0.1:" + std::to_string(port), {{"tls", "starttls"}, {"ca_file", certificate.certificate()}});
    REQUIRE(kit.configure({spec}).empty());
    SendOutcome outcome;
    for (int i = 0; i < 100; ++i) {  // until it listens
        outcome = kit.send(mail_order()).outcome;
        if (outcome.outcome != OutcomeClass::channel_down) {
            break;
        }
        std::this_thread::sleep_for(100ms);
    }
    INFO(outcome.detail << "\n" << server.err());
    REQUIRE(outcome.outcome == OutcomeClass::ok);
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(maildir + "/new")) {
        files.push_back(entry.path());
    }
    REQUIRE(files.size() == 1);
    std::ifstream in(files[0]);
    const std::string stored((std::istreambuf_iterator<char>(in)), {});
    CHECK(stored.find("Message-ID: <0-17/1/lead-01/mail/first/1@x.example>") != std::string::npos);
    CHECK(stored.find("Content-Transfer-Encoding: base64") != std::string::npos);

    spec.settings.erase("ca_file");
    kit.configure({spec});
    outcome = kit.send(mail_order()).outcome;
    INFO(outcome.detail);
    CHECK(outcome.outcome == OutcomeClass::config_error);
    // A client that does not ask for TLS is told to by this server.
    spec.settings["tls"] = "none";
    kit.configure({spec});
    outcome = kit.send(mail_order()).outcome;
    INFO(outcome.detail);
    CHECK(outcome.outcome == OutcomeClass::config_error);
    CHECK(outcome.detail.find("530") != std::string::npos);
}
