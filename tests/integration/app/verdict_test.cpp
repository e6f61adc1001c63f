// What people say of an incident, through the real programs: kept over kill -9, told by API and tool, the latest counts, and tune reads it.
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "wire/encode_message.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

HttpReply judge(const DaemonKit& kit, const std::string& verdict, const std::string& by, const std::string& incident = "0-1") {
    return post_json(kit.port("http"), "/api/v1/incidents/" + incident + "/verdict", R"({"verdict":")" + verdict + R"(","by":")" + by + R"(","reason":"a test call"})");
}

std::string verdict_of(const std::string& document) {
    const auto json = parse_json(document, {1U << 22U, 16, 100000});
    const auto* rows = json ? json->find("incidents") : nullptr;
    const JsonValue* row = rows != nullptr ? &rows->array()->front() : json ? &*json : nullptr;
    const auto* verdict = row == nullptr ? nullptr : row->find("verdict");
    return verdict != nullptr && verdict->is_object() ? verdict->text_or("verdict", "") + " " + verdict->text_or("by", "") : std::string();
}

std::string text_of(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A surge in each of three centres.
void feed_three(DaemonKit& kit) {
    Message message;
    message.source = "three";
    message.has_epoch = true;
    message.epoch = kit.epoch;
    message.seq = ++kit.seq;
    message.ts = source_time(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    for (const char* centre : {"jinan", "yantai", "weihai"}) {
        message.parts.push_back({centre, "general", "voice", message.ts, static_cast<std::uint32_t>(message.values.size()), 1});
        message.values.push_back({"calls_waiting", 20});
    }
    kit.pusher->push(encode_json(message));
}

/// Ten days of one queue: every day a peak that a limit a little higher would not call one, and on one day a higher one.
void write_history(const std::string& path) {
    std::ofstream out(path);
    std::uint64_t seq = 0;
    for (int minute = 0; minute < 10 * 1440; ++minute) {
        const int day = minute / 1440;
        const int peak = minute % 1440 >= 600 && minute % 1440 < 605 ? (day == 5 ? 40 : 11) : 1;
        const auto ts = 1'795'330'800'000 + std::int64_t{minute} * 60000;
        out << R"({"v":1,"source":"acd","epoch":1,"seq":)" << ++seq << R"(,"ts":)" << ts
            << R"(,"queues":[{"centre":"jinan","queue":"general","m":{"calls_waiting":)" << peak << "}}]}\n";
    }
}

}  // namespace

TEST_CASE("app: a verdict is durable when it is confirmed, the latest counts, and it may be given long after the end", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    const auto past = [&] { return verdict_of(http(kit.port("http"), "GET", "/api/v1/incidents?from=0").body); };
    const auto one = [&] { return verdict_of(http(kit.port("http"), "GET", "/api/v1/incidents/0-1").body); };
    CHECK(judge(kit, "maybe", "lead-01").status == 400);
    CHECK(past().empty());
    CHECK(judge(kit, "late", "lead-01").status == 200);
    CHECK(one() == "late local/lead-01");
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() == 3; }));
    CHECK(judge(kit, "false", "boss").status == 200);
    kit.daemon->signal(SIGKILL);  // confirmed, and no snapshot since: it is in the log, from which the start folds it
    REQUIRE(kit.daemon->wait(5s) == 128 + SIGKILL);
    kit.start();
    CHECK(one() == "false local/boss");
    CHECK(past() == "false local/boss");
    const auto show = kit.ctl({"show", "0-1", "--timeline", "--json"}).out;
    CHECK(show.find("\"verdict\":\"late\"") != std::string::npos);  // both stand in the timeline
    CHECK(show.find("\"verdict\":\"false\"") != std::string::npos);
    kit.daemon->signal(SIGTERM);  // and from a snapshot alone
    REQUIRE(kit.daemon->wait(8s) == 0);
    kit.start();
    CHECK(one() == "false local/boss");
    CHECK(past() == "false local/boss");
}

TEST_CASE("app: tune --verdicts makes a rule quieter whose incidents were false, and says by how many people's word", "[integration]") {
    DaemonKit kit;
    const std::string jinan = "scope = { centre = \"jinan\" }";
    auto config = text_of(kit.config);
    config.replace(config.find(jinan), jinan.size(), "scope = { queue = \"general\" }");
    std::ofstream(kit.config, std::ios::trunc) << config;
    kit.start();
    REQUIRE(eventually([&] { return feed_three(kit), kit.pages("first").size() == 9; }));
    write_history(kit.dir.file("history.jsonl"));
    const auto tune = [&](bool verdicts) {
        std::vector<std::string> words{"tune", "--config", kit.config, "--input", kit.dir.file("history.jsonl"), "--out", kit.dir.file("tuned.toml")};
        if (verdicts) {
            words.emplace_back("--verdicts");
        }
        const auto done = kit.ctl(words);
        INFO(done.out << done.err);
        CHECK(done.code == 0);
        const auto text = text_of(kit.dir.file("tuned.toml"));
        const auto at = text.find("raise = \"> ");
        return std::pair{at == std::string::npos ? 0.0 : std::stod(text.substr(at + 11)), text};
    };
    const auto alone = tune(false);
    // Two words are not enough to go by.
    CHECK(judge(kit, "false", "lead-01", "0-1").status == 200);
    CHECK(judge(kit, "false", "lead-01", "0-2").status == 200);
    CHECK(tune(true).first == alone.first);
    CHECK(judge(kit, "false", "lead-01", "0-3").status == 200);
    const auto heard = tune(true);
    CAPTURE(alone.second, heard.second);
    CHECK(alone.first > 0);
    CHECK(heard.first > alone.first);
    CHECK(alone.second.find("people judged") == std::string::npos);
    CHECK(heard.second.find("people judged 3 of 3 of its incidents false") != std::string::npos);
}
