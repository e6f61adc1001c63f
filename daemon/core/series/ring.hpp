// A window over time in fixed memory: 64 cells of equal width, the newest of which is still filling.
//
// Why cells and not samples: a window must cost the same for a feeder that reports every second and one that reports every
// minute, and a rule must be decided in constant time. The window covers exactly `length`: sixty widths end at the newest sample,
// so the oldest cell counts only with the part of it that is still inside (a burst leaves the window over one width, length / 60,
// not in a jump). Running sums are rebuilt on each turn of the ring, so that rounding cannot pile up over years.
//
// What a ring knows of itself (RingHead) and its cells lie apart: the cells of all rings of one shape in a queue lie side by side, a row for
// each moment, since the series of a queue are reported together. Then a message of ten series touches the lines of one or two rows, and not
// two lines of each ring. The caller lays both out; they hold no pointer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "core/base/bytes.hpp"
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

/// Bytes of one cell: counter: increments; mean: sum and number of readings; extent: minimum and maximum; first: a value.
constexpr std::size_t cell_bytes(RingKind kind) {
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

/// What a ring knows beside its cells. Plain data.
struct RingHead {
    static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();
    std::int64_t head = none;      ///< number of the newest cell: floor(ts / width)
    std::int64_t first_ms = none;  ///< source time of the first data
    double sum = 0;                ///< of increments or readings, over the cells (head - 60, head]
    std::uint32_t number = 0;      ///< of readings, likewise
    std::uint32_t cells = 0;       ///< where its column begins: bytes from the queue's first cell
    std::uint32_t row_bytes = 0;   ///< from one of its cells to the next
    RingKind kind = RingKind::counter;
    std::uint8_t pad[3] = {};
};
static_assert(sizeof(RingHead) == 40);

/// A ring to work with: borrows its head and the cells of its queue.
class Ring {
public:
    /// `cells`: where the cells of its queue begin.
    Ring(RingHead& head, std::byte* cells) : h_(head), cells_(cells + head.cells) {}

    /// Width of one cell in ms: the window divided by sixty, at least 1 ms, rounded up.
    static std::int64_t width_ms(Span length) {
        const auto width = (length.count() + ring_widths - 1) / ring_widths;
        return width < 1 ? 1 : width;
    }

    /// Makes it empty.
    void reset();

    /// Adds `amount`, spread evenly over (from, to]. `to` is the moment of `place`. Parts older than the window are dropped.
    /// counter rings.
    void add_spread(std::int64_t width, const RingPlace& place, SourceTime from, SourceTime to, double amount) {
        roll(place);
        if (h_.first_ms == RingHead::none) {
            h_.first_ms = to_ms(from < to ? from : to);
        }
        if (to_ms(from) >= place.start && place.cell == h_.head) {
            add(at(h_.head), static_cast<float>(amount));
            h_.sum += amount;
        } else if (amount != 0) {
            spread(width, place, to_ms(from), to_ms(to), amount);
        }
    }
    /// A reading of a gauge at the moment of `place`. One older than the window is dropped; between, it counts in its own cell.
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
    /// Means of the cells that hold readings, oldest first; returns how many. mean rings.
    std::size_t points(const RingPlace& place, std::int64_t width, std::array<RingPoint, ring_cells>& out);
    double minimum(const RingPlace& place);  ///< NaN when empty
    double maximum(const RingPlace& place);
    double oldest(const RingPlace& place);  ///< the first known value inside the window; NaN when empty

    /// Part of the window that data can fill so far: ms from the first reading to `ts`, at most the window. 0 when empty.
    std::int64_t covered_ms(std::int64_t width, SourceTime ts) const;

    /// Its content takes that of another of its kind, which may lie elsewhere.
    void copy_from(const Ring& other);
    /// For snapshots: ring_image_bytes(kind) bytes, in the same form since the first of them.
    void save(ByteWriter& out) const;
    /// False, and nothing changes, when the bytes are none of its kind.
    bool load(std::string_view image);

private:
    void spread(std::int64_t width, const RingPlace& place, std::int64_t from_ms, std::int64_t to_ms, double amount);
    void advance_to(std::int64_t cell);
    double tail_of(const RingPlace& place) const { return place.cell == h_.head ? place.tail : 0.0; }
    template <RingKind kind>
    void turn_to(std::int64_t cell);
    void clear_cell(std::int64_t cell);

    // Cells are read and written as bytes: they lie close, on any address.
    std::byte* at(std::int64_t cell) const {
        return cells_ + static_cast<std::size_t>(cell & (ring_cells - 1)) * h_.row_bytes;
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
    static float a(const std::byte* cell) { return get<float>(cell); }
    static void add(std::byte* cell, float amount) { put(cell, a(cell) + amount); }
    static float b(const std::byte* cell) { return get<float>(cell + sizeof(float)); }                          // extent: maximum
    static std::uint16_t n(const std::byte* cell) { return get<std::uint16_t>(cell + sizeof(float)); }  // mean: number, saturating

    RingHead& h_;
    std::byte* cells_;
};

/// Bytes a ring of this kind takes: its head, and its part of the cells.
constexpr std::size_t ring_bytes(RingKind kind) {
    return sizeof(RingHead) + static_cast<std::size_t>(ring_cells) * cell_bytes(kind);
}
/// Bytes of Ring::save().
constexpr std::size_t ring_image_bytes(RingKind kind) {
    return 40 + static_cast<std::size_t>(ring_cells) * cell_bytes(kind);
}

}  // namespace surged
