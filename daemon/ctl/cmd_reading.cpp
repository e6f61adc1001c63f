// surgectl status, incidents, show, alerts, queues, rosters, silences: what the daemon knows, as tables for people or the API's
// own JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "core/base/text.hpp"
#include "core/series/refusal_book.hpp"
#include "ctl/api_json.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "replay/timeline.hpp"
#include "wire/record_json.hpp"

namespace surged {
namespace {

std::string cell(const JsonValue& json, std::string_view name) {
    return number_text(json, name, 2, "-");
}

/// "12s ago" of a ms time against the answer's own `now`; of a table, or of a sentence.
std::string ago(const Look& look, const JsonValue& now, const JsonValue& json, std::string_view name) {
    const auto at = integer_of(json, name);
    if (!at) {
        return look.cell("never");
    }
    const std::int64_t seconds = std::max<std::int64_t>(0, (count_of(now, "now") - *at) / 1000);
    return look.cell("ago", {{"span", look.span(Span{seconds * 1000})}});
}

std::string ago_in_text(const Look& look, const JsonValue& now, const JsonValue& json, std::string_view name) {
    return ago(Look(look.language(), look.language(), false), now, json, name);
}

std::string count_text(std::int64_t value) {
    return std::to_string(value);
}

std::string scope_of(const JsonValue& json) {
    std::string out;
    for (const auto& [name, value] : members_of(json, "scope")) {
        out += (out.empty() ? "" : " ") + name + "=" + (value.text() == nullptr ? "" : *value.text());
    }
    return out;
}

/// "ts: got 1795330800123.5, wanted milliseconds since 1970".
std::string refusal_text(const JsonValue& refusal) {
    RefusalNote note;
    note.field = refusal.text_or("field", "");
    note.got = refusal.text_or("got", "");
    note.want = refusal.text_or("want", "");
    return note.text();
}

void print_source(const Look& look, const JsonValue& status, const JsonValue& source) {
    const std::string english = source.text_or("problem", "");
    const std::string problem = look.language() == Language::zh ? source.text_or("problem_zh", english) : english;
    const auto restarts = count_of(source, "restarts");
    fmt::print("{}{}{}\n",
               look.say("source", {{"source", source.text_or("source", "?")},
                                   {"last", ago_in_text(look, status, source, "last")},
                                   {"gaps", count_text(count_of(source, "gaps"))},
                                   {"repeats", count_text(count_of(source, "repeats"))}}),
               restarts > 0 ? look.say("restarts", {{"count", count_text(restarts)}}) : "",
               problem.empty() ? "" : look.paint(Tone::bad, look.say("problem", {{"problem", problem}})));
}

void print_ingest(const Look& look, const JsonValue& status, const JsonValue& ingest) {
    fmt::print("{}\n", look.say("ingest", {{"queues", count_text(count_of(ingest, "queues"))},
                                           {"stale", count_text(count_of(ingest, "stale_queues"))},
                                           {"series", count_text(count_of(ingest, "series"))},
                                           {"messages", count_text(count_of(ingest, "messages"))},
                                           {"samples", count_text(count_of(ingest, "samples"))}}));
    if (count_of(ingest, "messages") == 0) {
        fmt::print("{}\n", look.say("nothing_taken"));
    }
    for (const JsonValue& source : list_of(ingest, "sources")) {
        print_source(look, status, source);
    }
    for (const JsonValue& refusal : list_of(ingest, "refusals")) {
        fmt::print("{}\n", look.say("refused_of", {{"source", refusal.text_or("source", "?")},
                                                   {"count", count_text(count_of(refusal, "count"))},
                                                   {"reason", refusal.text_or("reason", "?")},
                                                   {"last", ago_in_text(look, status, refusal, "last")},
                                                   {"text", refusal_text(refusal)}}));
    }
    for (const auto& [reason, count] : members_of(ingest, "rejected")) {
        fmt::print("{}\n", look.say("refused", {{"count", count_text(count.integer().value_or(0))}, {"reason", reason}}));
    }
}

void print_publish(const Look& look, const JsonValue& publish) {
    if (const auto dropped = count_of(publish, "dropped"); dropped > 0) {
        fmt::print("{}\n", look.paint(Tone::bad, look.say("publish_dropped", {{"count", count_text(dropped)}})));
    }
    for (const auto& [reason, count] : members_of(publish, "refused")) {
        fmt::print("{}\n", look.say("publish_refused", {{"count", count_text(count.integer().value_or(0))}, {"reason", reason}}));
    }
}

std::string state_of_channel(const Look& look, const JsonValue& channel) {
    const JsonValue* paused = channel.find("paused_until");
    return flag_of(channel, "down")                  ? look.paint(Tone::bad, look.say("channel_down"))
           : paused != nullptr && !paused->is_null() ? look.paint(Tone::warning, look.say("channel_throttled"))
           : flag_of(channel, "doubtful")            ? look.paint(Tone::warning, look.say("channel_doubtful"))
                                                     : "";
}

/// Who is at work, and who would take over.
void print_cluster(const Look& look, const JsonValue& cluster) {
    fmt::print("{}{}\n", look.say("cluster", {{"shard", cluster.text_or("shard", "?")},
                                              {"owner", cluster.text_or("owner", "?")},
                                              {"term", count_text(count_of(cluster, "term"))}}),
               flag_of(cluster, "alone") ? look.paint(Tone::bad, look.say("cluster_alone")) : "");
    const auto& standbys = list_of(cluster, "standbys");
    if (standbys.empty()) {
        fmt::print("{}\n", look.paint(Tone::warning, look.say("no_standby")));
    }
    for (const JsonValue& host : standbys) {
        const Span seen{count_of(host, "seen_ago_ms") / 1000 * 1000};
        fmt::print("{}{}{}\n",
                   look.say("standby", {{"host", host.text_or("host", "?")},
                                        {"behind", count_text(count_of(host, "behind"))},
                                        {"ago", look.say("ago", {{"span", look.span_in_text(seen)}})}}),
                   flag_of(host, "warm") ? "" : look.paint(Tone::warning, look.say("standby_cold")),
                   flag_of(host, "config_agrees") ? "" : look.paint(Tone::bad, look.say("standby_differs")));
    }
}

void print_status(const Look& look, const JsonValue& status) {
    const JsonValue* store = status.find("store");
    const bool degraded = store != nullptr && flag_of(*store, "degraded");
    fmt::print("{}{}{}\n",
               look.say("status", {{"version", status.text_or("version", "?")},
                                   {"up", look.span_in_text(Span{(count_of(status, "now") - count_of(status, "started")) / 1000 * 1000})}}),
               flag_of(status, "ready") ? look.paint(Tone::good, look.say("ready")) : look.paint(Tone::bad, look.say("not_ready")),
               degraded ? look.paint(Tone::bad, look.say("degraded")) : "");
    if (const JsonValue* config = status.find("config")) {
        fmt::print("{}{}\n", look.say("configuration", {{"version", config->text_or("version", "?")}}),
                   flag_of(*config, "reload_ok") ? ""
                                                 : look.paint(Tone::bad, look.say("reload_refused", {{"why", config->text_or("message", "")}})));
    }
    if (const JsonValue* cluster = status.find("cluster")) {
        print_cluster(look, *cluster);
    }
    if (const JsonValue* ingest = status.find("ingest")) {
        print_ingest(look, status, *ingest);
    }
    if (const JsonValue* publish = status.find("publish")) {
        print_publish(look, *publish);
    }
    const auto open = count_of(status, "incidents_open");
    fmt::print("{}\n", open == 1 ? look.say("open_incident") : look.say("open_incidents", {{"count", count_text(open)}}));
    for (const JsonValue& rule : list_of(status, "rules")) {
        if (!flag_of(rule, "healthy")) {
            fmt::print("{}\n", look.paint(Tone::warning, look.say("cannot_fire", {{"rule", rule.text_or("rule", "?")},
                                                                                  {"why", rule.text_or("problem", "")}})));
        }
    }
    for (const JsonValue& channel : list_of(status, "channels")) {
        fmt::print("{}{}\n", look.say("channel", {{"channel", channel.text_or("channel", "?")}, {"count", count_text(count_of(channel, "pending"))}}),
                   state_of_channel(look, channel));
    }
}

bool is_over(const JsonValue& incident) {
    const auto state = incident.text_or("state", "");
    return state == "closed" || state == "resolved";
}

/// The level it has; of one that is over the worst it had. `look` with the language of where it stands.
std::string level_of(const Look& look, const JsonValue& incident) {
    const auto worst = incident.text_or("worst", "none");
    return is_over(incident) && worst != "none" ? look.cell("was_level", {{"level", look.word(worst)}}) : look.word(incident.text_or("level", ""));
}

/// Seats taken and wanted; of an incident that is over: the people who came.
std::string seats_of(const Look& look, const JsonValue& incident) {
    return is_over(incident) ? look.cell("came", {{"count", count_text(count_of(incident, "came"))}})
                             : fmt::format("{}/{}", count_of(incident, "joined"), count_of(incident, "need"));
}

void print_incidents(const Look& look, const JsonValue& json, bool all) {
    TextTable table(look.heads({"head.incident", "head.level", "head.state", "head.tier", "head.seats", "head.since", "head.policy", "head.scope"}));
    for (const JsonValue& incident : list_of(json, "incidents")) {
        if (!all && incident.text_or("state", "") == "closed") {
            continue;
        }
        table.add({incident.text_or("incident", "?"), level_of(look, incident), look.word(incident.text_or("state", "")),
                   count_text(count_of(incident, "tier")), seats_of(look, incident), ago(look, json, incident, "opened"),
                   incident.text_or("policy", ""), scope_of(incident)});
    }
    fmt::print("{}", table.size() > 0 ? table.text() : (all ? look.say("no_incidents") : look.say("no_open_incidents")) + "\n");
}

void print_timeline(const JsonValue& json, const Zone& zone) {
    for (const JsonValue& record : list_of(json, "timeline")) {
        if (const auto known = decode_record(to_text(record)); known && !is_load(*known)) {
            fmt::print("  {}\n", line_of(narrate(*known, zone), true));
        }
    }
}

/// "8 agents missing (34 needed, 26 at work), a call waits 3 min, cause demand", and who could help.
void print_staffing(const Look& look, const JsonValue& json) {
    const JsonValue* staffing = json.find("staffing");
    if (staffing == nullptr || staffing->object() == nullptr) {
        return;
    }
    if (staffing->find("missing") != nullptr) {
        const JsonValue* wait = staffing->find("expected_wait_s");
        const auto wait_s = wait == nullptr ? std::nullopt : wait->number();
        const auto cause = staffing->text_or("cause", "");
        fmt::print("{}{}\n",
                   look.say("staffing", {{"missing", cell(*staffing, "missing")},
                                         {"required", cell(*staffing, "required")},
                                         {"productive", cell(*staffing, "productive")},
                                         {"wait", wait_s ? look.span_in_text(Span{static_cast<std::int64_t>(*wait_s) * 1000}) : look.say("without_end")}}),
                   cause.empty() ? "" : look.say("cause", {{"cause", cause}}));
    }
    for (const JsonValue& slack : list_of(*staffing, "slack")) {
        fmt::print("{}\n", look.say("can_give", {{"centre", slack.text_or("centre", "?")},
                                                 {"agents", count_text(count_of(slack, "agents"))},
                                                 {"queue", slack.text_or("queue", "?")}}));
    }
}

/// "now 92, worst 1520 (3m ago), at the change 45 (limit > 40, 4m ago)": each value with its time.
std::string readings_of(const Look& look, const JsonValue& json, const JsonValue& alert) {
    std::string out;
    if (const JsonValue* now = alert.find("value_now"); now != nullptr) {
        out = look.say("value_now", {{"value", now->is_null() ? look.say("unknown") : cell(alert, "value_now")}});
        if (flag_of(alert, "value_stale")) {
            out += look.paint(Tone::warning, look.say("no_data_since", {{"ago", ago_in_text(look, json, alert, "value_at")}}));
        }
        if (const JsonValue* worst = alert.find("value_worst"); worst != nullptr && !worst->is_null()) {
            out += look.say("value_worst", {{"value", cell(alert, "value_worst")}, {"ago", ago_in_text(look, json, alert, "worst_at")}});
        }
        out += look.say("and_then");
    }
    return out + look.say("at_the_change", {{"value", cell(alert, "value")},
                                            {"limit", alert.text_or("limit", "")},
                                            {"ago", ago_in_text(look, json, alert, "changed_at")}});
}

void print_seats(const Look& look, const JsonValue& json) {
    TextTable seats(look.heads({"head.person", "head.name", "head.tier", "head.state", "head.since", "head.reason"}));
    for (const JsonValue& seat : list_of(json, "seats")) {
        const auto successor = seat.text_or("successor", "");
        const auto reason = seat.text_or("reason", "");
        seats.add({"  " + seat.text_or("person", "?"), seat.text_or("name", ""), count_text(count_of(seat, "tier")),
                   look.word(seat.text_or("state", "")) + (is_over(json) && flag_of(seat, "came") ? look.cell("came_flag") : ""),
                   ago(look, json, seat, "at"),
                   reason + (successor.empty() ? "" : (reason.empty() ? "" : "; ") + look.cell("hands_over_to", {{"person", successor}}))});
    }
    fmt::print("{}", seats.size() == 0 ? "" : seats.text());
}

void print_actions(const Look& look, const JsonValue& json) {
    TextTable actions(look.heads({"head.action", "head.by", "head.state", "head.stands", "head.undo", "head.reason"}));
    for (const JsonValue& action : list_of(json, "actions")) {
        const auto step = action.text_or("step", "");
        const auto yes_or_no = [&](const char* name) { return flag_of(action, name) ? look.cell("yes") : look.cell("no"); };
        actions.add({"  " + action.text_or("action", "?"), action.text_or("channel", ""),
                     (step.empty() ? "" : step + " ") + look.word(action.text_or("state", "")), yes_or_no("stands"), yes_or_no("undo"),
                     action.text_or("reason", "")});
    }
    fmt::print("{}", actions.size() == 0 ? "" : actions.text());
}

void print_incident(const Look& look, const JsonValue& json, const Zone& zone) {
    const std::string state = look.word_in_text(json.text_or("state", ""));
    const auto worst = json.text_or("worst", "none");
    const std::string level = is_over(json) && worst != "none" ? look.say("was_level", {{"level", look.word_in_text(worst)}})
                                                               : look.word_in_text(json.text_or("level", ""));
    fmt::print("{}\n", look.say("incident", {{"incident", json.text_or("incident", "?")},
                                             {"level", level},
                                             {"state", state},
                                             {"policy", json.text_or("policy", "")},
                                             {"scope", scope_of(json)}}));
    const auto opened = ago_in_text(look, json, json, "opened");
    const auto count = [&](const char* name) { return count_text(count_of(json, name)); };
    fmt::print("{}\n", is_over(json) ? look.say("incident_over", {{"opened", opened},
                                                                  {"came", count("came")},
                                                                  {"need", count("need")},
                                                                  {"arrived", count("came_arrived")}})
                                     : look.say("incident_open", {{"opened", opened},
                                                                  {"tier", count("tier")},
                                                                  {"joined", count("joined")},
                                                                  {"need", count("need")},
                                                                  {"arrived", count("arrived")}}));
    if (const auto into = json.text_or("into", ""); !into.empty()) {
        fmt::print("{}\n", look.say("goes_on_in", {{"incident", into}}));
    }
    if (count_of(json, "scopes") > 0) {
        fmt::print("{}\n", look.say("region", {{"count", count("scopes")}}));
    }
    print_staffing(look, json);
    for (const JsonValue& alert : list_of(json, "alerts")) {
        fmt::print("{}\n",
                   look.say("alert_line",
                            {{"rule", alert.text_or("rule", "?")},
                             {"queue", queue_of(alert)},
                             {"level", look.word_in_text(alert.text_or("level", ""))},
                             {"readings", readings_of(look, json, alert)},
                             {"folded", flag_of(alert, "folded") ? look.say("folded_under", {{"rule", alert.text_or("folded_under", "?")}}) : ""}}));
    }
    print_seats(look, json);
    print_actions(look, json);
    fmt::print("{}\n", look.say("timeline", {{"zone", zone.name()}}));
    print_timeline(json, zone);
}

std::string flags_of(const Look& look, const JsonValue& alert) {
    return (flag_of(alert, "stale") ? look.cell("flag.stale") : "") + (flag_of(alert, "muted") ? look.cell("flag.muted") : "") +
           (flag_of(alert, "flapping") ? look.cell("flag.flapping") : "") +
           (flag_of(alert, "folded") ? look.cell("flag.folded", {{"rule", alert.text_or("folded_under", "?")}}) : "") +
           alert.text_or("reason", "");
}

void print_alerts(const Look& look, const JsonValue& json) {
    TextTable table(look.heads({"head.rule", "head.queue", "head.state", "head.level", "head.now", "head.worst", "head.raised_at", "head.since",
                                "head.flags"}));
    const auto now_of = [&](const JsonValue& alert) {
        const JsonValue* now = alert.find("value_now");
        const auto value = now == nullptr ? cell(alert, "value") : now->is_null() ? std::string("?") : cell(alert, "value_now");
        return value + (flag_of(alert, "value_stale") ? " (" + ago(look, json, alert, "value_at") + ")" : "");
    };
    const auto worst_of = [&](const JsonValue& alert) {
        const JsonValue* worst = alert.find("value_worst");
        return worst == nullptr || worst->is_null() ? std::string("-")
                                                    : cell(alert, "value_worst") + " (" + ago(look, json, alert, "worst_at") + ")";
    };
    for (const JsonValue& alert : list_of(json, "alerts")) {
        table.add({alert.text_or("rule", "?"), queue_of(alert), look.word(alert.text_or("state", "")), look.word(alert.text_or("level", "")),
                   now_of(alert), worst_of(alert), alert.text_or("raise", "-"), ago(look, json, alert, "since"), flags_of(look, alert)});
    }
    fmt::print("{}", table.size() == 0 ? look.paint(Tone::good, look.say("all_ok")) + "\n" : table.text());
}

void print_queues(const Look& look, const JsonValue& json) {
    TextTable table(look.heads({"head.queue", "head.group", "head.waiting", "head.oldest", "head.available", "head.last", "head.flags"}));
    for (const JsonValue& queue : list_of(json, "queues")) {
        static const JsonValue none;
        const JsonValue* m = queue.find("m");
        const JsonValue& metrics = m == nullptr ? none : *m;
        table.add({queue_of(queue), queue.text_or("group", ""), cell(metrics, "calls_waiting"), cell(metrics, "oldest_wait_s"),
                   cell(metrics, "agents_available"), ago(look, json, queue, "last"),
                   look.paint(Tone::warning, (flag_of(queue, "stale") ? look.cell("flag.stale") : "") +
                                                 (flag_of(queue, "never_seen") ? look.cell("flag.never_seen") : ""))});
    }
    fmt::print("{}", table.size() == 0 ? look.say("no_queue") + "\n" : table.text());
}

void print_rosters(const Look& look, const JsonValue& json) {
    TextTable table(look.heads({"head.roster", "head.on_duty"}));
    for (const JsonValue& roster : list_of(json, "rosters")) {
        std::string people;
        for (const JsonValue& person : list_of(roster, "on_duty")) {
            people += (people.empty() ? "" : ", ") + (person.text() == nullptr ? "" : *person.text());
        }
        table.add({roster.text_or("roster", "?"), people.empty() ? look.paint(Tone::bad, look.cell("nobody")) : people});
    }
    fmt::print("{}", table.text());
}

void print_silences(const Look& look, const JsonValue& json, const Zone& zone) {
    TextTable table(look.heads({"head.silence", "head.rule", "head.queues", "head.until", "head.set_by", "head.reason"}));
    for (const JsonValue& silence : list_of(json, "silences")) {
        table.add({silence.text_or("silence", "?"), silence.text_or("rule", "*"),
                   silence.text_or("centre", "*") + "/" + silence.text_or("queue", "*"),
                   civil_text(time_of(silence, "until"), zone), silence.text_or("by", ""), silence.text_or("reason", "")});
    }
    fmt::print("{}", table.size() == 0 ? look.say("no_silences") + "\n" : table.text() + zone_note(zone, look));
}

/// Reads one path: JSON as it came, or a table.
template <typename Print>
void read_and_print(Context& context, const std::string& path, Print print) {
    Api api(context);
    if (context.json) {
        if (const auto body = api.get(path)) {
            fmt::print("{}\n", *body);
        }
    } else if (const auto json = api.read(path)) {
        if constexpr (std::is_invocable_v<Print, const Look&, const JsonValue&, const Zone&>) {
            print(context.look(), *json, api.zone());  // only of those who print times is the zone asked
        } else {
            print(context.look(), *json);
        }
    }
}

template <typename Print>
CliCommand add_read(CliCommand app, Context& context, const std::string& name, const std::string& help,
                    std::function<std::string()> path, Print print) {
    const auto command = app.command(name, help);
    command.run([&context, path, print] { read_and_print(context, path(), print); });
    return command;
}

/// With --health what a watcher asks: it needs no token, and the engine must have turned for the answer to be good.
void add_status(CliCommand app, Context& context) {
    const auto command = app.command("status", "is it well: feeds, rules, channels, store");
    auto health = std::make_shared<bool>(false);
    command.flag("--health", *health, "only whether the engine works, as /healthz tells; needs no token");
    command.run([&context, health] {
        if (!*health) {
            return read_and_print(context, "/api/v1/status", print_status);
        }
        Api api(context);
        if (const auto body = api.get("/healthz")) {
            fmt::print("{}\n", context.json ? *body : context.look().say("healthy"));
        }
    });
}

void add_show(CliCommand app, Context& context) {
    const auto command = app.command("show", "one incident: alerts, seats, and its timeline");
    struct Options {
        std::string incident;
        bool timeline = false;
    };
    auto options = std::make_shared<Options>();
    command.option("incident", options->incident, "incident, e.g. 0-17").required().type("INCIDENT");
    command.flag("--timeline", options->timeline, "the timeline alone; with --json one object a line");
    command.run([options, &context] {
        Api api(context);
        const std::string path = "/api/v1/incidents/" + options->incident;
        if (context.json && !options->timeline) {
            if (const auto body = api.get(path)) {
                fmt::print("{}\n", *body);
            }
            return;
        }
        const auto json = api.read(path);
        if (!json) {
            return;
        }
        if (context.json) {
            for (const JsonValue& record : list_of(*json, "timeline")) {
                fmt::print("{}\n", to_text(record));
            }
        } else if (options->timeline) {
            print_timeline(*json, api.zone());
        } else {
            print_incident(context.look(), *json, api.zone());
        }
    });
}

}  // namespace

void add_reading(CliCommand app, Context& context) {
    const auto fixed = [](std::string path) { return [path] { return path; }; };
    add_status(app, context);
    auto all_incidents = std::make_shared<bool>(false);
    add_read(app, context, "incidents", "open incidents", fixed("/api/v1/incidents"), [all_incidents](const Look& look, const JsonValue& json) {
        print_incidents(look, json, *all_incidents);
    }).flag("--all", *all_incidents, "closed ones too");
    add_show(app, context);
    auto all_alerts = std::make_shared<bool>(false);
    add_read(
        app, context, "alerts", "alerts that are not ok",
        [all_alerts] { return std::string("/api/v1/alerts") + (*all_alerts ? "?all=1" : ""); }, print_alerts)
        .flag("--all", *all_alerts, "those that are ok too");
    add_read(app, context, "queues", "last values of every queue", fixed("/api/v1/queues"), print_queues);
    auto at = std::make_shared<std::string>();
    add_read(
        app, context, "rosters", "who is on duty",
        [at] { return std::string("/api/v1/rosters") + (at->empty() ? "" : "?at=" + *at); }, print_rosters)
        .option("--at", *at, "at this time: ms UTC, or 2026-01-31T10:00:00Z")
        .type("TIME");
    add_read(app, context, "silences", "who is silenced until when", fixed("/api/v1/silences"), print_silences);
}

}  // namespace surged
