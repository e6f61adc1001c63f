// A profile's bytes: written, and read back only when every number is one that a profile can hold.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

#include "core/forecast/profile.hpp"

namespace surged {
namespace {

constexpr std::uint32_t profile_format = 3;
/// Days that a profile can have seen: up to the year 2243. Beyond it would wait for ever for the next one.
constexpr std::int64_t day_max = 100000;

/// Classes that never came and slots that are closed are zeros, half of a profile and more: runs of them take 4 bytes.
/// u32 zeros, u32 values, the values; until all are told. T is made of floats.
template <typename T>
void put_sparse(ByteWriter& out, const std::vector<T>& values) {
    const auto zero = [&](std::size_t i) {
        static constexpr T none{};
        return std::memcmp(&values[i], &none, sizeof(T)) == 0;
    };
    for (std::size_t i = 0; i < values.size();) {
        const std::size_t from = i;
        while (i < values.size() && zero(i)) {
            ++i;
        }
        const std::size_t first = i;
        while (i < values.size() && !zero(i)) {
            ++i;
        }
        out.put(static_cast<std::uint32_t>(first - from));
        out.put(static_cast<std::uint32_t>(i - first));
        out.put_raw(values.data() + first, (i - first) * sizeof(T));
    }
}

/// False on bytes that do not fit `values`, which are zeros before.
template <typename T>
bool get_sparse(ByteReader& in, std::vector<T>& values) {
    for (std::size_t i = 0; i < values.size() && in.ok();) {
        const std::size_t zeros = in.get<std::uint32_t>();
        const std::size_t count = in.get<std::uint32_t>();
        if (zeros + count == 0 || zeros > values.size() - i || count > values.size() - i - zeros) {
            return false;
        }
        in.get_raw(values.data() + i + zeros, count * sizeof(T));
        i += zeros + count;
    }
    return in.ok();
}

/// Neither finite nor at least 0: told by the bits, without a jump, since ten thousand queues have a thousand of these at each start.
std::uint32_t no_count(float v) {
    constexpr auto infinity = std::bit_cast<std::uint32_t>(std::numeric_limits<float>::infinity());  // above it NaN, then all below 0
    constexpr auto minus_zero = std::bit_cast<std::uint32_t>(-0.0F);
    const auto bits = std::bit_cast<std::uint32_t>(v);
    return static_cast<std::uint32_t>(bits >= infinity) & static_cast<std::uint32_t>(bits != minus_zero);
}

template <typename List, typename Bad>
bool none_bad(const List& list, Bad bad) {
    std::uint32_t any = 0;
    for (const auto& one : list) {
        any |= bad(one);
    }
    return any == 0;
}

}  // namespace

bool Profile::sound() const {
    const auto count = [](double v) { return std::isfinite(v) && v >= 0.0; };
    const auto cell = [](const Cell& c) { return no_count(c.sum) | no_count(c.weight); };
    const auto level = [&](const Level& l) { return std::isfinite(l.sum) && count(l.weight); };
    const auto shape = [](float v) { return no_count(v) & static_cast<std::uint32_t>(v != unknown_slot); };
    const auto log_ratio = [](double v) { return std::abs(v) < 50.0; };  // false for NaN
    return none_bad(cells_, cell) && none_bad(today_, cell) && none_bad(forecast_, shape) && none_bad(shape_, shape) &&
           std::all_of(levels_.begin(), levels_.end(), level) && std::all_of(month_.begin(), month_.end(), level) &&
           std::all_of(last_.begin(), last_.end(), log_ratio) && log_ratio(slow_) && log_ratio(carried_) && count(clipped_) &&
           count(scatter_sum_) && count(scatter_weight_) &&
           std::all_of(month_last_.begin(), month_last_.end(),
                       [](const auto& two) { return !(std::abs(two[0]) > 50.0) && !(std::abs(two[1]) > 50.0); }) &&
           log_ratio(residual_) && log_ratio(base_level_) && log_ratio(month_effect_) && count(error_with_month_) &&
           count(error_without_month_) && (day_ == INT64_MIN || std::abs(day_) <= day_max);
}

void Profile::save(ByteWriter& out) const {
    out.put(profile_format);
    out.put(static_cast<std::uint32_t>(settings_.slots));
    put_sparse(out, cells_);
    put_sparse(out, today_);
    put_sparse(out, forecast_);
    put_sparse(out, shape_);
    out.put_raw(levels_.data(), sizeof(levels_));
    out.put_raw(month_.data(), sizeof(month_));
    out.put_raw(month_last_.data(), sizeof(month_last_));
    for (const double v : {last_[0], last_[1], slow_, carried_, clipped_, scatter_sum_, scatter_weight_, residual_, base_level_,
                           month_effect_, error_with_month_, error_without_month_}) {
        out.put(v);
    }
    out.put(day_);
    out.put(kind_.day_class);
    out.put(kind_.working);
    out.put(kind_.day_of_month);
    out.put(days_);
    out.put(forecast_ok_);
}

bool Profile::load(ByteReader& in) {
    Profile fresh(settings_);
    bool same = in.get<std::uint32_t>() == profile_format && in.get<std::uint32_t>() == settings_.slots;
    same = same && get_sparse(in, fresh.cells_) && get_sparse(in, fresh.today_) && get_sparse(in, fresh.forecast_) &&
           get_sparse(in, fresh.shape_);
    if (same) {
        in.get_raw(fresh.levels_.data(), sizeof(levels_));
        in.get_raw(fresh.month_.data(), sizeof(month_));
        in.get_raw(fresh.month_last_.data(), sizeof(month_last_));
        for (double* v : {&fresh.last_[0], &fresh.last_[1], &fresh.slow_, &fresh.carried_, &fresh.clipped_, &fresh.scatter_sum_,
                          &fresh.scatter_weight_, &fresh.residual_, &fresh.base_level_, &fresh.month_effect_,
                          &fresh.error_with_month_, &fresh.error_without_month_}) {
            *v = in.get<double>();
        }
        fresh.day_ = in.get<std::int64_t>();
        fresh.kind_.day_class = in.get<std::uint8_t>();
        fresh.kind_.working = in.get<std::uint8_t>() != 0;
        fresh.kind_.day_of_month = in.get<std::uint8_t>();
        fresh.days_ = in.get<std::uint32_t>();
        fresh.forecast_ok_ = in.get<std::uint8_t>() != 0;
    }
    const bool good = same && in.ok() && fresh.sound();
    *this = good ? std::move(fresh) : Profile(settings_);
    return good;
}

std::size_t Profile::memory_bytes() const {
    return sizeof(Profile) + (cells_.size() + today_.size()) * sizeof(Cell) + (forecast_.size() + shape_.size()) * sizeof(float);
}

}  // namespace surged
