// [[roster]] and [[override]]: shifts in civil time of a zone.
#include "config/draft.hpp"
#include "config/limits.hpp"

namespace surged {

namespace {
void read_people(TableReader& table, std::vector<std::string>& out, Draft& draft) {
    std::vector<PlacedText> people;
    table.require("people");
    table.texts("people", people);
    for (const auto& person : people) {
        draft.names.use(NameKind::person, person.text, person.place);
        out.push_back(person.text);
    }
}

template <typename Parse, typename Value>
void read_parsed(TableReader& table, std::string_view key, Parse parse, Value& out) {
    const auto* node = table.any(key);
    if (node == nullptr) {
        return;
    }
    if (node->kind != Node::Kind::text && node->kind != Node::Kind::date) {
        table.error(key, "`" + std::string(key) + "` must be a string, not " + std::string(to_string(node->kind)));
        return;
    }
    if (auto value = parse(node->text)) {
        out = *value;
    } else {
        report_in_text(table.report(), *node, value.error().offset, value.error().message);
    }
}

void read_hours(TableReader& table, int& from_min, int& to_min) {
    read_parsed(table, "from", parse_clock, from_min);
    read_parsed(table, "to", parse_clock, to_min);
    if (from_min == 1440) {
        table.error("from", "a shift starts at \"23:59\" at the latest");
    }
}

/// Dates and times of core/base/zone.hpp, whose errors have no offset.
template <typename Value>
auto with_offset(Result<Value> (*parse)(std::string_view)) {
    return [parse](std::string_view text) -> Result<Value, TextError> {
        auto value = parse(text);
        if (!value) {
            return tl::unexpected(TextError{0, value.error().message});
        }
        return *value;
    };
}

void read_roster(const Node& node, Draft& draft) {
    TableReader table(node, "[[roster]]", draft.report);
    RosterSpec roster;
    roster.zone = draft.plan.timezone;
    if (table.id("id", roster.id)) {
        draft.names.define(NameKind::roster, roster.id, table.at("id"), draft.report);
    }
    if (table.text("timezone", roster.zone)) {
        roster.zone = draft.zone(roster.zone, table.at("timezone"));
    }
    for (const auto* item : table.tables("shift")) {
        TableReader reader(*item, "roster.shift", draft.report);
        ShiftSpec shift;
        read_parsed(reader, "days", parse_days, shift.days);
        read_hours(reader, shift.from_min, shift.to_min);
        read_people(reader, shift.people, draft);
        reader.finish();
        if (shift.people.empty() && reader.has("people")) {
            draft.report.warning(reader.at("people"), "this shift has nobody");
        }
        roster.shifts.push_back(std::move(shift));
    }
    for (const auto* item : table.tables("dates")) {
        TableReader reader(*item, "roster.dates", draft.report);
        RosterDate date;
        reader.require("date");
        read_parsed(reader, "date", with_offset(parse_date), date.day);
        read_hours(reader, date.from_min, date.to_min);
        read_people(reader, date.people, draft);
        reader.finish();
        roster.dates.push_back(std::move(date));
    }
    table.finish();
    if (!table.has("shift") && !table.has("dates")) {
        draft.report.error(table.place(), "[[roster]] needs `shift` or `dates`");
    }
    draft.rosters.push_back(table.place());
    draft.plan.rosters.push_back(std::move(roster));
}

void read_override(const Node& node, Draft& draft) {
    TableReader table(node, "[[override]]", draft.report);
    OverrideSpec change;
    table.require("roster");
    if (table.text("roster", change.roster)) {
        draft.names.use(NameKind::roster, change.roster, table.at("roster"));
    }
    const auto errors = draft.report.errors();
    table.require("from");
    table.require("until");
    read_parsed(table, "from", with_offset(parse_civil), change.from);
    read_parsed(table, "until", with_offset(parse_civil), change.until);
    const bool dated = draft.report.errors() == errors;
    const auto person = [&](std::string_view key, std::string& out) {
        if (table.text(key, out)) {
            draft.names.use(NameKind::person, out, table.at(key));
        }
    };
    person("out", change.out);
    person("in", change.in);
    table.text("reason", change.reason);
    table.text("by", change.by);
    table.finish();
    if (!table.has("out") && !table.has("in")) {
        draft.report.error(table.place(), "[[override]] needs `out` (who leaves), `in` (who comes), or both");
    }
    const auto order = [](const CivilTime& t) { return days_from_civil(t.year, t.month, t.day) * 86400 + t.second_of_day; };
    if (dated && order(change.until) <= order(change.from)) {
        table.error("until", "`until` is not after `from`");
    }
    draft.overrides.push_back(table.place());
    draft.plan.overrides.push_back(std::move(change));
}
}  // namespace

void read_rosters(TableReader& root, Draft& draft) {
    for (const auto* node : root.tables("roster")) {
        read_roster(*node, draft);
    }
    for (const auto* node : root.tables("override")) {
        read_override(*node, draft);
    }
}

}  // namespace surged
