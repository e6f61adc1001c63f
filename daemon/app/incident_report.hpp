// The after-action report of one incident as the daemon makes it: its records out of the store, names out of the plan, curves out of
// the history. Made on the thread that asks.
//
// Hardest rule: the engine's thread gives names and one state, and nothing is made on it. What is read is bounded: records by
// report_records_max, queues by LoadCurve::queues_max, their reading by curve_max.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "io/history/history.hpp"
#include "io/http/api.hpp"
#include "report/after_action.hpp"

namespace surged {

/// What only the engine knows of it.
struct ReportNames {
    std::string state;  ///< of the incident; empty = it is long over
    std::map<std::string, std::string> people;
    std::map<std::string, RuleName> rules;
    Language language = Language::zh;
    std::string timezone;
};

struct ReportSources {
    /// Records of the incident, oldest first; none = there is no such incident.
    std::function<ApiResult<std::vector<std::string>>(const std::string& incident)> records;
    std::function<ApiResult<ReportNames>(const std::string& incident, std::set<std::string> people, std::set<std::string> rules)> names;
    const History* history = nullptr;
    WallTime now{};
};

/// For the curves of one report, however many queues there are.
inline constexpr std::chrono::milliseconds curve_max{4000};

ApiResult<std::string> incident_report(const std::string& incident, const ReportQuery& query, const ReportSources& sources);
/// Of the queues of its alerts, worst first.
LoadCurve curve_of(const AfterAction& report, const History& history, WallTime now);

}  // namespace surged
