// A window over time in fixed memory: 64 cells of equal width, the newest of which is still filling.
//
// Why cells and not samples: a window must cost the same for a feeder that reports every second and one that reports every
// minute, and a rule must be decided in constant time. The window covers exactly `length`: sixty widths end at the newest sample,
// so the oldest cell counts only with the part of it that is still inside (a burst leaves the window over one width, length / 60,
// not in a jump). Running sums are rebuilt on each turn of the ring, so that rounding cannot pile up over years.
//
// Rings live in memory that the caller lays out (a queue's rings lie together); they hold no pointer and may be copied as bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "core/base/time.hpp"

namespace surged {

enum class RingKind : std::uint8_t {
    counter,  // increments: increase, rate
    mean,     // gauge: avg
    extent,   // gauge: min, max
    first     // gauge: value at the start of the window, for delta
};

/// Which ring a formula or rule needs. Two needs with equal shape share one ring.
struct RingShape {
    RingKind kind = RingKind::counter;
    Span length{0};  ///< > 0
    bool operator==(const RingShape&) const = default;
};

inline constexpr std::int64_t ring_cells = 64;   // power of two: the cell is index & 63
inline constexpr std::int64_t ring_widths = 60;  // widths in the window; the rest is room for the two partial cells

/// Where a moment lies in rings of one width. Dividing time is the most expensive part of a ring, and all rings of one width that see
/// one message share the answer: it is worked out once and handed in.
struct RingPlace {
    std::int64_t cell = 0;   ///< floor(ts / width)
    std::int64_t start = 0;  ///< first ms of that cell
    double tail = 1;         ///< share of the cell sixty widths back that is still inside a window ending here, 0..1

    static RingPlace of(std::int64_t width, SourceTime ts) {
        const auto ms = to_ms(ts);
        const auto quotient = ms / width;
        const auto cell = ms % width < 0 ? quotient - 1 : quotient;
        return {cell, cell * width, 1.0 - static_cast<double>(ms - cell * width) / static_cast<double>(width)};
    }
};

/// The mean of the readings in one cell, at the cell's middle.
struct RingPoint {
    std::int64_t ms = 0;
    double value = 0;
};

class Ring {
public:
    /// Width of one cell in ms: the window divided by sixty, at least 1 ms, rounded up.
    static std::int64_t width_ms(Span length) {
        const auto width = (length.count() + ring_widths - 1) / ring_widths;
        return width < 1 ? 1 : width;
    }

    void reset();

    /// Adds `amount`, spread evenly over (from, to]. `to` is the moment of `place`. Parts older than the window are dropped.
    /// counter rings.
    void add_spread(std::int64_t width, const RingPlace& place, SourceTime from, SourceTime to, double amount) {
        roll(place);
        if (first_ms_ == none) {
            first_ms_ = to_ms(from < to ? from : to);
        }
        if (to_ms(from) >= place.start && place.cell == head_) {
            a_[at(head_)] += static_cast<float>(amount);
            sum_a_ += amount;
        } else if (amount != 0) {
            spread(width, place, to_ms(from), to_ms(to), amount);
        }
    }
    /// A reading of a gauge at the moment of `place`. One older than the window is dropped; between, it counts in its own cell.
    void add_reading(RingKind kind, const RingPlace& place, SourceTime ts, double value);

    /// Moves the newest cell up to `place` (no data in between). Never back.
    void roll(const RingPlace& place) {
        if (place.cell > head_) {
            advance_to(place.cell);
        }
    }

    // Each of these is over the window that ends at `place`, and rolls there first.
    double sum(const RingPlace& place);                                ///< counter rings
    double mean(const RingPlace& place);                               ///< NaN when empty
    void totals(const RingPlace& place, double& sum, double& number);  ///< sum and number of the readings behind mean()
    /// Means of the cells that hold readings, oldest first; returns how many. mean rings.
    std::size_t points(const RingPlace& place, std::int64_t width, std::array<RingPoint, ring_cells>& out);
    double minimum(const RingPlace& place);  ///< NaN when empty
    double maximum(const RingPlace& place);
    double oldest(const RingPlace& place);  ///< the first known value inside the window; NaN when empty

    /// Asks for the memory that a reading at `place` will touch.
    void prefetch(const RingPlace& place) const {
        __builtin_prefetch(this);
        __builtin_prefetch(&a_[at(place.cell)]);
    }

    /// Part of the window that data can fill so far: ms from the first reading to `ts`, at most the window. 0 when empty.
    std::int64_t covered_ms(std::int64_t width, SourceTime ts) const;

private:
    void spread(std::int64_t width, const RingPlace& place, std::int64_t from_ms, std::int64_t to_ms, double amount);
    void advance_to(std::int64_t cell);
    double tail_of(const RingPlace& place) const { return place.cell == head_ ? place.tail : 0.0; }
    void step_head(std::int64_t cell);
    void clear_cell(std::int64_t cell);
    static std::size_t at(std::int64_t cell) { return static_cast<std::size_t>(cell & (ring_cells - 1)); }

    static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();
    std::int64_t head_ = none;      // number of the newest cell: floor(ts / width)
    std::int64_t first_ms_ = none;  // source time of the first data
    double sum_a_ = 0;              // of a_ over cells (head - 60, head]
    double sum_b_ = 0;              // of b_ likewise
    RingKind kind_ = RingKind::counter;
    float a_[ring_cells] = {};  // counter: increments; mean: sums; extent: minima; first: values
    union {
        float b_[ring_cells] = {};     // extent: maxima
        std::uint16_t n_[ring_cells];  // mean: numbers of readings, saturating
    };                                 // last member: counter and first rings end before it, see ring_bytes()
    friend constexpr std::size_t ring_bytes(RingKind kind);

public:
    /// Makes the memory at this ring an empty ring of `kind`; only ring_bytes(kind) are touched, here and later.
    void prepare(RingKind kind) {
        kind_ = kind;
        reset();
    }
};

/// Bytes a ring of this kind takes.
constexpr std::size_t ring_bytes(RingKind kind) {
    constexpr std::size_t without = sizeof(Ring) - sizeof(float) * ring_cells;
    switch (kind) {
        case RingKind::counter:
        case RingKind::first: return without;
        case RingKind::mean: return without + sizeof(std::uint16_t) * ring_cells;
        case RingKind::extent: return sizeof(Ring);
    }
    return sizeof(Ring);
}

}  // namespace surged
