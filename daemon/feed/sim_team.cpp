#include "feed/sim_team.hpp"

#include <algorithm>
#include <vector>

#include "feed/random.hpp"
#include "wire/json_text.hpp"

namespace surged {

std::optional<TeamEvent> parse_team_event(std::string_view json) {
    JsonLimits limits;
    limits.bytes = std::size_t{1} << 20U;
    limits.values = 100000;
    const auto document = parse_json(json, limits);
    if (!document || !document->is_object()) {
        return std::nullopt;
    }
    TeamEvent out;
    out.type = document->text_or("type", "");
    out.incident = document->text_or("incident", "");
    out.person = document->text_or("person", "");
    out.purpose = document->text_or("purpose", "");
    if (const auto* people = document->find("people"); people != nullptr && people->array() != nullptr) {
        for (const auto& person : *people->array()) {
            if (person.text() != nullptr) {
                out.people.push_back(*person.text());
            }
        }
    }
    if (const auto* scope = document->find("scope"); scope != nullptr && scope->object() != nullptr) {
        for (const auto& [key, value] : *scope->object()) {
            if (value.text() != nullptr) {
                out.scope.emplace(key, *value.text());
            }
        }
    }
    if (out.type.empty() || out.incident.empty()) {
        return std::nullopt;
    }
    return out;
}

namespace {
SimScope scope_of(const TeamEvent& event) {
    const auto value = [&](const char* key) {
        const auto at = event.scope.find(key);
        return at == event.scope.end() || at->second.empty() ? std::string("*") : at->second;
    };
    return {value("centre"), value("group"), value("queue")};
}
}  // namespace

void SeatReactor::on_event(const TeamEvent& event, Simulator& simulator) {
    if (event.type.rfind("incident.", 0) == 0 && !event.scope.empty() && scopes_.size() < incidents_max_) {
        scopes_[event.incident] = scope_of(event);
    }
    if (event.type == "seat.joined") {
        if (incident_of_.count(event.person) != 0) {
            return;
        }
        const auto scope = scopes_.find(event.incident);
        if (simulator.join(event.person, scope == scopes_.end() ? SimScope{} : scope->second, delay_)) {
            incident_of_[event.person] = event.incident;
            ++joined_;
        }
    } else if (event.type == "seat.released" || event.type == "seat.left" || event.type == "seat.noshow") {
        const auto at = incident_of_.find(event.person);
        if (at != incident_of_.end() && at->second == event.incident) {
            send_home(event.person, simulator);
        }
    } else if (event.type == "incident.closed") {
        std::vector<std::string> leaving;
        for (const auto& [person, incident] : incident_of_) {
            if (incident == event.incident) {
                leaving.push_back(person);
            }
        }
        for (const auto& person : leaving) {
            send_home(person, simulator);
        }
        scopes_.erase(event.incident);
    }
}

void SeatReactor::send_home(const std::string& person, Simulator& simulator) {
    simulator.release(person);
    incident_of_.erase(person);
    ++released_;
}

namespace {
bool asks_to_come(const std::string& purpose) {
    return purpose == to_string(PagePurpose::first) || purpose == to_string(PagePurpose::need) ||
           purpose == to_string(PagePurpose::remind) || purpose == to_string(PagePurpose::repeat_round);
}
}  // namespace

void Responders::on_event(const TeamEvent& event, EngineTime now) {
    if (event.type == "incident.resolved" || event.type == "incident.closed") {
        std::erase_if(pending_, [&](const auto& p) { return p.first.second.first == event.incident; });
        std::erase_if(people_, [&](const auto& p) { return p.first.first == event.incident; });
        return;
    }
    if ((event.type != "page.accepted" && event.type != "page.delivered") || !asks_to_come(event.purpose)) {
        return;
    }
    for (const auto& name : event.people) {
        const Key key{event.incident, name};
        if (people_.size() >= people_max_ && people_.count(key) == 0) {
            continue;
        }
        auto& person = people_[key];
        if (person.answered || person.pending || person.rounds >= options_.rounds_max) {
            continue;
        }
        RandomStream random(options_.seed, event.incident + "/" + name + "/" + std::to_string(++person.rounds));
        const double mood = random.uniform();
        const double spread = seconds(options_.delay_max - options_.delay_min);
        const auto delay = options_.delay_min + Span{static_cast<std::int64_t>(1000 * spread * random.uniform())};
        if (mood < options_.join + options_.decline) {
            person.pending = true;
            pending_.emplace(std::pair{now + std::max(delay, Span{0}), key},
                             mood < options_.join ? AnswerKind::join : AnswerKind::decline);
        }
    }
}

std::vector<SimulatedAnswer> Responders::due(EngineTime now) {
    std::vector<SimulatedAnswer> out;
    while (!pending_.empty() && pending_.begin()->first.first <= now) {
        const auto& [when, key] = pending_.begin()->first;
        out.push_back({key.first, key.second, pending_.begin()->second});
        auto& person = people_[key];
        person.pending = false;
        person.answered = true;
        pending_.erase(pending_.begin());
    }
    return out;
}

}  // namespace surged
