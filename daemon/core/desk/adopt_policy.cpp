// An open incident goes over to the policy that is in force now. Without this command it keeps the policy it was opened with to
// its end.
#include "core/desk/commands.hpp"
#include "core/incident/steps.hpp"
#include "core/record/policy_bytes.hpp"

namespace surged {

namespace {

std::string tiers_text(const PolicySpec& policy) {
    std::string out;
    for (const auto& tier : policy.tiers) {
        out += (out.empty() ? "" : ", ") + tier.id;
    }
    return out;
}

}  // namespace

namespace desk {

CommandReply adopt_policy(Step& step, const Command& command) {
    auto* inc = step.state.incident(command.incident);
    if (inc == nullptr) {
        return reply(nullptr, false, "not_found", "no such incident");
    }
    if (!inc->open()) {
        return reply(inc, false, "closed", inc->into.empty() ? "the incident is over" : "it goes on as incident " + inc->into);
    }
    auto next = incident::in_force(step, *inc);
    if (!next) {
        return reply(inc, false, "conflict", next.error());
    }
    if (encode_policy(*next) == encode_policy(inc->policy)) {
        return reply(inc, true, "already", "it goes by the policy in force");
    }
    incident::adopt(step, *inc, *next, tiers_entered(*inc, *next),
                    command.reason.empty() ? "by hand" : command.reason.substr(0, 500), command.by);
    return reply(inc, true, "adopted",
                 "it goes by the policy in force: need " + std::to_string(inc->need) + ", tiers " + tiers_text(inc->policy));
}

}  // namespace desk

}  // namespace surged
