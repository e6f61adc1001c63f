#include "app/sms_replies.hpp"

#include <algorithm>
#include <array>

#include "core/base/phone_number.hpp"
#include "core/base/ranges.hpp"
#include "core/base/text.hpp"

namespace surged {
namespace {

std::vector<const PersonSpec*> people_with(const Plan& plan, const std::string& channel, const std::string& number) {
    std::vector<const PersonSpec*> out;
    for (const PersonSpec& person : plan.people) {
        const auto address = person.address.find(channel);
        if (!number.empty() && national_number(address != person.address.end() ? address->second : person.mobile) == number) {
            out.push_back(&person);
        }
    }
    return out;
}

/// An incident that asked a person.
struct Asked {
    std::string incident;
    std::string person;
    std::string place;
    bool open = false;
};

std::vector<Asked> asked(const std::vector<IncidentView>& incidents, const std::vector<const PersonSpec*>& people) {
    std::vector<Asked> out;
    for (const IncidentView& incident : incidents) {
        const bool open = !over(incident);
        for (const SeatView& seat : incident.seats) {
            const bool ours = std::ranges::any_of(people, [&](const PersonSpec* person) { return person->id == seat.person; });
            if (ours) {
                out.push_back({incident.incident, seat.person, place_of(incident), open});
            }
        }
    }
    return out;
}

Command command_for(const Asked& asked, AnswerKind kind, const IncomingText& text) {
    Command command;
    command.answer = kind;
    command.incident = asked.incident;
    command.person = command.by = asked.person;
    command.way = "sms";
    command.key = "sms:" + text.identity;
    return command;
}

/// Room for a message of ours on this channel; 0 = no limit. What a page leaves for its code is free here.
std::size_t room(const ChannelSpec& channel) {
    return channel.text_limit == 0 ? 0 : channel.text_limit + reply_hint_length(channel.language);
}

std::optional<SendOrder> message_to(const PersonSpec& person, const IncomingText& text, const Plan& plan, std::string said,
                                    Stamp now) {
    const auto* channel = find_by_id(plan.channels, text.channel);
    if (channel == nullptr) {
        return std::nullopt;
    }
    const auto address = person.address.find(channel->id);
    SendOrder order;
    order.page = "reply/" + text.identity;
    order.channel = channel->id;
    order.purpose = PagePurpose::update;
    order.people = {
        {person.id, person.name, person.mobile, person.email, address == person.address.end() ? std::string() : address->second}};
    order.language = channel->language;
    order.timeout = channel->timeout;
    order.text = room(*channel) > 0 ? utf8_cut(said, room(*channel)) : std::move(said);
    order.title = order.text;
    order.wall = now.wall;
    order.decided = order.arrived = now.at;
    return order;
}

/// Removes the first of `words` that `text` begins with.
bool take_word(std::string_view& text, std::initializer_list<std::string_view> words) {
    for (const auto word : words) {
        if (text.starts_with(word)) {
            text.remove_prefix(word.size());
            return true;
        }
    }
    return false;
}

void skip_blanks(std::string_view& text) {
    while (take_word(text, {" ", "\t", "\r", "\n", "　", ",", "，", ".", "。", "+"})) {
    }
}

}  // namespace

ReplyText read_reply(std::string_view text) {
    ReplyText out;
    skip_blanks(text);
    if (take_word(text, {"1", "１", "是", "来"})) {
        out.kind = AnswerKind::join;
    } else if (take_word(text, {"2", "２", "否"})) {
        out.kind = AnswerKind::decline;
    } else {
        return out;
    }
    skip_blanks(text);
    std::string rest(text);
    while (!rest.empty() && (rest.back() == ' ' || rest.back() == '\n' || rest.back() == '\r' || rest.back() == '.')) {
        rest.pop_back();
    }
    if (rest.ends_with("。")) {
        rest.resize(rest.size() - std::string_view("。").size());
    }
    for (char& c : rest) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    const bool code = rest.size() == reply_code_length && std::ranges::all_of(rest, [](char c) {
                          return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                      });
    if (!rest.empty() && !code) {
        return {};  // "2个小时后到" is no "2"
    }
    out.code = std::move(rest);
    return out;
}

/// How many of this number's times are younger than the window; older ones are forgotten.
std::size_t SmsReplies::within(Times& times, const std::string& number, EngineTime now) const {
    auto& list = times[number];
    while (!list.empty() && list.front() + window <= now) {
        list.pop_front();
    }
    return list.size();
}

bool SmsReplies::seen(const std::string& identity) {
    if (!seen_.insert(identity).second) {
        return true;
    }
    order_.push_back(identity);
    if (order_.size() > seen_max) {
        seen_.erase(order_.front());
        order_.pop_front();
    }
    return false;
}

SmsReplies::Verdict SmsReplies::take(const IncomingText& text, const Plan& plan, const Incidents& incidents, const Links& links,
                                     Stamp now) {
    const auto* channel = find_by_id(plan.channels, text.channel);
    const auto number = national_number(text.number);
    const auto people = people_with(plan, text.channel, number);
    if (channel == nullptr || !channel->replies || people.empty()) {
        ++counts_["unknown_number"];
        return {};
    }
    if (seen(text.identity)) {
        ++counts_["repeated"];
        return {};
    }
    if (within(said_, number, now.at) >= answers_max) {
        ++counts_["throttled"];
        return {};
    }
    const auto say = [&](ReplyCase what, std::string said) {
        ++counts_[std::string(to_string(what))];
        said_[number].push_back(now.at);
        return Verdict{std::nullopt, message_to(*people.front(), text, plan, std::move(said), now)};
    };
    const auto simply = [&](ReplyCase what) { return say(what, reply_answer(what, channel->language)); };

    const auto reply = read_reply(text.text);
    const auto all = asked(incidents(), people);
    std::vector<Asked> open;
    std::ranges::copy_if(all, std::back_inserter(open), [](const Asked& a) { return a.open; });
    if (!reply.kind) {
        if (open.empty()) {
            ++counts_[std::string(to_string(ReplyCase::unreadable))];
            return {};  // a machine that answers ours must not keep both talking
        }
        return simply(ReplyCase::unreadable);
    }
    if (!reply.code.empty()) {
        if (within(wrong_, number, now.at) >= wrong_max) {
            return simply(ReplyCase::locked);
        }
        const auto meant = std::ranges::find_if(all, [&](const Asked& a) { return links.code_fits(a.incident, a.person, reply.code); });
        if (meant == all.end()) {
            wrong_[number].push_back(now.at);
            return simply(ReplyCase::wrong_code);
        }
        said_[number].push_back(now.at);
        return {command_for(*meant, *reply.kind, text), std::nullopt};
    }
    if (open.size() == 1) {
        said_[number].push_back(now.at);
        return {command_for(open.front(), *reply.kind, text), std::nullopt};
    }
    if (open.empty()) {
        return simply(ReplyCase::none);
    }
    std::vector<std::pair<std::string, std::string>> places;
    for (const Asked& a : open) {
        places.emplace_back(a.place, links.code(a.incident, a.person));
    }
    return say(ReplyCase::listed, reply_list(places, channel->language, room(*channel)));
}

std::optional<SendOrder> SmsReplies::answer(const Command& command, const CommandReply& reply, const IncomingText& text,
                                            const Plan& plan, Stamp now) {
    ++counts_[reply.repeated ? "repeated" : reply.code];
    const auto* channel = find_by_id(plan.channels, text.channel);
    const auto* person = find_by_id(plan.people, command.person);
    if (reply.repeated || channel == nullptr || person == nullptr) {
        return std::nullopt;
    }
    return message_to(*person, text, plan, reply_answer(command.answer, reply, channel->language), now);
}

std::optional<SendOrder> SmsReplies::unsure(const Command& command, const IncomingText& text, const Plan& plan, Stamp now) const {
    const auto* channel = find_by_id(plan.channels, text.channel);
    const auto* person = find_by_id(plan.people, command.person);
    if (channel == nullptr || person == nullptr) {
        return std::nullopt;
    }
    return message_to(*person, text, plan, reply_answer(ReplyCase::unsure, channel->language), now);
}

}  // namespace surged
