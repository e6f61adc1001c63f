// Drills: marked messages to one person over every way of theirs, and what they say to them. A drill belongs to no incident,
// takes no seat and owes no closing message.
//
// Hardest rule: only an answer to the latest drill counts, so that a link of last month's cannot vouch for today's.
#include "core/incident/decider.hpp"

namespace surged {

// ---- the fold
// ------------------------------------------------------------------------------------------------------------------------------

/// Pages that are made at one moment are one drill.
void DeskState::mark_drill(const PageChange& change, EngineTime at) {
    if (change.purpose != PagePurpose::test || change.people.size() != 1) {
        return;
    }
    const auto& person = change.people.front();
    if (drills.count(person) == 0 && drills.size() >= drills_max) {
        std::erase_if(drills, [&](const auto& entry) { return at > entry.second.asked + drill_life; });
    }
    if (drills.count(person) == 0 && drills.size() >= drills_max) {
        drills.erase(std::min_element(drills.begin(), drills.end(),
                                      [](const auto& a, const auto& b) { return a.second.asked < b.second.asked; }));
    }
    auto& mark = drills[person];
    if (mark.asked != at || mark.pages.empty()) {
        mark = {at, {}, false};
    }
    mark.pages.push_back(change.page);
}

// ---- decisions
// -----------------------------------------------------------------------------------------------------------------------------

CommandReply Decider::answer_drill(const Command& command) {
    const auto request = answer_request(command.answer, std::string(drill_request), command.person, {});
    const std::string thanks = "received, thank you: this was a drill";
    CommandReply before;
    if (repeated(command, request, before)) {
        before.message = before.ok ? thanks : before.message;
        return before;
    }
    if (command.answer != AnswerKind::ack && command.answer != AnswerKind::join) {
        return reply(nullptr, false, "conflict", "a drill is answered by ack or join");
    }
    if (index_.person(command.person) == nullptr) {
        return reply(nullptr, false, "unknown_person", "no such person in the configuration");
    }
    const auto it = s_.drills.find(command.person);
    if (it == s_.drills.end() || now_.at > it->second.asked + drill_life) {
        return reply(nullptr, false, "not_asked", "no drill is under way for " + command.person);
    }
    const auto& pages = it->second.pages;
    const bool any = command.drill == any_drill;
    if (!any && std::find(pages.begin(), pages.end(), command.drill) == pages.end()) {
        return reply(nullptr, false, "closed", "this page is not of the latest drill of " + command.person);
    }
    AnswerGiven given{{},
                      command.person,
                      command.answer,
                      it->second.answered ? AnswerResult::already : AnswerResult::noted,
                      command.by,
                      command.way,
                      command.key,
                      command.reason.substr(0, 500),
                      {},
                      any ? pages.back() : command.drill};
    const auto code = std::string(to_string(given.result));
    emit(std::move(given));
    return reply(nullptr, true, code, thanks);
}

/// A marked message to one person over every way of their normal reach. It belongs to no incident and owes no closing message.
CommandReply Decider::test_page(const Command& command) {
    const auto* person = index_.person(command.person);
    if (person == nullptr) {
        return reply(nullptr, false, "unknown_person", "no such person in the configuration");
    }
    const auto waiting =
        std::count_if(s_.pages.begin(), s_.pages.end(), [](const auto& entry) { return entry.second.incident.empty(); });
    if (static_cast<std::size_t>(waiting) + person->normal.size() > test_pages_max) {
        return reply(nullptr, false, "conflict", "too many test pages are under way");
    }
    std::set<std::string> used;
    for (const auto& step : person->normal) {
        const auto* channel = index_.channel(step.channel);
        if (channel == nullptr || !used.insert(step.channel).second) {
            continue;
        }
        PageChange page;
        page.page = "test/0/" + command.person + "/" + step.channel + "/test/" + std::to_string(s_.tests_made + 1);
        page.people = {command.person};
        page.channel = step.channel;
        page.purpose = PagePurpose::test;
        page.due = now_.at;
        page.deadline = now_.at + std::chrono::minutes{4};
        Page shown;
        shown.purpose = PagePurpose::test;
        shown.channel = step.channel;
        const auto language = language_for(channel, page.people);
        page.text = render(facts(nullptr, shown, page.people, language), language, channel->text_limit).text;
        page.reason = "asked by " + command.by;
        emit(std::move(page));
    }
    return used.empty() ? reply(nullptr, false, "conflict", "nobody knows how to reach " + command.person)
                        : reply(nullptr, true, "sent", std::to_string(used.size()) + " test pages");
}

}  // namespace surged
