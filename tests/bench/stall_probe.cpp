#include "stall_probe.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "child.hpp"
#include "measure.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t probe_queues = 1000;
constexpr int churn_at_once = 5;
constexpr auto pace = 2ms;

bool breach_of(std::uint64_t edge) {
    return edge / probe_queues % 2 == 0;
}

double wall_now_ms() {
    return std::chrono::duration<double, std::milli>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// The value of a text field in a record's JSON.
std::string word_of(const std::string& text, const std::string& key) {
    const auto at = text.find("\"" + key + "\":\"");
    const auto from = at == std::string::npos ? at : at + key.size() + 4;
    return at == std::string::npos ? std::string() : text.substr(from, text.find('"', from) - from);
}

using Database = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;
using Rows = std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)>;

Database open_store(const std::string& path) {
    sqlite3* db = nullptr;
    if (sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
        give_up("stall: cannot read " + path);
    }
    return {db, sqlite3_close};
}
Rows ask(sqlite3* db, const char* question) {
    sqlite3_stmt* rows = nullptr;
    if (sqlite3_prepare_v2(db, question, -1, &rows, nullptr) != SQLITE_OK) {
        give_up(std::string("stall: the store does not answer: ") + sqlite3_errmsg(db));
    }
    return {rows, sqlite3_finalize};
}

}  // namespace

void add_old_records(const std::string& store, std::int64_t rows, std::size_t bytes) {
    sqlite3* opened = nullptr;
    if (sqlite3_open_v2(store.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) {
        give_up("stall: cannot write " + store);
    }
    const Database db(opened, sqlite3_close);
    constexpr std::int64_t at_once = 50000;
    sqlite3_exec(db.get(), "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
    for (std::int64_t done = 0; done < rows; done += at_once) {
        const auto more = ask(db.get(), "INSERT INTO records SELECT (SELECT min(seq) FROM records) - value, ?1, 'note', '', ?2, 0 FROM "
                                        "(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?3) SELECT value FROM n)");
        const std::string body = "{\"what\":\"" + std::string(bytes, 'x') + "\"}";
        sqlite3_bind_int64(more.get(), 1, static_cast<std::int64_t>(wall_now_ms()));
        sqlite3_bind_text(more.get(), 2, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
        sqlite3_bind_int64(more.get(), 3, std::min(at_once, rows - done));
        if (sqlite3_step(more.get()) != SQLITE_DONE) {
            give_up(std::string("stall: the store takes no old records: ") + sqlite3_errmsg(db.get()));
        }
    }
}

std::string probe_rules() {
    std::string out;
    for (const auto* id : {"probe", "churn"}) {
        out += "[[rule]]\nid = \"" + std::string(id) + "\"\nkind = \"threshold\"\nmetric = \"calls_waiting\"\nscope = { centre = \"" + id +
               "\" }\nyellow = { raise = \"> 1000\", clear = \"< 500\", raise_after = \"0s\", clear_after = \"0s\" }\nflap = { edges = 0 }\n";  // each is told, however often they come
    }
    return out;
}

StallProbe::StallProbe(const std::string& endpoint, std::string store, const std::string& name)
    : store_(std::move(store)), probes_(endpoint, name, "probe"), others_(endpoint, name, "churn") {}

std::string StallProbe::Source::queue_of(std::uint64_t edge) const {
    return name + std::to_string(edge % probe_queues);
}

/// Edge n is the breach of a queue in the first lap over all of them, and its end in the next. Returns the wall time.
double StallProbe::send(Source& source, int count) {
    const double now = wall_now_ms();
    std::string text = R"({"v":1,"source":")" + source.name + "-" + source.rule + R"(","epoch":1,"seq":)" + std::to_string(++source.messages) + R"(,"ts":)" +
                       std::to_string(static_cast<std::int64_t>(now)) + R"(,"queues":[)";
    for (int i = 0; i < count; ++i, ++source.next) {
        text += std::string(i == 0 ? "" : ",") + R"({"centre":")" + source.rule + R"(","queue":")" + source.queue_of(source.next) +
                R"(","m":{"calls_waiting":)" + (breach_of(source.next) ? "5000" : "3") + "}}";
    }
    if (!source.socket.send(text + "]}")) {
        give_up("stall: surged does not take messages");
    }
    return now;
}

void StallProbe::run(double seconds) {
    const auto until = Clock::now() + std::chrono::duration<double>(seconds);
    for (auto at = Clock::now(); at < until; at += pace) {
        std::this_thread::sleep_until(at);
        const auto n = probes_.next;
        const double now = send(probes_, 1);
        sent_[{probes_.queue_of(n), breach_of(n)}].push_back(now);
        from_ = from_ == 0 ? static_cast<std::int64_t>(now) : from_;
    }
}

void StallProbe::churn(int edges, const std::atomic<bool>& stop) {
    const auto wait = std::chrono::microseconds{1000000LL * churn_at_once / edges};
    for (auto at = Clock::now(); !stop; at += wait) {
        std::this_thread::sleep_until(at);
        send(others_, churn_at_once);
    }
}

StallProbe::Decisions StallProbe::decisions() const {
    const auto db = open_store(store_);
    const auto rows = ask(db.get(), "SELECT wall_ms, type, bytes FROM records WHERE type IN ('alert.firing', 'alert.ok') AND wall_ms >= ?1 - 1 ORDER BY seq");
    sqlite3_bind_int64(rows.get(), 1, from_);
    Decisions out;
    while (sqlite3_step(rows.get()) == SQLITE_ROW) {
        const std::string type = reinterpret_cast<const char*>(sqlite3_column_text(rows.get(), 1));
        const std::string bytes = reinterpret_cast<const char*>(sqlite3_column_text(rows.get(), 2));
        if (word_of(bytes, "rule") == "probe") {
            out[{word_of(bytes, "queue"), type == "alert.firing"}].push_back(sqlite3_column_int64(rows.get(), 0));
        }
    }
    return out;
}

std::vector<double> StallProbe::delays() {
    std::vector<double> out;
    std::size_t missing = 0;
    const auto until = Clock::now() + 10s;
    do {
        std::this_thread::sleep_for(50ms);
        out.clear();
        missing = 0;
        const auto decided = decisions();
        for (const auto& [probe, sent] : sent_) {
            const auto found = decided.find(probe);
            const auto known = found == decided.end() ? 0 : std::min(found->second.size(), sent.size());
            missing += sent.size() - known;
            for (std::size_t i = 0; i < known; ++i) {
                // The record says whole milliseconds: it was decided before the next one began.
                out.push_back(std::max(0.0, static_cast<double>(found->second[i]) + 1 - sent[i]) / 1000);
            }
        }
    } while (missing > 0 && Clock::now() < until);
    if (missing > 0) {
        give_up("stall: " + std::to_string(missing) + " breaches were not decided");
    }
    sent_.clear();
    from_ = 0;
    return out;
}

std::int64_t StallProbe::first_decision() {
    for (const auto until = Clock::now() + 10s; Clock::now() < until; std::this_thread::sleep_for(20ms)) {
        std::int64_t first = 0;
        for (const auto& [probe, at] : decisions()) {
            first = first == 0 ? at.front() : std::min(first, at.front());
        }
        if (first != 0) {
            return first;
        }
    }
    return 0;
}

std::int64_t StallProbe::newest_snapshot() const {
    const auto db = open_store(store_);
    const auto rows = ask(db.get(), "SELECT coalesce(max(seq), 0) FROM snapshots");
    return sqlite3_step(rows.get()) == SQLITE_ROW ? sqlite3_column_int64(rows.get(), 0) : 0;
}

}  // namespace surged::bench
