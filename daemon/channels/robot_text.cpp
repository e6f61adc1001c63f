#include "channels/robot_text.hpp"

#include <algorithm>

#include "channels/message_phrases.hpp"
#include "channels/message_text.hpp"

namespace surged {

Mention mention_of(const PageInput& in) {
    const auto word = setting(in.channel.spec, "mention");
    if (word == "none" || !calls_people(in.order.purpose)) {
        return Mention::none;
    }
    return word == "all" ? Mention::all : Mention::people;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    return text;
}

void write_list(JsonWriter& json, std::string_view name, const SendOrder& order, std::string Recipient::*field, bool all) {
    json.key(name).begin_array();
    std::size_t written = 0;
    for (const auto& person : order.people) {
        if (!(person.*field).empty() && written < robot_mentions_max) {
            json.value(person.*field);
            ++written;
        }
    }
    if (all) {
        json.value("@all");
    }
    json.end_array();
}

SendOrder rung(const PageInput& in) {
    SendOrder out;
    if (mention_of(in) == Mention::people) {
        out.people = in.order.people;
    }
    return out;
}

std::string named(const PageInput& in) {
    if (mention_of(in) == Mention::people || !calls_people(in.order.purpose) || in.order.people.empty()) {
        return {};
    }
    const auto said = [&](const Recipient& p) { return in.order.text.find(shown_name(p)) != std::string::npos; };
    if (std::ranges::all_of(in.order.people, said)) {
        return {};
    }
    const auto line = people_line(in.order, robot_mentions_max, shown_name);
    return MessageSay{in.order.language}("for", {{"names", line}});
}

std::string under(const std::string& line, const std::string& names) {
    return line + (line.empty() || names.empty() ? "" : "\n") + names;
}

SendOrder with_one_handle(SendOrder order) {
    for (auto& person : order.people) {
        if (!person.address.empty()) {
            person.mobile.clear();
        }
    }
    return order;
}

}  // namespace surged
