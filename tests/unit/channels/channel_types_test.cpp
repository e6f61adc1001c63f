// The descriptors: each says of its type what configuration and courier need, and says it once.
#include <algorithm>
#include <fstream>
#include <set>

#include "channels/channel_type.hpp"
#include "core/base/text.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {

std::string form_text(const ChannelKey& key) {
    std::string words;
    for (const auto word : key.words) {
        words += (words.empty() ? "`" : ", `") + std::string(word) + "`";
    }
    switch (key.form) {
        case KeyForm::text: return "text";
        case KeyForm::url: return "URL";
        case KeyForm::span: return "duration, " + std::string(key.least) + " to " + std::string(key.most);
        case KeyForm::choice: return words;
        case KeyForm::mail: return "mail address";
        case KeyForm::server: return "host:port";
        case KeyForm::file: return "file";
        case KeyForm::secret_url: return "file with the URL";
        case KeyForm::secret_line: return "file with one line";
        case KeyForm::secret_bytes: return "file";
    }
    return "?";
}

/// The key's row in the channels' page.
std::string row_of(const ChannelType& type, const ChannelKey& key) {
    const bool one = std::find(type.one_of.begin(), type.one_of.end(), key.name) != type.one_of.end();
    const auto fallback = key.needed              ? std::string("required")
                          : one                   ? std::string("one of these")
                          : !key.fallback.empty() ? "`" + std::string(key.fallback) + "`"
                                                  : std::string("none");
    return "| `" + std::string(type.name) + "` | `" + std::string(key.name) + "` | " + form_text(key) + " | " + fallback + " | " +
           std::string(key.meaning) + " |";
}

std::vector<ChannelFinding> found(const ChannelSpec& spec) {
    std::vector<ChannelFinding> out;
    channel_type(spec.type)->check(spec, out);
    return out;
}

ChannelSpec spec_of(const std::string& type, std::map<std::string, std::string> settings) {
    ChannelSpec spec;
    spec.type = type;
    spec.settings = std::move(settings);
    return spec;
}

}  // namespace

TEST_CASE("channel types: each is found by its name, and there is one of a name", "[unit]") {
    std::set<std::string_view> names;
    for (const auto* type : channel_types()) {
        CHECK(channel_type(type->name) == type);
        CHECK(names.insert(type->name).second);
    }
    CHECK(names.size() >= 13);
    CHECK(channel_type("webhok") == nullptr);
    CHECK(channel_type("") == nullptr);
}

TEST_CASE("channel types: a descriptor holds together", "[unit]") {
    for (const auto* type : channel_types()) {
        INFO(type->name);
        CHECK(type->build != nullptr);
        CHECK((type->ask == nullptr) == (type->read_pulled == nullptr));
        if (type->most.count > 0) {  // the default is not over what the provider allows
            CHECK(static_cast<double>(type->rate.count) / seconds(type->rate.per) <=
                  static_cast<double>(type->most.count) / seconds(type->most.per));
        }
        for (const auto name : type->one_of) {
            CHECK(type->find_key(name) != nullptr);
        }
        CHECK((type->text_prefix.empty() || type->find_key(type->text_prefix) != nullptr));
        std::set<std::string_view> names;
        int keys_of_its_own = 0;
        for (const auto& key : type->keys) {
            INFO(key.name);
            CHECK(names.insert(key.name).second);
            CHECK_FALSE(key.meaning.empty());
            CHECK((key.form == KeyForm::choice) == !key.words.empty());
            const bool known =
                key.words.empty() || std::find(key.words.begin(), key.words.end(), key.fallback) != key.words.end();
            CHECK(known);
            const bool secret = key.form == KeyForm::secret_line || key.form == KeyForm::secret_bytes;
            keys_of_its_own += secret ? 1 : 0;
            // A secret has a key that names a file, and the configuration's text holds none.
            CHECK((secret || key.form == KeyForm::secret_url || key.form == KeyForm::file) == key.name.ends_with("_file"));
            if (key.form == KeyForm::span) {
                const auto least = parse_span(key.least);
                const auto most = parse_span(key.most);
                const auto fallback = parse_span(key.fallback);
                REQUIRE(least);
                REQUIRE(most);
                REQUIRE(fallback);
                CHECK(*least <= *fallback);
                CHECK(*fallback <= *most);
            }
        }
        CHECK(keys_of_its_own <= 1);  // the courier loads one
    }
}

TEST_CASE("channel types: the channels' page has a row for every key, and no other rows", "[unit]") {
    std::set<std::string> expected;
    for (const auto* type : channel_types()) {
        for (const auto& key : type->keys) {
            expected.insert(row_of(*type, key));
        }
    }
    std::ifstream in(SURGED_SOURCE_DIR "/daemon/io/courier/README.md");
    REQUIRE(in.good());
    std::set<std::string> written;
    bool inside = false;
    for (std::string line; std::getline(in, line);) {
        inside = line.starts_with("## ") ? line == "## Keys of each type" : inside;
        if (inside && line.starts_with("| `")) {
            written.insert(line);
        }
    }
    for (const auto& row : expected) {
        INFO(row);
        CHECK(written.contains(row));
    }
    for (const auto& row : written) {
        INFO(row);
        CHECK(expected.contains(row));
    }
}

TEST_CASE("channel types: a setting is what is configured, else the key's default, else nothing", "[unit]") {
    CHECK(setting(spec_of("slack", {}), "mention") == "people");
    CHECK(setting(spec_of("slack", {{"mention", "none"}}), "mention") == "none");
    CHECK(setting(spec_of("alertmanager", {}), "hold") == "15m");
    CHECK(setting(spec_of("pagerduty", {}), "url") == "https://events.pagerduty.com/v2/enqueue");
    CHECK(setting(spec_of("slack", {}), "keyword").empty());
    CHECK(setting(spec_of("nobody", {}), "mention").empty());
}

TEST_CASE("channel types: mail says once what its settings cannot be together", "[unit]") {
    using Weight = ChannelFinding::Weight;
    const std::map<std::string, std::string> base{{"server", "mail.example:587"}, {"from", "surged@x.example"}};
    const auto with = [&](std::map<std::string, std::string> more) {
        more.insert(base.begin(), base.end());
        return found(spec_of("email", std::move(more)));
    };
    CHECK(with({}).empty());
    CHECK(with({{"user", "u"}, {"password_file", "p"}}).empty());
    const auto alone = with({{"user", "u"}});
    REQUIRE(alone.size() == 1);
    CHECK(alone[0].weight == Weight::error);
    CHECK(alone[0].message == "`user` needs `password_file`");
    REQUIRE(with({{"password_file", "p"}}).size() == 1);
    CHECK(with({{"password_file", "p"}})[0].message == "`password_file` needs `user`");
    const auto clear = with({{"tls", "none"}});
    REQUIRE(clear.size() == 1);
    CHECK(clear[0].weight == Weight::warning);
    CHECK(clear[0].key == "tls");
    const auto naked = with({{"tls", "none"}, {"user", "u"}, {"password_file", "p"}});
    REQUIRE(naked.size() == 2);
    CHECK(naked[1].weight == Weight::unfit);
    CHECK(naked[1].message == "a password is not sent without TLS: set tls to starttls or implicit");
    for (const auto* here : {"localhost:25", "127.0.0.1:25", "[::1]:25"}) {
        CHECK(found(spec_of("email", {{"server", here}, {"tls", "none"}, {"user", "u"}, {"password_file", "p"}})).size() == 1);
    }
}

TEST_CASE("channel types: what keeps a way warm names the host and nothing else, and only of https", "[unit]") {
    for (const auto* type : channel_types()) {
        INFO(type->name);
        const bool posts = type->find_key("url") != nullptr || type->find_key("url_file") != nullptr;
        CHECK((type->find_key("keep_warm") != nullptr) == posts);
    }
    ChannelSetup channel;
    channel.spec.type = "webhook";
    channel.spec.settings["ca_file"] = "ca.pem";
    channel.spec.settings["proxy"] = "http://proxy.example:3128";
    const auto idle = [&](const std::string& url, const std::string& every = "") {
        channel.url = Secret(url);
        channel.key = Secret("the key");
        channel.spec.settings.erase("keep_warm");
        if (!every.empty()) {
            channel.spec.settings["keep_warm"] = every;
        }
        return idle_request(channel);
    };
    for (const std::string url : {"https://hooks.example/services/T0/B0/key", "https://hooks.example", "https://user:word@hooks.example?token=x",
                                  "https://hooks.example#a@b", "https://u@v@hooks.example/a@b"}) {
        INFO(url);
        const auto use = idle(url);
        REQUIRE(use);
        CHECK(use->request.url.reveal() == "https://hooks.example/");
        CHECK(use->request.head);
        CHECK(use->request.headers.empty());
        CHECK(use->request.body.empty());
        CHECK(use->request.ca_file == "ca.pem");
        CHECK(use->request.proxy == "http://proxy.example:3128");
        CHECK(use->every == Span{50000});
    }
    CHECK(idle("https://hooks.example:8443/x")->request.url.reveal() == "https://hooks.example:8443/");
    CHECK_FALSE(idle("http://hooks.example/x"));
    CHECK_FALSE(idle("https://hooks.example/x", "0s"));
    CHECK(idle("https://hooks.example/x", "1s")->every == Span{1000});
}
