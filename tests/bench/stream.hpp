// The messages of a made-up contact centre: 100 centres, 10,000 queues, 10 metrics each, 32 queues a message, as a feeder sends
// them.
//
// Everything is encoded once; a message is made by writing new digits over the old ones (sequence, time, counters), so that a
// sender costs a small part of what any receiver does, and a stream goes on for ever with counters that only rise. Gauges wander
// within bounds and counters rise by chance around a steady rate: no sensible rule fires.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace surged::bench {

inline constexpr std::size_t metrics_per_queue = 10;
inline constexpr std::size_t centres_max = 100;
/// The stream's first moment when it does not run at the time of day.
inline constexpr std::int64_t stream_start_ms = 1795330800000;
/// A real feeder's cycle: what one round is worth in recorded time.
inline constexpr std::int64_t round_ms = 5000;

struct StreamMetric {
    std::string_view name;
    bool counter = false;
    double limit = 0;  ///< a limit of sensible size that the stream never reaches
};
const std::vector<StreamMetric>& stream_metrics();
/// Mean rise of a counter in one round.
double rise_per_round(std::string_view counter);
std::string centre_name(std::size_t queue);
std::string queue_name(std::size_t queue);

class Stream {
public:
    /// Bytes behind every message that may be read (simdjson asks for 64).
    static constexpr std::size_t padding = 64;

    /// `rounds` reports of every queue are kept, then gauges repeat and counters go on.
    explicit Stream(std::size_t queues = 10000, std::size_t queues_per_message = 32, std::size_t rounds = 16);

    std::size_t queues() const { return queues_; }
    /// Messages in which every queue has reported once.
    std::size_t round() const { return per_round_; }
    std::size_t values_of(std::uint64_t n) const { return slots_[n % slots_.size()].queues * metrics_per_queue; }
    /// Message number n with this time of its source. Valid until message n + round() * rounds is made.
    std::string_view message(std::uint64_t n, std::int64_t ts_ms);
    /// Recorded time of message n: every round is round_ms later.
    std::int64_t recorded_ms(std::uint64_t n) const {
        return stream_start_ms + static_cast<std::int64_t>(n / per_round_) * round_ms;
    }

private:
    struct Counter {
        std::uint32_t offset = 0;  // of its first digit in the slot
        std::uint32_t gain = 0;    // what it rises by from lap to lap
        std::uint64_t value = 0;   // in the first lap
    };
    struct Slot {
        std::string text;
        std::size_t size = 0;
        std::size_t queues = 0;
        std::size_t seq = 0;  // offsets of digits
        std::size_t ts = 0;
        std::vector<Counter> counters;
    };
    void write_slot(Slot& slot, std::size_t first, std::size_t round, const std::vector<std::vector<std::uint64_t>>& counters,
                    const std::vector<std::vector<double>>& gauges);
    void set_gains(std::size_t rounds);

    std::size_t queues_;
    std::size_t per_round_;
    std::vector<Slot> slots_;
};

}  // namespace surged::bench
