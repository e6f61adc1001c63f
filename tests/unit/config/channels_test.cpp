// Channel types: what each takes, what it is unless told otherwise, and what `check` says when something is missing.
#include <chrono>
#include <fstream>

#include "channels/channel_type.hpp"
#include "config_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// A channel "c" of this type; the body begins at line 4.
std::string channel(const std::string& type, const std::string& body) {
    return "[[channel]]\nid = \"c\"\ntype = \"" + type + "\"\n" + body;
}

ChannelSpec loaded(const std::string& type, const std::string& body) {
    const auto config = parse_config("t", channel(type, body) + team());
    INFO(joined(findings(config)));
    REQUIRE(config.ok());
    REQUIRE(config.plan->channels.size() == 2);
    return config.plan->channels.front();
}

const std::string email = "server = \"mail.example:587\"\nfrom = \"surged@x.example\"\n";
const std::string cmas =
    "url = \"http://10.0.0.1:1992\"\nec_name = \"山东移动\"\nap_id = \"a\"\nsecret_file = \"k\"\nsign = \"s\"\n";

}  // namespace

TEST_CASE("channel types: robots are groups below their provider's rate, others as they are by nature", "[unit]") {
    const auto ding = loaded("dingtalk", "url_file = \"u\"\nsecret_file = \"k\"\nkeyword = \"突增\"\nmention = \"all\"\n");
    CHECK(ding.kind == ChannelKind::group);
    CHECK(ding.rate.count == 15);
    CHECK(ding.rate.per == 1min);
    CHECK(ding.settings.at("keyword") == "突增");
    CHECK(loaded("wecom", "url_file = \"u\"\n").rate.count == 15);
    CHECK(loaded("wecom", "url_file = \"u\"\nrate = \"20/1m\"\n").rate.count == 20);
    const auto feishu = loaded("feishu", "url_file = \"u\"\n");
    CHECK(feishu.rate.count == 3);
    CHECK(feishu.rate.per == 2s);
    CHECK(loaded("slack", "url_file = \"u\"\n").kind == ChannelKind::group);
    CHECK(loaded("email", email).kind == ChannelKind::personal);
    CHECK(loaded("email", email + "user = \"u\"\npassword_file = \"p\"\ntls = \"implicit\"\n").settings.at("tls") == "implicit");
    CHECK(loaded("pagerduty", "routing_key_file = \"k\"\n").repost == 0s);
    CHECK(loaded("goalert", "url = \"https://g.example\"\ntoken_file = \"k\"\n").kind == ChannelKind::group);
    CHECK(loaded("alertmanager", "url = \"http://127.0.0.1:9093\"\n").repost == 1min);
    CHECK(loaded("alertmanager", "url = \"http://127.0.0.1:9093\"\nrepost = \"30s\"\nhold = \"90s\"\n").repost == 30s);
    CHECK(loaded("log", "").repost == 0s);
    CHECK_FALSE(loaded("log", "").coalesce);
    CHECK(loaded("log", "coalesce = true\n").coalesce);
    CHECK(loaded("dingtalk", "url_file = \"u\"\n").coalesce);
    CHECK_FALSE(loaded("dingtalk", "url_file = \"u\"\ncoalesce = false\n").coalesce);
    CHECK_FALSE(loaded("pagerduty", "routing_key_file = \"k\"\n").coalesce);
}

TEST_CASE("channel types: an SMS is 70 characters with its signature", "[unit]") {
    CHECK(loaded("cmas_sms", cmas).text_limit == 70);
    CHECK(loaded("cmas_sms", cmas + "signature = \"【山东移动】\"\n").text_limit == 64);
    CHECK(loaded("cmas_sms", cmas + "signature = \"【山东移动】\"\ntext_limit = 130\n").text_limit == 130);
    std::string endless;
    for (int i = 0; i < 100; ++i) {
        endless += "长";
    }
    CHECK(loaded("cmas_sms", cmas + "signature = \"" + endless + "\"\n").text_limit == 1);
}

TEST_CASE("channel types: receipts and replies of an SMS channel, and the room its code takes", "[unit]") {
    const auto plain = loaded("cmas_sms", cmas);
    CHECK(plain.receipt_within == 0s);
    CHECK_FALSE(plain.replies);
    const auto both = loaded("cmas_sms", cmas + "receipts = true\nreplies = true\nsignature = \"【山东移动】\"\n");
    CHECK(both.receipt_within == 60s);
    CHECK(both.pull_every == 10s);
    CHECK(both.text_limit == 70 - 6 - 13);
    CHECK(both.content != plain.content);
    CHECK(loaded("cmas_sms", cmas + "replies = true\nlanguage = \"en\"\n").text_limit == 70 - 18);
    CHECK(loaded("cmas_sms", cmas + "replies = true\ntext_limit = 130\n").text_limit == 130 - 13);
    CHECK(loaded("cmas_sms", cmas + "replies = true\ntext_limit = 0\n").text_limit == 0);
    const auto own = loaded("cmas_sms", cmas + "receipts = true\nreceipt_within = \"20s\"\nreport_url = \"http://10.0.0.2/r\"\n");
    CHECK(own.receipt_within == 20s);
    CHECK(own.settings.at("report_url") == "http://10.0.0.2/r");
}

TEST_CASE("channel types: receipts and replies that cannot work are named", "[unit]") {
    CHECK(check(channel("cmas_sms", cmas + "receipt_within = \"30s\"\n")) ==
          "9:18: error: `receipt_within` needs `receipts = true`\n");
    CHECK(check(channel("cmas_sms", cmas + "report_every = \"30s\"\n")) ==
          "9:16: error: `report_every` needs `receipts = true` or `replies = true`\n");
    CHECK(check(channel("cmas_sms", cmas + "receipts = true\nreport_every = \"30s\"\n")).empty());
    CHECK(check(channel("cmas_sms", cmas + "receipts = true\nreport_every = \"31s\"\n")) ==
          "1:1: error: `receipt_within` (1m) must be at least twice `report_every` (31s), or receipts that came in time are read "
          "too late\n");
    CHECK(check(channel("cmas_sms", cmas + "receipts = true\nreceipt_within = \"9s\"\n")).find("receipt_within") !=
          std::string::npos);
    CHECK(check(channel("cmas_sms", cmas + "replies = true\ntext_limit = 33\n")).empty());
    CHECK(check(channel("cmas_sms", cmas + "replies = true\ntext_limit = 32\n")) ==
          "9:11: error: `replies` needs 13 characters behind the text; the signature and `text_limit` leave 32 for both, at least 33 "
          "are needed\n");
    CHECK(check(channel("slack", "url_file = \"u\"\nreceipts = true\n")).find("\"receipts\"") != std::string::npos);
    CHECK(check(channel("cmas_sms", cmas + "recepits = true\n")).find("\"receipts\"") != std::string::npos);
    CHECK(check(channel("cmas_sms", cmas + "report_url = \"ftp://x\"\n")).find("report_url") != std::string::npos);
}

TEST_CASE("channel types: what is missing is named at its place", "[unit]") {
    CHECK(check(channel("dingtalk", "")) == "1:1: error: [[channel]] needs `url_file`\n");
    CHECK(check(channel("wecom", "url = \"https://x.example/\"\n")) ==
          "1:1: error: [[channel]] needs `url_file`\n"
          "4:1: error: `url`: secrets do not belong in the configuration text; put it in a file and name that with `url_file`\n");
    CHECK(check(channel("email", "")) == "1:1: error: [[channel]] needs `server`\n1:1: error: [[channel]] needs `from`\n");
    CHECK(check(channel("pagerduty", "")) == "1:1: error: [[channel]] needs `routing_key_file`\n");
    CHECK(check(channel("alertmanager", "")) ==
          "1:1: error: channel of type alertmanager needs exactly one of `url` or `url_file`\n");
    CHECK(check(channel("cmas_sms", "url = \"http://x\"\nsign = \"s\"\n")) ==
          "1:1: error: [[channel]] needs `ec_name`\n"
          "1:1: error: [[channel]] needs `ap_id`\n"
          "1:1: error: [[channel]] needs `secret_file`\n");
    CHECK(check(channel("email", email + "user = \"u\"\n")) == "1:1: error: `user` needs `password_file`\n");
    CHECK(check(channel("email", email + "password_file = \"p\"\n")) == "1:1: error: `password_file` needs `user`\n");
}

TEST_CASE("channel types: values that cannot be meant are refused, risky ones warned of", "[unit]") {
    CHECK(check(channel("email", "server = \"mail.example\"\nfrom = \"surged@x.example\"\n")) ==
          "4:10: error: `server` must be host:port, e.g. \"mail.x.example:587\"\n");
    CHECK(check(channel("email", "server = \"mail.example:65536\"\nfrom = \"surged\"\n")) ==
          "4:10: error: `server` must be host:port, e.g. \"mail.x.example:587\"\n"
          "5:8: error: `from` must be a mail address alone, e.g. \"surged@x.example\"\n");
    // What could not be written into an envelope is refused here, at its place, and not by the courier at the start.
    for (const std::string from : {"a@b@c.example", "@x.example", "a@", "a b@x.example", "话务@x.example", "a@x.example,b@x.example"}) {
        CHECK(check(channel("email", "server = \"mail.example:587\"\nfrom = \"" + from + "\"\n")) ==
              "5:8: error: `from` must be a mail address alone, e.g. \"surged@x.example\"\n");
    }
    CHECK(check(channel("email", email + "tls = \"maybe\"\n")) ==
          "6:7: error: \"maybe\" is not one of \"starttls\", \"implicit\", \"none\"\n");
    const std::string clear = "6:7: warning: mails of this channel travel in the clear\n";
    CHECK(check(channel("email", email + "tls = \"none\"\n")) == clear);
    // That no password is sent so, the courier says where it loads the channel; the configuration stands.
    CHECK(check(channel("email", email + "tls = \"none\"\nuser = \"u\"\npassword_file = \"p\"\n")) == clear);
    CHECK(check(channel("dingtalk", "url_file = \"u\"\nmention = \"some\"\n")) ==
          "5:11: error: \"some\" is not one of \"people\", \"all\", \"none\"\n");
    CHECK(check(channel("dingtalk", "url_file = \"u\"\nrate = \"21/1m\"\n")) ==
          "5:8: warning: rate 21/1m is more than dingtalk allows (20/1m): what is over it gets lost or blocks the channel\n");
    CHECK(check(channel("dingtalk", "url_file = \"u\"\nrate = \"1/3s\"\n")).empty());
    CHECK(check(channel("feishu", "url_file = \"u\"\nkind = \"personal\"\n")) ==
          "5:8: warning: a channel of type feishu reaches a group: `kind = \"personal\"` sends one message a person there\n");
    CHECK(check(channel("alertmanager", "url = \"http://x\"\nhold = \"2m\"\n")) ==
          "5:8: error: `hold` must be at least three times `repost` (1m), or one lost message ends the alert\n");
    CHECK(check(channel("alertmanager", "url = \"http://x\"\nhold = \"3m\"\n")).empty());
    CHECK(check(channel("alertmanager", "url = \"http://x\"\nhold = \"30\"\n")) ==
          "5:8: error: `hold` must be a duration from 1m to 24h, e.g. \"15m\"\n");
    CHECK(check(channel("goalert", "url = \"https://g.example/api/v2/generic/incoming?token=x\"\n")) ==
          "4:7: error: `url` carries a secret, which does not belong in the configuration text; put the whole URL in a file and "
          "name that with `url_file`\n");
    CHECK(check(channel("pagerduty", "routing_key = \"x\"\nrouting_key_file = \"k\"\n")) ==
          "4:1: error: `routing_key`: secrets do not belong in the configuration text; put it in a file and name that with "
          "`routing_key_file`\n");
}

TEST_CASE("channel types: who is reached by SMS has a number, who is reached by mail an address", "[unit]") {
    const auto person = [](const std::string& with) {
        return "[[person]]\nid = \"a\"\n" + with + "reach = { normal = [{ via = \"c\" }] }\n";
    };
    const std::string no_mobile =
        "9:1: error: person \"a\" is reached by channel \"c\" (cmas_sms), but has neither `mobile` nor an address on it\n";
    CHECK(check(channel("cmas_sms", cmas) + person("email = \"a@x.example\"\n")) == no_mobile);
    CHECK(check(channel("cmas_sms", cmas) + person("mobile = \"13800000000\"\n")).empty());
    CHECK(check(channel("cmas_sms", cmas) + person("address = { c = \"13800000000\" }\n")).empty());
    CHECK(check(channel("email", email) + person("")) ==
          "6:1: error: person \"a\" is reached by channel \"c\" (email), but has neither `email` nor an address on it\n");
    CHECK(check(channel("email", email) + "[[person]]\nid = \"a\"\n").empty());  // nobody writes to them
    CHECK(check(channel("email", email) + "[[person]]\nid = \"a\"\nreach = { urgent = [{ via = \"c\" }] }\n") ==
          "6:1: error: person \"a\" is reached by channel \"c\" (email), but has neither `email` nor an address on it\n");
}

TEST_CASE("channel types: every example of the channels' page is a good configuration, and every type has one", "[unit]") {
    std::ifstream in(SURGED_SOURCE_DIR "/daemon/io/courier/README.md");
    REQUIRE(in.good());
    std::string types = " ";
    std::string block;
    bool inside = false;
    int blocks = 0;
    for (std::string line; std::getline(in, line);) {
        if (line == "```toml") {
            inside = true;
            block.clear();
        } else if (inside && line == "```") {
            inside = false;
            ++blocks;
            INFO(block);
            const auto config = parse_config("t", block);
            CHECK(joined(findings(config)).empty());
            REQUIRE(config.ok());
            for (const auto& c : config.plan->channels) {
                types += c.type + " ";
            }
        } else if (inside) {
            block += line + "\n";
        }
    }
    CHECK(blocks >= 8);
    for (const auto* type : channel_types()) {
        INFO(type->name);
        CHECK((types.find(" " + std::string(type->name) + " ") != std::string::npos) == type->configured);
    }
}
