#include "core/forecast/profile.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "core/base/zone.hpp"

namespace surged {
namespace {

/// A slot below this share of the day's mean is closed.
constexpr float closed_below = 0.02F;
constexpr double month_shrink = 3.0;
constexpr double residual_gain = 0.5;
constexpr double month_min_gain = 0.97;

constexpr std::uint32_t format = 2;
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

std::size_t class_of(const DayKind& kind) {
    return std::min<std::size_t>(kind.day_class, DayKind::classes_max - 1);
}
std::size_t group_of(const DayKind& kind) {
    return DayKind::classes_max + (kind.working ? 0U : 1U);
}
std::size_t other_group_of(const DayKind& kind) {
    return DayKind::classes_max + (kind.working ? 1U : 0U);
}

/// Triangular mean of the slots around `at`, never across the edge of the open hours, where a day jumps: there the kernel
/// narrows.
double smoothed(std::span<const float> raw, std::size_t at, int half) {
    const auto open = [&raw](std::int64_t s) {
        return s >= 0 && s < std::ssize(raw) && raw[static_cast<std::size_t>(s)] >= closed_below;
    };
    const auto middle = static_cast<std::int64_t>(at);
    if (!open(middle)) {
        return static_cast<double>(raw[at]);
    }
    int reach = 0;
    while (reach < half && open(middle - reach - 1) && open(middle + reach + 1)) {
        ++reach;
    }
    double sum = 0.0;
    double weight = 0.0;
    for (int k = -reach; k <= reach; ++k) {
        const double w = reach + 1 - std::abs(k);
        sum += w * static_cast<double>(raw[static_cast<std::size_t>(middle + k)]);
        weight += w;
    }
    return sum / weight;
}

}  // namespace

DayKind plain_day_kind(std::int64_t day) {
    DayKind kind;
    kind.day_class = static_cast<std::uint8_t>(weekday_of(day));
    kind.working = kind.day_class < 5;
    kind.day_of_month = static_cast<std::uint8_t>(civil_from_days(day).day);
    return kind;
}

Profile::Profile(const ProfileSettings& settings) : settings_(settings) {
    settings_.slots = std::clamp<std::size_t>(settings_.slots, 1, slots_max);
    cells_.resize(shapes * settings_.slots);
    today_.resize(settings_.slots);
    forecast_.resize(settings_.slots);
    shape_.resize(settings_.slots);
}

void Profile::begin_day(std::int64_t day, const DayKind& kind) {
    if (day <= day_) {
        return;
    }
    if (day_ != INT64_MIN) {
        learn_day();
    }
    const std::int64_t passed = day_ == INT64_MIN ? 0 : std::min<std::int64_t>(day - day_, 3650);
    const double fade = std::exp(-static_cast<double>(passed) / settings_.shape_days);
    for (Cell& c : cells_) {
        c.sum *= static_cast<float>(fade);
        c.weight *= static_cast<float>(fade);
    }
    const double level_fade = std::exp(-static_cast<double>(passed) / settings_.level_days);
    for (Level& level : levels_) {
        level.sum *= level_fade;
        level.weight *= level_fade;
    }
    std::fill(today_.begin(), today_.end(), Cell{});
    day_ = day;
    kind_ = kind;
    forecast_day();
}

void Profile::observe(std::size_t slot, double count, double clip_to) {
    if (slot >= today_.size() || !(count >= 0.0)) {
        return;
    }
    Cell& c = today_[slot];
    c.sum += static_cast<float>(std::min(count, std::max(clip_to, 0.0)));
    c.weight += 1.0F;
}

double Profile::expected(std::size_t slot) const {
    return forecast_ok_ && slot < forecast_.size() ? static_cast<double>(forecast_[slot]) : -1.0;
}

double Profile::class_days() const {
    return levels_[class_of(kind_)].weight;
}

double Profile::level_of_day() const {
    // Log of calls seen over the shape's mass in the slots seen; the shape has mean 1 over the slots it knows.
    double seen = 0.0;
    double mass = 0.0;
    for (std::size_t s = 0; s < today_.size(); ++s) {
        if (today_[s].weight > 0) {
            seen += static_cast<double>(today_[s].sum / today_[s].weight);
            mass += forecast_ok_ ? static_cast<double>(shape_[s]) : 1.0;
        }
    }
    return std::log((seen + 0.5) / std::max(mass, 1e-6 * (seen + 0.5)));
}

void Profile::learn_day() {
    std::size_t seen = 0;
    for (const Cell& c : today_) {
        seen += c.weight > 0 ? 1U : 0U;
    }
    if (seen == 0) {
        return;
    }
    double level = level_of_day();
    const double share = static_cast<double>(seen) / static_cast<double>(std::max<std::size_t>(1, today_.size()));
    // A centre open from eight to six knows far fewer slots than a day has; what matters is the share of the slots it usually
    // has.
    double usual = 0.0;
    for (std::size_t s = 0; s < today_.size(); ++s) {
        usual += forecast_ok_ && shape_[s] > 0 ? 1.0 : 0.0;
    }
    const double weight =
        forecast_ok_ && usual > 0 ? std::min(1.0, static_cast<double>(seen) / usual) : std::min(1.0, share * 4.0);
    if (forecast_ok_) {
        // The first days of a class may be anything and say nothing of the days around them.
        const double know = knowledge();
        const double clip = settings_.day_clip / std::max(know * know, 0.01);
        const double clipped = std::clamp(level - base_level_, -clip, clip);
        const double weight_known = weight * know;
        Level& cell = month_[std::min<std::size_t>(kind_.day_of_month, 31)];
        const double effect = month_cell(kind_.day_of_month);
        error_without_month_ = 0.99 * error_without_month_ + weight_known * clipped * clipped;
        error_with_month_ = 0.99 * error_with_month_ + weight_known * (clipped - effect) * (clipped - effect);
        cell.sum = 0.9 * cell.sum + weight_known * clipped;
        cell.weight = 0.9 * cell.weight + weight_known;
        residual_ += residual_gain * weight_known * (clipped - month_effect_ - residual_);
        level = base_level_ + clipped;
    }
    for (const std::size_t k : {class_of(kind_), group_of(kind_)}) {
        levels_[k].sum += weight * level;
        levels_[k].weight += weight;
        for (std::size_t s = 0; s < today_.size(); ++s) {
            if (today_[s].weight > 0) {
                Cell& c = cell(k, s);
                c.sum += static_cast<float>(weight * static_cast<double>(today_[s].sum / today_[s].weight) / std::exp(level));
                c.weight += static_cast<float>(weight);
            }
        }
    }
    ++days_;
}

double Profile::month_cell(std::uint8_t day_of_month) const {
    if (day_of_month < 1 || day_of_month > 31) {
        return 0.0;
    }
    double sum = 0.0;
    double weight = month_shrink;
    for (int k = -1; k <= 1; ++k) {
        const int d = day_of_month + k;
        if (d >= 1 && d <= 31) {
            const double w = k == 0 ? 1.0 : 0.5;
            sum += w * month_[static_cast<std::size_t>(d)].sum;
            weight += w * month_[static_cast<std::size_t>(d)].weight;
        }
    }
    return sum / weight;
}

double Profile::knowledge() const {
    const double own = levels_[class_of(kind_)].weight;
    return own * own / (own * own + settings_.level_shrink_days);
}

void Profile::forecast_day() {
    const std::size_t own = class_of(kind_);
    std::size_t group = group_of(kind_);
    if (levels_[group].weight <= 0) {
        group = other_group_of(kind_);
    }
    if (levels_[group].weight <= 0) {
        forecast_ok_ = false;
        return;
    }
    const double k = settings_.shrink_days;
    std::array<float, slots_max> buffer;  // on the stack: a day begins on the hot path, where nothing is allocated
    const std::span<float> raw(buffer.data(), settings_.slots);
    for (std::size_t s = 0; s < settings_.slots; ++s) {
        const Cell& a = cell(own, s);
        const Cell& b = cell(group, s);
        const double pooled = b.weight > 0 ? static_cast<double>(b.sum / b.weight) : -1.0;
        raw[s] = static_cast<float>(pooled < 0 ? -1.0
                                               : (static_cast<double>(a.sum) + k * pooled) / (static_cast<double>(a.weight) + k));
    }
    const double slot_minutes = 1440.0 / static_cast<double>(settings_.slots);
    const int half = static_cast<int>(settings_.smooth_minutes / slot_minutes);
    double mass = 0.0;
    double known = 0.0;
    for (std::size_t s = 0; s < settings_.slots; ++s) {
        const double value = smoothed(raw, s, half);
        shape_[s] = static_cast<float>(std::max(value, 0.0));
        mass += std::max(value, 0.0);
        known += value >= 0.0 ? 1.0 : 0.0;
    }
    const double scale = mass > 0 ? known / mass : 0.0;
    const double know = knowledge();
    base_level_ = know * levels_[own].mean() + (1.0 - know) * levels_[group].mean();
    month_effect_ = error_with_month_ < month_min_gain * error_without_month_ ? month_cell(kind_.day_of_month) : 0.0;
    const double level = std::exp(base_level_ + settings_.carry * residual_ + month_effect_);
    for (std::size_t s = 0; s < settings_.slots; ++s) {
        shape_[s] = static_cast<float>(static_cast<double>(shape_[s]) * scale);
        forecast_[s] = static_cast<float>(static_cast<double>(shape_[s]) * level);
    }
    forecast_ok_ = true;
}

bool Profile::sound() const {
    const auto count = [](double v) { return std::isfinite(v) && v >= 0.0; };
    const auto cell = [&](const Cell& c) { return count(static_cast<double>(c.sum)) && count(static_cast<double>(c.weight)); };
    const auto level = [&](const Level& l) { return std::isfinite(l.sum) && count(l.weight); };
    const auto slot = [&](float v) { return count(static_cast<double>(v)); };
    const auto log_ratio = [](double v) { return std::abs(v) < 50.0; };  // false for NaN
    return std::all_of(cells_.begin(), cells_.end(), cell) && std::all_of(today_.begin(), today_.end(), cell) &&
           std::all_of(forecast_.begin(), forecast_.end(), slot) && std::all_of(shape_.begin(), shape_.end(), slot) &&
           std::all_of(levels_.begin(), levels_.end(), level) && std::all_of(month_.begin(), month_.end(), level) &&
           log_ratio(residual_) && log_ratio(base_level_) && log_ratio(month_effect_) && count(error_with_month_) &&
           count(error_without_month_) && (day_ == INT64_MIN || std::abs(day_) <= day_max);
}

void Profile::save(ByteWriter& out) const {
    out.put(format);
    out.put(static_cast<std::uint32_t>(settings_.slots));
    put_sparse(out, cells_);
    put_sparse(out, today_);
    put_sparse(out, forecast_);
    put_sparse(out, shape_);
    out.put_raw(levels_.data(), sizeof(levels_));
    out.put_raw(month_.data(), sizeof(month_));
    for (const double v : {residual_, base_level_, month_effect_, error_with_month_, error_without_month_}) {
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
    bool same = in.get<std::uint32_t>() == format && in.get<std::uint32_t>() == settings_.slots;
    same = same && get_sparse(in, fresh.cells_) && get_sparse(in, fresh.today_) && get_sparse(in, fresh.forecast_) &&
           get_sparse(in, fresh.shape_);
    if (same) {
        in.get_raw(fresh.levels_.data(), sizeof(levels_));
        in.get_raw(fresh.month_.data(), sizeof(month_));
        for (double* v : {&fresh.residual_, &fresh.base_level_, &fresh.month_effect_, &fresh.error_with_month_,
                          &fresh.error_without_month_}) {
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
