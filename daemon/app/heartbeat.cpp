#include "app/heartbeat.hpp"

#include <algorithm>

#include "app/version.hpp"
#include "core/base/ranges.hpp"

namespace surged {

namespace {
constexpr std::string_view prefix = "heartbeat/";
}  // namespace

std::optional<SendOrder> Heartbeat::turn(const Plan& plan, Stamp now, const std::string& trouble, std::size_t incidents_open) {
    const auto& spec = plan.heartbeat;
    state_.on = !spec.channel.empty();
    if (!state_.on || now.at < next_ || under_way_) {
        return std::nullopt;
    }
    next_ = now.at + spec.every;
    if (!trouble.empty()) {
        ++state_.outcomes["withheld"];
        return std::nullopt;
    }
    const auto* channel = find_by_id(plan.channels, spec.channel);
    SendOrder order;
    order.page = std::string(prefix) + std::to_string(++sent_);
    order.channel = spec.channel;
    order.purpose = PagePurpose::act;
    order.action = "heartbeat";
    order.params = {{"version", version}, {"config", plan.version}, {"incidents_open", std::to_string(incidents_open)}};
    order.title = order.text = "surged is well";
    order.sequence = sent_;
    order.wall = now.wall;
    order.decided = order.arrived = now.at;
    order.timeout = channel != nullptr ? channel->timeout : order.timeout;
    under_way_ = true;
    return order;
}

bool Heartbeat::outcome(const SendOutcome& outcome, WallTime now) {
    if (!outcome.page.starts_with(prefix)) {
        return false;
    }
    under_way_ = false;
    const bool ok = outcome.outcome == OutcomeClass::ok;
    ++state_.outcomes[ok ? "ok" : "failed"];
    if (ok) {
        state_.last_ok = now;
    }
    return true;
}

}  // namespace surged
