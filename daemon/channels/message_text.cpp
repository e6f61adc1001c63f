#include "channels/message_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "channels/message_phrases.hpp"
#include "channels/reply.hpp"
#include "core/base/text.hpp"
#include "core/paging/value_text.hpp"

namespace surged {

std::string cut_bytes(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) {
        return std::string(text);
    }
    constexpr std::string_view ellipsis = "…";
    const bool marked = bytes >= 2 * ellipsis.size();
    std::size_t at = marked ? bytes - ellipsis.size() : bytes;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) {
        --at;
    }
    return std::string(text.substr(0, at)) + (marked ? std::string(ellipsis) : std::string());
}

bool calls_people(PagePurpose purpose) {
    switch (purpose) {
        case PagePurpose::first:
        case PagePurpose::remind:
        case PagePurpose::need:
        case PagePurpose::repeat_round:
        case PagePurpose::handover:
        case PagePurpose::blind:
        case PagePurpose::test: return true;
        case PagePurpose::update:
        case PagePurpose::data_back:
        case PagePurpose::stand_down:
        case PagePurpose::close:
        case PagePurpose::admin:
        case PagePurpose::act:
        case PagePurpose::undo: return false;
    }
    return false;
}

std::string shown_name(const Recipient& person) {
    auto name = clean_text(person.name, 32);
    return name.empty() ? clean_text(person.person, 64) : name;
}

std::string people_line(const SendOrder& order, std::size_t most, const std::function<std::string(const Recipient&)>& one) {
    std::string out;
    std::size_t shown = 0;
    for (const auto& person : order.people) {
        if (shown == most) {
            out += " +" + std::to_string(order.people.size() - shown);
            break;
        }
        out += (out.empty() ? "" : " ") + one(person);
        ++shown;
    }
    return out;
}

std::string under_text(const SendOrder& order, std::string_view people) {
    return order.link + (order.link.empty() || people.empty() ? "" : "\n") + std::string(people);
}

std::string compose(std::string_view text, std::string_view under, std::string_view keyword, std::size_t bytes) {
    std::string tail;
    if (!keyword.empty() && text.find(keyword) == std::string_view::npos && under.find(keyword) == std::string_view::npos) {
        tail = "\n" + std::string(keyword);
    }
    const std::size_t room = bytes > tail.size() ? bytes - tail.size() : 0;
    std::string line = under.empty() ? std::string() : "\n" + std::string(under);
    if (text.size() + line.size() > room) {
        const std::size_t for_text = std::max(room / 2, line.size() < room ? room - line.size() : std::size_t{0});
        const auto head = cut_bytes(text, for_text);
        line = cut_bytes(line, room - head.size());
        return head + line + tail;
    }
    return std::string(text) + line + tail;
}

std::string utc_text(WallTime at) {
    const std::int64_t ms = to_ms(at);
    const std::time_t seconds = ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 40> date{};
    const auto size = std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 8> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>((ms % 1000 + 1000) % 1000));
    return std::string(date.data(), size) + fraction.data();
}

std::string place_text(const SendOrder& order) {
    std::string out;
    for (const auto& [name, value] : order.scope) {
        out += (out.empty() ? "" : " / ") + value;
    }
    return out.empty() ? order.policy : out;
}

std::string alert_lines(const SendOrder& order) {
    const MessageSay say{order.language};
    std::string out;
    for (std::size_t i = 0; i < order.alerts.size(); ++i) {
        const auto& alert = order.alerts[i];
        const auto name = level_text(alert.level, order.language) + " " + alert.rule + " " + alert.queue.centre + "/" + alert.queue.queue;
        const auto then = format_rounded(alert.value, 2) + " (" + alert.limit + ")";
        const auto now = i < order.readings.size() ? order.readings[i] : std::string();
        const auto value = now.empty() ? say("alert.now_unknown", {{"then", then}}) : say("alert.now", {{"now", now}, {"then", then}});
        out += say("row", {{"name", name}, {"value", alert.metric + " " + value}});
        const auto evidence = evidence_text(alert.evidence, order.language);
        out += evidence.empty() ? "\n" : say("alert.evidence", {{"evidence", evidence}}) + "\n";
    }
    return out;
}

}  // namespace surged
