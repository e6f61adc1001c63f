// `feed`: what the feeder of Asterisk's manager interface costs at 2,000 calls a second (busy_switch.hpp), beside the same bytes cut into lines
// and no more: processor time from bytes in to messages as JSON out; sockets are not in it. Then the whole feeder with its sockets
// (feed_delay.cpp), and a long queue_log (feed_log.cpp).
#include <cstdio>
#include <string>

#include "busy_switch.hpp"
#include "commands.hpp"
#include "feed/ami_feed.hpp"
#include "feed/ami_session.hpp"
#include "feed_parts.hpp"
#include "measure.hpp"
#include "wire/encode_message.hpp"

namespace surged::bench {
namespace {

struct FeedTurn {
    double floor_s = 0;
    double feed_s = 0;
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    std::uint64_t events = 0;
    std::uint64_t resident_half = 0;  ///< after half of the time
    std::uint64_t resident_end = 0;
    bool right = false;  ///< its counters are the switch's
};

FeedTurn feed_turn(int seconds) {
    AmiState state;
    AmiSession session(AmiLogin{"bench", Secret("secret"), false, true}, state);
    AmiFeed feed({}, state);
    BusySwitch busy;
    FeedTurn out;
    std::int64_t now = 1'000'000;
    session.connected(now);
    const auto pass = [&](const std::string& bytes) {
        session.bytes(bytes, now);
        session.tick(now);
        return session.take_output();
    };
    auto sent = pass("Asterisk Call Manager/11.0.0\r\n");
    sent = pass("Response: Success\r\nActionID: " + action_id(sent, "Login") + "\r\n\r\nEvent: FullyBooted\r\nUptime: 9\r\n\r\n");
    pass(BusySwitch::list(action_id(sent, "QueueStatus")));
    for (int ms = 0; ms < seconds * 1000; ++ms, ++now) {
        const auto chunk = busy.millisecond();
        out.bytes += chunk.size();
        auto began = thread_cpu_s();
        std::uint64_t lines = 0;
        LineSplitter().feed(chunk, [&](std::string_view line, bool) { lines += line.size() > 0 ? 1U : 0U; });
        out.floor_s += thread_cpu_s() - began;
        began = thread_cpu_s();
        sent = pass(chunk);
        feed.emit(AmiFeed::Which::changed, now, now, [&](const Message& message) {
            ++out.messages;
            return !encode_json(message).empty() && lines > 0;
        });
        out.feed_s += thread_cpu_s() - began;
        // Pings are answered; a list is refused, so that only the first is in the figures.
        for (const auto* name : {"Ping", "QueueStatus"}) {
            if (const auto id = action_id(sent, name); !id.empty()) {
                pass(std::string("Response: ") + (name[0] == 'P' ? "Success" : "Error") + "\r\nActionID: " + id + "\r\n\r\n");
            }
        }
        out.resident_half = ms == seconds * 500 ? resident_bytes() : out.resident_half;
    }
    out.resident_end = resident_bytes();
    out.events = busy.events();
    std::uint64_t offered = 0;
    std::uint64_t answered = 0;
    for (const auto& [key, queue] : state.queues()) {
        offered += queue.counters.offered;
        answered += queue.counters.answered;
    }
    out.right = offered == busy.joined() && answered == busy.answered();
    return out;
}

void feed_cost(const Options& options, Report& report) {
    const int seconds = options.quick ? 22 : 240;
    const auto turn = feed_turn(seconds);
    const auto share = [&](double cpu_s) { return 100.0 * cpu_s / seconds; };
    report.table("manager interface at 2,000 calls a second (" + std::to_string(seconds) + " s of the switch, " +
                     fixed(static_cast<double>(turn.events) / seconds, 0) + " events a second)",
                 {"", "% of a core", "events/s on one core", "x floor"});
    const auto row = [&](const char* name, double cpu_s) {
        report.row({name, fixed(share(cpu_s), 2), fixed(static_cast<double>(turn.events) / cpu_s, 0), ratio_text(cpu_s, turn.floor_s)});
    };
    row("floor: the bytes cut into lines", turn.floor_s);
    row("feed ami: bytes to messages", turn.feed_s);
    const auto growth = static_cast<double>(turn.resident_end) - static_cast<double>(turn.resident_half);
    report.line(fixed(static_cast<double>(turn.bytes) / 1e6, 0) + " MB in, " + std::to_string(turn.messages) + " messages out; resident " +
                fixed(static_cast<double>(turn.resident_end) / 1048576, 1) + " MiB, " + fixed(growth / 1048576, 2) +
                " MiB more than at half time; counters " + (turn.right ? "exact" : "WRONG"));
    report.number("feed.ami.cpu_share", turn.feed_s / seconds);
    report.number("feed.ami.floor_share", turn.floor_s / seconds);
    report.number("feed.ami.resident_growth_second_half_bytes", growth);
    report.number("feed.ami.exact", turn.right ? 1 : 0);
}

}  // namespace

void run_feed(const Options& options, Report& report) {
    feed_cost(options, report);
    feed_delay(options, report);
    feed_log(options, report);
}

}  // namespace surged::bench
