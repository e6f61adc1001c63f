// surgectl roster show|gaps|import, surgectl override add|list|remove: who stands where and when, and how that is changed.
//
// Who is on duty is always asked of the daemon, which answers by the function it pages with; nothing is worked out here.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <map>
#include <memory>

#include "config/zones.hpp"
#include "core/base/text.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/json_lines.hpp"
#include "ctl/roster_import.hpp"
#include "ctl/text_file.hpp"
#include "replay/timeline.hpp"

namespace surged {
namespace {

constexpr std::size_t import_bytes_max = std::size_t{16} << 20U;

WallTime time_of(const JsonValue& json, std::string_view name) {
    const JsonValue* value = json.find(name);
    return wall_time(value == nullptr ? 0 : value->integer().value_or(0));
}

std::vector<std::string> people_of(const JsonValue& json) {
    std::vector<std::string> out;
    for (const JsonValue& person : list_of(json, "on_duty")) {
        out.push_back(person.text() == nullptr ? "?" : *person.text());
    }
    return out;
}

std::string in_a_row(const std::vector<std::string>& words, const std::string& when_none) {
    std::string out;
    for (const auto& word : words) {
        out += (out.empty() ? "" : ", ") + word;
    }
    return out.empty() ? when_none : out;
}

/// Those of `a` who are not in `b`.
std::vector<std::string> without(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    std::vector<std::string> out;
    std::copy_if(a.begin(), a.end(), std::back_inserter(out),
                 [&](const std::string& person) { return std::find(b.begin(), b.end(), person) == b.end(); });
    return out;
}

/// "Sun 2026-11-22 20:00"
std::string day_and_minute(WallTime at, const Zone& zone) {
    constexpr std::array<std::string_view, 7> names{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const auto civil = zone.to_civil(at);
    const auto day = weekday_of(days_from_civil(civil.year, civil.month, civil.day));
    return std::string(names[static_cast<std::size_t>(day)]) + " " + civil_text(at, zone).substr(0, 16);
}

Zone zone_or_utc(const std::string& name) {
    auto zone = load_zone(name);
    return zone ? std::move(*zone) : Zone{};
}

/// A time as the API takes it in a query: a civil time is one of `zone`.
std::string query_time(const std::string& text, const Zone& zone) {
    if (const auto civil = parse_civil(text)) {
        return std::to_string(to_ms(zone.first_instant(*civil)));
    }
    std::string out;
    for (const char c : text) {
        out += c == '+' ? std::string("%2B") : std::string(1, c);
    }
    return out;
}

struct ShowOptions {
    std::string roster;
    std::string at;
    int days = 7;
};

void print_roster(const JsonValue& roster, WallTime at) {
    const Zone zone = zone_or_utc(roster.text_or("zone", "UTC"));
    auto before = people_of(roster);
    fmt::print("{} on {} ({}): {}\n", roster.text_or("roster", "?"), day_and_minute(at, zone), zone.name(),
               in_a_row(before, "NOBODY"));
    TextTable table({"  FROM", "ON DUTY", "COMES", "GOES"});
    for (const JsonValue& change : list_of(roster, "changes")) {
        const auto now = people_of(change);
        table.add({"  " + day_and_minute(time_of(change, "at"), zone), in_a_row(now, "NOBODY"),
                   in_a_row(without(now, before), "-"), in_a_row(without(before, now), "-")});
        before = now;
    }
    fmt::print("{}", table.size() == 0 ? std::string("  no change\n") : table.text());
}

std::string duty_path(const std::string& at, int days) {
    return "/api/v1/rosters?days=" + std::to_string(days) + (at.empty() ? "" : "&at=" + query_time(at, local_zone()));
}

void show(const ShowOptions& options, Context& context) {
    Api api(context);
    const auto json = api.read(duty_path(options.at, options.days));
    if (!json) {
        return;
    }
    std::size_t shown = 0;
    for (const JsonValue& roster : list_of(*json, "rosters")) {
        if (!options.roster.empty() && roster.text_or("roster", "") != options.roster) {
            continue;
        }
        ++shown;
        if (context.json) {
            fmt::print("{}\n", to_text(roster));
        } else {
            print_roster(roster, time_of(*json, "at"));
        }
    }
    if (shown == 0) {
        context.fail(ctl_no, options.roster.empty() ? "there is no roster" : "no roster " + options.roster);
    }
}

void gaps(const ShowOptions& options, Context& context) {
    Api api(context);
    const auto json = api.read(duty_path(options.at, options.days));
    if (!json) {
        return;
    }
    TextTable table({"POLICY", "TIER", "NOBODY FROM", "UNTIL", "ZONE"});
    for (const JsonValue& gap : list_of(*json, "gaps")) {
        const Zone zone = zone_or_utc(gap.text_or("zone", "UTC"));
        if (context.json) {
            fmt::print("{}\n", to_text(gap));
        }
        const bool open = time_of(gap, "until") >= time_of(*json, "until");
        table.add({gap.text_or("policy", "?"), gap.text_or("tier", "?"), day_and_minute(time_of(gap, "from"), zone),
                   open ? "(the end of what was looked at)" : day_and_minute(time_of(gap, "until"), zone), zone.name()});
    }
    TextTable few({"POLICY", "ON DUTY", "NEED", "OF", "FROM", "UNTIL", "ZONE"});
    for (const JsonValue& gap : list_of(*json, "short")) {
        const Zone zone = zone_or_utc(gap.text_or("zone", "UTC"));
        if (context.json) {
            fmt::print("{}\n", to_text(gap));
        }
        const auto number = [&](const char* name) {
            const JsonValue* value = gap.find(name);
            return std::to_string(value == nullptr ? 0 : value->integer().value_or(0));
        };
        const bool open = time_of(gap, "until") >= time_of(*json, "until");
        const auto what = gap.text_or("what", "");
        few.add({gap.text_or("policy", "?"), number("on_duty"), number("need"), what.empty() ? "all tiers together" : what,
                 day_and_minute(time_of(gap, "from"), zone),
                 open ? "(the end of what was looked at)" : day_and_minute(time_of(gap, "until"), zone), zone.name()});
    }
    if (!context.json) {
        fmt::print("{}", table.size() == 0 ? fmt::format("every tier has somebody on duty for the next {} days\n", options.days)
                                           : table.text());
        fmt::print("{}", few.size() == 0 ? std::string() : "fewer on duty than needed:\n" + few.text());
    }
    context.exit_code = table.size() == 0 && few.size() == 0 ? ctl_ok : ctl_no;
}

struct ImportFile {
    std::string file;
    std::string roster;
    std::string zone;
    std::string config;
    std::string until;
    std::string date_format;
};

/// The configuration's people by id, name or e-mail address.
std::function<std::string(const std::string&)> person_finder(std::shared_ptr<const Plan> plan) {
    return [plan = std::move(plan)](const std::string& word) -> std::string {
        const auto same_address = [](const std::string& a, const std::string& b) {
            return !a.empty() && std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
                return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
            });
        };
        const auto twice = std::count_if(plan->people.begin(), plan->people.end(),
                                         [&](const PersonSpec& p) { return p.name == word && p.id != word; });
        if (twice > 1 &&
            std::none_of(plan->people.begin(), plan->people.end(), [&](const PersonSpec& p) { return p.id == word; })) {
            return {};  // two of one name: which, only an id or an address says
        }
        for (const PersonSpec& person : plan->people) {
            if (person.id == word || (!word.empty() && (person.name == word || same_address(person.email, word)))) {
                return person.id;
            }
        }
        return {};
    };
}

bool prepare_import(const ImportFile& from, ImportOptions& options, Context& context) {
    std::string zone = from.zone;
    if (!from.config.empty()) {
        auto config = load_for_ctl(context, from.config);
        if (!config) {
            return false;
        }
        zone = zone.empty() ? config->plan->timezone : zone;
        options.person = person_finder(std::shared_ptr<const Plan>(std::move(config->plan)));
    }
    if (!from.date_format.empty() && from.date_format != "mdy" && from.date_format != "dmy") {
        context.fail(ctl_usage, "--date-format is mdy (12/31/2026) or dmy (31/12/2026)");
        return false;
    }
    options.date_format = from.date_format;
    options.roster = from.roster;
    options.load_zone = [](const std::string& name) {
        auto loaded = load_zone(name);
        return loaded ? std::optional(std::move(*loaded)) : std::nullopt;
    };
    auto own = named_zone(context, zone);
    if (!own) {
        return false;
    }
    options.zone = std::move(*own);
    const auto now = options.zone.to_civil(std::chrono::time_point_cast<Span>(std::chrono::system_clock::now()));
    options.today = days_from_civil(now.year, now.month, now.day);
    if (!from.until.empty()) {
        const auto day = parse_date(from.until);
        if (!day) {
            context.fail(ctl_usage, "--until is a date as 2026-12-31");
            return false;
        }
        options.until = *day;
    }
    return true;
}

void import(const ImportFile& from, Context& context) {
    ImportOptions options;
    if (!prepare_import(from, options, context)) {
        return;
    }
    const auto bytes = read_text_file(from.file, import_bytes_max);
    if (!bytes) {
        return context.fail(ctl_usage, bytes.error().message);
    }
    const bool plain_calendar = bytes->find("BEGIN:VCALENDAR") < 16;
    const auto text = text_to_utf8(plain_calendar ? unfold_ical_bytes(*bytes) : *bytes);
    if (!text) {
        return context.fail(ctl_usage, from.file + " " + text.error().message);
    }
    const bool calendar = text->find("BEGIN:VCALENDAR") < 16;
    const auto imported = calendar ? import_ical(*text, options) : import_csv(*text, options);
    for (const auto& finding : imported.errors) {
        std::fprintf(stderr, "%s:%d: error: %s\n", from.file.c_str(), finding.line, finding.message.c_str());
    }
    for (const auto& finding : imported.notes) {
        std::fprintf(stderr, "%s:%d: note: %s\n", from.file.c_str(), finding.line, finding.message.c_str());
    }
    if (imported.unusable) {
        return context.fail(ctl_usage, "nothing was made of " + from.file);
    }
    if (!imported.errors.empty()) {
        context.fail(ctl_no, "the roster is without what the errors above name");
    }
    const auto slash = from.file.rfind('/');
    const auto name = slash == std::string::npos ? from.file : from.file.substr(slash + 1);
    fmt::print("{}", toml_of(imported.roster, fmt::format("{}: {} entries", name, imported.events)));
}

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
    TextTable table({"OVERRIDE", "ROSTER", "OUT", "IN", "FROM", "UNTIL", "ZONE", "BY", "REASON"});
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
        fmt::print("{}", table.size() == 0 ? "no overrides\n" : table.text());
    }
}

void add_span(CliCommand command, const std::shared_ptr<ShowOptions>& options) {
    command.option("--at", options->at, "from this time: 2026-01-31T10:00 (yours), ...Z, or ms UTC").type("TIME");
    command.option("--days", options->days, "how many days ahead").within(1, 62).shows_default();
}

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

}  // namespace

void add_roster(CliCommand app, Context& context) {
    const auto command = app.command("roster", "who stands on a roster, when nobody does, and rosters out of calendars");
    command.needs_command();
    auto shown = std::make_shared<ShowOptions>();
    const auto show_command = command.command("show", "who is on duty and every change to come");
    show_command.option("roster", shown->roster, "one roster; default: all of them").type("ROSTER");
    add_span(show_command, shown);
    show_command.run([shown, &context] { show(*shown, context); });

    auto ahead = std::make_shared<ShowOptions>();
    ahead->days = 14;
    const auto gaps_command =
        command.command("gaps", "times at which a tier has nobody or a policy fewer than its need; exit 1 when there are any");
    add_span(gaps_command, ahead);
    gaps_command.run([ahead, &context] { gaps(*ahead, context); });

    auto from = std::make_shared<ImportFile>();
    const auto import_command = command.command(
        "import", "an iCalendar or CSV file as [[roster]] on standard output; exit 1 when something was left out");
    import_command.option("file", from->file, "FILE.ics, or lines date,from,to,people; UTF-8, UTF-16 or GB18030")
        .required()
        .type("FILE");
    import_command.option("--roster", from->roster, "its id").required().type("ID");
    import_command.option("--zone", from->zone, "its zone; default: the configuration's, else yours").type("ZONE");
    import_command.option("--config", from->config, "people are looked up here by id, name or e-mail address").type("FILE");
    import_command.option("--until", from->until, "write repetitions out as dates up to this day").type("DATE");
    import_command.option("--date-format", from->date_format, "mdy or dmy, for dates as 12/1/2026").type("ORDER");
    import_command.run([from, &context] { import(*from, context); });
    add_override(app, context);
}

}  // namespace surged
