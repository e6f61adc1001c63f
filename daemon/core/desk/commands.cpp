// What operators order: escalate, resolve, silence, override, a test page. Each is refused with a reason or recorded with its
// author.
#include "core/desk/commands.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace surged {

namespace {
constexpr std::size_t words_max = 500;

std::string request_of(const Command& c) {
    switch (c.kind) {
        case Command::Kind::answer: return "answer";
        case Command::Kind::escalate: return "escalate " + c.incident + " " + std::to_string(c.tier);
        case Command::Kind::resolve: return "resolve " + c.incident;
        case Command::Kind::silence: return "silence " + c.silence.rule + " " + c.silence.centre + " " + c.silence.queue;
        case Command::Kind::unsilence: return "unsilence " + c.silence.silence;
        case Command::Kind::override_roster:
            return "override " + c.override_change.roster + " " + c.override_change.out + " " + c.override_change.in;
        case Command::Kind::test_page: return "test " + c.person;
        case Command::Kind::adopt_policy: return "adopt-policy " + c.incident;
        case Command::Kind::verdict: return "verdict " + c.incident + " " + std::string(to_string(c.verdict));
    }
    return {};
}
std::string why_of(const Command& c, const char* otherwise) {
    return c.reason.empty() ? otherwise : c.reason.substr(0, words_max);
}
}  // namespace

namespace desk {

namespace {

/// Remembers what was done under an Idempotency-Key. What was refused may be tried again under the same key.
CommandReply finish(Step& step, const Command& command, CommandReply r) {
    if (r.ok && !command.key.empty()) {
        SystemNote note{"command", request_of(command) + ": " + r.code};
        note.key = reply_key(command.by, command.key);
        note.request = request_of(command);
        note.code = r.code;
        step.emit(std::move(note));
    }
    return r;
}

CommandReply escalate(Step& step, const Command& command) {
    auto* inc = step.state.incident(command.incident);
    if (inc == nullptr) {
        return reply(nullptr, false, "not_found", "no such incident");
    }
    const int last = static_cast<int>(inc->policy.tiers.size());
    const int target = command.tier == 0 ? inc->tier + 1 : command.tier;
    if (inc->ending != Ending::none) {
        return reply(inc, false, inc->open() ? "conflict" : "closed",
                     inc->into.empty() ? "the surge is over or ending" : "it goes on as incident " + inc->into);
    }
    if (inc->phase == Phase::filled) {
        return reply(inc, false, "conflict", "seats are filled, there is nobody to call for");
    }
    if (target < 1 || target > last + 1) {
        return reply(inc, false, "conflict", "there are " + std::to_string(last) + " tiers");
    }
    const auto* group = step.state.book.group(inc->group);
    if (group == nullptr || !group->any_loud() || ebbs(*inc, *group)) {
        return reply(inc, false, "conflict",
                     group != nullptr && group->any_loud() ? "every alert is clearing: nobody is called for what is ending"
                                                           : "every alert is silenced, muted or folded: nobody is called for it");
    }
    if (target <= inc->tier) {
        return reply(inc, false, "already", "tier " + std::to_string(target) + " has been called: nobody more is called by this");
    }
    const auto why = why_of(command, "by hand");
    const auto decided = step.out.records.size();
    if (target <= last) {
        incident::climb(step, *inc, target, why, command.by);
    } else if (inc->phase != Phase::exhausted) {
        incident::exhaust(step, *inc, why, command.by);
    } else {
        return reply(inc, false, "already", "every tier and the fallback list have been called: nobody more is called by this");
    }
    const bool anybody =
        std::any_of(step.out.records.begin() + static_cast<std::ptrdiff_t>(decided), step.out.records.end(), [](const Record& r) {
            const auto* change = std::get_if<SeatChange>(&r.body);
            return change != nullptr && change->state == SeatState::asked;
        });
    if (!anybody) {
        return reply(inc, false, "nobody",
                     "nobody could be called: no one further is on duty who can be reached, nor on the fallback list");
    }
    return reply(inc, true, "escalated", "tier " + std::to_string(inc->tier) + " is called");
}

CommandReply resolve_by_hand(Step& step, const Command& command) {
    auto* inc = step.state.incident(command.incident);
    if (inc == nullptr) {
        return reply(nullptr, false, "not_found", "no such incident");
    }
    if (!inc->open()) {
        return reply(inc, true, "already", inc->into.empty() ? "the incident is over" : "it goes on as incident " + inc->into);
    }
    const auto* group = step.state.book.group(inc->group);
    if (group != nullptr && group->firing() && !command.force) {
        return reply(inc, false, "conflict", "alerts still fire: resolve with force, it holds for 15 minutes");
    }
    incident::resolve(step, *inc, why_of(command, "by hand"), command.by.empty() ? "operator" : command.by);
    return reply(inc, true, "resolved", "resolved; everyone who was paged is told");
}

CommandReply silence(Step& step, const Command& command) {
    auto s = command.silence;
    if (s.until <= step.now.at || s.until > step.now.at + silence_longest) {
        return reply(nullptr, false, "conflict", "a silence must end in the future and within 30 days");
    }
    if (step.state.silences.size() >= silences_max) {
        return reply(nullptr, false, "conflict", "there are " + std::to_string(silences_max) + " silences already");
    }
    s.silence = "s-" + std::to_string(step.state.silences_made + 1);
    s.by = command.by;
    s.reason = why_of(command, s.reason.c_str());
    s.removed = false;
    const auto id = s.silence;
    step.emit(std::move(s));
    return reply(nullptr, true, "silenced", id);
}

CommandReply unsilence(Step& step, const Command& command) {
    const auto it = step.state.silences.find(command.silence.silence);
    if (it == step.state.silences.end()) {
        return reply(nullptr, false, "not_found", "no such silence");
    }
    auto s = it->second;
    s.removed = true;
    s.by = command.by;
    s.reason = why_of(command, "ended by hand");
    step.emit(std::move(s));
    return reply(nullptr, true, "ended", command.silence.silence);
}

/// True for an id that was given out: incidents that ended long ago are in the log alone.
bool was_given_out(const Step& step, const std::string& id) {
    const auto dash = id.find('-');
    const auto number = dash == std::string::npos ? std::nullopt : parse_number(std::string_view(id).substr(dash + 1));
    return number && *number >= 1 && *number <= static_cast<double>(step.state.incidents_made) &&
           id == step.state.index->plan->shard + "-" + std::to_string(static_cast<std::uint64_t>(*number));
}

/// What somebody says of an incident afterwards. It changes nothing of the incident itself.
CommandReply judge_incident(Step& step, const Command& command) {
    const auto* inc = step.state.incident(command.incident);
    if (inc == nullptr && !was_given_out(step, command.incident)) {
        return reply(nullptr, false, "not_found", "no such incident");
    }
    if (inc != nullptr && inc->verdict == command.verdict && inc->verdict_by == command.by) {
        return reply(inc, true, "already", "it is judged so already");
    }
    step.emit(VerdictGiven{command.incident, command.verdict, command.by, why_of(command, "")});
    return reply(inc, true, "judged", "judged " + std::string(to_string(command.verdict)));
}

CommandReply override_roster(Step& step, const Command& command) {
    auto o = command.override_change;
    const auto& rosters = step.index.plan->rosters;
    if (o.removed) {
        const auto known = std::ranges::find_if(step.state.overrides, [&](const OverrideChange& x) { return x.id == o.id; });
        if (known == step.state.overrides.end()) {
            return reply(nullptr, false, "not_found", "no such override");
        }
        o = *known;
        o.removed = true;
        o.by = command.by;
        step.emit(std::move(o));
        return reply(nullptr, true, "ended", command.override_change.id);
    }
    if (std::ranges::none_of(rosters, [&](const RosterSpec& r) { return r.id == o.roster; })) {
        return reply(nullptr, false, "not_found", "no such roster");
    }
    const auto person_ok = [&](const std::string& id) { return id.empty() || step.index.person(id) != nullptr; };
    if (!person_ok(o.in) || !person_ok(o.out) || (o.in.empty() && o.out.empty())) {
        return reply(nullptr, false, "unknown_person", "an override names a person to take out, one to put in, or both");
    }
    if (o.until <= o.from || o.until <= step.now.wall) {
        return reply(nullptr, false, "conflict", "an override ends after it begins, and in the future");
    }
    const auto in_force = std::ranges::count_if(step.state.overrides, [&](const auto& x) { return x.until > step.now.wall; });
    if (static_cast<std::size_t>(in_force) >= overrides_max) {
        return reply(nullptr, false, "conflict", "there are " + std::to_string(overrides_max) + " overrides already");
    }
    o.id = "o-" + std::to_string(step.state.overrides_made + 1);
    o.by = command.by;
    o.reason = why_of(command, o.reason.c_str());
    const auto id = o.id;
    step.emit(std::move(o));
    return reply(nullptr, true, "set", id);
}

}  // namespace

CommandReply order(Step& step, const Command& command) {
    CommandReply before;
    if (repeated(step, command, request_of(command), before)) {
        return before;
    }
    switch (command.kind) {
        case Command::Kind::answer: return answer(step, command);
        case Command::Kind::escalate: return finish(step, command, escalate(step, command));
        case Command::Kind::resolve: return finish(step, command, resolve_by_hand(step, command));
        case Command::Kind::silence: return finish(step, command, silence(step, command));
        case Command::Kind::unsilence: return finish(step, command, unsilence(step, command));
        case Command::Kind::override_roster: return finish(step, command, override_roster(step, command));
        case Command::Kind::test_page: return finish(step, command, test_page(step, command));
        case Command::Kind::adopt_policy: return finish(step, command, adopt_policy(step, command));
        case Command::Kind::verdict: return finish(step, command, judge_incident(step, command));
    }
    return reply(nullptr, false, "refused", "no such command");
}

}  // namespace desk

}  // namespace surged
