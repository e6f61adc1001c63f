#include "io/http/render.hpp"

namespace surged {

namespace {

/// The reasons for which something was refused, in their own order.
std::vector<std::pair<std::string_view, std::uint64_t>> by_reason(const RefusalCounts& counts) {
    std::vector<std::pair<std::string_view, std::uint64_t>> out;
    for (std::size_t i = 0; i < refusal_count; ++i) {
        if (counts[i] != 0) {
            out.emplace_back(to_string(static_cast<Refusal>(i)), counts[i]);
        }
    }
    return out;
}

/// An object that begins with the moment it is of, and what `put` names.
template <typename Put>
std::string document(Stamp now, Put put_fields) {
    std::string out;
    JsonWriter json(out);
    JsonFields v(json, now);
    json.begin_object();
    put_fields(v, json);
    json.end_object();
    return out;
}

}  // namespace

std::string render_status(const StatusFacts& facts, const EngineStats& stats, const std::vector<SourceView>& sources,
                          const std::vector<RuleHealth>& rules, const std::vector<ChannelView>& channels) {
    return document(facts.now, [&](JsonFields& v, JsonWriter&) {
        v("version", facts.version), v("now", facts.now.wall), v("started", facts.started), v("ready", facts.ready);
        v("timezone", facts.timezone);
        v.object("config", [&] {
            v("version", facts.config_version), v("reload_ok", facts.reload_ok), v("message", facts.reload_message);
        });
        v.object("store", [&] { v("degraded", facts.store_degraded), v("records", stats.records); });
        v.object("ingest", [&] {
            v("messages", stats.messages), v("samples", stats.samples), v("series", stats.series), v("queues", stats.queues);
            v("stale_queues", stats.stale_queues), v("late_samples", stats.late_samples), v("counter_resets", stats.counter_resets);
            v("forgotten_sources", stats.forgotten_sources), v("rejected", by_reason(stats.rejected)), v("sources", sources);
            v("refusals", facts.refusals);
        });
        v("alerts", stats.alerts_by_state), v("bound", stats.bound), v("clock_jumps", stats.clock_jumps);
        v("incidents_open", facts.incidents_open), v("rules", rules), v("channels", channels), v("listeners", facts.listeners);
        v("connections", facts.connections);
        v.object("publish", [&] {
            v("published", facts.published), v("dropped", facts.not_published), v("refused", facts.publish_refused);
        });
    });
}

ListText::ListText(std::string_view name, Stamp now) : json_(out_), fields_(json_, now) {
    json_.begin_object();
    fields_("now", now.wall);
    json_.key(name).begin_array();
}

std::string ListText::take(std::string_view next) {
    json_.end_array();
    fields_.maybe("next", next);
    json_.end_object();
    return std::move(out_);
}

void ListText::add(const SeriesView& series, const QueueView& queue) {
    ++entries_;
    json_.begin_object();
    queue.fields(fields_, [&] {
        for (std::size_t i = queue.first; i < std::size_t{queue.first} + queue.count && i < series.values.size(); ++i) {
            fields_(series.metrics[series.metric_of[i]], series.values[i]);  // what is unknown is null
        }
    });
    json_.end_object();
}

void ListText::add(const AlertView& alert) {
    ++entries_;
    json_.begin_object();
    alert.fields(fields_);
    json_.end_object();
}

void ListText::add(const IncidentView& incident) {
    ++entries_;
    json_.begin_object();
    incident.fields(fields_, Brief{});
    json_.end_object();
}

std::string render_incident(const IncidentView& incident, const std::vector<std::string>& timeline, Stamp now) {
    return document(now, [&](JsonFields& v, JsonWriter& json) {
        v("now", now.wall), incident.fields(v);
        json.key("timeline").begin_array();
        for (const std::string& record : timeline) {
            json.raw(record);
        }
        json.end_array();
    });
}

std::string render_rosters(const std::vector<RosterView>& rosters, WallTime at) {
    return document({}, [&](JsonFields& v, JsonWriter&) { v("at", at), v("rosters", rosters); });
}

std::string render_silences(const std::vector<SilenceView>& silences, Stamp now) {
    return document(now, [&](JsonFields& v, JsonWriter&) { v("now", now.wall), v("silences", silences); });
}

}  // namespace surged
