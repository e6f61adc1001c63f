#include "app/link_readings.hpp"

#include <algorithm>
#include <functional>

#include "core/base/ranges.hpp"
#include "core/paging/value_text.hpp"

namespace surged {
namespace {

constexpr std::size_t readings_shown = 3;

LinkText in_both(const std::function<std::string(Language)>& text) {
    return {text(Language::zh), text(Language::en)};
}

/// The queue of an alert, unless the incident's scope is that queue.
std::string queue_beside_place(const IncidentView& incident, const QueueKey& queue) {
    const auto scope = incident.scope.find("queue");
    return scope != incident.scope.end() && scope->second == queue.queue ? std::string() : queue.queue;
}

LinkReading reading_of(const AlertEdge& alert, const RuleSpec* rule, const Plan& plan, EngineTime now) {
    LinkReading out;
    out.level = alert.level;
    out.what = in_both([&](Language l) {
        const auto words = rule == nullptr ? std::string() : summary_of(*rule, l);
        return words.empty() ? metric_words(plan, alert.metric, l) : words;
    });
    if (rule == nullptr || rule->levels.empty()) {
        out.value = in_both([&](Language l) { return value_text(alert.reading.value, {LimitUnit::plain, unit_of(plan, alert.metric)}, l); });
        return out;
    }
    const auto level = std::ranges::find(rule->levels, alert.level, &LevelSpec::level);
    const Limit& limit = level != rule->levels.end() ? level->raise : rule->levels.front().raise;
    const auto form = form_of(plan, *rule);
    out.value = in_both([&](Language l) { return value_beside(alert.reading.value, limit, form, l); });
    out.limit = in_both([&](Language l) { return limit_text(limit, form, l); });
    if (alert.reading.stale) {
        out.since = in_both([&](Language l) { return duration_text(now - alert.reading.seen, l); });
    }
    return out;
}

}  // namespace

std::vector<LinkReading> link_readings(const IncidentView& incident, const Plan& plan, EngineTime now) {
    std::vector<LinkReading> out;
    for (std::size_t i = 0; i < std::min(readings_shown, incident.alerts.size()); ++i) {
        const AlertEdge& alert = incident.alerts[i];
        out.push_back(reading_of(alert, find_by_id(plan.rules, alert.rule), plan, now));
        out.back().queue = queue_beside_place(incident, alert.queue);
    }
    return out;
}

}  // namespace surged
