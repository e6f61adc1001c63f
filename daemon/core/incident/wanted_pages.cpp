// The pages an incident wants: one per person on a personal channel, one per tier on a group channel; and taking back what has
// not left.
#include <algorithm>

#include "core/base/ranges.hpp"
#include "core/incident/steps.hpp"

namespace surged::incident {

void make_pages(Step& step, Incident& inc, const std::vector<Contact>& wanted) {
    std::vector<bool> done(wanted.size(), false);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (done[i]) {
            continue;
        }
        const auto& first = wanted[i];
        std::vector<std::string> people{first.person};
        const auto* channel = step.index.channel(first.channel);
        const bool group = channel != nullptr && channel->kind == ChannelKind::group;
        for (std::size_t k = i + 1; group && k < wanted.size(); ++k) {
            const auto& other = wanted[k];
            const bool together = other.channel == first.channel && other.purpose == first.purpose && other.tier == first.tier;
            if (!done[k] && together) {
                done[k] = true;
                if (!contains(people, other.person)) {
                    people.push_back(other.person);
                }
            }
        }
        make_page(step, inc, first, people);
    }
}

void make_page(Step& step, Incident& inc, const Contact& first, const std::vector<std::string>& people) {
    paging::Wish wish;
    wish.incident = inc.id;
    wish.ordinal = inc.ordinal + 1;
    wish.live = &inc.live;
    wish.people = people;
    wish.channel = first.channel;
    wish.purpose = first.purpose;
    wish.tier = first.tier;
    const auto within = inc.policy.page_deadline;
    wish.deadline = step.now.at + (first.purpose == PagePurpose::close ? std::max(close_deadline, within) : within);
    paging::want(step.paging, wish);
}

bool cancel_waiting(Step& step, Incident& inc, const std::string& reason, bool closing_too, bool actions_too) {
    return paging::cancel(step.paging, inc.live, reason, [&](const Page& page) {
        return (closing_too || page.purpose != PagePurpose::close) && (actions_too || !is_action(page.purpose));
    });
}

bool cancel_calls(Step& step, Incident& inc, const std::string& reason) {
    return paging::cancel(step.paging, inc.live, reason, [](const Page& page) { return calls_for_surge(page.purpose); });
}

void cancel_of(Step& step, Incident& inc, const std::string& person, const std::string& reason) {
    paging::cancel_of(step.paging, inc.live, inc.id, person, reason, [](const Page& page) { return page.purpose != PagePurpose::close; });
}

void cancel_reminders(Step& step, Incident& inc, const std::string& person) {
    paging::cancel_of(step.paging, inc.live, inc.id, person, "seen", [](const Page& page) { return page.purpose == PagePurpose::remind; });
}

}  // namespace surged::incident
