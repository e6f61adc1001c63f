#include "core/rule/baseline.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/not_known.hpp"
#include "core/base/text.hpp"
#include "core/rule/baseline_phrases.hpp"

namespace surged {

namespace {
using State = BaselineReading::State;
constexpr std::uint32_t format = 2;
/// An excess over almost nothing: finite, so that bands and records can hold it.
constexpr double excess_max = 1e6;
/// Least part of a running row that is looked at.
constexpr double look_seen_ms = 30000;

BaselineReading reading_of(const SurgeVerdict& verdict) {
    return {verdict.learning ? State::learning : State::judged,
            verdict.surprise,
            verdict.window_count,
            verdict.window_expected,
            verdict.window_minutes,
            verdict.scale};
}

void put(ByteWriter& out, const BaselineReading& reading) {
    out.put(reading.state);
    out.put(reading.scale);
    for (const double v : {reading.surprise, reading.seen, reading.expected, reading.window_minutes}) {
        out.put(v);
    }
}

bool get(ByteReader& in, BaselineReading& reading) {
    reading.state = in.get<State>();
    reading.scale = in.get<SurgeScale>();
    bool good = reading.state <= State::judged && reading.scale <= SurgeScale::day;
    for (auto* v : {&reading.surprise, &reading.seen, &reading.expected, &reading.window_minutes}) {
        *v = in.get<double>();
        good = good && std::isfinite(*v) && *v >= 0.0;
    }
    return good && in.ok();
}

std::string window_text(double window_minutes) {
    return format_span(Span{static_cast<std::int64_t>(std::round(window_minutes * 60.0)) * 1000});
}
}  // namespace

SurgeSettings surge_settings(const RuleSpec& rule) {
    SurgeSettings settings;
    settings.interval_minutes = minutes(rule.slot);
    settings.direction = rule.direction;
    settings.level_days = rule.min_history;
    settings.floor_calls = rule.floor;
    settings.before.freeze_minutes_max = minutes(rule.freeze);
    return settings;
}

Baseline::Baseline(const RuleSpec& rule, const Zone& zone, const CalendarSpec* calendar)
    : expected_per_s_(not_known),
      rows_(rule.slot.count(), zone),
      rule_(&rule),
      zone_(&zone),
      calendar_(calendar),
      detector_(surge_settings(rule)) {}

bool Baseline::gauge(SourceTime ts, double value) {
    const auto before = gauge_ms_;
    gauge_ms_ = to_ms(ts);
    if (before == 0 || !(value >= 0.0)) {
        return rows_.skip(to_ms(ts));
    }
    // A level fills the row in proportion to the time it held; an amount was counted since the last reading.
    const double amount =
        rule_->counts ? value : value * static_cast<double>(gauge_ms_ - before) / static_cast<double>(rows_.slot_ms());
    return rows_.add(before, gauge_ms_, amount);
}

SurgeRow Baseline::surge_row(const SlotRow& row) const {
    SurgeRow out;
    out.day = row.day;
    out.second_of_day = row.second_of_day;
    out.kind = kind_;
    out.count = row.count;
    return out;
}

bool Baseline::run(bool hold, bool learn_only) {
    const bool news = follow(hold, learn_only);
    expect();
    return news;
}

bool Baseline::follow(bool hold, bool learn_only) {
    bool news = false;
    for (;;) {
        // At most a row and a half of gap is ever spread, so this ends after three rows.
        switch (rows_.next()) {
            case RowMaker::Due::nothing:
                if (rows_.row().day != detector_.profile().day()) {
                    begin();
                }
                return news;
            case RowMaker::Due::look:
                begin();
                if (!learn_only) {
                    look();
                    news = true;
                }
                break;
            case RowMaker::Due::lost:
            case RowMaker::Due::whole:
                begin();
                whole(hold, learn_only);
                news = true;
                break;
        }
    }
}

/// The day of the running row begins when its first row does.
void Baseline::begin() {
    const auto day = rows_.row().day;
    if (day != detector_.profile().day()) {
        kind_ = calendar_ != nullptr ? calendar_->kind_of(day) : plain_day_kind(day);
        detector_.begin_day(day, kind_);
    }
}

void Baseline::whole(bool hold, bool learn_only) {
    const auto& row = rows_.row();
    auto out = surge_row(row);
    const double share = row.share();
    const bool closed = calendar_ != nullptr && calendar_->closed_at(row.day, row.second_of_day);
    out.set_aside = closed || !rows_.usable();
    // The part that nobody saw went like the rest: the row is what it would have been.
    out.count = share > 0.0 ? row.count / std::min(share, 1.0) : 0.0;
    held_minutes_ = hold ? held_minutes_ + detector_.settings().interval_minutes : 0.0;
    frozen_ = hold && held_minutes_ <= minutes(rule_->freeze);
    out.hold = frozen_;
    running_ = {};
    if (learn_only) {
        detector_.learn(out);
        return;
    }
    const auto verdict = detector_.step(out);
    row_ = reading_of(verdict);
    if (closed && row_.state != State::learning) {
        row_ = {State::closed, 0.0, 0.0, 0.0, 0.0};
    } else if (out.set_aside && row_.state == State::judged) {
        row_ = {};
    }
    choose();
}

void Baseline::look() {
    const auto& row = rows_.row();
    running_ = {};
    // The daemon's first seconds in the middle of a row say nothing yet, and not that all is well.
    if (row.seen_ms >= look_seen_ms && !row.odd && !(calendar_ != nullptr && calendar_->closed_at(row.day, row.second_of_day))) {
        running_ = reading_of(detector_.look(surge_row(row), row.share(), rows_.looks()));
    }
    choose();
}

void Baseline::choose() {
    const bool running = running_.state == State::judged && (row_.state != State::judged || running_.surprise > row_.surprise);
    reading_ = running ? running_ : row_;
    if (running_.state == State::learning) {
        reading_ = running_;
    }
}

double Baseline::value(bool active) const {
    if (reading_.state == State::closed) {
        return 0.0;
    }
    if (reading_.state != State::judged) {
        return not_known;
    }
    if (rule_->levels.front().raise.unit != LimitUnit::percent) {
        return reading_.surprise;
    }
    double excess = reading_.seen - reading_.expected;
    excess = rule_->direction == SurgeDirection::up ? excess : rule_->direction == SurgeDirection::down ? -excess : std::abs(excess);
    if (std::abs(excess) < rule_->floor) {
        return 0.0;
    }
    const double percent = std::clamp(excess / std::max(reading_.expected, 0.01) * 100.0, -excess_max, excess_max);
    // To raise, it must be more than chance as well; to stay raised, the excess is enough.
    return active || reading_.surprise >= detector_.settings().limits[0] ? percent : std::min(percent, 0.0);
}

std::string Baseline::evidence() const {
    if (reading_.state != State::judged) {
        return reason();
    }
    const BaselineSay say{Language::en};
    std::string chance;
    if (reading_.surprise > 0.0) {
        constexpr double decades_told = 9.0;
        const auto n = format_rounded(std::pow(10.0, std::min(reading_.surprise, decades_told)), 0);
        chance = reading_.surprise > decades_told ? say("chance.below", {{"n", n}}) : say("chance", {{"n", n}});
    }
    const auto seen = say("seen", {{"seen", format_rounded(reading_.seen, 0)},
                                   {"window", window_text(reading_.window_minutes)},
                                   {"expected", format_rounded(reading_.expected, 1)},
                                   {"level", format_rounded(detector_.test_level(), 2)},
                                   {"rest", chance}});
    if (reading_.scale == SurgeScale::minutes) {
        return seen;
    }
    const double percent = (reading_.seen / std::max(reading_.expected, 0.01) - 1.0) * 100.0;
    const auto size = format_rounded(std::abs(percent), 0);
    if (reading_.scale == SurgeScale::day) {
        return percent < 0.0 ? say("day.below", {{"percent", size}, {"rest", seen}}) : say("day.above", {{"percent", size}, {"rest", seen}});
    }
    return percent < 0.0 ? say("hour.below", {{"percent", size}, {"rest", seen}}) : say("hour.above", {{"percent", size}, {"rest", seen}});
}

std::string Baseline::reason() const {
    const BaselineSay say{Language::en};
    if (reading_.state == State::judged) {
        return {};
    }
    if (reading_.state == State::closed) {
        return say("closed");
    }
    if (reading_.state == State::learning || days() < rule_->min_history) {
        return say("learning", {{"days", std::to_string(days())}, {"needed", std::to_string(rule_->min_history)}});
    }
    return rows_.running() && rows_.row().odd ? say("clocks") : say("unseen");
}

/// Of what expected_per_s() knows nothing changes but here: rows, the day, the level of today.
void Baseline::expect() {
    const auto& row = rows_.row();
    const bool known = rows_.running() && row.day == detector_.profile().day() && days() >= rule_->min_history &&
                       reading_.state != BaselineReading::State::closed;
    const double usual = known ? detector_.expected(row.second_of_day) : -1.0;
    expected_per_s_ = usual >= 0.0 ? usual * detector_.level_now() / seconds(rule_->slot) : not_known;
}

BaselineView Baseline::view() const {
    BaselineView out;
    out.rule = rule_->id;
    out.metric = rule_->metric;
    out.slot = rule_->slot;
    out.reading = reading_;
    const auto& row = rows_.row();
    if (rows_.running() && row.day == detector_.profile().day() && detector_.profile().days() > 0) {
        out.usual_now = detector_.expected(row.second_of_day);
        out.expected_now = out.usual_now >= 0.0 ? out.usual_now * detector_.level_now() : -1.0;
    }
    out.seen_now = row.count;
    out.share_now = row.share();
    out.level = detector_.test_level();
    out.level_now = detector_.level_now();
    out.days = days();
    out.days_needed = rule_->min_history;
    out.frozen = frozen_;
    out.row_start = source_time(row.start_ms);
    out.zone = zone_->name();
    return out;
}

void Baseline::save(ByteWriter& out) const {
    out.put(format);
    out.put_text(zone_->name());
    rows_.save(out);
    put(out, row_);
    put(out, running_);
    out.put(gauge_ms_);
    out.put(held_minutes_);
    out.put(static_cast<std::uint8_t>(frozen_ ? 1 : 0));
    detector_.save(out);
}

bool Baseline::load(ByteReader& in) {
    *this = Baseline(*rule_, *zone_, calendar_);
    bool good = in.get<std::uint32_t>() == format && in.get_text() == zone_->name() && rows_.load(in) && get(in, row_) &&
                get(in, running_);
    if (good) {
        gauge_ms_ = in.get<std::int64_t>();
        held_minutes_ = in.get<double>();
        frozen_ = in.get<std::uint8_t>() != 0;
        good = std::isfinite(held_minutes_) && held_minutes_ >= 0.0 && gauge_ms_ >= 0 && detector_.load(in) && in.ok();
    }
    if (!good) {
        *this = Baseline(*rule_, *zone_, calendar_);
        return false;
    }
    if (const auto day = detector_.profile().day(); day != INT64_MIN) {
        kind_ = calendar_ != nullptr ? calendar_->kind_of(day) : plain_day_kind(day);
    }
    choose();
    expect();
    return true;
}

bool Baseline::adopt(std::string_view detector_bytes) {
    SurgeDetector other(surge_settings(*rule_));
    ByteReader in(detector_bytes);
    if (!other.load(in) || other.profile().days() <= days()) {
        return false;
    }
    detector_ = std::move(other);
    row_ = running_ = reading_ = {};
    expect();
    return true;
}

BaselineBand Baseline::band() const {
    BaselineBand out;
    out.expected_per_s = expected_per_s_;
    out.slot_s = seconds(rule_->slot);
    const Limit& raise = rule_->levels.front().raise;
    const bool percent = raise.unit == LimitUnit::percent;
    out.surprise = percent ? detector_.settings().limits[0] : raise.value;
    out.percent = percent ? std::abs(raise.value) : 0.0;
    out.phi = std::isnan(expected_per_s_) ? 1.0 : detector_.row_scatter(expected_per_s_ * out.slot_s);
    return out;
}

std::size_t Baseline::memory_bytes(const RuleSpec& rule) {
    return sizeof(Baseline) - sizeof(SurgeDetector) + SurgeDetector(surge_settings(rule)).memory_bytes();
}

}  // namespace surged
