// `storm`: a thousand incidents open within one second; the real daemon, ZeroMQ, SQLite and HTTP. Every page must come, each
// once, within the limits of its channel; other queues are decided as if nothing happened, and timers are in time. What arrived
// at the sink is compared with what stands in the store. Before it, at rest, the way from a breach to the request beside its
// floor.
#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "child.hpp"
#include "commands.hpp"
#include "config_text.hpp"
#include "daemon.hpp"
#include "measure.hpp"
#include "page_path.hpp"
#include "socket.hpp"
#include "support/http_sink.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

constexpr int limited_rate = 250;  ///< messages a second that the channel "limited" may take

/// Two leads by different channels, a supervisor when they have not come after a while; bystanders are people of their own.
std::string storm_config(const test::HttpSink& sink, const std::string& wait) {
    return channel_text("open", sink.url("/open")) +
           channel_text("limited", sink.url("/limited"), "rate = \"" + std::to_string(limited_rate) + "/1s\"\n") +
           channel_text("side", sink.url("/side")) + person_text("lead", "open") + person_text("second", "limited") +
           person_text("sup", "open") + person_text("other", "side") +
           policy_text("storm", 3, "sup", {{{"lead", "second"}, wait}, {{"sup"}, "24h"}}) +
           policy_text("side", 1, "other", {{{"other"}, "24h"}}) + breach_rule_text("storm", "storm", ", queue = \"general\"") +
           breach_rule_text("side", "side", ", queue = \"vip\"");
}

class StormFeed {
public:
    explicit StormFeed(const std::string& endpoint) : socket_(endpoint) {}
    /// Returns the wall time at which it left.
    std::int64_t send(int first, int count, const char* queue, int waiting) {
        const auto now = wall_ms();
        std::string text = R"({"v":1,"source":"acd-storm-1","epoch":1,"seq":)" + std::to_string(++seq_) + R"(,"ts":)" +
                           std::to_string(now) + R"(,"queues":[)";
        for (int i = 0; i < count; ++i) {
            text += std::string(i == 0 ? "" : ",") + R"({"centre":")" + token_name(first + i) + R"(","queue":")" + queue +
                    R"(","m":{"calls_waiting":)" + std::to_string(waiting) + "}}";
        }
        if (!socket_.send(text + "]}")) {
            give_up("storm: surged does not take messages");
        }
        return now;
    }

private:
    PushSocket socket_;
    int seq_ = 0;
};

/// "tk000042" in a text; -1 = none.
int token_in(const std::string& text) {
    const auto at = text.find("tk");
    return at == std::string::npos ? -1 : std::atoi(text.c_str() + at + 2);
}

std::string word_after(const std::string& text, const std::string& key) {
    const auto at = text.find("\"" + key + "\":\"");
    const auto from = at == std::string::npos ? at : at + key.size() + 4;
    return at == std::string::npos ? std::string() : text.substr(from, text.find('"', from) - from);
}

/// What the store says: when each incident was decided, and which pages were made and taken.
struct StoreFacts {
    std::map<int, std::int64_t> opened_ms;  ///< by token, wall clock
    std::set<std::string> made;
    std::set<std::string> taken;
};

StoreFacts read_store(const std::string& path) {
    sqlite3* db = nullptr;
    sqlite3_stmt* rows = nullptr;
    if (sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT wall_ms, type, bytes FROM records ORDER BY seq", -1, &rows, nullptr) != SQLITE_OK) {
        give_up("storm: cannot read " + path);
    }
    StoreFacts facts;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const std::string type = reinterpret_cast<const char*>(sqlite3_column_text(rows, 1));
        const std::string bytes = reinterpret_cast<const char*>(sqlite3_column_text(rows, 2));
        if (type == "incident.opened") {
            facts.opened_ms[token_in(bytes)] = sqlite3_column_int64(rows, 0);
        } else if (type == "page.queued") {
            facts.made.insert(word_after(bytes, "page"));
        } else if (type == "page.accepted") {
            facts.taken.insert(word_after(bytes, "page"));
        }
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return facts;
}

/// What the sink says.
struct SinkFacts {
    std::map<std::string, int> copies;                      ///< by page
    std::map<std::string, std::map<int, double>> first_ms;  ///< channel -> token -> wall clock of the first byte
    int limited_most = 0;                                   ///< requests of the limited channel within any one second
};

SinkFacts read_sink(const test::HttpSink& sink) {
    const auto wall = static_cast<double>(wall_ms());
    const auto steady = Clock::now();
    SinkFacts facts;
    std::vector<double> limited;
    for (const auto& request : sink.requests()) {
        ++facts.copies[word_after(request.body, "page")];
        const double at = wall - std::chrono::duration<double, std::milli>(steady - request.first_byte).count();
        facts.first_ms[request.target].emplace(token_in(request.body), at);
        if (request.target == "/limited") {
            limited.push_back(at);
        }
    }
    std::sort(limited.begin(), limited.end());
    for (auto from = limited.begin(), to = from; to != limited.end(); ++to) {
        for (; *to - *from >= 1000; ++from) {
        }
        facts.limited_most = std::max(facts.limited_most, static_cast<int>(to - from) + 1);
    }
    return facts;
}

void row(Report& report, const std::string& key, const std::string& name, const std::vector<double>& values) {
    const auto s = Spread::of(values);
    report.row(
        {name, std::to_string(s.count), duration_text(s.p50), duration_text(s.p90), duration_text(s.p99), duration_text(s.max)});
    report.number("storm." + key + ".count", static_cast<double>(s.count));
    report.number("storm." + key + ".p50_s", s.p50);
    report.number("storm." + key + ".p99_s", s.p99);
    report.number("storm." + key + ".max_s", s.max);
}

/// Timers run by the daemon so far, and those that were at most 50 ms late.
struct Lateness {
    double all = 0;
    double in_time = 0;
    explicit Lateness(const Daemon& daemon)
        : all(daemon.metric("surged_timer_lateness_seconds_count")),
          in_time(daemon.metric("surged_timer_lateness_seconds_bucket{le=\"0.05\"}")) {}
};

struct Storm {
    int size = 1000;
    int sides = 100;  ///< breaches of other queues, spread over the storm and the second after it
    std::map<int, std::int64_t> sent_ms;
};

/// One breach a millisecond (of a storm of a thousand), every tenth followed by one of another queue.
void blow(StormFeed& feed, Storm& storm) {
    const auto began = Clock::now();
    const auto pace = std::chrono::microseconds{1'000'000 / storm.size};
    for (int i = 0; i < 2 * storm.size; ++i) {
        std::this_thread::sleep_until(began + pace * i);
        if (i < storm.size) {
            storm.sent_ms[i] = feed.send(i, 1, "general", 5000);
        }
        const int every = 2 * storm.size / storm.sides;
        if (i % every == every / 2) {
            const int token = storm.size + i / every;
            storm.sent_ms[token] = feed.send(token, 1, "vip", 5000);
        }
    }
}

void compare_at_rest(const Options& options, Report& report) {
    PageSink sink;
    PageFloor floor(options.folder, sink.url("/floor"));
    Daemon daemon(options.folder + "/rest", page_config(sink.url("/surged")));
    const auto surged = make_message_path("surged", "surged", daemon.ingest());
    const auto bare = make_message_path("floor", "floor", floor.endpoint());
    const std::vector<PagePath*> paths{bare.get(), surged.get()};
    PagePlan plan;
    plan.iterations = std::min(options.iterations, 20);
    plan.first_token = time_pages(sink, paths, plan).next_token;
    plan.iterations = options.iterations;
    const auto times = time_pages(sink, paths, plan);
    row(report, "rest.floor", "at rest, floor: one commit, one request", times.of[0]);
    row(report, "rest.surged", "at rest, surged: decided, committed, requested", times.of[1]);
    const auto a = Spread::of(times.of[1]);
    const auto b = Spread::of(times.of[0]);
    report.line("at rest, surged / floor: p50 " + ratio_text(a.p50, b.p50) + ", p99 " + ratio_text(a.p99, b.p99) + " (lost " +
                std::to_string(times.lost[0] + times.lost[1]) + ")");
    report.number("storm.rest.ratio.p99", b.p99 > 0 ? a.p99 / b.p99 : 0);
}

}  // namespace

void run_storm(const Options& options, Report& report) {
    report.table("storm: a thousand incidents in one second", {"", "count", "p50", "p90", "p99", "max"});
    compare_at_rest(options, report);

    Storm storm;
    storm.size = options.quick ? 200 : 1000;
    storm.sides = storm.size / 10;
    test::HttpSink sink;
    Daemon daemon(options.folder + "/storm", storm_config(sink, "8s"));
    StormFeed feed(daemon.ingest());
    for (int first = 0; first < storm.size; first += 100) {
        feed.send(first, 100, "general", 12);
    }
    feed.send(storm.size, storm.sides, "vip", 12);
    std::this_thread::sleep_for(500ms);
    const Lateness before(daemon);
    const double commits = daemon.metric("surged_commit_seconds_count");

    blow(feed, storm);
    // Two leads and a supervisor each, and the bystanders' own.
    const auto wanted = static_cast<std::size_t>(3 * storm.size + storm.sides);
    sink.wait_for(wanted, 60s);
    std::this_thread::sleep_for(1s);  // what comes too much comes now

    const Lateness after(daemon);
    const double commits_made = daemon.metric("surged_commit_seconds_count") - commits;
    const auto store = read_store(options.folder + "/storm/surged.db");
    const auto seen = read_sink(sink);
    std::vector<double> decided;
    std::vector<double> others;
    std::vector<double> first;
    std::vector<double> side;
    for (const auto& [token, sent] : storm.sent_ms) {
        const auto opened = store.opened_ms.find(token);
        if (opened == store.opened_ms.end()) {
            continue;
        }
        (token < storm.size ? decided : others).push_back(static_cast<double>(opened->second - sent) / 1000);
        const auto& channel = token < storm.size ? "/open" : "/side";
        const auto& arrived = seen.first_ms.count(channel) != 0 ? seen.first_ms.at(channel) : std::map<int, double>{};
        if (const auto at = arrived.find(token); at != arrived.end()) {
            (token < storm.size ? first : side).push_back((at->second - static_cast<double>(opened->second)) / 1000);
        }
    }
    row(report, "decided", "breach to decision", decided);
    row(report, "others", "breach to decision, other queues", others);
    row(report, "first", "decision to first request", first);
    row(report, "side", "decision to first request, other queues", side);
    std::size_t twice = 0;
    for (const auto& [page, copies] : seen.copies) {
        twice += copies > 1 ? 1U : 0U;
    }
    std::size_t lost = 0;
    for (const auto& page : store.made) {
        lost += seen.copies.count(page) == 0 || store.taken.count(page) == 0 ? 1U : 0U;
    }
    const double timers = after.all - before.all;
    const double in_time = after.in_time - before.in_time;
    report.line("incidents " + std::to_string(store.opened_ms.size()) + " of " + std::to_string(storm.size + storm.sides) +
                "; pages in the store " + std::to_string(store.made.size()) + " of " + std::to_string(wanted) + ", at the sink " +
                std::to_string(seen.copies.size()) + ", lost " + std::to_string(lost) + ", twice " + std::to_string(twice));
    report.line("limited channel: at most " + std::to_string(seen.limited_most) + " in a second (limit " +
                std::to_string(limited_rate) + "); " + fixed(commits_made, 0) + " commits; timers " + fixed(timers, 0) +
                ", within 50 ms " + fixed(timers > 0 ? 100 * in_time / timers : 100, 1) + " %");
    report.number("storm.incidents", static_cast<double>(store.opened_ms.size()));
    report.number("storm.pages", static_cast<double>(store.made.size()));
    report.number("storm.lost", static_cast<double>(lost));
    report.number("storm.twice", static_cast<double>(twice));
    report.number("storm.limited_most_per_s", seen.limited_most);
    report.number("storm.timers", timers);
    report.number("storm.timers_in_50ms", in_time);
    if (lost > 0 || twice > 0 || store.made.size() != wanted) {
        give_up("storm: pages were lost, sent twice or not made");
    }
}

}  // namespace surged::bench
