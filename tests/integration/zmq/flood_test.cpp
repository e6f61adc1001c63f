// More than can be used: PULL holds the feeder back, SUB loses and the sequence tells how much, memory stays where it was.
#include <atomic>
#include <thread>

#include "core/series/source_tracker.hpp"
#include "wire/decode.hpp"
#include "wire/encode_message.hpp"
#include "zmq_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {

std::string numbered(std::uint64_t seq, std::size_t metrics) {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> out;
        for (int i = 0; i < 64; ++i) {
            out.push_back("metric_" + std::to_string(i));
        }
        return out;
    }();
    Message message;
    message.source = "flood";
    message.seq = seq;
    message.ts = source_time(1795330800000);
    message.parts.push_back({"c", "q", "voice", message.ts, 0, static_cast<std::uint32_t>(metrics), false});
    for (std::size_t i = 0; i < metrics; ++i) {
        message.values.push_back({names[i], static_cast<double>(seq)});
    }
    return encode_json(message);
}

}  // namespace

TEST_CASE("flood: PUSH faster than the consumer is held back, nothing is lost, memory stays flat", "[integration]") {
    IngestSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    settings.hwm = 100;
    const auto ingest = open_ingest(settings);
    constexpr std::uint64_t total = 60000;
    std::atomic<std::uint64_t> pushed{0};
    std::atomic<bool> held_back{false};
    std::atomic<bool> all_left{true};  // Catch's own words are for one thread
    std::thread feeder([&, endpoint = ingest->endpoints()[0]] {
        const auto pusher = open_pusher(endpoint, false, 100);
        const std::string body(2000, ' ');
        for (std::uint64_t seq = 1; seq <= total; ++seq) {
            const std::string payload = numbered(seq, 20) + body;
            if (!pusher->push(payload, {}, Span{0})) {
                held_back = true;
                all_left = all_left && pusher->push(payload, {}, 60s);
            }
            pushed = seq;
        }
        all_left = pusher->flush(30s) && all_left;
    });

    Decoder decoder{IngestLimits{}};
    Message message;
    RefusalCounts dropped{};
    std::uint64_t last = 0;
    std::uint64_t in_order = 0;
    std::size_t resident_first = 0;
    std::size_t resident_most = 0;
    while (last < total) {
        REQUIRE(ingest->wait(10s).messages);
        ingest->receive(200, [&](std::string_view payload, std::string_view) {
            REQUIRE_FALSE(decoder.decode(payload, message, dropped));
            in_order += message.seq == last + 1 ? 1U : 0U;
            last = message.seq;
        });
        // A consumer that is slower than its feeder: between its turns the queues are full.
        if (last % 2000 < 200) {
            const auto until = Clock::now() + 2ms;
            while (Clock::now() < until) {
            }
            const std::size_t resident = resident_bytes();
            resident_first = last > 6000 && resident_first == 0 ? resident : resident_first;
            resident_most = std::max(resident_most, resident);
        }
    }
    feeder.join();
    CHECK(all_left);
    CHECK(in_order == total);
    CHECK(held_back);
    CHECK(pushed == total);
    // 150 MB went through; the queues hold under one.
    CHECK((!resident_is_real || resident_most < resident_first + (16U << 20U)));
    WARN("flood: " << total << " messages, RSS " << (resident_first >> 20U) << " MiB after 10 %, at most "
                   << (resident_most >> 20U) << " MiB");
}

TEST_CASE("flood: what SUB loses past its high-water mark is counted by sequence, exactly", "[integration]") {
    const auto publisher = open_pusher("tcp://127.0.0.1:*", true, 50);
    IngestSettings settings;
    settings.subscribe = {publisher->endpoint()};
    settings.hwm = 50;
    const auto ingest = open_ingest(settings);
    Decoder decoder{IngestLimits{}};
    Message message;
    RefusalCounts dropped{};
    SourceTracker tracker(10);
    const Stamp now{engine_time(1000), wall_time(1795330800000)};
    std::uint64_t last = 0;
    const auto take = [&] {
        return ingest->receive(1000, [&](std::string_view payload, std::string_view) {
            REQUIRE_FALSE(decoder.decode(payload, message, dropped));
            const Verdict verdict =
                tracker.accept(message.source, message.has_epoch, message.epoch, message.seq, message.ts, now, Span{60000});
            REQUIRE(verdict.accepted());
            last = message.seq;
        });
    };
    std::uint64_t seq = 0;
    const auto end = Clock::now() + 10s;
    while (last == 0 && Clock::now() < end) {
        publisher->push(numbered(++seq, 1));
        ingest->wait(10ms);
        take();
    }
    REQUIRE(last > 0);
    const std::uint64_t first = tracker.sources()[0].tracks[0].seq - tracker.sources()[0].gaps - tracker.sources()[0].messages + 1;

    for (std::uint64_t i = 0; i < 100000; ++i) {
        publisher->push(numbered(++seq, 1));
    }
    // A last one that arrives closes the last hole.
    std::uint64_t closing = 0;
    while (last < seq - closing && Clock::now() < end) {
        publisher->push(numbered(++seq, 1));
        ++closing;
        while (ingest->wait(20ms).messages && take() > 0) {
        }
        closing = last == seq ? 0 : closing;
        if (last == seq) {
            break;
        }
    }
    REQUIRE(last == seq);
    // A hole of more than 64 is believed when the next message follows.
    publisher->push(numbered(++seq, 1));
    while (last < seq && Clock::now() < end) {
        ingest->wait(20ms);
        take();
    }
    REQUIRE(last == seq);
    const SourceState& state = tracker.sources()[0];
    CHECK(state.gaps > 0);
    CHECK(first + state.messages + state.gaps - 1 == seq);
    WARN("flood: SUB got " << state.messages << " of " << seq << ", lost " << state.gaps);
}

TEST_CASE("flood: a feeder without a daemon is held back at its high-water mark and gets everything through later",
          "[integration]") {
    const TempDir folder;
    const std::string endpoint = "ipc://" + folder.file("late.sock");
    const auto pusher = open_pusher(endpoint, false, 20);
    std::size_t queued = 0;
    while (pusher->push("m" + std::to_string(queued), {}, Span{0})) {
        ++queued;
        REQUIRE(queued < 100);
    }
    CHECK(queued >= 20);
    const auto begin = Clock::now();
    CHECK_FALSE(pusher->push("no", {}, 30ms));
    CHECK(Clock::now() - begin >= 29ms);

    IngestSettings settings;
    settings.bind = {endpoint};
    const auto ingest = open_ingest(settings);
    std::vector<Received> got;
    REQUIRE(receive_count(*ingest, got, queued));
    CHECK(got.front().payload == "m0");
    CHECK(got.back().payload == "m" + std::to_string(queued - 1));
}

TEST_CASE("flush: says whether everything left, and ends within its bound", "[integration]") {
    IngestSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    const auto ingest = open_ingest(settings);
    const auto pusher = open_pusher(ingest->endpoints()[0]);
    for (int i = 0; i < 500; ++i) {
        REQUIRE(pusher->push("x"));
    }
    CHECK(pusher->flush(5s));
    CHECK_FALSE(pusher->push("after"));
    std::vector<Received> got;
    CHECK(receive_count(*ingest, got, 500));

    const TempDir folder;
    const auto lonely = open_pusher("ipc://" + folder.file("nobody"));
    REQUIRE(lonely->push("x"));
    const auto begin = Clock::now();
    CHECK_FALSE(lonely->flush(100ms));
    CHECK(Clock::now() - begin < 1500ms);
}
