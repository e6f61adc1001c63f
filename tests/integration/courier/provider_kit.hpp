// A courier with one provider's channel before a scripted server, and tables of what that server says.
#pragma once

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "courier_kit.hpp"
#include "support/temp_dir.hpp"
#include "wire/json_text.hpp"

namespace surged::test {

inline constexpr auto ok = OutcomeClass::ok;
inline constexpr auto retry = OutcomeClass::retry;
inline constexpr auto reject = OutcomeClass::reject;
inline constexpr auto down = OutcomeClass::channel_down;
inline constexpr auto config = OutcomeClass::config_error;

/// One answer of a provider, and what it must come to.
struct Said {
    int status = 200;
    std::string body;
    OutcomeClass outcome = OutcomeClass::ok;
    Span pause{0};  ///< asked for: of the channel, of the page alone when the server is in trouble
    std::string detail;  ///< must be in the outcome's; "" = no matter
    std::vector<std::string> headers = {};
};

class ProviderKit {
public:
    /// `path` of the URL, which stands in a file as a secret does. Settings ending in `_file` name a file that holds their value.
    ProviderKit(const std::string& type, const std::string& path, std::map<std::string, std::string> settings = {}) {
        spec.id = "way";
        spec.type = type;
        spill("way.url", sink.url(path));
        spec.settings["url_file"] = "way.url";
        for (auto& [key, value] : settings) {
            if (key.ends_with("_file")) {
                spill(key, value);
                value = key;
            }
            spec.settings[key] = value;
        }
        problems = kit.configure({spec}, dir.path().string());
    }

    void spill(const std::string& name, const std::string& text) const { std::ofstream(dir.file(name)) << text << "\n"; }
    /// What the provider answers from now on.
    void says(int status, const std::string& body) {
        SinkAnswer answer;
        answer.status = status;
        answer.body = body;
        sink.always(answer);
    }
    SendOrder order(const std::string& page = "0-17/1/group/way/first/1", milliseconds timeout = 5000ms) const {
        return order_for(page, "way", timeout);
    }
    SendOutcome send(const SendOrder& o) { return kit.send(o).outcome; }
    SendOutcome send() { return send(order("page-" + std::to_string(++sent_))); }
    /// The last request's body as JSON.
    JsonValue body() const {
        auto json = parse_json(sink.requests().back().body);
        REQUIRE(json.has_value());
        return *json;
    }
    SinkRequest request() const { return sink.requests().back(); }

    /// Every answer comes to its outcome, and none of them shows `secret`.
    void check(const std::vector<Said>& table, const std::string& secret) {
        for (const auto& said : table) {
            INFO(said.status << " " << said.body);
            SinkAnswer answer;
            answer.status = said.status;
            answer.body = said.body;
            answer.headers = said.headers;
            sink.next(answer);
            const auto outcome = send();
            INFO(outcome.detail);
            CHECK(to_string(outcome.outcome) == to_string(said.outcome));
            // A server in trouble asks for time for one message; a throttle rests the channel.
            CHECK(outcome.pause == (said.status >= 500 ? Span{0} : said.pause));
            CHECK(outcome.retry_after == said.pause);
            CHECK(outcome.detail.find(said.detail) != std::string::npos);
            CHECK(outcome.detail.find(secret) == std::string::npos);
        }
    }
    /// What every provider does alike: a hang and a reset after the whole request are unknown, nobody there is channel_down.
    void check_broken() {
        using Manner = SinkAnswer::Manner;
        SinkAnswer answer;
        answer.manner = Manner::hang;
        sink.next(answer);
        CHECK(send(order("hang", 300ms)).outcome == OutcomeClass::unknown);
        answer.manner = Manner::reset;
        sink.next(answer);
        CHECK(send().outcome == OutcomeClass::unknown);
        answer.manner = Manner::close_after_headers;
        answer.body = R"({"errcode":0,"code":0,"rspcod":"success"})";
        sink.next(answer);
        torn = send();
        spec.settings["url"] = "http://127.0.0.1:1/x";
        spec.settings.erase("url_file");
        kit.configure({spec}, dir.path().string());
        CHECK(send().outcome == OutcomeClass::channel_down);
    }

    TempDir dir;
    HttpSink sink;
    CourierKit kit;
    ChannelSpec spec;
    std::vector<ChannelProblem> problems;
    SendOutcome torn;  ///< check_broken(): a success whose connection broke within the body

private:
    int sent_ = 0;
};

/// One text member, down a path of names.
inline std::string text_at(const JsonValue& json, const std::vector<std::string>& path) {
    const JsonValue* at = &json;
    for (const auto& name : path) {
        at = at == nullptr ? nullptr : at->find(name);
    }
    REQUIRE(at != nullptr);
    REQUIRE(at->text() != nullptr);
    return *at->text();
}
inline std::vector<std::string> texts_at(const JsonValue& json, const std::vector<std::string>& path) {
    const JsonValue* at = &json;
    for (const auto& name : path) {
        at = at == nullptr ? nullptr : at->find(name);
    }
    REQUIRE(at != nullptr);
    REQUIRE(at->array() != nullptr);
    std::vector<std::string> out;
    for (const auto& value : *at->array()) {
        out.push_back(value.text() == nullptr ? "?" : *value.text());
    }
    return out;
}

}  // namespace surged::test
