// A plan whose incidents become one of the whole region, and what tests of it say and read.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "called.hpp"

namespace surged::test {

using namespace std::chrono_literals;

/// One incident a queue, and one for all when three queues surge within five minutes; two people a queue.
inline Plan regional() {
    auto plan = team_plan();
    auto& policy = plan.policies[0];
    policy.scope = {"queue"};
    policy.need.fixed = 2;
    policy.region.scopes = 3;
    policy.region.within = 5min;
    return plan;
}

/// The same with one step of a playbook, announced by a hook and taken back.
inline Plan regional_with_step(Level level, OnUnknown on_unknown = OnUnknown::resend) {
    auto plan = regional();
    ChannelSpec hook;
    hook.id = "hook";
    hook.type = "webhook";
    hook.on_unknown = on_unknown;
    plan.channels.push_back(hook);
    ActionSpec announce;
    announce.id = "announce";
    announce.level = level;
    announce.channel = "hook";
    announce.undo = true;
    plan.policies[0].actions = {announce};
    return plan;
}

inline const IncidentView& by_id(const std::vector<IncidentView>& all, const std::string& id) {
    const auto found = std::ranges::find(all, id, &IncidentView::incident);
    REQUIRE(found != all.end());
    return *found;
}

inline DeskLine three_at_once() {
    DeskLine line(regional());
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(10s).fire("wait", "english", Level::yellow).expect(leads);
    line.at(20s).fire("wait", "vip", Level::yellow);
    return line;
}

}  // namespace surged::test
