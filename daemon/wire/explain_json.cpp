#include "wire/explain_json.hpp"

#include <array>

#include "core/base/clock_text.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {

std::string_view to_string_phase(LatchPhase phase) {
    switch (phase) {
        case LatchPhase::off: return "off";
        case LatchPhase::raising: return "raising";
        case LatchPhase::on: return "on";
        case LatchPhase::clearing: return "clearing";
    }
    return "";
}

class ExplainWriter {
public:
    ExplainWriter(const Explanation& explanation, std::string& out) : x_(explanation), json_(out) {}

    void write() {
        json_.begin_object().field("now", to_ms(x_.now.wall));
        head();
        inputs();
        levels();
        mutes();
        above();
        paging();
        json_.end_object();
    }

private:
    void time(std::string_view name, EngineTime t) {
        json_.key(name);
        if (t == engine_never || t == EngineTime{}) {
            json_.null();
        } else {
            json_.value(to_ms(x_.now.wall) + (t - x_.now.at).count());
        }
    }
    void queue_of(const QueueKey& queue) {
        json_.field("centre", queue.centre).field("queue", queue.queue).field("channel", queue.channel);
    }
    void flag(std::string_view name, const std::optional<bool>& value) {
        json_.key(name);
        value ? static_cast<void>(json_.value(*value)) : static_cast<void>(json_.null());
    }

    void head() {
        const auto& r = x_.rule;
        json_.field("rule", r.rule).field("kind", to_string(r.kind)).field("metric", r.metric).field("policy", r.policy);
        queue_of(r.queue);
        json_.field("group", r.group).field("bound", r.bound);
        json_.key("health").begin_object().field("healthy", r.problem.empty()).field("problem", r.problem);
        json_.field("queues", r.bound_queues).end_object();
        json_.field("state", to_string(r.state)).field("level", to_string(r.level)).field("pending", to_string(r.pending));
        time("since", r.since);
        json_.field("stale", r.stale).field("never_seen", r.never_seen).field("muted", r.muted);
        json_.field("silenced", !x_.paging.silences.empty()).key("folded");
        if (r.folded.rule.empty()) {
            json_.null();
        } else {
            json_.begin_object().field("rule", r.folded.rule);
            queue_of(r.folded.queue);
            json_.end_object();
        }
        time("last_data", r.last_data);
        json_.field("stale_after_ms", r.stale_after.count());
        json_.field("value", r.value).field("unit", r.unit);
    }

    void inputs() {
        json_.key("inputs").begin_array();
        for (const auto& input : x_.rule.inputs) {
            json_.begin_object().field("name", input.name).field("value", input.value).field("note", input.note).end_object();
        }
        json_.end_array().key("notes").begin_array();
        for (const auto& note : x_.rule.notes) {
            json_.value(note);
        }
        json_.end_array();
    }

    void levels() {
        json_.key("levels").begin_array();
        for (const auto& level : x_.rule.levels) {
            const auto& limits = level.limits;
            json_.begin_object().field("level", to_string(limits.level));
            json_.field("raise", limits.raise.text()).field("clear", limits.clear.text());
            json_.field("raise_after_ms", limits.raise_after.count()).field("clear_after_ms", limits.clear_after.count());
            json_.field("latch", to_string_phase(level.phase));
            time("since", level.since);
            flag("raise_holds", level.raise_holds);
            flag("clear_holds", level.clear_holds);
            time("due", level.due);
            json_.key("hold_left_ms");
            if (level.due == engine_never) {
                json_.null();
            } else {
                json_.value(std::max<std::int64_t>(0, (level.due - x_.now.at).count()));
            }
            json_.end_object();
        }
        json_.end_array();
    }

    void mutes() {
        json_.key("mutes").begin_array();
        for (const auto& mute : x_.rule.mutes) {
            json_.begin_object().field("window", mute_text(mute.window)).field("now", mute.now).end_object();
        }
        json_.end_array().key("silences").begin_array();
        for (const auto& silence : x_.paging.silences) {
            json_.begin_object().field("silence", silence.silence).field("rule", silence.rule).field("centre", silence.centre);
            json_.field("queue", silence.queue).field("by", silence.by).field("reason", silence.reason);
            time("until", silence.until);
            json_.end_object();
        }
        json_.end_array();
    }

    void above() {
        json_.key("depends_on").begin_array();
        for (const auto& above : x_.rule.above) {
            json_.begin_object().field("rule", above.rule).field("speaks", above.speaks).end_object();
        }
        json_.end_array();
    }

    void paging() {
        const auto& p = x_.paging;
        json_.key("paging").begin_object().field("why", p.why).field("fires", p.fires).field("counts", p.counts);
        json_.field("policy", p.policy).key("incident");
        if (p.incident.empty()) {
            json_.null();
        } else {
            json_.begin_object().field("incident", p.incident).field("state", p.state).field("level", to_string(p.level));
            json_.field("tier", p.tier).field("need", p.need).field("joined", p.joined);
            time("opened", p.opened);
            time("next_at", p.next_at);
            json_.end_object();
        }
        json_.key("tiers").begin_array();
        for (const auto& tier : p.tiers) {
            json_.begin_object()
                .field("tier", tier.tier)
                .field("id", tier.id)
                .field("called", tier.called)
                .field("why", tier.why);
            json_.key("people").begin_array();
            for (const auto& person : tier.people) {
                write_person(person);
            }
            json_.end_array().end_object();
        }
        json_.end_array().end_object();
    }

    void write_person(const PersonPaging& person) {
        json_.begin_object().field("person", person.person).field("name", person.name).field("state", person.state);
        json_.field("why", person.why).key("pages").begin_array();
        for (const auto& page : person.pages) {
            json_.begin_object()
                .field("page", page.page)
                .field("channel", page.channel)
                .field("purpose", to_string(page.purpose));
            json_.field("state", to_string(page.state)).field("attempt", page.attempt).field("reason", page.reason);
            json_.end_object();
        }
        json_.end_array().end_object();
    }

    const Explanation& x_;
    JsonWriter json_;
};

}  // namespace

std::string mute_text(const MuteWindow& window) {
    constexpr std::array<std::string_view, 7> names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    std::string out;
    for (std::size_t day = 0; day < names.size() && window.days != 0x7F; ++day) {
        if ((window.days >> day & 1U) != 0) {
            out += (out.empty() ? "" : ",") + std::string(names[day]);
        }
    }
    return (out.empty() ? "every day" : out) + " " + minute_text(window.from_min) + "-" + minute_text(window.to_min) + " " + window.zone;
}

std::string encode(const Explanation& explanation) {
    std::string out;
    ExplainWriter(explanation, out).write();
    return out;
}

}  // namespace surged
