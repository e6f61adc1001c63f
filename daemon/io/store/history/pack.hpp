// The history's columns as bytes: slots of some queues as they come, and whole days of one queue, packed.
//
// Values are whole multiples of their column's grain. A day holds, for each column that knows anything, which slots are known, the first
// value and the steps from one to the next, in groups of sixteen with as many bits as the widest of them needs: a quiet queue is some
// bytes, a busy one half a byte to a byte a value. Each row ends with a checksum; a row that does not fit its own is not read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/history_columns.hpp"

namespace surged {

inline constexpr std::int64_t slots_a_day = 288;
using HistoryDay = std::array<HistoryValues, static_cast<std::size_t>(slots_a_day)>;

/// Values of a column fold by their kind: those of two parts of one slot.
HistoryValues folded(const HistoryValues& a, double weight_a, const HistoryValues& b, double weight_b);

/// Queues of one part of the file in one slot; `place` < 256.
struct PlacedValues {
    std::uint8_t place = 0;
    HistoryValues values = no_history_values();
};
std::string pack_slot(const std::vector<PlacedValues>& queues);
std::optional<std::vector<PlacedValues>> unpack_slot(std::string_view bytes);

std::string pack_day(const HistoryDay& day);
/// The first `columns` only, as a version wrote that knew no more.
std::string pack_day_of(const HistoryDay& day, std::size_t columns);
/// `columns`: others are passed over, and unknown.
std::optional<HistoryDay> unpack_day(std::string_view bytes, HistoryColumns columns = HistoryColumns{}.set());

}  // namespace surged
