#include "io/http/render_duty.hpp"

#include "wire/json_text.hpp"

namespace surged {

namespace {

void write_people(JsonWriter& json, const std::vector<std::string>& people) {
    json.key("on_duty").begin_array();
    for (const std::string& person : people) {
        json.value(person);
    }
    json.end_array();
}

void write_override(JsonWriter& json, const OverrideChange& change, WallTime now) {
    if (change.until <= now) {
        return;
    }
    json.begin_object();
    if (!change.id.empty()) {
        json.field("id", change.id);
    }
    json.field("roster", change.roster).field("from", to_ms(change.from)).field("until", to_ms(change.until));
    json.field("out", change.out).field("in", change.in).field("by", change.by).field("reason", change.reason);
    json.field("active", change.from <= now).end_object();
}

}  // namespace

std::string render_duty(const DutyFacts& facts, WallTime from, WallTime until) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("at", to_ms(from)).field("until", to_ms(until)).key("rosters").begin_array();
    for (const RosterDuty& duty : all_duty(facts, from, until)) {
        json.begin_object().field("roster", duty.roster).field("zone", duty.zone);
        write_people(json, duty.turns.front().people);
        json.key("changes").begin_array();
        for (std::size_t i = 1; i < duty.turns.size(); ++i) {
            json.begin_object().field("at", to_ms(duty.turns[i].at));
            write_people(json, duty.turns[i].people);
            json.end_object();
        }
        json.end_array().end_object();
    }
    json.end_array().key("gaps").begin_array();
    for (const TierGap& gap : all_gaps(facts, from, until)) {
        json.begin_object().field("policy", gap.policy).field("tier", gap.tier).field("zone", gap.zone);
        json.field("from", to_ms(gap.from)).field("until", to_ms(gap.until)).end_object();
    }
    json.end_array().key("short").begin_array();
    for (const NeedGap& gap : all_need_gaps(facts, from, until)) {
        json.begin_object().field("policy", gap.policy).field("what", gap.what).field("on_duty", gap.on_duty);
        json.field("need", gap.need).field("zone", gap.zone);
        json.field("from", to_ms(gap.from)).field("until", to_ms(gap.until)).end_object();
    }
    json.end_array().end_object();
    return out;
}

std::string render_overrides(const DutyFacts& facts, WallTime now) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("now", to_ms(now)).key("overrides").begin_array();
    for (const OverrideSpec& spec : facts.plan.overrides) {
        std::string zone;
        for (const RosterSpec& roster : facts.plan.rosters) {
            zone = roster.id == spec.roster ? roster.zone : zone;
        }
        const Zone& table = zone_of(facts.plan, zone);
        OverrideChange change;
        change.roster = spec.roster;
        change.from = table.first_instant(spec.from);
        change.until = table.last_instant(spec.until);
        change.out = spec.out;
        change.in = spec.in;
        change.by = spec.by;
        change.reason = spec.reason;
        write_override(json, change, now);
    }
    for (const OverrideChange& change : facts.set_at_run_time) {
        write_override(json, change, now);
    }
    json.end_array().end_object();
    return out;
}

}  // namespace surged
