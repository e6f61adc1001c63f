#include "io/http/render.hpp"

#include "wire/json_text.hpp"
#include "wire/staffing_json.hpp"

namespace surged {

namespace {

/// An engine time as the wall clock would have shown it, had it gone as steadily since.
std::int64_t utc_ms(EngineTime t, Stamp now) {
    return to_ms(now.wall) + (t - now.at).count();
}

void time_field(JsonWriter& json, std::string_view name, EngineTime t, Stamp now) {
    json.key(name);
    if (t == engine_never || t == EngineTime{}) {
        json.null();
    } else {
        json.value(utc_ms(t, now));
    }
}

void write_scope(JsonWriter& json, const std::map<std::string, std::string>& scope) {
    json.key("scope").begin_object();
    for (const auto& part : scope) {
        json.field(part.first, part.second);
    }
    json.end_object();
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
    json.key(name).begin_array();
    for (const std::string& text : texts) {
        json.value(text);
    }
    json.end_array();
}

void write_counts(JsonWriter& json, std::string_view name, const std::map<std::string, std::uint64_t>& counts) {
    json.key(name).begin_object();
    for (const auto& count : counts) {
        json.field(count.first, count.second);
    }
    json.end_object();
}

/// false, or the alert that inhibits this one.
void write_folded(JsonWriter& json, const AlertKey& folded) {
    json.field("folded", !folded.rule.empty());
    if (!folded.rule.empty()) {
        json.field("folded_under", folded.rule + " on " + folded.queue.centre + "/" + folded.queue.queue);
    }
}

/// How an alert stands now, beside `value`, which is of its last change: value_now (null = unknown) as of `value_at`, and the worst
/// since it left ok.
void write_reading(JsonWriter& json, const AlertReading& reading, std::string_view raise, Stamp now) {
    if (!reading.known) {
        return;
    }
    json.field("value_now", reading.value);
    time_field(json, "value_at", reading.seen, now);
    json.field("value_stale", reading.stale).field("value_worst", reading.worst);
    time_field(json, "worst_at", reading.worst_at, now);
    if (!raise.empty()) {
        json.field("raise", raise);
    }
}

void write_edge(JsonWriter& json, const AlertEdge& edge, Stamp now) {
    json.begin_object().field("rule", edge.rule);
    json.field("centre", edge.queue.centre).field("queue", edge.queue.queue).field("channel", edge.queue.channel);
    json.field("state", to_string(edge.to)).field("level", to_string(edge.level)).field("stale", edge.stale);
    write_folded(json, edge.folded);
    json.field("metric", edge.metric).field("value", edge.value).field("limit", edge.limit).field("evidence", edge.evidence);
    time_field(json, "changed_at", edge.at, now);
    write_reading(json, edge.reading, {}, now);
    time_field(json, "since", edge.since, now);
    json.end_object();
}

void write_actions(JsonWriter& json, const IncidentView& incident, Stamp now) {
    json.key("actions").begin_array();
    for (const ActionView& action : incident.actions) {
        json.begin_object().field("action", action.action).field("channel", action.channel).field("undo", action.undo);
        json.field("step", action.step).field("state", action.state).field("stands", action.stands);
        json.field("attempt", action.attempt).field("reason", action.reason);
        time_field(json, "due", action.due, now);
        json.end_object();
    }
    json.end_array();
}

void write_seats(JsonWriter& json, const IncidentView& incident, Stamp now) {
    json.key("seats").begin_array();
    for (const SeatView& seat : incident.seats) {
        json.begin_object().field("person", seat.person).field("name", seat.name).field("tier", seat.tier);
        json.field("state", to_string(seat.state)).field("reason", seat.reason);
        time_field(json, "at", seat.at, now);
        json.field("came", seat.came);
        if (!seat.successor.empty()) {
            json.field("successor", seat.successor);
        }
        json.end_object();
    }
    json.end_array();
}

/// The members an incident has in the list and on its own.
void write_incident_head(JsonWriter& json, const IncidentView& incident, Stamp now) {
    json.field("incident", incident.incident).field("policy", incident.policy);
    write_scope(json, incident.scope);
    json.field("state", incident.state).field("level", to_string(incident.level)).field("tier", incident.tier);
    json.field("need", incident.need).field("joined", incident.joined).field("arrived", incident.arrived);
    json.field("noshow", incident.noshow).field("owner", incident.owner);
    // What it was, also when it is over and level, joined and arrived are those of now.
    json.field("worst", to_string(incident.worst)).field("came", incident.came).field("came_arrived", incident.came_arrived);
    json.field("opened", to_ms(incident.opened_wall));
    time_field(json, "next_at", incident.next_at, now);
    json.key("staffing");
    write_staffing(json, incident.staffing);
    json.key("alerts").begin_array();
    for (const AlertEdge& edge : incident.alerts) {
        write_edge(json, edge, now);
    }
    json.end_array();
    write_seats(json, incident, now);
    write_actions(json, incident, now);
    if (incident.scopes > 0) {
        json.field("scopes", incident.scopes);
    }
    if (!incident.into.empty()) {
        json.field("into", incident.into);
    }
}

void write_ingest(JsonWriter& json, const EngineStats& stats, const std::vector<SourceView>& sources,
                  const std::vector<RefusalBook::Entry>& refusals, Stamp now) {
    json.key("ingest").begin_object();
    json.field("messages", stats.messages).field("samples", stats.samples).field("series", stats.series);
    json.field("queues", stats.queues).field("stale_queues", stats.stale_queues);
    json.field("late_samples", stats.late_samples).field("counter_resets", stats.counter_resets);
    json.field("forgotten_sources", stats.forgotten_sources);
    json.key("rejected").begin_object();
    for (std::size_t i = 0; i < refusal_count; ++i) {
        if (stats.rejected[i] != 0) {
            json.field(to_string(static_cast<Refusal>(i)), stats.rejected[i]);
        }
    }
    json.end_object();
    json.key("sources").begin_array();
    for (const SourceView& source : sources) {
        json.begin_object().field("source", source.source).field("messages", source.messages);
        json.field("samples", source.samples).field("gaps", source.gaps).field("repeats", source.repeats);
        json.field("restarts", source.restarts).field("skew_s", source.skew_s).field("problem", source.problem);
        time_field(json, "last", source.last, now);
        json.end_object();
    }
    json.end_array();
    json.key("refusals").begin_array();
    for (const auto& entry : refusals) {
        json.begin_object().field("source", entry.source).field("reason", to_string(entry.note.reason)).field("count", entry.count);
        json.field("field", entry.note.field).field("got", entry.note.got).field("want", entry.note.want);
        time_field(json, "first", entry.first, now);
        time_field(json, "last", entry.last, now);
        json.end_object();
    }
    json.end_array().end_object();
}

}  // namespace

std::string render_status(const StatusFacts& facts, const EngineStats& stats, const std::vector<SourceView>& sources,
                          const std::vector<RuleHealth>& rules, const std::vector<ChannelView>& channels) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("version", facts.version).field("now", to_ms(facts.now.wall));
    json.field("started", to_ms(facts.started)).field("ready", facts.ready).field("timezone", facts.timezone);
    json.key("config").begin_object().field("version", facts.config_version).field("reload_ok", facts.reload_ok);
    json.field("message", facts.reload_message).end_object();
    json.key("store").begin_object().field("degraded", facts.store_degraded).field("records", stats.records).end_object();
    write_ingest(json, stats, sources, facts.refusals, facts.now);
    write_counts(json, "alerts", stats.alerts_by_state);
    json.field("bound", stats.bound).field("clock_jumps", stats.clock_jumps);
    json.field("incidents_open", std::uint64_t{facts.incidents_open});
    json.key("rules").begin_array();
    for (const RuleHealth& rule : rules) {
        json.begin_object().field("rule", rule.rule).field("bound", rule.bound).field("healthy", rule.problem.empty());
        json.field("problem", rule.problem).end_object();
    }
    json.end_array().key("channels").begin_array();
    for (const ChannelView& channel : channels) {
        json.begin_object().field("channel", channel.channel).field("pending", channel.pending).field("down", channel.down);
        time_field(json, "paused_until", channel.paused_until > facts.now.at ? channel.paused_until : EngineTime{}, facts.now);
        write_counts(json, "outcomes", channel.outcomes);
        if (channel.receipts_promised) {
            write_counts(json, "receipts", channel.receipts);
            json.field("doubtful", channel.doubtful);
        }
        json.end_object();
    }
    json.end_array();
    write_counts(json, "listeners", facts.listeners);
    write_counts(json, "connections", facts.connections);
    json.key("publish").begin_object().field("published", facts.published).field("dropped", facts.not_published);
    write_counts(json, "refused", facts.publish_refused);
    json.end_object().end_object();
    return out;
}

ListText::ListText(std::string_view name, Stamp now) : json_(out_), now_(now) {
    json_.begin_object().field("now", to_ms(now.wall)).key(name).begin_array();
}

std::string ListText::take(std::string_view next) {
    json_.end_array();
    if (!next.empty()) {
        json_.field("next", next);
    }
    json_.end_object();
    return std::move(out_);
}

void ListText::add(const SeriesView& series, const QueueView& queue) {
    ++entries_;
    json_.begin_object().field("centre", queue.key.centre).field("queue", queue.key.queue).field("channel", queue.key.channel);
    json_.field("group", queue.group).field("stale", queue.stale).field("never_seen", queue.never_seen);
    time_field(json_, "last", queue.last, now_);
    json_.key("m").begin_object();
    for (std::size_t i = queue.first; i < std::size_t{queue.first} + queue.count && i < series.values.size(); ++i) {
        json_.field(series.metrics[series.metric_of[i]], series.values[i]);  // what is unknown is null
    }
    json_.end_object().end_object();
}

void ListText::add(const AlertView& alert) {
    ++entries_;
    json_.begin_object().field("rule", alert.rule).field("centre", alert.queue.centre).field("queue", alert.queue.queue);
    json_.field("channel", alert.queue.channel).field("state", to_string(alert.state)).field("level", to_string(alert.level));
    json_.field("stale", alert.stale).field("muted", alert.muted).field("flapping", alert.flapping);
    write_folded(json_, alert.folded);
    json_.field("metric", alert.metric).field("value", alert.value);
    write_reading(json_, alert.reading, alert.raise, now_);
    time_field(json_, "since", alert.since, now_);
    if (!alert.reason.empty()) {
        json_.field("reason", alert.reason);
    }
    json_.end_object();
}

void ListText::add(const IncidentView& incident) {
    ++entries_;
    json_.begin_object();
    write_incident_head(json_, incident, now_);
    json_.end_object();
}

std::string render_incident(const IncidentView& incident, const std::vector<std::string>& timeline, Stamp now) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("now", to_ms(now.wall));
    write_incident_head(json, incident, now);
    json.key("pages").begin_array();
    for (const PageView& page : incident.pages) {
        json.begin_object().field("page", page.page);
        write_texts(json, "people", page.people);
        json.field("channel", page.channel).field("purpose", to_string(page.purpose)).field("state", to_string(page.state));
        json.field("attempt", page.attempt).field("reason", page.reason);
        time_field(json, "due", page.due, now);
        json.end_object();
    }
    json.end_array().key("timeline").begin_array();
    for (const std::string& record : timeline) {
        json.raw(record);
    }
    json.end_array().end_object();
    return out;
}

std::string render_rosters(const std::vector<RosterView>& rosters, WallTime at) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("at", to_ms(at)).key("rosters").begin_array();
    for (const RosterView& roster : rosters) {
        json.begin_object().field("roster", roster.roster);
        write_texts(json, "on_duty", roster.on_duty);
        json.end_object();
    }
    json.end_array().end_object();
    return out;
}

std::string render_silences(const std::vector<SilenceView>& silences, Stamp now) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("now", to_ms(now.wall)).key("silences").begin_array();
    for (const SilenceView& view : silences) {
        const SilenceChange& silence = view.silence;
        json.begin_object().field("silence", silence.silence).field("rule", silence.rule).field("centre", silence.centre);
        json.field("queue", silence.queue).field("by", silence.by).field("reason", silence.reason);
        time_field(json, "until", silence.until, now);
        json.end_object();
    }
    json.end_array().end_object();
    return out;
}

}  // namespace surged
