#include "sim/sabotage.hpp"
#include "sim/sim_plan.hpp"

#include <algorithm>

namespace surged::test {

namespace {
void spoil_policy(Fault fault, PolicySpec& policy) {
    if (fault == Fault::one_scope) {
        policy.scope.clear();
    }
    if (fault == Fault::no_region) {
        policy.region.scopes = 0;
    } else if (fault == Fault::small_region) {
        policy.region.scopes = std::min(policy.region.scopes, 1);
    } else if (fault == Fault::hasty_ratchet && policy.need.ratchet > Span{0}) {
        policy.need.ratchet = Span{1};
    }
    if (fault == Fault::hasty_handover || fault == Fault::long_handover) {
        policy.handover_within = Span{fault == Fault::hasty_handover ? 1 : 36000000};
    }
    if (fault == Fault::do_nothing) {
        policy.actions.clear();
    }
    for (auto& action : policy.actions) {
        if (fault == Fault::do_early) {
            action.tier = 0;
            action.level = Level::none;
        } else if (fault == Fault::never_undo) {
            action.undo = false;
        }
    }
    for (auto& tier : policy.tiers) {
        if (fault == Fault::slow_batch) {
            tier.answer_in = std::chrono::hours{1};
        } else if (fault == Fault::no_minimum) {
            tier.require.clear();
        } else if (fault == Fault::tell_nobody) {
            std::erase_if(tier.rosters, [&](const std::string& id) {
                return std::find(tier.inform_only.begin(), tier.inform_only.end(), id) != tier.inform_only.end();
            });
            tier.inform_only.clear();
        } else if (fault == Fault::ask_the_told) {
            tier.inform_only.clear();
        }
    }
}
}  // namespace

Plan Sabotage::spoil(Plan plan, const Plan& first) const {
    spoil_rosters(plan, first);
    if (fault_ == Fault::skip_tier) {
        plan.rosters.front().shifts.clear();
    }
    if (fault_ == Fault::rush) {
        // With waits shorter than the hold there is something to be rushed.
        for (auto& policy : plan.policies) {
            for (auto& tier : policy.tiers) {
                tier.wait = Span{3000};
            }
        }
    }
    if (fault_ == Fault::no_rate) {
        for (auto& channel : plan.channels) {
            channel.rate = {};
        }
    }
    for (auto& policy : plan.policies) {
        spoil_policy(fault_, policy);
    }
    return plan;
}

AlertEdge Sabotage::spoil(AlertEdge edge) const {
    if (fault_ == Fault::wrong_policy) {
        edge.policy = "s";
    } else if (fault_ == Fault::call_for_clearing && edge.to == AlertState::clearing) {
        edge.to = AlertState::firing;
    } else if (fault_ == Fault::deaf_red && edge.rule != rule_of(0)) {
        edge.level = std::min(edge.level, Level::orange);
    }
    return edge;
}

bool Sabotage::hides(const Record& record) {
    const auto* incident = std::get_if<IncidentChange>(&record.body);
    if (fault_ == Fault::give_up_silently && incident != nullptr) {
        return incident->step == IncidentStep::note;
    }
    const auto* page = std::get_if<PageChange>(&record.body);
    if (page == nullptr) {
        return false;
    }
    if (fault_ == Fault::lone_carrier) {
        if (page->state == PageState::sending && !page->carrier.empty()) {
            hidden_.insert(page->page);
            return false;
        }
        return hidden_.count(page->page) > 0;
    }
    switch (fault_) {
        case Fault::lose_the_end: return page->state == PageState::expired || page->state == PageState::cancelled;
        case Fault::silent_relief: return page->purpose == PagePurpose::stand_down;
        case Fault::lose_closing: return page->purpose == PagePurpose::close && page->people.front() == "p1";
        case Fault::no_failover:
            // Every page but a person's first in an incident; what hangs on it goes with it.
            if (page->state == PageState::queued && page->channel != "c0") {
                hidden_.insert(page->page);
            }
            return hidden_.count(page->page) > 0;
        default: return false;
    }
}

std::vector<Record> Sabotage::arrange(const Record& record) {
    std::vector<Record> out;
    const auto* page = std::get_if<PageChange>(&record.body);
    look(record);
    if (fault_ == Fault::cancel_handover) {
        return cancelled(record);
    }
    if (fault_ == Fault::call_parts_again) {
        return called_again(record);
    }
    if (fault_ == Fault::undo_in_order && page != nullptr && page->purpose == PagePurpose::undo && page->state == PageState::queued) {
        held_.insert(held_.begin(), record);
        return out;
    }
    out.swap(held_);
    out.push_back(record);
    return out;
}

bool Sabotage::forgets(const Record& record) const {
    if (fault_ == Fault::forget_override) {
        return std::holds_alternative<OverrideChange>(record.body);
    }
    if (fault_ == Fault::do_twice) {
        const auto* page = std::get_if<PageChange>(&record.body);
        return page != nullptr && page->purpose == PagePurpose::act;
    }
    if (fault_ == Fault::forget_merged) {
        const auto* incident = std::get_if<IncidentChange>(&record.body);
        return incident != nullptr && incident->step == IncidentStep::merged;
    }
    const auto* seat = std::get_if<SeatChange>(&record.body);
    return (fault_ == Fault::forget_answer || fault_ == Fault::two_seats) && seat != nullptr && seat->state == SeatState::joined;
}

bool Sabotage::hides(const AlertEdge& edge) const {
    return fault_ == Fault::miss_the_clear && edge.to == AlertState::ok;
}

int Sabotage::copies(const SendOrder& order) const {
    switch (fault_) {
        case Fault::page_twice: return order.purpose == PagePurpose::first ? 2 : 1;
        case Fault::lose_closing: return order.purpose == PagePurpose::close && order.people.front().person == "p1" ? 0 : 1;
        case Fault::no_failover: return order.channel == "c0" ? 1 : 0;
        default: return 1;
    }
}

}  // namespace surged::test
