// A latency histogram with fixed buckets from 10 us to 60 s. One thread writes, any thread may read: the counters are relaxed
// atomics, so a reader may see a count one ahead of the sum and never anything worse. No lock, no allocation, no library.
#pragma once

#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace surged {

/// Upper bounds of the buckets in seconds, inclusive (as Prometheus counts `le`); one more bucket holds everything above the
/// last.
inline constexpr std::array<double, 21> histogram_bounds_s = {1e-5,   2.5e-5, 5e-5, 1e-4,   2.5e-4, 5e-4, 1e-3,
                                                              2.5e-3, 5e-3,   1e-2, 2.5e-2, 5e-2,   0.1,  0.25,
                                                              0.5,    1.0,    2.5,  5.0,    10.0,   30.0, 60.0};

/// What a histogram held at one moment.
struct HistogramView {
    std::array<std::uint64_t, histogram_bounds_s.size() + 1> counts{};  ///< per bucket, not cumulative
    std::uint64_t count = 0;
    double sum_s = 0;

    /// The value below which a share `q` (0..1) of the observations lies, in seconds, by straight line inside the bucket; the
    /// last bound when it lies above all of them; 0 when nothing was observed.
    double quantile(double q) const {
        if (count == 0) {
            return 0;
        }
        const double rank = q * static_cast<double>(count);
        double below = 0;
        for (std::size_t i = 0; i < histogram_bounds_s.size(); ++i) {
            const auto here = static_cast<double>(counts[i]);
            if (here > 0 && below + here >= rank) {
                const double from = i == 0 ? 0 : histogram_bounds_s[i - 1];
                return from + (histogram_bounds_s[i] - from) * ((rank - below) / here);
            }
            below += here;
        }
        return histogram_bounds_s.back();
    }
};

class Histogram {
public:
    /// Counts one duration. Only the owning thread may call it. A negative or NaN value counts as 0: clocks do such things.
    void observe(double seconds) {
        const double value = std::isnan(seconds) || seconds < 0 ? 0 : seconds;
        std::size_t bucket = 0;
        while (bucket < histogram_bounds_s.size() && value > histogram_bounds_s[bucket]) {
            ++bucket;
        }
        bump(counts_[bucket]);
        sum_s_.store(sum_s_.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
    }

    HistogramView view() const {
        HistogramView out;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            out.counts[i] = counts_[i].load(std::memory_order_relaxed);
            out.count += out.counts[i];
        }
        out.sum_s = sum_s_.load(std::memory_order_relaxed);
        return out;
    }

private:
    // Plain load and store: there is one writer, so a locked add would only cost.
    static void bump(std::atomic<std::uint64_t>& counter) {
        counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    std::array<std::atomic<std::uint64_t>, histogram_bounds_s.size() + 1> counts_{};
    std::atomic<double> sum_s_{0};
};

}  // namespace surged
