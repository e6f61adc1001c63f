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

/// "12s ago" of a ms time against the answer's own `now`.
std::string ago(const JsonValue& now, const JsonValue& json, std::string_view name) {
    const auto at = integer_of(json, name);
    if (!at) {
        return "never";
    }
    const std::int64_t seconds = std::max<std::int64_t>(0, (count_of(now, "now") - *at) / 1000);
    return format_span(Span{seconds * 1000}) + " ago";
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

void print_ingest(const JsonValue& status, const JsonValue& ingest) {
    fmt::print("{} queues ({} stale), {} series, {} messages, {} samples\n", count_of(ingest, "queues"),
               count_of(ingest, "stale_queues"), count_of(ingest, "series"), count_of(ingest, "messages"),
               count_of(ingest, "samples"));
    if (count_of(ingest, "messages") == 0) {
        fmt::print("  nothing has been taken yet: until a feeder sends samples no rule can fire (surgectl feed --help)\n");
    }
    for (const JsonValue& source : list_of(ingest, "sources")) {
        const std::string problem = source.text_or("problem", "");
        const auto restarts = count_of(source, "restarts");
        fmt::print("  source {}: last {}, {} missing, {} repeated{}{}\n", source.text_or("source", "?"),
                   ago(status, source, "last"), count_of(source, "gaps"), count_of(source, "repeats"),
                   restarts > 0 ? fmt::format(", {} restarts", restarts) : "", problem.empty() ? "" : ", PROBLEM: " + problem);
    }
    for (const JsonValue& refusal : list_of(ingest, "refusals")) {
        fmt::print("  refused of {}: {} {}, last {}: {}\n", refusal.text_or("source", "?"), count_of(refusal, "count"),
                   refusal.text_or("reason", "?"), ago(status, refusal, "last"), refusal_text(refusal));
    }
    for (const auto& [reason, count] : members_of(ingest, "rejected")) {
        fmt::print("  refused: {} {}\n", count.integer().value_or(0), reason);
    }
}

void print_publish(const JsonValue& publish) {
    if (const auto dropped = count_of(publish, "dropped"); dropped > 0) {
        fmt::print("publish: {} messages DROPPED\n", dropped);
    }
    for (const auto& [reason, count] : members_of(publish, "refused")) {
        fmt::print("publish: {} subscribers refused: {}\n", count.integer().value_or(0), reason);
    }
}

std::string_view state_of_channel(const JsonValue& channel) {
    const JsonValue* paused = channel.find("paused_until");
    return flag_of(channel, "down")                  ? ", DOWN"
           : paused != nullptr && !paused->is_null() ? ", THROTTLED"
           : flag_of(channel, "doubtful")            ? ", RECEIPTS MISSING"
                                                     : "";
}

void print_status(const JsonValue& status) {
    const JsonValue* store = status.find("store");
    const bool degraded = store != nullptr && flag_of(*store, "degraded");
    fmt::print("surged {}, up {}, {}{}\n", status.text_or("version", "?"),
               format_span(Span{(count_of(status, "now") - count_of(status, "started")) / 1000 * 1000}),
               flag_of(status, "ready") ? "ready" : "NOT READY",
               degraded ? ", STORE DEGRADED: decisions are kept in memory" : "");
    if (const JsonValue* config = status.find("config")) {
        fmt::print("configuration {}{}\n", config->text_or("version", "?"),
                   flag_of(*config, "reload_ok") ? "" : ", LAST RELOAD REFUSED:\n" + config->text_or("message", ""));
    }
    if (const JsonValue* ingest = status.find("ingest")) {
        print_ingest(status, *ingest);
    }
    if (const JsonValue* publish = status.find("publish")) {
        print_publish(*publish);
    }
    const auto open = count_of(status, "incidents_open");
    fmt::print("{} {} open\n", open, open == 1 ? "incident" : "incidents");
    for (const JsonValue& rule : list_of(status, "rules")) {
        if (!flag_of(rule, "healthy")) {
            fmt::print("rule {} CANNOT FIRE: {}\n", rule.text_or("rule", "?"), rule.text_or("problem", ""));
        }
    }
    for (const JsonValue& channel : list_of(status, "channels")) {
        fmt::print("channel {}: {} pages under way{}\n", channel.text_or("channel", "?"), count_of(channel, "pending"),
                   state_of_channel(channel));
    }
}

bool is_over(const JsonValue& incident) {
    const auto state = incident.text_or("state", "");
    return state == "closed" || state == "resolved";
}

/// The level it has; of one that is over the worst it had.
std::string level_of(const JsonValue& incident) {
    const auto worst = incident.text_or("worst", "none");
    return is_over(incident) && worst != "none" ? "was " + worst : incident.text_or("level", "");
}

/// Seats taken and wanted; of an incident that is over: the people who came.
std::string seats_of(const JsonValue& incident) {
    return is_over(incident) ? fmt::format("{} came", count_of(incident, "came"))
                             : fmt::format("{}/{}", count_of(incident, "joined"), count_of(incident, "need"));
}

void print_incidents(const JsonValue& json, bool all) {
    TextTable table({"INCIDENT", "LEVEL", "STATE", "TIER", "SEATS", "SINCE", "POLICY", "SCOPE"});
    for (const JsonValue& incident : list_of(json, "incidents")) {
        if (!all && incident.text_or("state", "") == "closed") {
            continue;
        }
        table.add({incident.text_or("incident", "?"), level_of(incident), incident.text_or("state", ""),
                   std::to_string(count_of(incident, "tier")), seats_of(incident), ago(json, incident, "opened"),
                   incident.text_or("policy", ""), scope_of(incident)});
    }
    fmt::print("{}", table.size() == 0 ? std::string(all ? "no incidents\n" : "no open incidents\n") : table.text());
}

void print_timeline(const JsonValue& json, const Zone& zone) {
    for (const JsonValue& record : list_of(json, "timeline")) {
        if (const auto known = decode_record(to_text(record)); known && !is_load(*known)) {
            fmt::print("  {}\n", line_of(narrate(*known, zone), true));
        }
    }
}

/// "8 agents missing (34 needed, 26 at work), a call waits 3 min, cause demand", and who could help.
void print_staffing(const JsonValue& json) {
    const JsonValue* staffing = json.find("staffing");
    if (staffing == nullptr || staffing->object() == nullptr) {
        return;
    }
    if (staffing->find("missing") != nullptr) {
        const JsonValue* wait = staffing->find("expected_wait_s");
        const auto wait_s = wait == nullptr ? std::nullopt : wait->number();
        const auto cause = staffing->text_or("cause", "");
        fmt::print("staffing: {} agents missing ({} needed, {} at work), a call waits {}{}\n", cell(*staffing, "missing"),
                   cell(*staffing, "required"), cell(*staffing, "productive"),
                   wait_s ? format_span(Span{static_cast<std::int64_t>(*wait_s) * 1000}) : std::string("without end"),
                   cause.empty() ? "" : ", cause " + cause);
    }
    for (const JsonValue& slack : list_of(*staffing, "slack")) {
        fmt::print("  {} can give {} agents of {}\n", slack.text_or("centre", "?"), count_of(slack, "agents"),
                   slack.text_or("queue", "?"));
    }
}

/// "now 92, worst 1520 (3m ago), at the change 45 (limit > 40, 4m ago)": each value with its time.
std::string readings_of(const JsonValue& json, const JsonValue& alert) {
    std::string out;
    if (const JsonValue* now = alert.find("value_now"); now != nullptr) {
        out = "now " + (now->is_null() ? std::string("unknown") : cell(alert, "value_now"));
        if (flag_of(alert, "value_stale")) {
            out += " (no data since " + ago(json, alert, "value_at") + ")";
        }
        if (const JsonValue* worst = alert.find("value_worst"); worst != nullptr && !worst->is_null()) {
            out += ", worst " + cell(alert, "value_worst") + " (" + ago(json, alert, "worst_at") + ")";
        }
        out += ", ";
    }
    return out + "at the change " + cell(alert, "value") + " (limit " + alert.text_or("limit", "") + ", " +
           ago(json, alert, "changed_at") + ")";
}

void print_incident(const JsonValue& json, const Zone& zone) {
    fmt::print("incident {}: {} {}, policy {} {}\n", json.text_or("incident", "?"), level_of(json),
               json.text_or("state", ""), json.text_or("policy", ""), scope_of(json));
    if (is_over(json)) {
        fmt::print("opened {}, {} came of {} wanted, {} of them arrived\n", ago(json, json, "opened"), count_of(json, "came"),
                   count_of(json, "need"), count_of(json, "came_arrived"));
    } else {
        fmt::print("opened {}, tier {}, {} of {} seats taken, {} arrived\n", ago(json, json, "opened"), count_of(json, "tier"),
                   count_of(json, "joined"), count_of(json, "need"), count_of(json, "arrived"));
    }
    if (const auto into = json.text_or("into", ""); !into.empty()) {
        fmt::print("it goes on as part of incident {}\n", into);
    }
    if (const auto scopes = count_of(json, "scopes"); scopes > 0) {
        fmt::print("a region: {} scopes fire\n", scopes);
    }
    print_staffing(json);
    for (const JsonValue& alert : list_of(json, "alerts")) {
        fmt::print("  alert {} {} {}: {}{}\n", alert.text_or("rule", "?"), queue_of(alert), alert.text_or("level", ""),
                   readings_of(json, alert),
                   flag_of(alert, "folded") ? ", folded under " + alert.text_or("folded_under", "?") : "");
    }
    TextTable seats({"  PERSON", "NAME", "TIER", "STATE", "SINCE", "REASON"});
    for (const JsonValue& seat : list_of(json, "seats")) {
        const auto successor = seat.text_or("successor", "");
        const auto reason = seat.text_or("reason", "");
        seats.add({"  " + seat.text_or("person", "?"), seat.text_or("name", ""), std::to_string(count_of(seat, "tier")),
                   seat.text_or("state", "") + (is_over(json) && flag_of(seat, "came") ? ", came" : ""), ago(json, seat, "at"),
                   reason + (successor.empty() ? "" : (reason.empty() ? "" : "; ") + ("hands over to " + successor))});
    }
    fmt::print("{}", seats.size() == 0 ? "" : seats.text());
    TextTable actions({"  ACTION", "BY", "STATE", "STANDS", "UNDO", "REASON"});
    for (const JsonValue& action : list_of(json, "actions")) {
        const auto step = action.text_or("step", "");
        actions.add({"  " + action.text_or("action", "?"), action.text_or("channel", ""),
                     (step.empty() ? "" : step + " ") + action.text_or("state", ""), flag_of(action, "stands") ? "yes" : "no",
                     flag_of(action, "undo") ? "yes" : "no", action.text_or("reason", "")});
    }
    fmt::print("{}timeline ({}):\n", actions.size() == 0 ? "" : actions.text(), zone.name());
    print_timeline(json, zone);
}

void print_alerts(const JsonValue& json) {
    TextTable table({"RULE", "QUEUE", "STATE", "LEVEL", "NOW", "WORST", "RAISED AT", "SINCE", "FLAGS"});
    const auto now_of = [&](const JsonValue& alert) {
        const JsonValue* now = alert.find("value_now");
        const auto value = now == nullptr ? cell(alert, "value") : now->is_null() ? std::string("?") : cell(alert, "value_now");
        return value + (flag_of(alert, "value_stale") ? " (" + ago(json, alert, "value_at") + ")" : "");
    };
    const auto worst_of = [&](const JsonValue& alert) {
        const JsonValue* worst = alert.find("value_worst");
        return worst == nullptr || worst->is_null() ? std::string("-")
                                                    : cell(alert, "value_worst") + " (" + ago(json, alert, "worst_at") + ")";
    };
    for (const JsonValue& alert : list_of(json, "alerts")) {
        table.add({alert.text_or("rule", "?"), queue_of(alert), alert.text_or("state", ""), alert.text_or("level", ""),
                   now_of(alert), worst_of(alert), alert.text_or("raise", "-"), ago(json, alert, "since"),
                   std::string(flag_of(alert, "stale") ? "stale " : "") + (flag_of(alert, "muted") ? "muted " : "") +
                       (flag_of(alert, "flapping") ? "flapping " : "") +
                       (flag_of(alert, "folded") ? "folded under " + alert.text_or("folded_under", "?") + " " : "") +
                       alert.text_or("reason", "")});
    }
    fmt::print("{}", table.size() == 0 ? "every alert is ok\n" : table.text());
}

void print_queues(const JsonValue& json) {
    TextTable table({"QUEUE", "GROUP", "WAITING", "OLDEST", "AVAILABLE", "LAST", "FLAGS"});
    for (const JsonValue& queue : list_of(json, "queues")) {
        static const JsonValue none;
        const JsonValue* m = queue.find("m");
        const JsonValue& metrics = m == nullptr ? none : *m;
        table.add({queue_of(queue), queue.text_or("group", ""), cell(metrics, "calls_waiting"), cell(metrics, "oldest_wait_s"),
                   cell(metrics, "agents_available"), ago(json, queue, "last"),
                   std::string(flag_of(queue, "stale") ? "stale " : "") + (flag_of(queue, "never_seen") ? "never seen" : "")});
    }
    fmt::print("{}", table.size() == 0 ? "no queue has reported\n" : table.text());
}

void print_rosters(const JsonValue& json) {
    TextTable table({"ROSTER", "ON DUTY"});
    for (const JsonValue& roster : list_of(json, "rosters")) {
        std::string people;
        for (const JsonValue& person : list_of(roster, "on_duty")) {
            people += (people.empty() ? "" : ", ") + (person.text() == nullptr ? "" : *person.text());
        }
        table.add({roster.text_or("roster", "?"), people.empty() ? "NOBODY" : people});
    }
    fmt::print("{}", table.text());
}

void print_silences(const JsonValue& json, const Zone& zone) {
    TextTable table({"SILENCE", "RULE", "QUEUES", "UNTIL", "BY", "REASON"});
    for (const JsonValue& silence : list_of(json, "silences")) {
        table.add({silence.text_or("silence", "?"), silence.text_or("rule", "*"),
                   silence.text_or("centre", "*") + "/" + silence.text_or("queue", "*"),
                   civil_text(time_of(silence, "until"), zone), silence.text_or("by", ""), silence.text_or("reason", "")});
    }
    fmt::print("{}", table.size() == 0 ? "no silences\n" : table.text() + zone_note(zone));
}

/// A command that reads one path: JSON as it came, or a table.
template <typename Print>
CliCommand add_read(CliCommand app, Context& context, const std::string& name, const std::string& help,
                    std::function<std::string()> path, Print print) {
    const auto command = app.command(name, help);
    command.run([&context, path, print] {
        Api api(context);
        if (context.json) {
            if (const auto body = api.get(path())) {
                fmt::print("{}\n", *body);
            }
        } else if (const auto json = api.read(path())) {
            if constexpr (std::is_invocable_v<Print, const JsonValue&, const Zone&>) {
                print(*json, api.zone());  // only of those who print times is the zone asked
            } else {
                print(*json);
            }
        }
    });
    return command;
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
            print_incident(*json, api.zone());
        }
    });
}

}  // namespace

void add_reading(CliCommand app, Context& context) {
    const auto fixed = [](std::string path) { return [path] { return path; }; };
    add_read(app, context, "status", "is it well: feeds, rules, channels, store", fixed("/api/v1/status"), print_status);
    auto all_incidents = std::make_shared<bool>(false);
    add_read(app, context, "incidents", "open incidents", fixed("/api/v1/incidents"), [all_incidents](const JsonValue& json) {
        print_incidents(json, *all_incidents);
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
