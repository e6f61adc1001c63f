#include "sim/sabotage.hpp"

namespace surged::test {

Plan Sabotage::spoil(Plan plan) const {
    if (fault_ == Fault::skip_tier) {
        plan.rosters.front().shifts.clear();
    }
    if (fault_ == Fault::rush) {
        // With waits shorter than the hold there is something to be rushed.
        for (auto& tier : plan.policies.front().tiers) {
            tier.wait = Span{3000};
        }
    }
    if (fault_ == Fault::no_rate) {
        for (auto& channel : plan.channels) {
            channel.rate = {};
        }
    }
    return plan;
}

bool Sabotage::hides(const Record& record) {
    const auto* page = std::get_if<PageChange>(&record.body);
    if (page == nullptr) {
        return false;
    }
    switch (fault_) {
        case Fault::lose_the_end: return page->state == PageState::expired || page->state == PageState::cancelled;
        case Fault::lose_closing: return page->purpose == PagePurpose::close && page->people.front() == "p1";
        case Fault::no_failover:
            // Every page but a person's first in an incident; what hangs on it goes with it.
            if (page->state == PageState::queued && page->channel != "c0") {
                hidden_.insert(page->page);
            }
            return hidden_.count(page->page) > 0;
        case Fault::none:
        case Fault::leave_before_commit:
        case Fault::page_twice:
        case Fault::miss_the_clear:
        case Fault::skip_tier:
        case Fault::rush:
        case Fault::forget_answer:
        case Fault::no_rate: return false;
    }
    return false;
}

bool Sabotage::forgets(const Record& record) const {
    const auto* seat = std::get_if<SeatChange>(&record.body);
    return fault_ == Fault::forget_answer && seat != nullptr && seat->state == SeatState::joined;
}

bool Sabotage::hides(const AlertEdge& edge) const {
    return fault_ == Fault::miss_the_clear && edge.to == AlertState::ok;
}

int Sabotage::copies(const SendOrder& order) const {
    switch (fault_) {
        case Fault::page_twice: return order.purpose == PagePurpose::first ? 2 : 1;
        case Fault::lose_closing: return order.purpose == PagePurpose::close && order.people.front().person == "p1" ? 0 : 1;
        case Fault::no_failover: return order.channel == "c0" ? 1 : 0;
        case Fault::none:
        case Fault::leave_before_commit:
        case Fault::lose_the_end:
        case Fault::miss_the_clear:
        case Fault::skip_tier:
        case Fault::rush:
        case Fault::forget_answer:
        case Fault::no_rate: return 1;
    }
    return 1;
}

}  // namespace surged::test
