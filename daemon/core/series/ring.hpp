// A window over time in fixed memory: 64 cells of equal width, the newest of which is still filling.
//
// Why cells and not samples: a window must cost the same for a feeder that reports every second and one that reports every
// minute, and a rule must be decided in constant time. The window covers exactly `length`: sixty widths end at the newest sample,
// so the oldest cell counts only with the part of it that is still inside (a burst leaves the window over one width, length / 60,
// not in a jump). Running sums are made anew now and then, so that rounding cannot pile up over years.
//
// Cells of sums are short (core/series/cell.hpp), and yet nothing is lost: the newest cell is kept in the head in full, and when the next
// begins, what its ten bits cannot hold goes into that one. So as long as everything is inside, the sum is the sum of what was added; a window
// whose end lies in the middle counts at most 1/512 of the cell that left it last one width too long, and 1/512 of that two. (A cell that is
// filled again after it was closed hands on as much again; what it cannot hold of a late reading goes into the newest cell.)
// tests/unit/rule/ring_bound_test.cpp holds it.
//
// What a ring knows of itself (RingHead) and its cells lie apart: the cells of all rings of one shape in a queue lie side by side, a row for
// each moment, since the series of a queue are reported together. Then a message of ten series touches the lines of one or two rows, and not
// two lines of each ring. The caller lays both out; they hold no pointer.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/series/cell.hpp"

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

/// Bytes of one cell: counter: increments; mean: sum and number of readings; extent: minimum and maximum; first: a value.
constexpr std::size_t cell_bytes(RingKind kind) {
    switch (kind) {
        case RingKind::counter: return sizeof(std::uint16_t);
        case RingKind::mean: return sizeof(std::uint16_t) + sizeof(std::uint8_t);
        case RingKind::first: return sizeof(float);
        case RingKind::extent: return 2 * sizeof(float);
    }
    return 2 * sizeof(float);
}
/// What one cell is in a snapshot.
constexpr std::size_t cell_image_bytes(RingKind kind) {
    switch (kind) {
        case RingKind::counter:
        case RingKind::first: return sizeof(float);
        case RingKind::mean: return sizeof(float) + sizeof(std::uint16_t);
        case RingKind::extent: return 2 * sizeof(float);
    }
    return 2 * sizeof(float);
}

/// Rings of one shape side by side: row r begins at `base + r * row_bytes` of the queue's cells. A row begins where any cell may.
struct RingGroup {
    RingShape shape;
    std::int64_t width_ms = 1;
    std::uint32_t clock = 0;      ///< as RingPlan::clock
    std::uint32_t base = 0;       ///< in bytes, from the queue's first cell
    std::uint32_t row_bytes = 0;  ///< cell_bytes() times the rings in it

    std::size_t bytes() const { return static_cast<std::size_t>(ring_cells) * row_bytes; }
    bool operator==(const RingGroup&) const = default;
};

/// What a ring knows beside its cells. Plain data; of a mean ring it is a MeanHead.
class RingHead {
public:
    static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();
    static constexpr std::size_t row_bytes_max = 0x7FFFF;                    ///< as many series as a queue may have, each of eight bytes
    static constexpr std::int64_t first_max = (std::int64_t{1} << 42U) - 1;  ///< ms: the year 2109; what is beyond counts as that

    /// `cells_from`: where its column begins, in bytes from the queue's first cell; `row_bytes`: from one of its cells to the next.
    RingHead(RingKind kind, std::uint32_t cells_from, std::size_t row_bytes)
        : cells(cells_from), place_(no_first | static_cast<std::uint64_t>(kind) << row_bits | row_bytes) {}

    RingKind kind() const { return static_cast<RingKind>(place_ >> row_bits & 3U); }
    std::size_t row_bytes() const { return place_ & row_bytes_max; }
    /// Source time of the first data in ms; `none` = there was none yet.
    std::int64_t first_ms() const {
        const auto first = static_cast<std::int64_t>(place_) >> first_shift;
        return first < -first_max ? none : first;
    }
    bool has_first() const { return static_cast<std::int64_t>(place_) >> first_shift >= -first_max; }
    void set_first(std::int64_t ms) {
        const auto first = ms == none ? -first_max - 1 : ms < -first_max ? -first_max : ms > first_max ? first_max : ms;
        place_ = static_cast<std::uint64_t>(first) << first_shift | (place_ & ((std::uint64_t{1} << first_shift) - 1));
    }

    std::int64_t head = none;  ///< number of the newest cell: floor(ts / width)
    double sum = 0;            ///< of increments or readings, over the cells (head - 60, head): without the newest
    float newest = 0;          ///< counter, mean: the same of the newest cell
    std::uint32_t cells = 0;

private:
    static constexpr unsigned row_bits = 19;
    static constexpr unsigned first_shift = 21;
    static constexpr std::uint64_t no_first = std::uint64_t{1} << 63U;

    std::uint64_t place_;  ///< first_ms in 43 bits, kind in 2, row_bytes in 19
};
static_assert(sizeof(RingHead) == 32);
static_assert(RingHead::row_bytes_max >= 0xFFFF * cell_bytes(RingKind::extent));

class MeanHead : public RingHead {
public:
    using RingHead::RingHead;
    std::uint32_t number = 0;         ///< of readings, as `sum`
    std::uint16_t newest_number = 0;  ///< in the newest cell
};
static_assert(sizeof(MeanHead) == 40);

constexpr std::size_t head_bytes(RingKind kind) {
    return kind == RingKind::mean ? sizeof(MeanHead) : sizeof(RingHead);
}

/// A ring to work with: borrows its head and the cells of its queue.
class Ring {
public:
    static constexpr float reading_max = 1e19F;

    /// `cells`: where the cells of its queue begin.
    Ring(RingHead& head, std::byte* cells) : h_(head), cells_(cells + head.cells) {}

    /// Width of one cell in ms: the window divided by sixty, at least 1 ms, rounded up.
    static std::int64_t width_ms(Span length) {
        const auto width = (length.count() + ring_widths - 1) / ring_widths;
        return width < 1 ? 1 : width;
    }

    RingKind kind() const { return h_.kind(); }
    /// Makes it empty.
    void reset();

    /// Adds `amount`, spread evenly over (from, to]. `to` is the moment of `place`. Parts older than the window are dropped.
    /// counter rings.
    void add_spread(std::int64_t width, const RingPlace& place, SourceTime from, SourceTime to, double amount) {
        if (!h_.has_first()) {
            h_.set_first(to_ms(from < to ? from : to));
        }
        if (place.cell == h_.head && to_ms(from) >= place.start) {
            h_.newest += static_cast<float>(amount);
        } else {
            spread(width, place, to_ms(from), to_ms(to), amount);
        }
    }
    /// A reading of a gauge at the moment of `place`. One older than the window is dropped; between, it counts in its own cell. One beyond
    /// `reading_max` counts as that in sums.
    void add_reading(const RingPlace& place, SourceTime ts, double value);

    /// Moves the newest cell up to `place` (no data in between). Never back.
    void roll(const RingPlace& place) {
        if (place.cell > h_.head) {
            advance_to(place.cell);
        }
    }

    // Each of these is over the window that ends at `place`, and rolls there first.
    double sum(const RingPlace& place);                                ///< counter rings
    double mean(const RingPlace& place);                               ///< NaN when empty
    void totals(const RingPlace& place, double& sum, double& number);  ///< sum and number of the readings behind mean()
    /// Means of the cells that hold readings, oldest first; returns how many. mean rings. The newest is left out while it has hardly begun.
    std::size_t points(const RingPlace& place, std::int64_t width, std::array<RingPoint, ring_cells>& out);
    double minimum(const RingPlace& place);  ///< NaN when empty
    double maximum(const RingPlace& place);
    double oldest(const RingPlace& place);  ///< the first known value inside the window; NaN when empty

    /// Part of the window that data can fill so far: ms from the first reading to `ts`, at most the window. 0 when empty.
    std::int64_t covered_ms(std::int64_t width, SourceTime ts) const {
        const auto first = h_.first_ms();
        return first == RingHead::none ? 0 : std::clamp<std::int64_t>(to_ms(ts) - first, 0, width * ring_widths);
    }

    /// Its content takes that of another of its kind, which may lie elsewhere.
    void copy_from(const Ring& other);
    /// For snapshots: ring_image_bytes(kind) bytes, in the same form since the first of them.
    void save(ByteWriter& out) const;
    /// False, and nothing changes, when the bytes are none of its kind.
    bool load(std::string_view image);

private:
    /// What a cell holds; counter rings number nothing.
    struct Amount {
        float sum = 0;
        std::uint32_t number = 0;
    };
    MeanHead& mean_head() const { return static_cast<MeanHead&>(h_); }
    bool sums() const { return h_.kind() == RingKind::counter || h_.kind() == RingKind::mean; }

    void spread(std::int64_t width, const RingPlace& place, std::int64_t from_ms, std::int64_t to_ms, double amount);
    void spread_back(std::int64_t width, const RingPlace& place, std::int64_t from_ms, std::int64_t to_ms, double amount);
    void advance_to(std::int64_t cell);
    double tail_of(const RingPlace& place) const { return place.cell == h_.head ? place.tail : 0.0; }
    void turn_counter(std::int64_t cell, float each);
    void turn_mean(std::int64_t cell);
    template <RingKind kind>
    void turn_readings(std::int64_t cell);
    template <RingKind kind>
    static Amount closed(const std::byte* from);
    template <RingKind kind>
    static Amount close(std::byte* to, Amount& amount);
    template <RingKind kind>
    Amount add_closed(std::int64_t cell, Amount amount);
    void add_to_newest(Amount amount);
    Amount amount_at(std::int64_t cell) const;
    template <RingKind kind>
    void put_amounts(const std::array<Amount, ring_cells>& amounts);
    template <RingKind kind>
    void sum_again();
    void clear_cells();

    // Cells are read and written as bytes: they lie close, on any address.
    std::byte* at(std::int64_t cell) const {
        return cells_ + static_cast<std::size_t>(cell & (ring_cells - 1)) * h_.row_bytes();
    }
    template <typename T>
    static T get(const std::byte* from) {
        T out;
        std::memcpy(&out, from, sizeof(T));
        return out;
    }
    template <typename T>
    static void put(std::byte* to, T value) {
        std::memcpy(to, &value, sizeof(T));
    }
    static float a(const std::byte* cell) { return get<float>(cell); }                  // first: the value; extent: minimum
    static float b(const std::byte* cell) { return get<float>(cell + sizeof(float)); }  // extent: maximum

    RingHead& h_;
    std::byte* cells_;
};

/// Bytes a ring of this kind takes: its head, and its part of the cells.
constexpr std::size_t ring_bytes(RingKind kind) {
    return head_bytes(kind) + static_cast<std::size_t>(ring_cells) * cell_bytes(kind);
}
/// Bytes of Ring::save().
constexpr std::size_t ring_image_bytes(RingKind kind) {
    return 40 + static_cast<std::size_t>(ring_cells) * cell_image_bytes(kind);
}

}  // namespace surged
