// What the detector works by: the half of the plan that knows nobody. config/ makes it, the engine owns it and never changes it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/zone.hpp"
#include "core/forecast/calendar.hpp"
#include "core/rule/spec.hpp"
#include "core/series/message.hpp"

namespace surged {

struct DetectionPlan {
    IngestLimits limits;
    std::string timezone = "UTC";  ///< of who has no zone of their own
    Span stale_after{30000};       ///< without a word for so long, a queue is stale; [[expect]] may say otherwise
    std::size_t queue_max = 200000;

    std::vector<MetricSpec> metrics;  ///< canonical and declared
    std::vector<ExpectSpec> expects;
    std::vector<DeriveSpec> derives;
    std::vector<RuleSpec> rules;
    std::vector<CalendarSpec> calendars;
    std::map<std::string, Zone> zones;  ///< every zone that is named anywhere, by IANA name
};

}  // namespace surged
