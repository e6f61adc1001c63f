// JSON texts of the API, made from the engine's views. Pure functions: the program calls them with views it took on the engine
// thread (or a copy), and the HTTP room only hands the text on. Times are ms UTC; engine times are turned into UTC by the offset
// of `now`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/engine/engine.hpp"
#include "wire/json_fields.hpp"

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
    std::vector<RefusalBook::Entry> refusals;        ///< what was refused of whom
    std::map<std::string, std::uint64_t> listeners;    ///< name -> port
    std::map<std::string, std::uint64_t> connections;  ///< "feeders", "subscribers" -> connected now
    std::uint64_t published = 0;
    std::uint64_t not_published = 0;                         ///< the queue before PUB was full
    std::map<std::string, std::uint64_t> publish_refused;  ///< reason -> subscribers refused
    std::string timezone = "UTC";  ///< [defaults] timezone
};

std::string render_status(const StatusFacts& facts, const EngineStats& stats, const std::vector<SourceView>& sources,
                          const std::vector<RuleHealth>& rules, const std::vector<ChannelView>& channels);
/// {"now":..,"<name>":[..],"next":".."}, written entry by entry as they are taken from the engine.
class ListText {
public:
    ListText(std::string_view name, Stamp now);
    /// The entry `queue` of `series`, with its values.
    void add(const SeriesView& series, const QueueView& queue);
    void add(const AlertView& alert);
    /// Without its timeline and the texts of its pages.
    void add(const IncidentView& incident);
    std::size_t entries() const { return entries_; }
    /// Ends the list; `next` empty = nothing follows.
    std::string take(std::string_view next = {});

private:
    std::string out_;
    JsonWriter json_;
    JsonFields fields_;
    std::size_t entries_ = 0;
};

/// One incident with seats and pages; `timeline` are JSON objects already, one per record (wire/), put in as they are.
std::string render_incident(const IncidentView& incident, const std::vector<std::string>& timeline, Stamp now);
std::string render_rosters(const std::vector<RosterView>& rosters, WallTime at);
std::string render_silences(const std::vector<SilenceView>& silences, Stamp now);

}  // namespace surged
