// surgectl override add|list|remove: somebody else stands on a roster for a while.
#include <fmt/format.h>

#include <chrono>
#include <map>
#include <memory>

#include "core/base/clock_text.hpp"
#include "core/base/text.hpp"
#include "ctl/api_json.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"

namespace surged {
namespace {

struct OverrideOptions {
    std::string id;
    std::string roster;
    std::string out;
    std::string in;
    std::string from;
    std::string until;
    std::string lasting;
    std::string reason;
    std::string person;
};

/// The zone of a roster, which is the one its overrides are said in; told when there is no such roster.
std::optional<Zone> zone_of_roster(Api& api, const std::string& roster, Context& context) {
    const auto json = api.read("/api/v1/rosters?days=1");
    if (!json) {
        return std::nullopt;
    }
    std::vector<std::string> names;
    for (const JsonValue& candidate : list_of(*json, "rosters")) {
        names.push_back(candidate.text_or("roster", ""));
        if (names.back() == roster) {
            return zone_or_utc(candidate.text_or("zone", "UTC"));
        }
    }
    const auto near = nearest_name(roster, names);
    context.fail(ctl_no, "no roster " + roster + (near ? "; did you mean " + *near + "?" : ""));
    return std::nullopt;
}

void write_time(JsonWriter& json, const char* name, const std::string& text, const Zone& zone, bool first) {
    if (text.empty()) {
        return;
    }
    if (const auto civil = parse_civil(text)) {
        json.field(name, to_ms(first ? zone.first_instant(*civil) : zone.last_instant(*civil)));
    } else {
        json.field(name, text);
    }
}

void print_done(const Context& context, const JsonValue& reply, const std::string& what) {
    if (context.json) {
        fmt::print("{}\n", to_text(reply));
    } else {
        fmt::print("override {} {}\n", reply.text_or("message", "?"), what);
    }
}

void add_one(const OverrideOptions& options, Context& context) {
    if (options.out.empty() && options.in.empty()) {
        return context.fail(ctl_usage, "name who goes with --out, who comes with --in, or both");
    }
    if (options.until.empty() == options.lasting.empty()) {
        return context.fail(ctl_usage, "an override ends: give either --until or --for");
    }
    Api api(context);
    const auto zone = zone_of_roster(api, options.roster, context);
    if (!zone) {
        return;
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object().field("roster", options.roster).field("out", options.out).field("in", options.in);
    json.field("reason", options.reason);
    write_time(json, "from", options.from, *zone, true);
    if (!options.lasting.empty()) {
        const auto span = parse_span(options.lasting);
        const auto civil = parse_civil(options.from);
        if (!span || (!options.from.empty() && !civil)) {
            return context.fail(ctl_usage, "--for is a duration as 8h; with it --from is a time as 2026-01-31T08:00");
        }
        const auto now = std::chrono::time_point_cast<Span>(std::chrono::system_clock::now()).time_since_epoch().count();
        json.field("until", (civil ? to_ms(zone->first_instant(*civil)) : std::int64_t{now}) + span->count());
    } else {
        write_time(json, "until", options.until, *zone, false);
    }
    if (!options.person.empty()) {
        json.field("person", options.person);
    }
    json.end_object();
    if (const auto reply = api.post("/api/v1/overrides", body)) {
        print_done(context, *reply, "set");
    }
}

void remove_one(const OverrideOptions& options, Context& context) {
    Api api(context);
    std::string body;
    JsonWriter(body).begin_object().field("id", options.id).field("removed", true).end_object();
    if (const auto reply = api.post("/api/v1/overrides", body)) {
        print_done(context, *reply, "removed");
    }
}

void list_overrides(Context& context) {
    Api api(context);
    const auto json = api.read("/api/v1/overrides");
    if (!json) {
        return;
    }
    // Each in the zone of its roster, as `override add` takes it and `roster show` prints it; the zone is named.
    std::map<std::string, Zone> zones;
    if (const auto rosters = api.read("/api/v1/rosters?days=1")) {
        for (const JsonValue& roster : list_of(*rosters, "rosters")) {
            zones.emplace(roster.text_or("roster", ""), zone_or_utc(roster.text_or("zone", "UTC")));
        }
    }
    const Look look = context.look();
    TextTable table(look.heads({"head.override", "head.roster", "head.out", "head.in", "head.from", "head.until", "head.zone", "head.set_by",
                                "head.reason"}));
    for (const JsonValue& change : list_of(*json, "overrides")) {
        if (context.json) {
            fmt::print("{}\n", to_text(change));
        }
        const auto known = zones.find(change.text_or("roster", ""));
        const Zone zone = known == zones.end() ? Zone{} : known->second;
        table.add({change.text_or("id", "(config)"), change.text_or("roster", "?"), change.text_or("out", ""),
                   change.text_or("in", ""), day_and_minute(time_of(change, "from"), zone),
                   day_and_minute(time_of(change, "until"), zone), zone.name(), change.text_or("by", ""),
                   change.text_or("reason", "")});
    }
    if (!context.json) {
        fmt::print("{}", table.size() == 0 ? look.say("no_overrides") + "\n" : table.text());
    }
}

}  // namespace

void add_override(CliCommand app, Context& context) {
    const auto command = app.command("override", "somebody else stands there for a while");
    command.needs_command();
    auto options = std::make_shared<OverrideOptions>();
    const auto add = command.command("add", "set one; it ends by itself");
    add.option("--roster", options->roster, "on which roster").required().type("ID");
    add.option("--out", options->out, "who goes").type("PERSON");
    add.option("--in", options->in, "who comes; with --out only while that one stands there").type("PERSON");
    add.option("--from", options->from, "2026-01-31T08:00 of the roster's zone, ...Z, or ms UTC; default: now").type("TIME");
    add.option("--until", options->until, "the same; not included").type("TIME");
    add.option("--for", options->lasting, "how long instead: 8h").type("DURATION");
    add.option("--reason", options->reason, "why").required().type("TEXT");
    add.option("--as", options->person, "who orders it").type("PERSON");
    add.run([options, &context] { add_one(*options, context); });
    command.command("list", "those that are in force or will be").run([&context] { list_overrides(context); });
    const auto remove = command.command("remove", "end one that was set at run time");
    remove.option("id", options->id, "override, e.g. o-3").required().type("ID");
    remove.run([options, &context] { remove_one(*options, context); });
}

}  // namespace surged
