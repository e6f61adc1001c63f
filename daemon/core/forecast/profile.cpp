#include "core/forecast/profile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "core/base/zone.hpp"

namespace surged {
namespace {

/// A slot below this share of the day's mean is closed.
constexpr float closed_below = 0.02F;
constexpr double month_shrink = 3.0;
constexpr double residual_gain = 0.5;
/// One day moves what is carried on by so many standard deviations of days at most, unless the day before was as far off. Whole days +20 % of a bank, every third one: seen on
/// 61 instead of 56 % of them, and the forecast no worse.
constexpr double residual_sigmas = 2.0;
constexpr double month_min_gain = 0.97;
/// Of a slot whose mean and that of its neighbours differ by less than this many standard errors, the neighbours are told too.
constexpr double sharp_sigmas = 3.0;
/// Variance / mean of a slot's counts, for the standard error.
constexpr double slot_scatter = 1.3;
/// Calls that a slot's kernel has been told of, else it widens, to so many minutes at most: small queues have no slots to tell apart.
/// At 3 calls an hour five times as many are seen within the hour in 78 instead of 76 %; 240 calls would flatten a step at 40 an hour.
constexpr double kernel_calls = 60.0;
constexpr double kernel_minutes_max = 60.0;
/// A day further off than this (log ratio; a factor of 4.5) was closed or is no day of this series: it says nothing of the next.
constexpr double odd_day = 1.5;
/// Fewest calls expected of a day that is compared with others.
constexpr double telling_calls = 20.0;
/// What a class must be known by before a day is held against it: one day.
constexpr double known_class = 0.4;
/// A closed day of a class that is open says this much of its level; a class of so few days is learned anew when it opens.
constexpr double closed_weight = 0.15;
constexpr double young_class = 3.5;
/// Two residuals that are both further off than this many standard deviations of days, to one side, are believed.
constexpr double agree_sigmas = 2.0;
/// A day of the month is told by the mean of its last two, at most this many times the smaller: calls doubled on every 1st are expected at 0.92
/// instead of 0.85 times their number in the third month, and the bank's days are forecast no worse.
constexpr double month_beyond = 1.25;
constexpr double scatter_start = 0.06;
constexpr double scatter_start_days = 5.0;
constexpr double scatter_clip = 0.25;
constexpr double scatter_sigmas = 3.0;
constexpr double odd_day_weight = 0.1;
/// The level of the last weeks, against which a day of the month stands out: how fast it follows, and how far one day moves it.
constexpr double slow_gain = 0.1;
constexpr double slow_clip = 0.15;
/// Finished days up to which a profile that knows little of a day's calls is thrown away for that day.
constexpr std::uint32_t young_days = 2;
constexpr double many_more = 3.0;
constexpr double never = std::numeric_limits<double>::quiet_NaN();

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

/// What two residuals agree on, when both lie on one side and beyond `least`; else 0. It is their mean, at most `beyond` times the smaller.
double agreed(double a, double b, double least, double beyond) {
    const double size = std::min(std::abs(a), std::abs(b));
    const double mean = 0.5 * (std::abs(a) + std::abs(b));
    return a * b > 0.0 && size > least ? std::copysign(std::min(mean, beyond * size), a) : 0.0;
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
    month_last_.fill({never, never});
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
    clipped_ = 0.0;
    day_ = day;
    kind_ = kind;
    forecast_day();
}

void Profile::observe(std::size_t slot, double count, double clip_to) {
    if (slot >= today_.size() || !(count >= 0.0)) {
        return;
    }
    Cell& c = today_[slot];
    const double learned = std::min(count, std::max(clip_to, 0.0));
    c.sum += static_cast<float>(learned);
    if (forecast_ok_ && shape_[slot] >= 0) {
        clipped_ += count - learned;
    }
    c.weight += 1.0F;
}

double Profile::expected(std::size_t slot) const {
    return forecast_ok_ && slot < forecast_.size() ? static_cast<double>(forecast_[slot]) : -1.0;
}

double Profile::class_days() const {
    return levels_[class_of(kind_)].weight;
}

Profile::Seen Profile::seen_today() const {
    Seen out;
    for (std::size_t s = 0; s < today_.size(); ++s) {
        if (today_[s].weight <= 0) {
            continue;
        }
        const double count = static_cast<double>(today_[s].sum / today_[s].weight);
        ++out.slots;
        out.calls += count;
        if (forecast_ok_ && shape_[s] >= 0) {
            ++out.known;
            out.known_calls += count;
            out.open_calls += shape_[s] >= closed_below ? count : 0.0;
            out.mass += static_cast<double>(shape_[s]);
        }
    }
    return out;
}

/// Log of the calls seen over the shape's mass, both in the slots that the shape knows. A shape that is empty there (a closed
/// day so far) tells no level: then it is the mean of the slots seen.
double Profile::level_of_day(const Seen& seen) const {
    const bool flat = seen.mass < static_cast<double>(closed_below) * static_cast<double>(seen.slots);
    return flat ? std::log((seen.calls + 0.5) / static_cast<double>(seen.slots)) : std::log((seen.known_calls + 0.5) / seen.mass);
}

/// As new, but for the day that runs.
void Profile::forget() {
    std::fill(cells_.begin(), cells_.end(), Cell{});
    levels_ = {};
    month_ = {};
    month_last_.fill({never, never});
    last_ = {};
    residual_ = slow_ = carried_ = scatter_sum_ = scatter_weight_ = 0.0;
    base_level_ = month_effect_ = error_with_month_ = error_without_month_ = 0.0;
    days_ = 0;
    forecast_ok_ = false;
}

void Profile::learn_day() {
    auto seen = seen_today();
    // A history begins with its first call: closed days before it would teach that nobody ever calls.
    if (seen.slots == 0 || (days_ == 0 && seen.calls <= 0.0)) {
        return;
    }
    // It began late in the evening or on a day off: what little it saw is no day's shape.
    if (forecast_ok_ && days_ <= young_days && seen.open_calls < 0.5 * seen.calls &&
        seen.calls > many_more * seen.mass * std::exp(base_level_)) {
        forget();
        seen = seen_today();
    }
    double level = level_of_day(seen);
    // A centre open from eight to six knows far fewer slots than a day has; what matters is the share of the slots it usually
    // has.
    const auto usual = static_cast<double>(std::count_if(shape_.begin(), shape_.end(), [](float v) { return v > 0; }));
    const double share = static_cast<double>(seen.slots) / static_cast<double>(std::max<std::size_t>(1, today_.size()));
    const double weight =
        forecast_ok_ && usual > 0 ? std::min(1.0, static_cast<double>(seen.slots) / usual) : std::min(1.0, share * 4.0);
    // A day with next to no call, where many are usual, has no shape to tell.
    const double expected = forecast_ok_ ? seen.mass * std::exp(base_level_) : 0.0;
    const double told = expected > 0.0 ? std::min(1.0, seen.calls / (0.2 * expected)) : 1.0;
    // So few calls scatter by more than days differ.
    const bool telling = expected >= telling_calls;
    if (forecast_ok_) {
        const double whole = level + std::log1p(clipped_ / (seen.known_calls + 0.5));
        if (telling) {
            learn_residual(level - base_level_, whole - base_level_, weight);
        }
        // The first days of a class were closed ones: this one is its first.
        const std::size_t own = class_of(kind_);
        if (level - base_level_ > odd_day && levels_[own].weight < young_class) {
            levels_[own] = {};
            std::fill_n(&cell(own, 0), settings_.slots, Cell{});
        }
    }
    const auto teach = [&](std::size_t k, double about, double reach) {
        // The first days of a class may be anything; later ones move it by so much at most.
        const double know = knowledge_of(k);
        const double clip = reach / std::max(know * know, 0.01);
        const double clipped = forecast_ok_ ? about + std::clamp(level - about, -clip, clip) : level;
        const bool closed = forecast_ok_ && know >= known_class && level - about < -odd_day;
        const double says = closed ? weight * closed_weight : weight;
        learn_slots(k, level, says * std::max(1.0 - know, told));
        levels_[k].sum += says * clipped;
        levels_[k].weight += says;
    };
    teach(class_of(kind_), base_level_, settings_.day_clip);
    // Days of one group differ among themselves.
    teach(group_of(kind_), levels_[group_of(kind_)].mean(), 2.0 * settings_.day_clip);
    ++days_;
}

/// `off`: log ratio of the day to its class's level, of what was learned; `whole`: of all that was counted.
void Profile::learn_residual(double off, double whole, double weight) {
    // The first days of a class may be anything and say nothing of the days around them.
    const double know = knowledge_of(class_of(kind_));
    if (know < known_class || std::abs(off) > odd_day) {
        return;
    }
    const double weight_known = weight * know;
    const std::size_t at = std::min<std::size_t>(kind_.day_of_month, 31);
    const double month = off - slow_;
    const double clipped = std::clamp(month, -settings_.day_clip, settings_.day_clip);
    const double effect = month_cell(kind_.day_of_month);
    error_without_month_ = 0.99 * error_without_month_ + weight_known * clipped * clipped;
    error_with_month_ = 0.99 * error_with_month_ + weight_known * (clipped - effect) * (clipped - effect);
    month_[at].sum = 0.9 * month_[at].sum + weight_known * clipped;
    month_[at].weight = 0.9 * month_[at].weight + weight_known;
    // Of all that was counted: what is learned of a day that nobody expected is clipped.
    month_last_[at] = {std::clamp(whole - slow_, -odd_day, odd_day), month_last_[at][0]};

    const double rest = off - month_effect_;
    // An odd day says little of how far usual days are.
    const double most = std::min(scatter_clip, scatter_sigmas * day_scatter());
    const double miss = std::min(std::abs(rest - carried_), most);
    const bool odd = std::abs(rest - carried_) > most && scatter_weight_ >= 2.0 * scatter_start_days;
    const double weight_told = odd ? odd_day_weight * weight_known : weight_known;
    scatter_sum_ = 0.97 * scatter_sum_ + weight_told * miss * miss;
    scatter_weight_ = 0.97 * scatter_weight_ + weight_told;
    slow_ += slow_gain * weight_known * std::clamp(rest - slow_, -slow_clip, slow_clip);
    const double usual = residual_sigmas * day_scatter();
    const bool again = last_[0] * rest > 0.0 && std::abs(last_[0]) > usual;
    const double reach = again ? settings_.day_clip : std::min(settings_.day_clip, usual);
    residual_ += residual_gain * weight_known * (std::clamp(rest, -reach, reach) - residual_);
    last_ = {whole - month_effect_, last_[0]};
}

void Profile::learn_slots(std::size_t k, double level, double weight) {
    const double scale = weight / std::exp(level);
    for (std::size_t s = 0; s < today_.size(); ++s) {
        if (today_[s].weight > 0) {
            Cell& c = cell(k, s);
            c.sum += static_cast<float>(scale * static_cast<double>(today_[s].sum / today_[s].weight));
            c.weight += static_cast<float>(weight);
        }
    }
}

/// Standard deviation of a day about what was forecast for it, as a log ratio.
double Profile::day_scatter() const {
    return std::sqrt((scatter_sum_ + scatter_start_days * scatter_start * scatter_start) /
                     (scatter_weight_ + scatter_start_days));
}

/// What is expected to last of how far the last days were off.
double Profile::carried() const {
    const double last = agreed(last_[0], last_[1], agree_sigmas * day_scatter(), 1.0);
    // The smaller of two is below what both are about; once the days around them say the same, their mean is told.
    if (last != 0.0 && residual_ * last > 0.0 && std::abs(residual_) > std::abs(last)) {
        return residual_;
    }
    const double usual = settings_.carry * residual_;
    return std::abs(last) > std::abs(usual) ? last : usual;
}

/// The day of the month's effect: that of its neighbourhood, where that has helped, and beyond it what its own last two months
/// agree on.
double Profile::month_of(std::uint8_t day_of_month) const {
    const double around = error_with_month_ < month_min_gain * error_without_month_ ? month_cell(day_of_month) : 0.0;
    const auto& own = month_last_[std::min<std::size_t>(day_of_month, 31)];
    if (day_of_month < 1 || std::isnan(own[0]) || std::isnan(own[1])) {
        return around;
    }
    return around + agreed(own[0] - around, own[1] - around, agree_sigmas * day_scatter(), month_beyond);
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

double Profile::knowledge_of(std::size_t k) const {
    const double own = levels_[k].weight;
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
    const double know = knowledge_of(class_of(kind_));
    base_level_ = know * levels_[own].mean() + (1.0 - know) * levels_[group].mean();
    const double slot_minutes = 1440.0 / static_cast<double>(settings_.slots);
    const int half = static_cast<int>(settings_.smooth_minutes / slot_minutes);
    const int half_max = static_cast<int>(std::max(settings_.smooth_minutes, kernel_minutes_max) / slot_minutes);
    const double calls_of_one = std::exp(base_level_);
    month_effect_ = month_of(kind_.day_of_month);
    carried_ = carried();
    const double level = std::exp(base_level_ + carried_ + month_effect_);
    for (std::size_t s = 0; s < settings_.slots; ++s) {
        const double one = static_cast<double>(raw[s]);
        if (one < 0.0) {
            shape_[s] = unknown_slot;
            forecast_[s] = unknown_slot;
            continue;
        }
        double value = smoothed(raw, s, half);
        // As wide as the noise asks: a peak or a step of every day stands out of its standard error and is left as it is.
        const double days = static_cast<double>(cell(own, s).weight);
        const double pooled = std::max(static_cast<double>(cell(group, s).weight), 0.1);
        const double days_told = (days + k) * (days + k) / (days + k * k / pooled);
        const double calls = value * calls_of_one * days_told;
        if (calls * (half + 1) < kernel_calls && half < half_max) {
            value = smoothed(raw, s, std::min(half_max, static_cast<int>(kernel_calls / std::max(calls, 1.0))));
        }
        const double variance = slot_scatter * std::max(one, value) / (calls_of_one * days_told);
        const double off = (one - value) * (one - value);
        const double noise = sharp_sigmas * sharp_sigmas * variance;
        value += off > noise ? (one - value) * (1.0 - noise / off) : 0.0;
        shape_[s] = static_cast<float>(value);
        forecast_[s] = static_cast<float>(value * level);
    }
    forecast_ok_ = true;
}

}  // namespace surged
