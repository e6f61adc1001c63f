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

template <typename Put>
std::string entry(Stamp now, Put put) {
    std::string out;
    JsonWriter json(out);
    JsonFields v(json, now);
    put(json, v);
    return out;
}

void put_queue(JsonWriter& json, JsonFields& v, const SeriesView& series, const QueueView& queue, const std::optional<QueueDay>& day) {
    json.begin_object();
    queue.fields(v, [&] {
        for (std::size_t i = queue.first; i < std::size_t{queue.first} + queue.count && i < series.values.size(); ++i) {
            v(series.metrics[series.metric_of[i]], series.values[i]);  // what is unknown is null
        }
    });
    if (day) {
        day->fields(v);
    }
    json.end_object();
}

/// Each rule's health, with its words where it has some.
void put_rules(JsonWriter& json, JsonFields& v, const StatusFacts& facts, const std::vector<RuleHealth>& rules) {
    json.key("rules").begin_array();
    for (const RuleHealth& rule : rules) {
        json.begin_object();
        rule.fields(v);
        if (const auto words = facts.rule_words.find(rule.rule); words != facts.rule_words.end() && words->second.told()) {
            v("summary", words->second);
        }
        json.end_object();
    }
    json.end_array();
}

void put_incident(JsonWriter& json, JsonFields& v, const IncidentView& incident, const std::optional<TrendView>& trend) {
    json.begin_object();
    incident.fields(v, Brief{});
    v("trend", trend);
    json.end_object();
}

}  // namespace

std::string render_status(const StatusFacts& facts, const EngineStats& stats, const std::vector<SourceView>& sources,
                          const std::vector<RuleHealth>& rules, const std::vector<ChannelView>& channels) {
    return document(facts.now, [&](JsonFields& v, JsonWriter& json) {
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
        v("incidents_open", facts.incidents_open), put_rules(json, v, facts, rules), v("channels", channels), v("listeners", facts.listeners);
        v("connections", facts.connections);
        v.object("publish", [&] {
            v("published", facts.published), v("dropped", facts.not_published), v("refused", facts.publish_refused);
        });
        if (facts.cluster) {
            v("cluster", *facts.cluster);
        }
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

void ListText::add(const SeriesView& series, const QueueView& queue, const std::optional<QueueDay>& day) {
    ++entries_;
    put_queue(json_, fields_, series, queue, day);
}

void ListText::add(const AlertView& alert) {
    ++entries_;
    json_.begin_object();
    alert.fields(fields_);
    json_.end_object();
}

void ListText::add(const IncidentView& incident, const std::optional<TrendView>& trend) {
    ++entries_;
    put_incident(json_, fields_, incident, trend);
}

void ListText::add(const PastIncident& incident) {
    ++entries_;
    json_.begin_object();
    incident.fields(fields_);
    json_.end_object();
}

std::string queue_text(const SeriesView& series, const QueueView& queue, const std::optional<QueueDay>& day, Stamp now) {
    return entry(now, [&](JsonWriter& json, JsonFields& v) { put_queue(json, v, series, queue, day); });
}

std::string alert_text(const AlertView& alert, Stamp now) {
    return to_json(alert, now);
}

std::string incident_text(const IncidentView& incident, const std::optional<TrendView>& trend, Stamp now) {
    return entry(now, [&](JsonWriter& json, JsonFields& v) { put_incident(json, v, incident, trend); });
}

namespace {
void put_timeline(JsonWriter& json, const std::vector<std::string>& timeline) {
    json.key("timeline").begin_array();
    for (const std::string& record : timeline) {
        json.raw(record);
    }
    json.end_array();
}
}  // namespace

std::string render_incident(const IncidentView& incident, const std::vector<std::string>& timeline, Stamp now) {
    return document(now, [&](JsonFields& v, JsonWriter& json) {
        v("now", now.wall), incident.fields(v);
        put_timeline(json, timeline);
    });
}

std::string render_past_incident(const PastIncident& incident, const std::vector<std::string>& timeline, Stamp now) {
    return document(now, [&](JsonFields& v, JsonWriter& json) {
        v("now", now.wall), v("state", std::string_view("closed")), v("level", Level::none), v("opened", incident.opened), incident.fields(v);
        put_timeline(json, timeline);
    });
}

std::string render_rosters(const std::vector<RosterView>& rosters, WallTime at) {
    return document({}, [&](JsonFields& v, JsonWriter&) { v("at", at), v("rosters", rosters); });
}

std::string render_silences(const std::vector<SilenceView>& silences, Stamp now) {
    return document(now, [&](JsonFields& v, JsonWriter&) { v("now", now.wall), v("silences", silences); });
}

}  // namespace surged
