#include "io/http/render_duty.hpp"

#include "core/base/ranges.hpp"
#include "wire/json_fields.hpp"

namespace surged {

namespace {

/// Those of the configuration, resolved in their rosters' zones, then those set at run time; without those that are over.
std::vector<OverrideChange> overrides_from(const DutyFacts& facts, WallTime now) {
    std::vector<OverrideChange> out;
    for (const OverrideSpec& spec : facts.plan.overrides) {
        const RosterSpec* roster = find_by_id(facts.plan.rosters, spec.roster);
        const Zone& table = zone_of(facts.plan, roster != nullptr ? roster->zone : std::string());
        OverrideChange& change = out.emplace_back();
        change.roster = spec.roster;
        change.from = table.first_instant(spec.from);
        change.until = table.last_instant(spec.until);
        change.out = spec.out;
        change.in = spec.in;
        change.by = spec.by;
        change.reason = spec.reason;
    }
    out.insert(out.end(), facts.set_at_run_time.begin(), facts.set_at_run_time.end());
    std::erase_if(out, [&](const OverrideChange& change) { return change.until <= now; });
    return out;
}

}  // namespace

std::string render_duty(const DutyFacts& facts, WallTime from, WallTime until) {
    std::string out;
    JsonWriter json(out);
    JsonFields v(json);
    json.begin_object();
    v("at", from), v("until", until), v("rosters", all_duty(facts, from, until)), v("gaps", all_gaps(facts, from, until));
    v("short", all_need_gaps(facts, from, until));
    json.end_object();
    return out;
}

std::string render_overrides(const DutyFacts& facts, WallTime now) {
    std::string out;
    JsonWriter json(out);
    JsonFields v(json);
    json.begin_object();
    v("now", now), v.each("overrides", overrides_from(facts, now), [&](const OverrideChange& change) {
        change.fields(v, now);
    });
    json.end_object();
    return out;
}

}  // namespace surged
