// surgectl roster show|gaps: people on duty by roster and time, and times without anybody. Its import is cmd_roster_import.cpp.
//
// Duty is always asked of the daemon, which answers by the function it pages with; nothing is worked out here.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "core/base/clock_text.hpp"
#include "core/base/ranges.hpp"
#include "ctl/api_json.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"

namespace surged {
namespace {

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
    std::ranges::copy_if(a, std::back_inserter(out), [&](const std::string& person) { return !contains(b, person); });
    return out;
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

void print_roster(const Look& look, const JsonValue& roster, WallTime at) {
    const Zone zone = zone_or_utc(roster.text_or("zone", "UTC"));
    auto before = people_of(roster);
    fmt::print("{}\n", look.say("roster_now", {{"roster", roster.text_or("roster", "?")},
                                               {"time", day_and_minute(at, zone)},
                                               {"zone", zone.name()},
                                               {"people", in_a_row(before, look.paint(Tone::bad, look.say("nobody")))}}));
    const std::string nobody = look.paint(Tone::bad, look.cell("nobody"));
    TextTable table(look.heads({"head.from_shifted", "head.on_duty", "head.comes", "head.goes"}));
    for (const JsonValue& change : list_of(roster, "changes")) {
        const auto now = people_of(change);
        table.add({"  " + day_and_minute(time_of(change, "at"), zone), in_a_row(now, nobody),
                   in_a_row(without(now, before), "-"), in_a_row(without(before, now), "-")});
        before = now;
    }
    fmt::print("{}", table.size() == 0 ? look.say("no_change") + "\n" : table.text());
}

std::string duty_path(Api& api, const std::string& at, int days) {
    return "/api/v1/rosters?days=" + std::to_string(days) + (at.empty() ? "" : "&at=" + query_time(at, api.zone()));
}

void show(const ShowOptions& options, Context& context) {
    Api api(context);
    const auto json = api.read(duty_path(api, options.at, options.days));
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
            print_roster(context.look(), roster, time_of(*json, "at"));
        }
    }
    if (shown == 0) {
        const Look look = context.look();
        context.fail(ctl_no, options.roster.empty() ? look.say("no_roster") : look.say("no_roster_of", {{"roster", options.roster}}));
    }
}

void gaps(const ShowOptions& options, Context& context) {
    Api api(context);
    const auto json = api.read(duty_path(api, options.at, options.days));
    if (!json) {
        return;
    }
    const Look look = context.look();
    TextTable table(look.heads({"head.policy", "head.tier", "head.nobody_from", "head.until", "head.zone"}));
    for (const JsonValue& gap : list_of(*json, "gaps")) {
        const Zone zone = zone_or_utc(gap.text_or("zone", "UTC"));
        if (context.json) {
            fmt::print("{}\n", to_text(gap));
        }
        const bool open = time_of(gap, "until") >= time_of(*json, "until");
        table.add({gap.text_or("policy", "?"), gap.text_or("tier", "?"), day_and_minute(time_of(gap, "from"), zone),
                   open ? look.cell("end_of_look") : day_and_minute(time_of(gap, "until"), zone), zone.name()});
    }
    TextTable few(look.heads({"head.policy", "head.on_duty", "head.need", "head.of", "head.from", "head.until", "head.zone"}));
    for (const JsonValue& gap : list_of(*json, "short")) {
        const Zone zone = zone_or_utc(gap.text_or("zone", "UTC"));
        if (context.json) {
            fmt::print("{}\n", to_text(gap));
        }
        const auto number = [&](const char* name) { return std::to_string(count_of(gap, name)); };
        const bool open = time_of(gap, "until") >= time_of(*json, "until");
        const auto what = gap.text_or("what", "");
        few.add({gap.text_or("policy", "?"), number("on_duty"), number("need"), what.empty() ? look.cell("all_tiers_together") : what,
                 day_and_minute(time_of(gap, "from"), zone),
                 open ? look.cell("end_of_look") : day_and_minute(time_of(gap, "until"), zone), zone.name()});
    }
    if (!context.json) {
        fmt::print("{}", table.size() == 0 ? look.say("no_gaps", {{"days", std::to_string(options.days)}}) + "\n" : table.text());
        fmt::print("{}", few.size() == 0 ? std::string() : look.say("fewer_than_needed") + "\n" + few.text());
    }
    context.exit_code = table.size() == 0 && few.size() == 0 ? ctl_ok : ctl_no;
}

void add_span(CliCommand command, const std::shared_ptr<ShowOptions>& options) {
    command.option("--at", options->at, "from this time: 2026-01-31T10:00 (of `[defaults] timezone`), ...Z, or ms UTC").type("TIME");
    command.option("--days", options->days, "how many days ahead").within(1, 62).shows_default();
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

    add_roster_import(command, context);
}

}  // namespace surged
