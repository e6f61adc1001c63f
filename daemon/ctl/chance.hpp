// How often chance alone raises a rule of kind rate_of_change: calls that come at random at a steady rate, played against its limits.
//
// Knows a rule and a rate. Knows no file. The answer is of calls that come one by one (Poisson); real ones come in heaps, so it is a floor.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/rule/learned_profile.hpp"
#include "core/team/plan.hpp"

namespace surged {

/// Alarms a day of the rule's lowest level at this many calls an hour, all day; the same number on every host. rate_of_change of a counter.
double false_alarms_a_day(const RuleSpec& rule, double calls_per_h);

/// Calls an hour of one metric of one queue, hour by hour of a usual day.
struct Volume {
    QueueKey queue;
    std::string metric;
    std::vector<double> per_h;  ///< 24
    std::string source;         ///< "its profile", "the sample"
    double busiest() const;
};
/// Of each learned profile of a counter in the shelf: the day that it expects last.
std::vector<Volume> volumes_of(const Plan& plan, const ProfileShelf& shelf);

/// "offered-surge on jinan/general: about 1180 calls an hour at the busiest (its profile): chance alone raises it 38 times a day; with
/// surprise = 4 0.02 times". Nothing where it is rarer than one in ten days.
std::vector<std::string> chance_report(const Plan& plan, const std::vector<Volume>& volumes);

}  // namespace surged
