// Drills: marked test messages to one person over all of their channels, and the answers to them. A drill belongs to no incident,
// takes no seat and owes no closing message.
//
// Hardest rule: only an answer to the latest drill counts, so that last month's link does not count as today's.
#include <algorithm>

#include "core/base/ranges.hpp"
#include "core/desk/commands.hpp"

namespace surged::desk {

CommandReply answer_drill(Step& step, const Command& command) {
    const auto request = answer_request(command.answer, std::string(drill_request), command.person, {});
    const std::string thanks = "received, thank you: this was a drill";
    CommandReply before;
    if (repeated(step, command, request, before)) {
        before.message = before.ok ? thanks : before.message;
        return before;
    }
    if (command.answer != AnswerKind::ack && command.answer != AnswerKind::join) {
        return reply(nullptr, false, "conflict", "a drill is answered by ack or join");
    }
    if (step.index.person(command.person) == nullptr) {
        return reply(nullptr, false, "unknown_person", "no such person in the configuration");
    }
    const auto it = step.state.drills.find(command.person);
    if (it == step.state.drills.end() || step.now.at > it->second.asked + drill_life) {
        return reply(nullptr, false, "not_asked", "no drill is under way for " + command.person);
    }
    const auto& pages = it->second.pages;
    const bool any = command.drill == any_drill;
    if (!any && !contains(pages, command.drill)) {
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
    step.emit(std::move(given));
    return reply(nullptr, true, code, thanks);
}

/// A marked message to one person over every channel of their normal reach. It belongs to no incident and owes no closing message.
CommandReply test_page(Step& step, const Command& command) {
    const auto* person = step.index.person(command.person);
    if (person == nullptr) {
        return reply(nullptr, false, "unknown_person", "no such person in the configuration");
    }
    const auto waiting =
        std::ranges::count_if(step.state.outbox.pages, [](const auto& entry) { return entry.second.incident.empty(); });
    if (static_cast<std::size_t>(waiting) + person->normal.size() > test_pages_max) {
        return reply(nullptr, false, "conflict", "too many test pages are under way");
    }
    std::set<std::string> used;
    for (const auto& way : person->normal) {
        const auto* channel = step.index.channel(way.channel);
        if (channel == nullptr || !used.insert(way.channel).second) {
            continue;
        }
        PageChange page;
        page.page = "test/0/" + command.person + "/" + way.channel + "/test/" + std::to_string(step.state.outbox.tests_made + 1);
        page.people = {command.person};
        page.channel = way.channel;
        page.purpose = PagePurpose::test;
        page.due = step.now.at;
        page.deadline = step.now.at + std::chrono::minutes{4};
        Page shown;
        shown.purpose = PagePurpose::test;
        shown.channel = way.channel;
        const auto language = language_for(step.index, channel, page.people);
        page.text = render(step.subject.facts({}, shown, page.people, language), language, channel->text_limit).text;
        page.reason = "asked by " + command.by;
        step.emit(std::move(page));
    }
    return used.empty() ? reply(nullptr, false, "conflict", "nobody knows how to reach " + command.person)
                        : reply(nullptr, true, "sent", std::to_string(used.size()) + " test pages");
}

}  // namespace surged::desk
