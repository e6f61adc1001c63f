#include "ctl/past.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "replay/timeline.hpp"
#include "wire/record_json.hpp"

namespace surged {

namespace {

constexpr std::size_t told_before = 12;  ///< records before the time that are shown to people

const AlertEdge* edge_of(const Record& record, const PastQuestion& question) {
    const auto* edge = std::get_if<AlertEdge>(&record.body);
    return edge != nullptr && edge->rule == question.rule && edge->queue == question.queue ? edge : nullptr;
}

PastTier& tier_of(std::vector<PastTier>& tiers, int number) {
    const auto at = std::ranges::find_if(tiers, [number](const PastTier& t) { return t.tier >= number; });
    return at != tiers.end() && at->tier == number ? *at : *tiers.insert(at, PastTier{number, {}, {}});
}

/// People asked by that time, each with the state of their seat then.
std::vector<std::string> people_asked(const std::vector<Record>& timeline, int tier, WallTime until) {
    std::vector<std::pair<std::string, SeatState>> seats;
    for (const Record& record : timeline) {
        const auto* seat = std::get_if<SeatChange>(&record.body);
        if (seat == nullptr || seat->tier != tier || record.wall > until) {
            continue;
        }
        const auto known = std::ranges::find_if(seats, [&](const auto& s) { return s.first == seat->person; });
        if (known != seats.end()) {
            known->second = seat->state;
        } else {
            seats.emplace_back(seat->person, seat->state);
        }
    }
    std::vector<std::string> out;
    for (const auto& [person, state] : seats) {
        out.push_back(person + " " + std::string(to_string(state)));
    }
    return out;
}

std::string tier_line(const PastTier& tier, const PastQuestion& question, const Zone& zone) {
    if (*tier.called > question.at) {
        return fmt::format("  tier {}   not called yet; it was at {}\n", tier.tier, civil_text(*tier.called, zone));
    }
    return fmt::format("  tier {}   called at {}: {}\n", tier.tier, civil_text(*tier.called, zone),
                       tier.people.empty() ? "nobody was asked" : fmt::format("{}", fmt::join(tier.people, ", ")));
}

}  // namespace

std::optional<Past> look_back(const AfterAction& incident, const PastQuestion& question) {
    Past past;
    for (const Record& record : incident.timeline) {
        if (edge_of(record, question) != nullptr) {
            if (record.wall <= question.at) {
                past.alert = &record;
            } else if (past.next == nullptr) {
                past.next = &record;
            }
        }
        const auto* change = std::get_if<IncidentChange>(&record.body);
        if (change != nullptr && record.wall <= question.at) {
            past.change = &record;
        }
        const auto* seat = std::get_if<SeatChange>(&record.body);
        const bool called = change != nullptr && (change->step == IncidentStep::tier || change->step == IncidentStep::tier_empty);
        const int number = seat != nullptr ? seat->tier : called ? change->tier : 0;
        if (number > 0) {
            auto& tier = tier_of(past.tiers, number);
            tier.called = tier.called.value_or(record.wall);
        }
    }
    if (past.alert == nullptr) {
        return std::nullopt;
    }
    for (PastTier& tier : past.tiers) {
        tier.people = people_asked(incident.timeline, tier.tier, question.at);
    }
    return past;
}

std::string past_text(const AfterAction& incident, const PastQuestion& question, const Past& past, const Zone& zone,
                      const std::string& values) {
    std::string out = fmt::format("{} on {} at {}, by the log of incident {}\n", question.rule, queue_text(question.queue),
                                  civil_text(question.at, zone), incident.incident);
    out += fmt::format("  alert    {}\n", line_of(narrate(*past.alert, zone), true));
    if (past.next != nullptr) {
        out += fmt::format("  then     {}\n", line_of(narrate(*past.next, zone), true));
    }
    if (past.change == nullptr) {
        out += fmt::format("  incident not open yet; it was opened at {}\n", civil_text(incident.opened, zone));
    } else {
        const auto& change = std::get<IncidentChange>(past.change->body);
        out += fmt::format("  incident {} {}: {} since {}, level {}, {} of {} joined{}\n", incident.policy,
                           scope_text(incident.scope), to_string(change.step), civil_text(past.change->wall, zone),
                           to_string(change.level), change.joined, change.need,
                           change.reason.empty() ? "" : " (" + change.reason + ")");
    }
    for (const PastTier& tier : past.tiers) {
        out += tier_line(tier, question, zone);
    }
    out += past.tiers.empty() ? "  tiers    none was called in this incident\n" : "";
    const auto after = std::ranges::find_if(incident.timeline, [&](const Record& record) { return record.wall > question.at; });
    const auto shown = std::min<std::ptrdiff_t>(told_before, after - incident.timeline.begin());
    out += "  until then\n";
    for (auto record = after - shown; record != after; ++record) {
        out += "    " + line_of(narrate(*record, zone), true) + "\n";
    }
    if (incident.cut) {
        out += "  the log of this incident is longer than what the daemon shows: its end is missing here\n";
    }
    out += values.empty() ? "  values between decisions are not known to the history; a recording knows them (--config F --input F --at TIME)\n"
                          : "  values   " + values + "\n";
    return out;
}

std::string past_json(const AfterAction& incident, const PastQuestion& question, const Past& past, const std::string& history) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("rule", question.rule).field("centre", question.queue.centre).field("queue", question.queue.queue);
    json.field("channel", question.queue.channel).field("at", to_ms(question.at)).field("incident", incident.incident);
    json.field("cut", incident.cut);
    const auto record = [&json](std::string_view key, const Record* one) {
        if (one != nullptr) {
            json.key(key).raw(encode(*one));
        }
    };
    record("alert", past.alert);
    record("next", past.next);
    record("change", past.change);
    json.key("tiers").begin_array();
    for (const PastTier& tier : past.tiers) {
        json.begin_object().field("tier", std::int64_t{tier.tier}).field("called", to_ms(*tier.called));
        json.field("by_then", *tier.called <= question.at).key("people").begin_array();
        for (const std::string& person : tier.people) {
            json.value(person);
        }
        json.end_array().end_object();
    }
    json.end_array();
    if (!history.empty()) {
        json.key("history").raw(history);
    }
    json.end_object();
    return out;
}

}  // namespace surged
