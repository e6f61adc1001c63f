#include "core/engine/put_off.hpp"

#include <algorithm>
#include <iterator>

namespace surged {

void PutOff::put_off(std::vector<AlertEdge>& edges, EngineTime now) {
    if (edges.size() <= at_once) {
        return;
    }
    const auto rest = edges.begin() + at_once;
    waiting_.insert(waiting_.end(), std::make_move_iterator(rest), std::make_move_iterator(edges.end()));
    edges.erase(rest, edges.end());
    next_ = now + spacing;
}

std::vector<AlertEdge> PutOff::with_due(const std::vector<AlertEdge>& edges, EngineTime now) {
    if (waiting_.empty()) {
        return edges;
    }
    std::vector<AlertEdge> out;
    if (next_ <= now) {
        const auto due = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), at_once));
        out.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(due));
        waiting_.erase(waiting_.begin(), due);
        next_ = now + spacing;
    }
    for (const auto& edge : edges) {
        const auto own = [&](const AlertEdge& other) { return other.rule == edge.rule && other.queue == edge.queue; };
        std::ranges::copy_if(waiting_, std::back_inserter(out), own);
        std::erase_if(waiting_, own);
        out.push_back(edge);
    }
    return out;
}

}  // namespace surged
