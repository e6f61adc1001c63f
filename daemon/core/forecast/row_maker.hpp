// Readings at any cadence -> rows of one slot of civil time: what was counted in it, and how much of it anybody saw.
//
// Knows source time, one zone and the length of a slot. Knows no counter, no profile. Everything that comes in is an amount that
// happened in (from, to]; what crosses the end of a row is divided in proportion. Its hardest rule: what nobody saw is no zero. A
// row of which less than three quarters were seen is set aside, and so is one that only a gap longer than a slot and a half
// touches: the feeder's pause says nothing of when the calls came. The hour that comes twice is set aside both times.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/zone.hpp"

namespace surged {

/// One row, running or whole.
struct SlotRow {
    std::int64_t start_ms = 0;  ///< source time
    std::int64_t end_ms = 0;
    std::int64_t day = 0;  ///< civil, as SurgeRow
    std::int32_t second_of_day = 0;
    bool odd = false;  ///< clocks change in it, or its hour comes twice
    double count = 0.0;
    double seen_ms = 0.0;  ///< how much of it the readings cover

    /// Part of a whole slot that was seen, 0..1.
    double share() const { return end_ms > start_ms ? seen_ms / static_cast<double>(end_ms - start_ms) : 0.0; }
};

class RowMaker {
public:
    static constexpr double seen_min = 0.75;
    static constexpr double gap_slots = 1.5;

    /// Looks at a running row are this far apart at most.
    static constexpr std::int64_t look_ms = 60000;

    /// `zone` is borrowed.
    RowMaker(std::int64_t slot_ms, const Zone& zone) : slot_ms_(slot_ms), zone_(&zone) {}

    /// The hot path: true when the amount was added and nothing is to be done. False: call next() until it says no.
    bool add(std::int64_t from_ms, std::int64_t to_ms, double amount) {
        if (from_ms >= row_.start_ms && to_ms < due_ms_) {
            row_.count += amount;
            row_.seen_ms += static_cast<double>(to_ms - from_ms);
            return true;
        }
        pending_ = {from_ms, to_ms, amount};
        return false;
    }
    /// Nothing is known of (from, to]: the counter restarted in it.
    bool skip(std::int64_t to_ms) { return add(to_ms, to_ms, 0.0); }

    enum class Due : std::uint8_t { nothing, look, whole, lost };
    /// After add() said false: what is to be done with row() now. `whole`: the row ended; judge it, then call next() again, which
    /// begins the one after it. `lost`: the same, and a gap follows that nobody saw. `look`: the row runs on, and it is time to
    /// look at it.
    Due next();

    const SlotRow& row() const { return row_; }
    /// A row is running; false before the first reading.
    bool running() const { return row_.end_ms != 0; }
    /// A whole row that may be judged.
    bool usable() const { return !row_.odd && row_.share() >= seen_min; }
    std::int64_t slot_ms() const { return slot_ms_; }
    double looks() const { return slot_ms_ > look_ms ? static_cast<double>(slot_ms_) / static_cast<double>(look_ms) : 1.0; }

    void save(ByteWriter& out) const;
    /// False on torn bytes or another slot; it is then as new.
    bool load(ByteReader& in);

    /// The same by an equal zone that lives elsewhere.
    void belong_to(const Zone& zone) { zone_ = &zone; }

private:
    struct Segment {
        std::int64_t from_ms = 0;
        std::int64_t to_ms = 0;
        double amount = 0.0;
    };
    void begin(std::int64_t at_ms);
    void take(std::int64_t until_ms);
    void set_due(std::int64_t at_ms);

    std::int64_t due_ms_ = 0;  // what add() reads and writes stands first: less than a cache line
    SlotRow row_{};
    std::int64_t slot_ms_;
    const Zone* zone_;
    Segment pending_{};
    bool ended_ = false;  ///< row_ was handed out as whole
};

}  // namespace surged
