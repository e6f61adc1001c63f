// Names -> dense ids. Two tables: metrics (text -> id) and queues ((centre, queue, channel) -> id). Both answer without
// allocating and hold their texts at stable addresses. They only grow; their bounds are the series limit and the queue limit of
// the plan.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/hash.hpp"
#include "core/series/queue_key.hpp"

namespace surged {

inline constexpr std::uint32_t no_id = std::numeric_limits<std::uint32_t>::max();

/// Open addressing over 32-bit ids; the owner compares keys. At most half full, so that a miss ends soon.
class IdHash {
public:
    /// Calls `same(id)` for the candidates of `hash` until it says true; no_id when none does.
    template <typename Same>
    std::uint32_t find(std::uint64_t hash, Same same) const {
        if (cells_.empty()) {
            return no_id;
        }
        const auto mask = cells_.size() - 1;
        for (std::size_t i = tag_of(hash) & mask;; i = (i + 1) & mask) {
            const auto& cell = cells_[i];
            if (cell.id == no_id) {
                return no_id;
            }
            if (cell.tag == tag_of(hash) && same(cell.id)) {
                return cell.id;
            }
        }
    }
    void insert(std::uint64_t hash, std::uint32_t id);

private:
    struct Cell {
        std::uint32_t tag = 0;  ///< half of the hash: where it is looked for, too
        std::uint32_t id = no_id;
    };
    static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32U); }
    void place(const Cell& cell);

    std::vector<Cell> cells_;
    std::size_t used_ = 0;
};

/// FNV-1a with a final mix: short keys, no seed needed for ids whose number is bounded by configuration.
std::uint64_t hash_text(std::string_view text, std::uint64_t seed = fnv1a_basis);

class MetricNames {
public:
    std::uint32_t find(std::string_view name) const;
    std::uint32_t find_or_add(std::string_view name);
    std::string_view name(std::uint32_t id) const { return names_[id]; }
    std::size_t size() const { return names_.size(); }

private:
    std::deque<std::string> names_;
    IdHash hash_;
};

class QueueNames {
public:
    std::uint32_t find(std::string_view centre, std::string_view queue, std::string_view channel) const;
    /// Precondition: find() said no_id.
    std::uint32_t add(QueueKey key);
    const QueueKey& key(std::uint32_t id) const { return keys_[id]; }
    std::size_t size() const { return keys_.size(); }
    bool is(std::uint32_t id, std::string_view centre, std::string_view queue, std::string_view channel) const {
        const auto& key = keys_[id];
        return key.queue == queue && key.centre == centre && key.channel == channel;
    }

private:
    std::deque<QueueKey> keys_;
    IdHash hash_;
};

}  // namespace surged
