#include "feed/responders.hpp"

#include <algorithm>

#include "feed/random.hpp"

namespace surged {

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
