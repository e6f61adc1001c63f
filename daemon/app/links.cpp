#include "app/links.hpp"

#include <algorithm>
#include <functional>

#include "app/link_readings.hpp"
#include "channels/channel_type.hpp"
#include "core/base/clock_text.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/paging/page_phrases.hpp"
#include "core/paging/reply_text.hpp"
#include "core/paging/value_text.hpp"
#include "core/team/roster.hpp"

namespace surged {
namespace {

constexpr std::size_t others_shown = 20;

bool wants_answer(PagePurpose purpose) {
    return purpose != PagePurpose::close && purpose != PagePurpose::stand_down && purpose != PagePurpose::admin &&
           !is_action(purpose);
}

bool asks_to_come(PagePurpose purpose) {
    return purpose == PagePurpose::first || purpose == PagePurpose::remind || purpose == PagePurpose::need ||
           purpose == PagePurpose::repeat_round || purpose == PagePurpose::handover;
}

/// A robot of a chat is read by the whole chat even where it is told to send one message a person.
bool read_by_group(const ChannelSpec& channel) {
    const auto* type = channel_type(channel.type);
    return channel.kind == ChannelKind::group || (type != nullptr && type->kind == ChannelKind::group);
}

/// A drill takes no seat: there is only whether this page is still to be answered.
LinkFacts drill_facts(const Link& link, const Engine& engine, Stamp now) {
    LinkFacts facts;
    facts.person = link.person;
    facts.drill = link.page;
    facts.open = true;  // in a group's chat nobody knows yet who presses
    if (!link.person.empty()) {
        const auto drill = engine.desk().drill(link.person, now.at);
        facts.open = drill && !drill->answered && contains(drill->pages, link.page);
    }
    return facts;
}

void name_person(LinkFacts& facts, const Plan& plan) {
    for (const PersonSpec& person : plan.people) {
        if (person.id == facts.person) {
            facts.person_name = person.name;
            facts.language = person.language;
        }
    }
}

std::string seat_of(const IncidentView& incident, const std::string& person) {
    const auto seat = std::ranges::find(incident.seats, person, &SeatView::person);
    return seat == incident.seats.end() ? std::string() : std::string(to_string(seat->state));
}

LinkFacts incident_facts(const IncidentView& incident, const Plan& plan, Stamp now) {
    LinkFacts facts;
    facts.incident = incident.incident;
    facts.place = place_of(incident);
    facts.state = incident.state;
    facts.level = incident.level;
    facts.worst = incident.worst;
    facts.need = incident.need;
    facts.open = !over(incident);
    facts.joined = facts.open ? incident.joined : incident.came;
    facts.arrived = facts.open ? incident.arrived : incident.came_arrived;
    facts.readings = link_readings(incident, plan, now.at);
    const auto centre = incident.scope.find("centre");
    const auto& zone = zone_of_centre(plan, centre == incident.scope.end() ? std::string_view() : std::string_view(centre->second));
    facts.at = clock_text(zone, now.wall);
    facts.zone = zone.name();
    if (facts.open) {
        const auto lasts = now.at - incident.opened;
        facts.lasts = {duration_text(lasts, Language::zh), duration_text(lasts, Language::en)};
    }
    return facts;
}

/// A person called by several incidents can answer all of them from the newest link.
std::vector<LinkOther> others_of(const std::vector<IncidentView>& incidents, const std::string& incident,
                                 const std::string& person, const std::function<std::vector<LinkReading>(const IncidentView&)>& readings) {
    std::vector<LinkOther> out;
    for (const IncidentView& other : incidents) {
        const auto seat = seat_of(other, person);
        if (other.incident != incident && !over(other) &&
            (seat == "asked" || seat == "joined" || seat == "arrived" || seat == "spare")) {
            out.push_back({other.incident, seat, place_of(other), readings(other), other.level, other.need, other.joined, other.state});
        }
    }
    std::ranges::stable_sort(out, std::ranges::greater{}, &LinkOther::level);
    out.resize(std::min(out.size(), others_shown));
    return out;
}

/// One character of UTF-8 from the front of `text`, which loses it; a byte that begins none stands for itself.
char32_t take_character(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    char32_t out = size == 1 ? lead : lead & (0xffU >> (size + 1));
    for (std::size_t i = 1; i < std::min(size, text.size()); ++i) {
        out = out << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
    }
    text.remove_prefix(std::min(size, text.size()));
    return out;
}

/// Lower case where people's names need it: Latin, Greek, Cyrillic; full-width forms of ASCII become ASCII.
char32_t plain_character(char32_t c) {
    if (c >= 0xff01 && c <= 0xff5e) {
        c -= 0xfee0;
    }
    const auto within = [c](char32_t from, char32_t to) { return c >= from && c <= to; };
    if (within('A', 'Z') || (within(0xc0, 0xde) && c != 0xd7) || within(0x391, 0x3a9) || within(0x410, 0x42f)) {
        return c + 0x20;
    }
    if (within(0x400, 0x40f)) {
        return c + 0x50;
    }
    const bool even_is_upper = within(0x100, 0x137) || within(0x14a, 0x177);  // Latin Extended-A goes by pairs
    const bool odd_is_upper = within(0x139, 0x148) || within(0x179, 0x17e);
    return (even_is_upper && c % 2 == 0) || (odd_is_upper && c % 2 == 1) ? c + 1 : c;
}

/// A name as people type it on a telephone, made comparable: case, width and blanks do not count. For comparing only.
std::u32string characters_of(std::string_view text) {
    std::u32string out;
    bool blank = false;
    while (!text.empty()) {
        const char32_t c = take_character(text);
        if (c == 0x200b || c == 0x200e || c == 0x200f || c == 0xfeff) {
            continue;  // invisible, comes along with what is pasted
        }
        if (c == ' ' || c == '\t' || c == 0xa0 || c == 0x3000) {
            blank = true;
            continue;
        }
        if (blank && !out.empty()) {
            out += U' ';
        }
        blank = false;
        out += plain_character(c);
    }
    return out;
}

/// A drill asks for an answer only where one can be given: a short message carries no link.
void ask_to_confirm(SendOrder& order, const ChannelSpec* channel) {
    const auto* type = channel == nullptr ? nullptr : channel_type(channel->type);
    if (order.purpose != PagePurpose::test || (type != nullptr && type->reach == ReachBy::mobile)) {
        return;
    }
    const auto ask = PageSay{order.language}("drill.confirm");
    if (channel == nullptr || channel->text_limit == 0 || utf8_length(order.text) + utf8_length(ask) <= channel->text_limit) {
        order.text += ask;
    }
}

}  // namespace

std::string place_of(const IncidentView& incident) {
    std::string out;
    for (const auto& [key, value] : incident.scope) {
        out += (out.empty() ? "" : "/") + value;
    }
    return out.empty() ? incident.policy : out;
}

bool over(const IncidentView& incident) {
    return !incident.open();
}

void Links::add(SendOrder& order, const Plan& plan) const {
    if (!signer_ || plan.ack_url_base.empty() || !wants_answer(order.purpose) || order.people.empty()) {
        return;
    }
    const auto* channel = find_by_id(plan.channels, order.channel);
    const bool group = channel == nullptr || read_by_group(*channel) || order.people.size() != 1;
    const std::string token =
        signer_->sign({order.incident, group ? std::string() : order.people.front().person, order.page, order.wall + life});
    if (!token.empty()) {
        order.link = plan.ack_url_base + (plan.ack_url_base.ends_with('/') ? "a/" : "/a/") + token;
        ask_to_confirm(order, channel);
    }
}

void Links::add_code(SendOrder& order, const Plan& plan) const {
    const auto* channel = find_by_id(plan.channels, order.channel);
    if (channel == nullptr || !channel->replies || read_by_group(*channel) || order.people.size() != 1 ||
        order.incident.empty() || !asks_to_come(order.purpose)) {
        return;
    }
    const auto own = code(order.incident, order.people.front().person);
    if (own.empty()) {
        return;
    }
    const auto hint = reply_hint(own, order.language);
    if (channel->text_limit > 0) {
        const auto whole = channel->text_limit + reply_hint_length(channel->language);
        order.text = utf8_cut(order.text, whole - std::min(whole, utf8_length(hint)));
    }
    order.text += hint;
}

std::string Links::code(const std::string& incident, const std::string& person) const {
    return signer_ ? signer_->code(incident, person) : std::string();
}

bool Links::code_fits(const std::string& incident, const std::string& person, const std::string& code) const {
    return signer_ && signer_->code_fits(incident, person, code);
}

ApiResult<LinkFacts> Links::open(const std::string& token, const Engine& engine, Stamp now) const {
    const auto refused = [](const char* code, const char* message) {
        return tl::unexpected<ApiError>(ApiError{code, message});
    };
    if (!signer_) {
        return refused("not_found", "links are off");
    }
    const auto link = signer_->open(token, now.wall);
    if (!link) {
        return link.error() == LinkSigner::Refusal::expired ? refused("gone", "the link has expired")
                                                            : refused("not_found", "not a link of ours");
    }
    if (link->incident.empty() && link->page.starts_with("test/")) {
        auto drill = drill_facts(*link, engine, now);
        name_person(drill, engine.plan());
        return drill;
    }
    auto found = engine.incident(link->incident);
    if (found && !found->into.empty()) {
        found = engine.incident(found->into);  // what it went on as
    }
    if (!found) {
        return refused("over", "the incident is over");
    }
    auto facts = incident_facts(*found, engine.plan(), now);
    facts.person = link->person;
    name_person(facts, engine.plan());
    if (!link->person.empty()) {
        const auto seat = std::ranges::find(found->seats, link->person, &SeatView::person);
        facts.seat = seat_of(*found, link->person);
        facts.came = seat != found->seats.end() && seat->came;
        facts.others = others_of(engine.incidents_with(link->person), found->incident, link->person,
                                 [&](const IncidentView& other) { return link_readings(other, engine.plan(), now.at); });
    }
    return facts;
}

std::optional<std::string> person_by(const Plan& plan, const std::string& id_or_name, const std::string& last4) {
    std::string digits;
    for (const char32_t c : characters_of(last4)) {
        digits += c >= U'0' && c <= U'9' ? static_cast<char>(c) : '?';
    }
    if (digits.size() != 4 || digits.find('?') != std::string::npos) {
        return std::nullopt;
    }
    const auto named = people_named(plan, id_or_name);
    std::optional<std::string> found;
    for (const PersonSpec& person : plan.people) {
        if (person.mobile.ends_with(digits) && contains(named, person.id)) {
            if (found) {
                return std::nullopt;
            }
            found = person.id;
        }
    }
    return found;
}

std::vector<std::string> people_named(const Plan& plan, const std::string& id_or_name) {
    std::vector<std::string> exact;
    std::vector<std::string> alike;
    const auto typed = characters_of(id_or_name);
    if (typed.empty()) {
        return {};
    }
    for (const PersonSpec& person : plan.people) {
        if (person.id == id_or_name || person.name == id_or_name) {
            exact.push_back(person.id);
        } else if (characters_of(person.id) == typed || characters_of(person.name) == typed) {
            alike.push_back(person.id);
        }
    }
    return exact.empty() ? alike : exact;
}

}  // namespace surged
