// The whole validated configuration that the engine works by. config/ makes it; the engine owns it and never changes it.
#pragma once

#include <string>
#include <vector>

#include "core/rule/detection_plan.hpp"
#include "core/team/spec.hpp"

namespace surged {

/// The policy that is called when surged itself is overloaded (D8).
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

/// The detection plan (`core/rule/detection_plan.hpp`) and what detection does not know: people, and the alarms about surged itself.
struct Plan : DetectionPlan {
    Language language = Language::zh;
    std::vector<ChannelSpec> channels;
    std::vector<PersonSpec> people;
    std::vector<RosterSpec> rosters;
    std::vector<OverrideSpec> overrides;
    std::vector<PolicySpec> policies;
    OverloadSpec overload;
    HeartbeatSpec heartbeat;

    std::string ack_url_base;
    std::string shard = "0";  ///< of [cluster]: what ids of incidents begin with; unique in it
    std::string version;  ///< hash of the configuration's text, for the records
};

}  // namespace surged
