// Which queues of a detector changed while another is made of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace surged {

class TouchedQueues {
public:
    void add(std::uint32_t queue) {
        if (queue >= marked_.size()) {
            marked_.resize(queue + std::size_t{1}, false);
        }
        if (!marked_[queue]) {
            marked_[queue] = true;
            list_.push_back(queue);
        }
    }
    bool empty() const { return list_.empty(); }
    std::size_t size() const { return list_.size(); }
    std::uint32_t take() {
        const auto queue = list_.back();
        list_.pop_back();
        marked_[queue] = false;
        return queue;
    }

private:
    std::vector<bool> marked_;
    std::vector<std::uint32_t> list_;
};

}  // namespace surged
