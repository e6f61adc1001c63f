// What a scrape shows: plain values, taken at one moment. The engine's thread fills it, the exporter's threads only read it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/histogram.hpp"
#include "core/engine/engine.hpp"
#include "core/team/duty.hpp"

namespace surged {

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
    std::vector<BaselineOf> baselines;  ///< every rule of kind baseline on every queue
    std::vector<IncidentView> incidents;  ///< those that ended are left out by the exporter
    std::size_t incidents_open = 0;
    std::vector<QueueStaffing> staffing;
    std::vector<RosterView> rosters;
    std::shared_ptr<const DutyFacts> duty;  ///< the same object while rosters stay as they are
    WallTime wall{};                        ///< of this snapshot
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
    bool heartbeat_on = false;
    WallTime last_heartbeat{};                        ///< taken by the watcher outside; 0 = none yet
    std::map<std::string, std::uint64_t> heartbeats;  ///< by outcome: "ok", "failed", "withheld"
    std::string version;
    std::string config_version;
};

}  // namespace surged
