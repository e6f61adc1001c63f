#include "report/period.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "core/base/clock_text.hpp"
#include "replay/timeline.hpp"
#include "wire/json_fields.hpp"

namespace surged {

namespace {

std::string date_of(WallTime at, const Zone& zone) {
    return date_text(zone.to_civil(at));
}

/// Time that each person had a seat; whoever still has one has it until the end, or the last record.
std::map<std::string, Span> time_in_seats(const AfterAction& incident) {
    std::map<std::string, Span> out;
    std::map<std::string, WallTime> since;
    const auto end = incident.resolved.value_or(incident.timeline.empty() ? incident.opened : incident.timeline.back().wall);
    for (const Record& record : incident.timeline) {
        const auto* seat = std::get_if<SeatChange>(&record.body);
        if (seat == nullptr) {
            continue;
        }
        if (seat->state == SeatState::joined || seat->state == SeatState::arrived) {
            since.try_emplace(seat->person, record.wall);
        } else if (const auto from = since.find(seat->person); from != since.end()) {
            out[seat->person] += std::max(Span{0}, std::min(record.wall, std::max(end, from->second)) - from->second);
            since.erase(from);
        }
    }
    for (const auto& [person, from] : since) {
        out[person] += std::max(Span{0}, end - from);
    }
    return out;
}

/// People over time on one roster.
PeriodRoster summed(const RosterDuty& duty, WallTime until) {
    PeriodRoster out;
    out.roster = duty.roster;
    double people_ms = 0;
    for (std::size_t i = 0; i < duty.turns.size(); ++i) {
        const auto& turn = duty.turns[i];
        const Span length = (i + 1 < duty.turns.size() ? duty.turns[i + 1].at : until) - turn.at;
        const auto people = static_cast<int>(turn.people.size());
        out.least = i == 0 ? people : std::min(out.least, people);
        out.most = std::max(out.most, people);
        out.nobody += people == 0 ? length : Span{0};
        people_ms += static_cast<double>(people) * static_cast<double>(length.count());
    }
    const auto whole = static_cast<double>((until - duty.turns.front().at).count());
    out.mean = whole > 0 ? people_ms / whole : 0;
    return out;
}

bool worse(const PeriodIncident& a, const PeriodIncident& b) {
    const auto rank = [](const PeriodIncident& i) { return std::tuple(i.level, i.lost.value_or(-1), i.lasted.value_or(Span{0})); };
    return rank(a) > rank(b);
}

}  // namespace

PeriodFold::PeriodFold(WallTime from, WallTime to, Zone zone) : zone_(zone), fairness_(std::move(zone)) {
    out_.from = from;
    out_.to = to;
    out_.zone = zone_.name();
    // Noon to noon: days have 23 to 25 hours.
    constexpr Span noon{12 * 3600 * 1000};
    constexpr Span day{24 * 3600 * 1000};
    for (auto at = from + noon; out_.days.size() < days_max && (at < to || out_.days.empty()); at += day) {
        out_.days.push_back({});
        out_.days.back().date = date_of(at, zone_);
    }
    for (const char* level : {"yellow", "orange", "red"}) {
        out_.levels[level] = 0;
    }
    for (const char* verdict : {"useful", "late", "false", "none"}) {
        out_.verdicts[verdict] = 0;
    }
}

PeriodDay* PeriodFold::day_of(WallTime at) {
    const auto date = date_of(at, zone_);
    const auto found = std::ranges::lower_bound(out_.days, date, std::ranges::less{}, &PeriodDay::date);
    return found != out_.days.end() && found->date == date ? &*found : nullptr;
}

void PeriodFold::incident(const AfterAction& incident) {
    ++out_.incidents;
    out_.open += incident.resolved ? 0 : 1;
    ++out_.levels[std::string(to_string(incident.worst))];
    ++out_.verdicts[std::string(to_string(incident.verdict))];
    if (PeriodDay* day = day_of(incident.opened)) {
        ++day->incidents;
        day->yellow += incident.worst == Level::yellow ? 1 : 0;
        day->orange += incident.worst == Level::orange ? 1 : 0;
        day->red += incident.worst == Level::red ? 1 : 0;
        day->roller_coaster = ++scopes_[day->date][incident.policy + " " + scope_text(incident.scope)] > 1 || day->roller_coaster;
    }
    count_queues(incident);
    count_rules(incident);
    count_calls(incident);
    count_people(incident);
    keep_worst(incident);
}

void PeriodFold::count_queues(const AfterAction& incident) {
    std::set<QueueKey> seen;
    for (const AlertPart& alert : incident.alerts) {
        if (seen.insert(alert.queue).second) {
            PeriodQueue& queue = queues_[alert.queue];
            queue.queue = alert.queue;
            ++queue.incidents;
            queue.red += incident.worst == Level::red ? 1 : 0;
        }
    }
}

void PeriodFold::count_rules(const AfterAction& incident) {
    std::set<std::string> seen;
    for (const AlertPart& alert : incident.alerts) {
        if (seen.insert(alert.rule).second) {
            PeriodRule& rule = rules_[alert.rule];
            ++rule.incidents;
            rule.judged_false += incident.verdict == IncidentVerdict::false_alarm ? 1 : 0;
        }
    }
}

void PeriodFold::count_calls(const AfterAction& incident) {
    const auto& points = incident.load.points();
    for (std::size_t i = 1; i < points.size(); ++i) {
        if (points[i].offered && points[i].answered) {
            CallRate& rate = points[i - 1].joined > 0 ? out_.helped : out_.unhelped;
            rate.offered += *points[i].offered;
            rate.answered += *points[i].answered;
        }
    }
}

void PeriodFold::count_people(const AfterAction& incident) {
    fairness_.add(incident);
    for (const auto& [person, span] : time_in_seats(incident)) {
        helped_[person] += span;
    }
}

void PeriodFold::keep_worst(const AfterAction& incident) {
    out_.worst.push_back({incident.incident, incident.scope, incident.opened, incident.worst, incident.since_opened(incident.resolved), incident.need_max,
                          incident.came(), incident.since_opened(incident.quorum), incident.load.abandoned(), incident.verdict});
    std::ranges::stable_sort(out_.worst, worse);
    out_.worst.resize(std::min(out_.worst.size(), worst_max));
}

void PeriodFold::alert(const AlertEdge& edge) {
    const bool fires = edge.to == AlertState::firing && edge.from != AlertState::firing && edge.from != AlertState::clearing;
    if (!fires || edge.stale_changed || edge.muted || !edge.folded.rule.empty()) {
        return;
    }
    PeriodRule& rule = rules_[edge.rule];
    ++rule.fired;
    rule.without_incident += edge.incident.empty() ? 1 : 0;
}

void PeriodFold::count_level(const HalfHours& of, std::size_t i, PeriodDay* day) {
    const auto value = [i](std::span<const double> of_queue) { return i < of_queue.size() ? of_queue[i] : std::numeric_limits<double>::quiet_NaN(); };
    const bool by_20 = std::isfinite(value(of.in_20));
    const double in_time = by_20 ? value(of.in_20) : value(of.in_15);
    const double calls = value(of.level_calls);
    if (!std::isfinite(in_time) || !(calls > 0)) {
        return;
    }
    out_.level.add(in_time, calls, by_20);
    if (day != nullptr) {
        day->level.add(in_time, calls, by_20);
    }
}

void PeriodFold::history(const HalfHours& of) {
    for (std::size_t i = 0; i < of.offered.size(); ++i) {
        const auto at = of.from + history_step * static_cast<std::int64_t>(i);
        const double offered = of.offered[i];
        if (at < out_.from || at >= out_.to || !std::isfinite(offered)) {
            continue;
        }
        PeriodDay* day = day_of(at);
        count_level(of, i, day);
        if (i < of.answered.size() && std::isfinite(of.answered[i])) {
            for (CallRate* rate : {&out_.calls, day == nullptr ? nullptr : &day->calls}) {
                if (rate != nullptr) {
                    rate->offered += offered;
                    rate->answered += of.answered[i];
                }
            }
        }
        if (day != nullptr && i < of.abandoned.size() && std::isfinite(of.abandoned[i])) {
            day->abandoned += of.abandoned[i];
        }
        if (i < of.forecast.size() && std::isfinite(of.forecast[i])) {
            error_ += std::abs(offered - of.forecast[i]);
            forecast_of_ += offered;
        }
    }
}

void PeriodFold::coverage(const DutyFacts& facts, WallTime until) {
    if (until <= out_.from) {
        return;
    }
    for (const RosterDuty& duty : all_duty(facts, out_.from, until)) {
        out_.rosters.push_back(summed(duty, until));
    }
    auto gaps = all_gaps(facts, out_.from, until);
    out_.gaps_all = static_cast<int>(gaps.size());
    gaps.resize(std::min(gaps.size(), gaps_max));
    out_.gaps = std::move(gaps);
}

PeriodReport PeriodFold::take() {
    PeriodReport out = out_;
    out.roller_coaster_days = static_cast<int>(std::ranges::count_if(out.days, &PeriodDay::roller_coaster));
    out.forecast_error = forecast_of_ > 0 ? std::optional(error_ / forecast_of_) : std::nullopt;
    for (const auto& entry : queues_) {
        out.queues.push_back(entry.second);
    }
    std::ranges::stable_sort(out.queues, std::ranges::greater{}, &PeriodQueue::incidents);
    for (const auto& [id, rule] : rules_) {
        out.rules.push_back(rule);
        out.rules.back().rule = id;
    }
    std::ranges::stable_sort(out.rules, std::ranges::greater{}, &PeriodRule::wolf);
    for (auto& burden : fairness_.people()) {
        const auto helped = helped_.find(burden.person);
        out.people.push_back({burden, helped == helped_.end() ? Span{0} : helped->second});
    }
    return out;
}

std::string period_json(const PeriodReport& report) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("type", "period");
    JsonFields fields(json);
    visit_fields(fields, report);
    json.end_object();
    return out;
}

}  // namespace surged
