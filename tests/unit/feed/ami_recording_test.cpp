// One world, told twice: the manager interface and the queue_log of one switch must give the same numbers at every second.
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "feed/ami_feed.hpp"
#include "feed/ami_replay.hpp"
#include "feed/queue_log_feed.hpp"
#include "feed/run_ami.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
using Values = std::map<std::string, double>;
using BySecond = std::map<std::int64_t, std::map<std::string, Values>>;  // s -> queue -> metrics

std::string file(const std::string& name) {
    return std::string(SURGED_SOURCE_DIR) + "/tests/unit/feed/recordings/" + name;
}
std::string text_of(const std::string& name) {
    std::ifstream in(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
void keep(BySecond& out, const Message& m) {
    auto& queues = out[to_ms(m.ts) / 1000];
    for (const auto& part : m.parts) {
        // The log feeder goes on with a name that somebody dialled, at zero, behind the queue's own.
        auto [at, is_new] = queues.try_emplace(QueueLogState::key(part.queue));
        for (std::uint32_t i = part.first; is_new && i < part.first + part.count; ++i) {
            at->second[std::string(m.values[i].name)] = m.values[i].value;
        }
    }
}
BySecond by_ami(const std::string& recording, AmiState& state) {
    BySecond out;
    AmiFeed feed({}, state);
    std::int64_t next = 0;
    AmiReplay replay(state, [&](std::int64_t now) {
        for (next = next == 0 ? (now / 1000 + 1) * 1000 : next; next <= now; next += 1000) {
            state.advance(next);
            feed.emit(AmiFeed::Which::all, next, next, [&](const Message& m) {
                keep(out, m);
                return true;
            });
        }
        return true;
    });
    CHECK(replay.run(recording));
    return out;
}
BySecond by_log() {
    BySecond out;
    std::istringstream in(text_of("support.queue_log"));
    QueueLogFeedOptions options;
    options.period = Span{1000};
    queue_log_messages(in, options, [&](const Message& m) {
        keep(out, m);
        return true;
    });
    return out;
}
}  // namespace

TEST_CASE("recording: manager interface and queue_log agree at every second, and with what happened") {
    AmiState state;
    const auto ami = by_ami(text_of("support.ami"), state);
    const auto log = by_log();
    int compared = 0;
    for (const auto& [second, queues] : log) {
        for (const auto& [name, there] : queues) {
            const auto at = ami.find(second);
            if (at == ami.end()) {
                continue;
            }
            const auto& here = at->second.at(name);
            CAPTURE(second, name);
            for (const auto* metric : {"calls_waiting", "offered", "answered", "answered_in_15", "answered_in_20", "abandoned",
                                       "abandoned_in_20", "timeouts", "agents_on_call"}) {
                CAPTURE(metric);
                // "timeouts" is told from the first event of the class dialplan on.
                CHECK((here.contains(metric) ? here.at(metric) : 0) == there.at(metric));
            }
            // The log has whole seconds.
            CHECK(there.at("oldest_wait_s") - here.at("oldest_wait_s") >= -0.001);
            CHECK(there.at("oldest_wait_s") - here.at("oldest_wait_s") < 1.001);
            // A key exit is known a second later.
            CHECK(here.at("overflow_out") <= there.at("overflow_out"));
            if (const auto after = ami.find(second + 1); after != ami.end()) {
                CHECK(after->second.at(name).at("overflow_out") >= there.at("overflow_out"));
            }
            ++compared;
        }
    }
    CHECK(compared > 150);
    const auto& support = state.queues().at("support").counters;
    CHECK(support.offered == 40);
    CHECK(support.answered == 23);
    CHECK(support.abandoned == 7);
    CHECK(support.timeouts == 3);
    CHECK(support.overflow_out == 7);
    const auto& night = state.queues().at("nacht s\xC3\xBC" "d").counters;
    CHECK((night.offered == 2 && night.abandoned == 1 && night.timeouts == 1));
    CHECK(state.unknown_events() == 0);
    CHECK(state.oddities().count_differs == 0);
    CHECK(state.queues().at("support").crew.gauges(1795000120000, 0).staffed == 3);
}

TEST_CASE("recording: SIP callers of a real Asterisk who hung up, timed out, were sent away or lost their line are told apart") {
    AmiState state;
    by_ami(text_of("sip.ami"), state);
    const auto& tmo = state.queues().at("tmo").counters;
    CHECK(tmo.offered == 17);
    CHECK(tmo.abandoned == 11);    // six by BYE, five by CANCEL
    CHECK(tmo.timeouts == 4);
    CHECK(tmo.overflow_out == 2);  // redirected, and hung up by an action
    const auto& full = state.queues().at("full").counters;
    CHECK(full.offered == 1);
    CHECK(full.abandoned == 1);
    CHECK(full.blocked == 1);
    const auto& keyq = state.queues().at("keyq").counters;
    CHECK(keyq.offered == 1);
    CHECK(keyq.abandoned == 1);  // no RTP any more: Asterisk hung up for a caller whose line was dead
    CHECK(state.unknown_events() == 0);
}

TEST_CASE("recording: cut anywhere, repeated, or with a line of ten megabytes in it, it is read to its end and invents nobody") {
    const auto whole = text_of("support.ami");
    for (std::size_t cut = 100; cut < whole.size(); cut += 977) {
        AmiState state;
        by_ami(whole.substr(0, cut), state);
        for (const auto& [key, queue] : state.queues()) {
            const auto& c = queue.counters;
            CHECK(c.offered >= c.answered + c.abandoned + c.timeouts + c.overflow_out + queue.waiting());
            CHECK(c.offered <= 40);
        }
    }
    AmiState long_line;
    auto with = whole;
    with.insert(with.find("\r\nEvent: QueueCallerLeave") + 2, std::string(10'000'000, 'x') + "\r\n");
    by_ami(with, long_line);
    CHECK(long_line.queues().at("support").counters.answered == 23);
}

TEST_CASE("recording: the command prints its sums, or its messages on the recording's own time") {
    AmiRunOptions options;
    options.replay = file("support.ami");
    options.summary = true;
    const std::atomic<bool> stop{false};
    std::ostringstream out, err;
    CHECK(run_feed_ami_replay(options, out, err, stop) == 0);
    CHECK(out.str().find(R"("support":{"offered":40,"answered":23,"abandoned":7,"timeouts":3,"waiting_at_end":0,)") != std::string::npos);
    options.summary = false;
    out.str({});
    CHECK(run_feed_ami_replay(options, out, err, stop) == 0);
    CHECK(out.str().find(R"("ts":1795000004000)") != std::string::npos);
    options.replay = file("none");
    CHECK(run_feed_ami_replay(options, out, err, stop) == 2);
}
