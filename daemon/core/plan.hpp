// The whole validated configuration that the engine works by. config/ makes it; the engine owns it and never changes it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/zone.hpp"
#include "core/team/spec.hpp"
#include "core/forecast/calendar.hpp"
#include "core/rule/spec.hpp"
#include "core/series/message.hpp"

namespace surged {

/// Who hears when surged itself is overloaded (D8).
struct OverloadSpec {
    std::string policy;      ///< empty = nobody is paged; it is still counted and shown
    Span behind{5000};       ///< input that was never empty for this long: the loop is behind
    Span raise_after{3000};  ///< a cause must last this long ...
    Span clear_after{60000};
};

/// A sign of life for a watcher outside.
struct HeartbeatSpec {
    std::string channel;  ///< of type webhook or exec; empty = none
    Span every{60000};
};

struct Plan {
    IngestLimits limits;
    std::string timezone = "UTC";
    Language language = Language::zh;
    Span stale_after{30000};
    std::size_t queue_max = 200000;

    std::vector<MetricSpec> metrics;  ///< canonical and declared
    std::vector<ExpectSpec> expects;
    std::vector<DeriveSpec> derives;
    std::vector<RuleSpec> rules;
    std::vector<CalendarSpec> calendars;
    std::vector<ChannelSpec> channels;
    std::vector<PersonSpec> people;
    std::vector<RosterSpec> rosters;
    std::vector<OverrideSpec> overrides;
    std::vector<PolicySpec> policies;
    OverloadSpec overload;
    HeartbeatSpec heartbeat;
    std::map<std::string, Zone> zones;  ///< every zone that is named anywhere, by IANA name

    std::string ack_url_base;
    std::string version;  ///< hash of the configuration's text, for the records
};

}  // namespace surged
