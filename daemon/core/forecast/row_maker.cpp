#include "core/forecast/row_maker.hpp"

#include <algorithm>
#include <cmath>

namespace surged {

namespace {
constexpr std::int64_t day_ms = 86'400'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a >= 0 ? a / b : -((b - 1 - a) / b);
}
}  // namespace

/// The row that holds `at_ms`: slots are counted from civil midnight. One that a change of the clocks cuts short is odd.
void RowMaker::begin(std::int64_t at_ms) {
    const auto offset_ms = std::int64_t{1000} * zone_->offset_s(wall_time(at_ms));
    const auto civil_ms = floor_div(at_ms + offset_ms, slot_ms_) * slot_ms_;
    const auto before = row_.end_ms;
    row_ = {};
    row_.start_ms = civil_ms - offset_ms;
    if (before != 0 && row_.start_ms < before && at_ms >= before) {
        row_.start_ms = before;  // the clocks went back inside of the row before
    }
    row_.end_ms = civil_ms - offset_ms + slot_ms_;
    row_.day = floor_div(civil_ms, day_ms);
    row_.second_of_day = static_cast<std::int32_t>((civil_ms - row_.day * day_ms) / 1000);
    auto civil = civil_from_days(row_.day);
    civil.second_of_day = row_.second_of_day;
    row_.odd = row_.end_ms - row_.start_ms != slot_ms_ ||
               std::int64_t{1000} * zone_->offset_s(wall_time(row_.end_ms - 1)) != offset_ms ||
               zone_->first_instant(civil) != zone_->last_instant(civil);
    ended_ = false;
    set_due(std::max(at_ms, row_.start_ms));
}

/// The next look after `at_ms`, or the row's end.
void RowMaker::set_due(std::int64_t at_ms) {
    due_ms_ = std::min(row_.start_ms + ((at_ms - row_.start_ms) / look_ms + 1) * look_ms, row_.end_ms);
}

/// Adds the pending segment's part before `until_ms`.
void RowMaker::take(std::int64_t until_ms) {
    auto& rest = pending_;
    if (rest.from_ms >= until_ms) {
        return;
    }
    const auto length = rest.to_ms - rest.from_ms;
    const auto part = std::min(until_ms, rest.to_ms) - rest.from_ms;
    const double amount = part == length ? rest.amount : rest.amount * static_cast<double>(part) / static_cast<double>(length);
    row_.count += amount;
    row_.seen_ms += static_cast<double>(part);
    rest.amount -= amount;
    rest.from_ms += part;
}

RowMaker::Due RowMaker::next() {
    auto& rest = pending_;
    if (!running()) {
        begin(rest.from_ms);
    } else if (ended_) {
        begin(std::max(rest.from_ms, row_.end_ms));
    }
    if (rest.to_ms < row_.start_ms) {
        rest = {rest.to_ms, rest.to_ms, 0.0};  // older than the row: it has been counted or given up
        return Due::nothing;
    }
    if (rest.from_ms < row_.start_ms) {
        const auto length = static_cast<double>(rest.to_ms - rest.from_ms);
        rest.amount *= static_cast<double>(rest.to_ms - row_.start_ms) / length;
        rest.from_ms = row_.start_ms;
    }
    if (rest.to_ms > row_.end_ms && static_cast<double>(rest.to_ms - rest.from_ms) > gap_slots * static_cast<double>(slot_ms_)) {
        rest = {rest.to_ms, rest.to_ms, 0.0};  // nobody saw when these came
        ended_ = true;
        return Due::lost;
    }
    take(row_.end_ms);
    if (rest.to_ms >= row_.end_ms) {
        ended_ = true;
        return Due::whole;
    }
    if (rest.to_ms < due_ms_) {
        return Due::nothing;
    }
    set_due(rest.to_ms);
    return Due::look;
}

void RowMaker::save(ByteWriter& out) const {
    out.put(slot_ms_);
    for (const auto ms : {row_.start_ms, row_.end_ms, row_.day, due_ms_}) {
        out.put(ms);
    }
    out.put(row_.second_of_day);
    out.put(row_.count);
    out.put(row_.seen_ms);
    out.put(static_cast<std::uint8_t>((row_.odd ? 1 : 0) + (ended_ ? 2 : 0)));
}

bool RowMaker::load(ByteReader& in) {
    RowMaker fresh(slot_ms_, *zone_);
    const auto slot = in.get<std::int64_t>();
    for (auto* ms : {&fresh.row_.start_ms, &fresh.row_.end_ms, &fresh.row_.day, &fresh.due_ms_}) {
        *ms = in.get<std::int64_t>();
    }
    fresh.row_.second_of_day = in.get<std::int32_t>();
    fresh.row_.count = in.get<double>();
    fresh.row_.seen_ms = in.get<double>();
    const auto flags = in.get<std::uint8_t>();
    fresh.row_.odd = (flags & 1U) != 0;
    fresh.ended_ = (flags & 2U) != 0;
    constexpr std::int64_t ms_max = std::int64_t{1} << 53U;
    const auto& row = fresh.row_;
    const bool placed = row.start_ms >= 0 && row.end_ms >= row.start_ms && row.end_ms <= row.start_ms + slot_ms_ &&
                        row.end_ms < ms_max && fresh.due_ms_ <= row.end_ms && std::abs(row.day) < ms_max / day_ms;
    const bool good = in.ok() && slot == slot_ms_ && placed && std::isfinite(row.count) && row.count >= 0.0 &&
                      row.seen_ms >= 0.0 && row.seen_ms <= static_cast<double>(slot_ms_) && row.second_of_day >= 0 &&
                      row.second_of_day < 86400;
    *this = good ? fresh : RowMaker(slot_ms_, *zone_);
    return good;
}

}  // namespace surged
