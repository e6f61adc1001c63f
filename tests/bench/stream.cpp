#include "stream.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>

namespace surged::bench {
namespace {

// Counters keep their number of digits for the whole run, so that new digits fit over the old ones.
constexpr std::size_t counter_digits = 9;
constexpr std::uint64_t seq_base = 1000000000;  // JSON has no leading zeros
constexpr std::size_t seq_digits = 10;
constexpr std::size_t ts_digits = 13;

struct Course {
    StreamMetric metric;
    double from = 0;  // gauge: bounds; counter: mean rise a round in `from`
    double to = 0;
};

const std::vector<Course>& courses() {
    static const std::vector<Course> all{{{"calls_waiting", false, 200}, 10, 60},   {{"oldest_wait_s", false, 600}, 8, 90},
                                         {{"offered", true, 9e15}, 12, 0},          {{"answered", true, 9e15}, 11, 0},
                                         {{"abandoned", true, 9e15}, 1, 0},         {{"agents_staffed", false, 500}, 200, 230},
                                         {{"agents_available", false, 200}, 4, 15}, {{"agents_on_call", false, 500}, 175, 210},
                                         {{"handled", true, 9e15}, 11, 0},          {{"talk_s_sum", true, 9e15}, 900, 0}};
    return all;
}

void put_digits(char* at, std::size_t digits, std::uint64_t value) {
    for (std::size_t i = digits; i > 0; --i) {
        at[i - 1] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
}

}  // namespace

const std::vector<StreamMetric>& stream_metrics() {
    static const std::vector<StreamMetric> metrics = [] {
        std::vector<StreamMetric> out;
        for (const Course& course : courses()) {
            out.push_back(course.metric);
        }
        return out;
    }();
    return metrics;
}

double rise_per_round(std::string_view counter) {
    for (const Course& course : courses()) {
        if (course.metric.counter && course.metric.name == counter) {
            return course.from;
        }
    }
    return 0;
}

std::string centre_name(std::size_t queue) {
    char text[32];
    std::snprintf(text, sizeof(text), "centre-%02zu", queue / 100 % centres_max);
    return text;
}

std::string queue_name(std::size_t queue) {
    char text[32];
    std::snprintf(text, sizeof(text), "queue-%05zu", queue);
    return text;
}

Stream::Stream(std::size_t queues, std::size_t queues_per_message, std::size_t rounds)
    : queues_(queues), per_round_((queues + queues_per_message - 1) / queues_per_message), slots_(per_round_ * rounds) {
    std::mt19937_64 random(20261122);
    std::vector<std::vector<std::uint64_t>> counters(queues, std::vector<std::uint64_t>(metrics_per_queue));
    std::vector<std::vector<double>> gauges(queues, std::vector<double>(metrics_per_queue));
    for (std::size_t q = 0; q < queues; ++q) {
        for (std::size_t m = 0; m < metrics_per_queue; ++m) {
            const Course& course = courses()[m];
            counters[q][m] = 100000000 + random() % 100000000;
            gauges[q][m] = std::floor((course.from + course.to) / 2);
        }
    }
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t q = 0; q < queues; ++q) {
            for (std::size_t m = 0; m < metrics_per_queue; ++m) {
                const Course& course = courses()[m];
                if (course.metric.counter) {
                    counters[q][m] += std::poisson_distribution<std::uint64_t>(course.from)(random);
                } else {
                    const double step = std::floor(std::normal_distribution<double>(0, (course.to - course.from) / 8)(random));
                    gauges[q][m] = std::clamp(gauges[q][m] + step, course.from, course.to);
                }
            }
        }
        for (std::size_t i = 0; i < per_round_; ++i) {
            Slot& slot = slots_[round * per_round_ + i];
            slot.queues = std::min(queues_per_message, queues - i * queues_per_message);
            write_slot(slot, i * queues_per_message, round, counters, gauges);
        }
    }
    set_gains(rounds);
}

void Stream::write_slot(Slot& slot, std::size_t first, std::size_t round, const std::vector<std::vector<std::uint64_t>>& counters,
                        const std::vector<std::vector<double>>& gauges) {
    std::string& out = slot.text;
    const auto number = [&out](std::uint64_t value, std::size_t digits) {
        const std::size_t at = out.size();
        out.append(digits, '0');
        put_digits(out.data() + at, digits, value);
        return at;
    };
    out = R"({"v":1,"source":"acd-bench-1","epoch":1795330000,"seq":)";
    slot.seq = number(seq_base, seq_digits);
    out += R"(,"ts":)";
    slot.ts = number(static_cast<std::uint64_t>(stream_start_ms), ts_digits);
    out += R"(,"queues":[)";
    for (std::size_t q = first; q < first + slot.queues; ++q) {
        out += (q == first ? R"({"centre":")" : R"(,{"centre":")") + centre_name(q) + R"(","queue":")" + queue_name(q) +
               R"(","m":{)";
        for (std::size_t m = 0; m < metrics_per_queue; ++m) {
            const StreamMetric& metric = courses()[m].metric;
            out += (m == 0 ? "\"" : ",\"") + std::string(metric.name) + "\":";
            if (metric.counter) {
                slot.counters.push_back({static_cast<std::uint32_t>(number(counters[q][m], counter_digits)), 0, counters[q][m]});
            } else {
                out += std::to_string(static_cast<int>(gauges[q][m]));
                // Waits are measured in tenths: some fractions, as in life.
                out += metric.name == "oldest_wait_s" ? "." + std::to_string((q + round) % 9 + 1) : "";
            }
        }
        out += "}}";
    }
    out += "]}";
    slot.size = out.size();
    out.append(padding, ' ');
}

/// From lap to lap a counter rises by what it rose within the lap and one mean step more.
void Stream::set_gains(std::size_t rounds) {
    for (std::size_t i = 0; i < per_round_; ++i) {
        const Slot& last = slots_[(rounds - 1) * per_round_ + i];
        for (std::size_t c = 0; c < last.counters.size(); ++c) {
            const std::uint64_t within = last.counters[c].value - slots_[i].counters[c].value;
            const auto gain = rounds > 1 ? within + within / (rounds - 1) : 1;
            for (std::size_t round = 0; round < rounds; ++round) {
                slots_[round * per_round_ + i].counters[c].gain = static_cast<std::uint32_t>(gain);
            }
        }
    }
}

std::string_view Stream::message(std::uint64_t n, std::int64_t ts_ms) {
    Slot& slot = slots_[n % slots_.size()];
    const std::uint64_t lap = n / slots_.size();
    put_digits(slot.text.data() + slot.seq, seq_digits, seq_base + n);
    put_digits(slot.text.data() + slot.ts, ts_digits, static_cast<std::uint64_t>(ts_ms));
    for (const Counter& counter : slot.counters) {
        put_digits(slot.text.data() + counter.offset, counter_digits, counter.value + lap * counter.gain);
    }
    return {slot.text.data(), slot.size};
}

}  // namespace surged::bench
