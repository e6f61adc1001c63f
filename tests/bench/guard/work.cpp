#include "work.hpp"

#include <memory>

#include "receivers.hpp"
#include "reference.hpp"
#include "stream.hpp"

namespace surged::bench {
namespace {

constexpr std::size_t queues = 32;  // one message a round
/// Of 5 s. Windows of 17 minutes are full after 204, and a ring has turned once more after 217.
constexpr std::uint64_t warm_rounds = 240;
/// Twenty minutes: four whole rows of a baseline and twenty looks at running ones, and a turn of the longest ring.
constexpr std::uint64_t counted_rounds = 240;

std::uint64_t feed(Receiver& receiver) {
    Stream stream(queues, queues);
    std::uint64_t n = 0;
    const auto until = [&](std::uint64_t end) {
        for (; n < end * stream.round(); ++n) {
            receiver.take(stream.message(n, stream.recorded_ms(n)));
        }
    };
    until(warm_rounds);
    const auto before = receiver.values();
    surged_guard_begins();
    until(warm_rounds + counted_rounds);
    receiver.verify();
    return receiver.values() - before;
}

constexpr std::string_view decode = "surged::Decoder::decode*";
constexpr std::string_view ingest = "surged::Engine::ingest*";
constexpr std::string_view calls = "surged_guard_calls";
constexpr std::string_view outcomes = "surged_guard_outcomes";

}  // namespace

const std::vector<GuardCase>& guard_cases() {
    static const std::vector<GuardCase> all{
        {"reference", "surged::bench::reference_work*", "run", "the reference: work that never changes"},
        {"decode", decode, "value", "a message decoded"},
        {"thresholds", ingest, "value", "two thresholds on every series"},
        {"rates", ingest, "value", "a threshold and a rate of change on every series"},
        {"calls_30", calls, "person", "30 people called at once"},
        {"calls_300", calls, "person", "300 people called at once"},
        {"outcomes_30", outcomes, "person", "outcomes of 30 pages"},
        {"outcomes_300", outcomes, "person", "outcomes of 300 pages"},
        {"staffing", ingest, "value", "the same, a baseline and a shortfall on every queue"},
    };
    return all;
}

const std::vector<GuardGrowth>& guard_growths() {
    static const std::vector<GuardGrowth> all{{"calls_30", "calls_300", 1.3}, {"outcomes_30", "outcomes_300", 1.5}};
    return all;
}

/// Never inlined: callgrind looks for its name.
extern "C" [[gnu::noinline]] void surged_guard_begins() {
    asm volatile("" ::: "memory");
}

std::uint64_t guard_work(std::string_view key) {
    const auto thresholds = threshold_rules("high") + threshold_rules("higher", 2);
    const auto rates = threshold_rules("high") + rate_rules("2m", "15m");
    if (key == "reference") {
        surged_guard_begins();
        return reference_work() != 0 ? 1 : 0;
    }
    if (key == "decode" || key == "thresholds") {
        return feed(*make_surged(thresholds));
    }
    if (key == "rates") {
        return feed(*make_surged(rates));
    }
    if (key == "calls_30" || key == "outcomes_30") {
        return call_crowd(30);
    }
    if (key == "calls_300" || key == "outcomes_300") {
        return call_crowd(300);
    }
    if (key == "staffing") {
        return feed(*make_surged_learned(rates + staffing_rules(), queues));
    }
    return 0;
}

}  // namespace surged::bench
