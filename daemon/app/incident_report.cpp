#include "app/incident_report.hpp"

#include <algorithm>
#include <chrono>

#include "config/zones.hpp"
#include "report/report.hpp"
#include "wire/record_json.hpp"

namespace surged {

namespace {

constexpr std::array curve_metrics{"offered", "forecast_offered", "calls_waiting", "agents_staffed", "productive_agents",
                                   "handled", "handling_s",        "answered_in_20", "answered_in_15", "level_calls"};

std::vector<QueueKey> queues_of(const AfterAction& report) {
    std::vector<QueueKey> out;
    for (const AlertPart& alert : report.alerts) {
        // "*" stands for a centre or for all: its queues have alerts of their own, or curves that nobody can name here.
        if (!alert.queue.queue.starts_with('*') && std::ranges::find(out, alert.queue) == out.end()) {
            out.push_back(alert.queue);
        }
    }
    return out;
}

QueueSeries series_of(const HistoryAnswer& answer) {
    QueueSeries out;
    const std::array<std::vector<double>*, curve_metrics.size()> places{&out.offered,    &out.forecast, &out.waiting,   &out.staffed,
                                                                        &out.productive, &out.handled,  &out.handling_s, &out.in_20,
                                                                        &out.in_15,      &out.level_calls};
    for (std::size_t i = 0; i < std::min(places.size(), answer.points.size()); ++i) {
        *places[i] = answer.points[i].values;
    }
    return out;
}

std::string state_of(const std::vector<Record>& records) {
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
        const auto* change = std::get_if<IncidentChange>(&record->body);
        if (change != nullptr && change->step != IncidentStep::load) {
            return std::string(to_string(change->step));
        }
    }
    return {};
}

ApiResult<AfterAction> facts_of(const std::string& incident, const ReportSources& sources, ReportNames& names) {
    const auto stored = sources.records(incident);
    if (!stored) {
        return tl::unexpected(stored.error());
    }
    if (stored->empty()) {
        return tl::unexpected<ApiError>(ApiError{"not_found", "no incident " + incident});
    }
    std::vector<Record> records;
    records.reserve(stored->size());
    for (const auto& bytes : *stored) {
        if (auto record = decode_record(bytes)) {
            records.push_back(*std::move(record));
        }
    }
    const auto state = state_of(records);
    auto report = after_action(incident, state, std::move(records), {});
    if (!report) {
        return tl::unexpected<ApiError>(ApiError{"gone", report.error().message});
    }
    std::set<std::string> people;
    for (const PersonPart& part : report->people) {
        people.insert(part.person);
    }
    std::set<std::string> rules;
    for (const AlertMoment& moment : report->moments) {
        rules.insert(moment.rule);
    }
    auto known = sources.names(incident, std::move(people), std::move(rules));
    if (!known) {
        return tl::unexpected(known.error());
    }
    names = *std::move(known);
    report->state = names.state.empty() ? state : names.state;
    report->rules = names.rules;
    for (PersonPart& part : report->people) {
        const auto name = names.people.find(part.person);
        part.name = name == names.people.end() ? std::string() : name->second;
    }
    return *std::move(report);
}

}  // namespace

LoadCurve curve_of(const AfterAction& report, const History& history, WallTime now) {
    std::vector<const HistoryMetric*> metrics;
    for (const char* name : curve_metrics) {
        metrics.push_back(history_metric(name));
    }
    HistoryRange range{report.opened - LoadCurve::before, report.resolved ? std::min(now, *report.resolved + LoadCurve::after) : now, Span{0}};
    const auto until = std::chrono::steady_clock::now() + curve_max;
    LoadCurve curve;
    curve.gap = history.stats().file ? CurveGap::unknown : CurveGap::off;
    const auto queues = queues_of(report);
    for (std::size_t i = 0; i < queues.size() && range.to > range.from; ++i) {
        const bool late = std::chrono::steady_clock::now() > until;
        if (i == LoadCurve::queues_max || late) {
            curve.queues_left_out = queues.size() - i;
            curve.gap = late ? CurveGap::late : curve.gap;
            break;
        }
        const auto reading = history.read(queues[i], range, metrics);
        if (!reading.code.empty() || !reading.answer.note.empty()) {
            const bool failed = reading.code == "unavailable" || !reading.answer.note.empty();
            curve.gap = failed ? CurveGap::failed : curve.gap;
            curve.why = failed ? reading.message + reading.answer.note : curve.why;
        }
        const auto& steps = reading.answer.steps;
        if (!reading.code.empty() || steps.count() == 0) {
            continue;
        }
        const Span step{steps.step * 60000};
        if (range.step != step && !curve.queues.empty()) {
            // Another grain than the queues before: the coarser for all, from the first one on.
            range.step = std::max(range.step, step);
            curve = LoadCurve();
            i = static_cast<std::size_t>(-1);
            continue;
        }
        if (curve.queues.empty()) {
            auto begun = LoadCurve(wall_time(steps.from * 60000), step, static_cast<std::size_t>(steps.count()));
            begun.gap = curve.gap == CurveGap::failed ? CurveGap::failed : CurveGap::none;
            begun.why = curve.why;
            curve = std::move(begun);
            range.step = step;
        }
        curve.add(queues[i], series_of(reading.answer));
    }
    curve.finish();
    curve.count_level(report.opened, report.resolved.value_or(now));
    return curve;
}

ApiResult<std::string> incident_report(const std::string& incident, const ReportQuery& query, const ReportSources& sources) {
    ReportNames names;
    auto report = facts_of(incident, sources, names);
    if (!report) {
        return tl::unexpected(report.error());
    }
    const auto zone = load_zone(query.zone.empty() ? names.timezone : query.zone);
    if (!zone) {
        return tl::unexpected<ApiError>(ApiError{"bad_request", "no time zone " + query.zone});
    }
    report->curve = curve_of(*report, *sources.history, sources.now);
    const Language language = query.language.value_or(names.language);
    switch (query.form) {
        case ReportForm::html: return report_html(*report, language, *zone);
        case ReportForm::text: return report_markdown(*report, language, *zone);
        case ReportForm::json: break;
    }
    return report_json(*report);
}

}  // namespace surged
