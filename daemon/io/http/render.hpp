// JSON texts of the API, made from the engine's views. Pure functions: the program calls them with views it took on the engine
// thread (or a copy), and the HTTP room only hands the text on. Times are ms UTC; engine times are turned into UTC by the offset
// of `now`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/engine.hpp"

namespace surged {

/// What `status` shows beyond the engine's own counters.
struct StatusFacts {
    std::string version;
    std::string config_version;
    Stamp now{};
    WallTime started{};
    bool ready = false;
    bool store_degraded = false;
    bool reload_ok = true;
    std::string reload_message;
    std::size_t incidents_open = 0;
    std::map<std::string, std::uint64_t> listeners;  ///< name -> port
    std::string timezone = "UTC";                    ///< [defaults] timezone
    std::vector<RefusalBook::Entry> refusals;        ///< what was refused of whom
};

std::string render_status(const StatusFacts& facts, const EngineStats& stats, const std::vector<SourceView>& sources,
                          const std::vector<RuleHealth>& rules, const std::vector<ChannelView>& channels);
std::string render_queues(const SeriesView& series, Stamp now);
std::string render_alerts(const std::vector<AlertView>& alerts, Stamp now);
/// The list, without timelines and pages' texts.
std::string render_incidents(const std::vector<IncidentView>& incidents, Stamp now);
/// One incident with seats and pages; `timeline` are JSON objects already, one per record (wire/), put in as they are.
std::string render_incident(const IncidentView& incident, const std::vector<std::string>& timeline, Stamp now);
std::string render_rosters(const std::vector<RosterView>& rosters, WallTime at);
std::string render_silences(const std::vector<SilenceView>& silences, Stamp now);

}  // namespace surged
