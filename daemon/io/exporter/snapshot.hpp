// What a scrape shows: plain values, taken at one moment. The engine's thread fills it, the exporter's threads only read it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/histogram.hpp"
#include "core/engine/engine.hpp"
#include "core/team/duty.hpp"
#include "io/cluster_facts.hpp"

namespace surged {

/// Times in which people come to help: seconds to an hour, where the engine's own latencies are far below one.
inline constexpr std::array<double, 10> help_bounds_s = {15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600};

/// One histogram of help: counts by bucket (not cumulative; the last is above all bounds).
struct HelpCounts {
    std::array<std::uint64_t, help_bounds_s.size() + 1> counts{};
    std::uint64_t count = 0;
    double sum_s = 0;

    void observe(double seconds) {
        std::size_t bucket = 0;
        while (bucket < help_bounds_s.size() && seconds > help_bounds_s[bucket]) {
            ++bucket;
        }
        ++counts[bucket];
        ++count;
        sum_s += seconds;
    }
};
/// From an incident's opening to the first seat taken, to half of those wanted, to all.
struct HelpView {
    HelpCounts first;
    HelpCounts half;
    HelpCounts full;
};

/// A limit of a rule in force, as configured.
struct RuleLimit {
    std::string rule;
    std::string metric;  ///< as feeders name it
    std::string_view kind;
    Level level = Level::none;
    Limit raise;
    Limit clear;
    bool in_metric_unit = false;  ///< it compares the metric itself
};

/// The history: what it holds, and what it left out.
struct HistoryFacts {
    bool file = false;        ///< there is to be one ([history] keep)
    bool file_works = false;
    std::uint64_t file_bytes = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t queues = 0;
    std::map<std::string, std::uint64_t> lost;  ///< since start: "looks", "slots", "queues", "files"
};

struct MetricsSnapshot {
    SeriesView series;
    EngineStats stats;
    std::vector<SourceView> sources;
    std::vector<AlertView> alerts;  ///< alerts that are known; the exporter shows at most alerts_max, worst first
    std::vector<RuleHealth> rules;
    std::shared_ptr<const std::vector<RuleLimit>> limits;  ///< the same object while the configuration stays as it is
    std::vector<BaselineOf> baselines;  ///< every rule of kind baseline on every queue
    std::vector<IncidentView> incidents;  ///< those that ended are left out by the exporter
    std::size_t incidents_open = 0;
    WallTime policy_unreadable{};  ///< when that last happened to an open incident; {} = not since the start
    std::vector<QueueStaffing> staffing;
    std::vector<RosterView> rosters;
    std::shared_ptr<const DutyFacts> duty;  ///< the same object while rosters stay as they are
    WallTime wall{};                        ///< of this snapshot
    std::map<std::string, HelpView> help;   ///< by policy
    std::vector<ChannelView> channels;
    std::vector<ActionCountView> actions;
    std::map<std::string, std::map<std::string, std::uint64_t>> pulls;  ///< questions to providers, by channel and outcome
    std::map<std::string, std::uint64_t> replies;                       ///< messages of people, by what became of them

    HistogramView decision;        ///< arrival to decision
    HistogramView commit;          ///< one transaction of the store
    HistogramView page;            ///< arrival to request on the wire
    HistogramView timer_lateness;  ///< a deadline to its run

    bool ready = false;
    bool store_degraded = false;
    bool reload_ok = true;
    WallTime last_reload{};
    std::uint64_t store_pending = 0;                     ///< records waiting for their commit
    std::uint64_t inbox_refused = 0;                     ///< jobs of outsiders refused because too many waited
    std::uint64_t from_texts = 0;                        ///< numbers that came as texts and were taken ([ingest] lenient)
    std::uint64_t events_slow_dropped = 0;               ///< readers of the event stream cut off
    std::map<std::string, std::uint64_t> http_requests;  ///< by result: "ok", "refused", "failed"
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> lists;  ///< whole lists of the API: made, shared
    HistoryFacts history;
    std::optional<ClusterGauges> cluster{};  ///< nullopt = one host alone: not shown
    bool heartbeat_on = false;
    WallTime last_heartbeat{};                        ///< taken by the watcher outside; 0 = none yet
    std::map<std::string, std::uint64_t> heartbeats;  ///< by outcome: "ok", "failed", "withheld"
    std::string version;
    std::string config_version;
};

}  // namespace surged
