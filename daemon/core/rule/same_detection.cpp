#include "core/rule/same_detection.hpp"

#include <algorithm>
#include <tuple>

namespace surged {
namespace {

bool same(const IngestLimits& a, const IngestLimits& b) {
    const auto all = [](const IngestLimits& x) {
        return std::tie(x.message_bytes, x.queues_per_message, x.metrics_per_queue, x.name_bytes, x.series, x.sources, x.skew);
    };
    return all(a) == all(b);
}

bool same(const MetricSpec& a, const MetricSpec& b) {
    const auto all = [](const MetricSpec& x) { return std::tie(x.name, x.kind, x.unit, x.label.zh, x.label.en); };
    return all(a) == all(b);
}

bool same(const ExpectSpec& a, const ExpectSpec& b) {
    const auto all = [](const ExpectSpec& x) { return std::tie(x.centre, x.queue, x.channel, x.every, x.group, x.zone); };
    return all(a) == all(b);
}

bool same(const DeriveSpec& a, const DeriveSpec& b) {
    const auto all = [](const DeriveSpec& x) { return std::tie(x.metric, x.content, x.unit, x.label.zh, x.label.en); };
    return a.content != 0 && all(a) == all(b);
}

bool same(const RuleSpec& a, const RuleSpec& b) {
    return a.content != 0 && std::tie(a.id, a.content, a.profile) == std::tie(b.id, b.content, b.profile);
}

bool same(const CalendarSpec& a, const CalendarSpec& b) {
    return a.content != 0 && std::tie(a.id, a.content) == std::tie(b.id, b.content);
}

/// By their clocks on every day of these years: a new edition of the zone data changes weeks.
bool same(const Zone& a, const Zone& b) {
    constexpr std::int64_t day_ms = 86'400'000;
    constexpr std::int64_t from_ms = 1'577'836'800'000;  // 2020-01-01
    constexpr int days = 25 * 365;
    bool equal = a.name() == b.name();
    for (int day = 0; equal && day < days; ++day) {
        const auto at = wall_time(from_ms + day * day_ms);
        equal = a.offset_s(at) == b.offset_s(at);
    }
    return equal;
}

template <typename Specs>
bool all_same(const Specs& a, const Specs& b) {
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return same(x, y); });
}

}  // namespace

bool same_detection(const DetectionPlan& a, const DetectionPlan& b) {
    const auto same_zone = [](const auto& x, const auto& y) { return x.first == y.first && same(x.second, y.second); };
    return same(a.limits, b.limits) && std::tie(a.timezone, a.stale_after, a.queue_max) == std::tie(b.timezone, b.stale_after, b.queue_max) &&
           all_same(a.metrics, b.metrics) && all_same(a.expects, b.expects) && all_same(a.derives, b.derives) && all_same(a.rules, b.rules) &&
           all_same(a.calendars, b.calendars) && std::ranges::equal(a.zones, b.zones, same_zone);
}

}  // namespace surged
