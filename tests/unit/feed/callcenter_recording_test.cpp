// Two minutes of a real FreeSWITCH 1.10.12: what its event socket said to the feeder, and what its lists said meanwhile to somebody else. The
// feeder must ask what it asked then, and say at every second what the lists said.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "feed/callcenter_feed.hpp"
#include "feed/callcenter_session.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
using ListedValues = std::map<std::string, double>;

/// "@<ms> <kind> <bytes>\n", the bytes, "\n". Kinds: open, close, in (from the switch), out (to it), truth (lists, asked on another
/// connection from that time on).
struct SessionEntry {
    std::int64_t ms = 0;
    std::string kind;
    std::string bytes;
};
std::vector<SessionEntry> session_entries(const std::string& name) {
    std::ifstream in(std::string(SURGED_SOURCE_DIR) + "/tests/unit/feed/recordings/" + name, std::ios::binary);
    REQUIRE(in);
    std::vector<SessionEntry> out;
    char at = 0;
    SessionEntry entry;
    std::size_t size = 0;
    while (in >> at >> entry.ms >> entry.kind >> size) {
        REQUIRE(at == '@');
        in.get();
        entry.bytes.resize(size);
        in.read(entry.bytes.data(), static_cast<std::streamsize>(size));
        out.push_back(entry);
    }
    return out;
}

/// A row of truth: the queue and what its lists said, "waiting" when its oldest came, at which second.
struct ListedTruth {
    std::int64_t from_ms = 0, to_ms = 0;
    std::string queue;
    ListedValues values;
};

class SessionReplay {
public:
    explicit SessionReplay(const std::string& recording) {
        for (const auto& entry : session_entries(recording)) {
            pass_to(entry.ms);
            take(entry);
        }
    }
    /// What the feeder said of the queue at some moment between the two.
    std::vector<ListedValues> said(const std::string& queue, std::int64_t from_ms, std::int64_t to_ms) const {
        std::vector<ListedValues> out;
        const auto of = said_.find(queue);
        if (of == said_.end()) {
            return out;
        }
        for (auto at = of->second.lower_bound(from_ms); at != of->second.end() && at->first <= to_ms; ++at) {
            out.push_back(at->second);
        }
        return out;
    }
    CallcenterState state;
    std::vector<ListedTruth> truth;
    std::string asked, should_ask;

private:
    /// The feeder looks at its clock ten times a second.
    void pass_to(std::int64_t ms) {
        for (now_ = now_ == 0 ? ms : now_; now_ < ms; now_ = std::min(now_ + 100, ms)) {
            if (open_) {
                session_.tick(now_);
                asked += session_.take_output();
            }
            say();
        }
    }
    void take(const SessionEntry& entry) {
        if (entry.kind == "open") {
            session_.connected(entry.ms);
            open_ = true;
        } else if (entry.kind == "close") {
            session_.disconnected(entry.ms);
            open_ = false;
        } else if (entry.kind == "in") {
            session_.bytes(entry.bytes, entry.ms);
            session_.tick(entry.ms);
        } else if (entry.kind == "out") {
            session_.tick(entry.ms);
            should_ask += entry.bytes;
        } else {
            read_truth(entry);
        }
        asked += session_.take_output();
        REQUIRE(session_.step() != CallcenterSession::Step::failed);
        say();
    }
    void say() {
        if (!session_.current()) {
            return;
        }
        feed_.emit(CallcenterFeed::Which::all, now_, now_, [&](const Message& message) {
            for (const auto& part : message.parts) {
                auto& values = said_[std::string(part.queue)][now_];
                for (auto i = part.first; i < part.first + part.count; ++i) {
                    values[std::string(message.values[i].name)] = message.values[i].value;
                }
            }
            return true;
        });
    }
    void read_truth(const SessionEntry& entry) {
        std::vector<std::string> names;
        for (std::size_t from = 0; from < entry.bytes.size();) {
            const auto end = entry.bytes.find('\n', from);
            std::vector<std::string> fields{""};
            for (const char c : entry.bytes.substr(from, end - from)) {
                if (c == '|') {
                    fields.emplace_back();
                } else {
                    fields.back().push_back(c);
                }
            }
            from = end + 1;
            if (names.empty()) {
                names = fields;
                continue;
            }
            ListedTruth row{entry.ms, entry.ms + std::stoll(fields.at(1)), fields.at(0), {}};
            for (std::size_t i = 2; i < fields.size(); ++i) {
                row.values[names.at(i)] = std::stod(fields[i]);
            }
            truth.push_back(row);
        }
    }

    CallcenterSession session_{CallcenterLogin{{}, Secret("ClueCon")}, state};
    CallcenterFeed feed_{{}, state};
    std::map<std::string, std::map<std::int64_t, ListedValues>> said_;
    std::int64_t now_ = 0;
    bool open_ = false;
};
}  // namespace

TEST_CASE("callcenter recording: what a real switch lists at every second, the feeder says from its events") {
    SessionReplay replay("callcenter.session");
    CHECK(replay.asked == replay.should_ask);
    int compared = 0;
    for (const auto& row : replay.truth) {
        // Lists are asked for one after the other, and events take some hundredths of a second, the first call's half a second.
        const auto said = replay.said(row.queue, row.from_ms - 150, row.to_ms + 550);
        if (said.empty()) {
            continue;  // not connected
        }
        for (const auto& [metric, value] : row.values) {
            CAPTURE(row.from_ms, row.queue, metric, value);
            const double by = metric == "oldest_wait_s" ? 1.1 : 0;  // rows have whole seconds
            bool agrees = false;
            for (const auto& values : said) {
                const auto lost = values.at("abandoned") + values.at("timeouts") + values.at("overflow_out");
                agrees = agrees || std::abs((metric == "lost" ? lost : values.at(metric)) - value) <= by;
            }
            CHECK(agrees);
            ++compared;
        }
    }
    CHECK(compared > 5000);
    // What the script let happen (recordings/README.md).
    const auto& support = replay.state.queues().at("support@default").counters;
    CHECK(support.offered == 10);
    CHECK(support.answered == 6);
    CHECK(support.handled == 6);
    CHECK(support.abandoned == 3);
    CHECK(support.timeouts == 1);
    const auto& sales = replay.state.queues().at("sales@default").counters;
    CHECK(sales.offered == 3);
    CHECK(sales.answered == 1);
    CHECK(sales.abandoned == 1);
    CHECK(sales.timeouts == 1);
    const auto& empty = replay.state.queues().at("empty@default").counters;
    CHECK(empty.offered == 4);
    CHECK(empty.abandoned == 1);
    CHECK(empty.overflow_out == 3);
    CHECK(replay.state.epochs() == 0);
    CHECK(replay.state.unknown_events() == 0);
    CHECK(replay.state.oddities().unknown_ends == 0);
    CHECK(replay.state.oddities().missed_joins == 0);
}
