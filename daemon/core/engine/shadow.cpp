#include "core/engine/shadow.hpp"

#include <algorithm>
#include <utility>

namespace surged {

Shadow::Shadow(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)), desk_(*plan_) {}

bool Shadow::restore(std::string_view bytes) {
    EngineBytes state;
    if (!read_engine_bytes(bytes, state) || !desk_.restore(state.desk)) {
        return false;
    }
    sequence_ = state.sequence;
    at_ = state.at;
    open_.restore(std::move(state.open));
    return true;
}

bool Shadow::apply(const Record& record) {
    if (record.seq <= sequence_) {
        return true;
    }
    if (record.seq != sequence_ + 1) {
        return false;
    }
    while (!coming_.empty() && coming_.front().after < record.seq) {
        desk_.adopt(*coming_.front().plan);
        plan_ = std::move(coming_.front().plan);  // the desk lets the old one go first
        coming_.pop_front();
    }
    sequence_ = record.seq;
    at_ = std::max(at_, record.at);
    open_.apply(record);
    desk_.apply(record);
    if (constexpr std::uint64_t often_enough = 1024; sequence_ % often_enough == 0) {
        desk_.rest();  // what is to be looked at is the engine's; here it would only grow
    }
    return true;
}

void Shadow::adopt(std::shared_ptr<const Plan> plan, std::uint64_t after) {
    coming_.push_back({std::move(plan), after});
}

std::string Shadow::snapshot() const {
    return engine_bytes(sequence_, at_, desk_.snapshot(), open_);
}

}  // namespace surged
