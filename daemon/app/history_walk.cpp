#include "app/history_walk.hpp"

#include <algorithm>

namespace surged {
namespace {

constexpr std::size_t queues_a_step = 32;  ///< between two looks at the clock

}  // namespace

void HistoryWalk::turn(Stamp now) {
    if (!walking_) {
        if (now.at < due_) {
            return;
        }
        begin(now);
    }
    const auto until = std::chrono::steady_clock::now() + slice_max;
    while (walking_ && step() && std::chrono::steady_clock::now() < until) {
    }
}

void HistoryWalk::begin(Stamp now) {
    walking_ = true;
    // On whole multiples: what fell behind does not walk twice to catch up.
    due_ = engine_time((to_ms(now.at) / every.count() + 1) * every.count());
    wall_ = now.wall;
    cursor_ = {};
}

/// Some queues; false = the look has ended.
bool HistoryWalk::step() {
    if (!open_block()) {
        walking_ = false;
        return false;
    }
    const std::size_t before = block_->rows.size();
    const std::size_t room = std::min(queues_a_step, HistoryBlock::rows_max - before);
    if (!engine_.piece(cursor_, room, block_->rows)) {
        block_->rows.clear();  // a reload: the queues have other numbers now
        block_->names.clear();
        numbering_ = ~std::uint64_t{0};
        cursor_ = {};
        return true;
    }
    if (cursor_.reloads != numbering_) {
        numbering_ = cursor_.reloads;
        named_ = 0;
    }
    block_->numbering = numbering_;
    for (; named_ < cursor_.next; ++named_) {
        block_->names.emplace_back(static_cast<std::uint32_t>(named_), engine_.queue_key(static_cast<std::uint32_t>(named_)));
    }
    if (cursor_.done() || block_->rows.size() >= HistoryBlock::rows_max) {
        hand_over();
    }
    walking_ = !cursor_.done();
    return walking_;
}

bool HistoryWalk::open_block() {
    if (block_ == nullptr) {
        block_ = history_.block();
        if (block_ != nullptr) {
            block_->wall = wall_;
        }
    }
    return block_ != nullptr;
}

void HistoryWalk::hand_over() {
    history_.add(std::move(block_));
}

}  // namespace surged
