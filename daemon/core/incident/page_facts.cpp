// What a message says, gathered when it leaves: the values of that moment, who is wanted, whom it speaks to. The words are in
// text.cpp; here is only what is so.
//
// Hardest rule: nothing is taken from when the page was made. The alert's edge may be minutes old; its reading is of now.
#include <algorithm>

#include "core/base/text.hpp"
#include "core/incident/actions.hpp"
#include "core/incident/decider.hpp"
#include "core/incident/region.hpp"
#include "core/team/roster.hpp"
#include "core/incident/seats.hpp"
#include "core/paging/text.hpp"

namespace surged {

namespace {

/// "english", "jinan/english": the alert's queue where the incident's place does not tell it. Values of a group, a centre or all
/// belong to no queue that anybody could name.
std::string queue_beside(const Incident& inc, const QueueKey& queue) {
    if (queue.queue.starts_with('*')) {
        return {};
    }
    const auto told = [&](std::string_view name) {
        return std::find(inc.policy.scope.begin(), inc.policy.scope.end(), name) != inc.policy.scope.end();
    };
    if (told("queue") && told("centre")) {
        return {};
    }
    return (told("centre") || queue.centre == "*" ? "" : queue.centre + "/") + queue.queue +
           (told("channel") || queue.channel == "voice" ? "" : "/" + queue.channel);
}

/// A caller of the API's name: "local/duty-desk" is the duty desk at the host itself.
std::string_view caller_id(std::string_view by) {
    const auto at = by.rfind('/');
    return at == std::string_view::npos ? by : by.substr(at + 1);
}

/// The civil time of a message, with its zone: "2026-11-29 05:14:35 Asia/Shanghai".
std::string local_time(const Zone& zone, WallTime wall) {
    const auto c = zone.to_civil(wall);
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return std::to_string(c.year) + "-" + two(c.month) + "-" + two(c.day) + " " + two(c.second_of_day / 3600) + ":" +
           two(c.second_of_day / 60 % 60) + ":" + two(c.second_of_day % 60) + " " + zone.name();
}

/// Who had a seat to the end: the ending itself has released them.
bool seated_to_the_end(const Incident& inc, const Seat& seat) {
    return takes_seat(seat.state) ||
           (seat.state == SeatState::released && seat.was_joined && !inc.open() && seat.changed >= inc.ending_at);
}

}  // namespace

std::string Decider::name_of(const std::string& id) const {
    const auto* person = index_.person(id);
    return person == nullptr || person->name.empty() ? id : person->name;
}

/// Where the centre of an incident stands, as the inventory has it; else the configuration's own zone.
const Zone& Decider::zone_at(const Incident* inc) const {
    const auto& plan = *index_.plan;
    const auto centre = inc == nullptr ? ScopeValues::const_iterator{} : inc->scope.find("centre");
    if (inc != nullptr && centre != inc->scope.end()) {
        for (const auto& expect : plan.expects) {
            if (expect.centre == centre->second && !expect.zone.empty()) {
                return zone_of(plan, expect.zone);
            }
        }
    }
    return zone_of(plan, plan.timezone);
}

/// "济南/普席"; a region's says how many of its scopes fire.
std::string Decider::place_of(const Incident& inc, Language language) const {
    std::string place;
    for (const auto& name : inc.policy.scope) {
        const auto value = inc.scope.find(name);
        if (value != inc.scope.end() && !value->second.empty()) {
            place += (place.empty() ? "" : "/") + value->second;
        }
    }
    if (is_region(inc)) {
        place += (place.empty() ? "" : " ") + scopes_text(scopes(inc), language);
    }
    return place;
}

/// What goes to one person alone is in their language; what a group reads is in the channel's.
Language Decider::language_for(const ChannelSpec* channel, const std::vector<std::string>& people) const {
    if (channel == nullptr) {
        return index_.plan->language;
    }
    const auto* person = channel->kind == ChannelKind::personal && people.size() == 1 ? index_.person(people.front()) : nullptr;
    return person != nullptr ? person->language.value_or(channel->language) : channel->language;
}

void Decider::put_cause(PageFacts& f, const Incident& inc, Language language) const {
    const auto worst = s_.book.worst(inc.fold, order_alerts_max);
    if (worst.empty()) {
        return;
    }
    // Of those that are worst, one that is not on its way back: that is why anybody is called now.
    const auto stands = std::find_if(worst.begin(), worst.end(), [&](const AlertEdge& a) {
        return a.level == worst.front().level && a.to == AlertState::firing;
    });
    const auto& alert = stands == worst.end() ? worst.front() : *stands;
    f.rule = alert.rule;
    f.queue = queue_beside(inc, alert.queue);
    f.metric = alert.metric;
    f.value = alert.value;
    f.limit = alert.limit;
    f.evidence = alert.evidence;
    f.falling = alert.to == AlertState::clearing;
    if (const auto* rule = index_.rule(alert.rule)) {
        f.summary = language == Language::zh ? rule->summary_zh : rule->summary_en;
        f.form = form_of(*index_.plan, *rule);
        for (const auto& level : rule->levels) {
            if (level.level == alert.level) {
                f.raise = level.raise;
            }
        }
    }
    const auto now = s_.values == nullptr ? AlertReading{} : s_.values->reading(alert.rule, alert.queue, now_.at);
    if (now.known) {
        f.stale = now.stale;
        f.seen_ago = now_.at - now.seen;
        f.value = now.value;
        // The numbers behind the change are history once the value has moved on.
        f.evidence = now.value == alert.value ? alert.evidence : std::string();
    }
}

void Decider::put_people(PageFacts& f, const Incident& inc, const std::vector<std::string>& people) const {
    for (const auto& id : people) {
        f.people.push_back(name_of(id));
        const auto named = f.purpose == PagePurpose::handover ? inc.handovers.find(id) : inc.handovers.end();
        if (named != inc.handovers.end()) {
            f.takes_over.push_back({name_of(id), name_of(named->second.from)});
            f.substitute = named->second.substitute;
        }
        if (f.purpose != PagePurpose::stand_down) {
            continue;
        }
        const auto seat = inc.seats.find(id);
        if (seat != inc.seats.end() && seat->second.was_joined) {
            f.going.push_back(name_of(id));
        }
        if (const auto to = inc.relieved.find(id); to != inc.relieved.end()) {
            const auto theirs = inc.seats.find(to->second);
            const bool came = theirs != inc.seats.end() && takes_seat(theirs->second.state);
            f.relief.push_back({name_of(id), came ? name_of(to->second) : std::string()});
        }
    }
    f.relieved = !f.relief.empty() && f.relief.size() == people.size();
}

void Decider::put_ending(PageFacts& f, const Incident& inc, const std::vector<std::string>& people) const {
    f.age = now_.at - inc.opened;
    f.down = inc.down;
    f.ended_why = inc.ending_reason;
    f.ended_by = inc.ended_by.empty() || inc.ended_by == "engine" ? inc.ended_by : name_of(std::string(caller_id(inc.ended_by)));
    const auto* fold = s_.book.fold(inc.fold);
    f.still = fold == nullptr ? Level::none : fold->level();
    for (const auto& [id, seat] : inc.seats) {
        if (seated_to_the_end(inc, seat) && index_.person(id) != nullptr) {
            f.names.push_back(name_of(id));
            f.seated = f.seated || (people.size() == 1 && people.front() == id);
        }
    }
}

PageFacts Decider::facts(const Incident* inc, const Page& page, const std::vector<std::string>& people, Language language) const {
    PageFacts f;
    f.purpose = page.purpose;
    f.repeat = page.repeat;
    const auto* channel = index_.channel(page.channel);
    f.group = people.size() > 1 || (channel != nullptr && channel->kind == ChannelKind::group);
    if (inc == nullptr) {
        for (const auto& id : people) {
            f.people.push_back(name_of(id));
        }
        return f;
    }
    f.incident = inc->id;
    f.place = place_of(*inc, language);
    f.level = inc->level;
    f.need = inc->need;
    f.joined = seats_taken(*inc);
    f.lacking = unmet_minimums(*inc, index_);
    f.rising = inc->rising;
    f.last_resort = page.tier > static_cast<int>(inc->policy.tiers.size()) && page.purpose == PagePurpose::first;
    if (inc->open()) {
        const auto seen = staffing(inc->scope, inc->fold);
        f.staffed = seen.known;
        f.missing = seen.missing;
        f.expected_wait_s = seen.expected_wait_s;
        f.cause = seen.cause;
        for (const auto& slack : seen.slack) {
            f.slack.emplace_back(slack.centre, slack.agents);
        }
    }
    put_people(f, *inc, people);
    put_ending(f, *inc, people);
    put_cause(f, *inc, language);
    return f;
}

/// The alerts of an incident as they stand now, in words for a list under a message.
std::vector<AlertEdge> Decider::alerts_now(const Incident& inc) const {
    auto out = s_.book.worst(inc.fold, order_alerts_max);
    for (auto& alert : out) {
        if (s_.values != nullptr) {
            alert.reading = s_.values->reading(alert.rule, alert.queue, now_.at);
        }
    }
    return out;
}

SendOrder Decider::make_order(const std::string& key, const Page& page, const std::vector<std::string>& people,
                              std::vector<AlsoCalled> also) const {
    const auto* inc = s_.incident(page.incident);
    const auto* spec = index_.channel(page.channel);
    SendOrder o;
    o.page = key;
    o.attempt = page.attempt;
    o.channel = page.channel;
    o.purpose = page.purpose;
    o.repeat = page.repeat;
    o.language = language_for(spec, page.people);
    o.timeout = spec->timeout;
    o.tier = page.tier;
    o.wall = now_.wall;
    o.decided = now_.at;
    o.arrived = arrived_;
    for (const auto& id : people) {
        const auto* person = index_.person(id);
        const auto address = person->address.find(page.channel);
        o.people.push_back({id, person->name, person->mobile, person->email,
                            address == person->address.end() ? std::string() : address->second});
    }
    std::vector<std::string> own;
    std::copy_if(people.begin(), people.end(), std::back_inserter(own), [&](const std::string& id) {
        return std::find(page.people.begin(), page.people.end(), id) != page.people.end();
    });
    auto known = facts(inc, page, own, o.language);
    for (const auto& other : also) {
        known.also.push_back({other.place, other.incident, other.level, std::max(0, other.need - other.joined), {}});
        const auto rides = s_.pages.find(other.page);
        for (const auto& id : rides == s_.pages.end() ? std::vector<std::string>{} : rides->second.people) {
            known.also.back().people.push_back(name_of(id));
        }
    }
    o.when = local_time(zone_at(inc), now_.wall);
    o.also = std::move(also);
    const auto* action = inc != nullptr && is_action(page.purpose) ? action_of(*inc, key) : nullptr;
    if (action != nullptr) {
        o.action = action->id;
        o.params = page.purpose == PagePurpose::undo ? action->undo_params : action->params;
        known.evidence = action_text(*action, page.purpose);
    }
    const auto text = render(known, o.language, spec->text_limit);
    o.title = text.title;
    o.text = text.text;
    if (inc != nullptr) {
        o.incident = inc->id;
        o.policy = inc->policy.id;
        o.scope = inc->scope;
        o.scopes = is_region(*inc) ? static_cast<int>(scopes(*inc).size()) : 0;
        o.level = inc->level;
        o.need = inc->need;
        o.joined = seats_taken(*inc);
        o.seats_arrived = seats_arrived(*inc);
        o.sequence = inc->sequence;
        if (inc->open()) {
            o.staffing = staffing(inc->scope, inc->fold);
        }
        o.alerts = alerts_now(*inc);
        for (const auto& alert : o.alerts) {
            const auto* rule = index_.rule(alert.rule);
            o.readings.push_back(rule == nullptr ? std::string()
                                                 : reading_text(alert.reading, *rule, alert.level, form_of(*index_.plan, *rule),
                                                                o.language, now_.at));
        }
    }
    return o;
}

}  // namespace surged
