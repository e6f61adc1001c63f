#include "core/series/name_table.hpp"

namespace surged {

void IdHash::place(const Cell& cell) {
    const auto mask = cells_.size() - 1;
    std::size_t i = cell.tag & mask;
    while (cells_[i].id != no_id) {
        i = (i + 1) & mask;
    }
    cells_[i] = cell;
}

void IdHash::insert(std::uint64_t hash, std::uint32_t id) {
    if (cells_.size() < (used_ + 1) * 2) {
        std::vector<Cell> old = std::move(cells_);
        cells_.assign(old.empty() ? 64 : old.size() * 2, Cell{});
        for (const auto& cell : old) {
            if (cell.id != no_id) {
                place(cell);
            }
        }
    }
    place({tag_of(hash), id});
    ++used_;
}

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
    std::uint64_t hash = fnv1a(text, seed);
    hash ^= hash >> 33U;
    hash *= 0xff51afd7ed558ccdULL;
    return hash ^ (hash >> 33U);
}

std::uint32_t MetricNames::find(std::string_view name) const {
    return hash_.find(hash_text(name), [&](std::uint32_t id) { return names_[id] == name; });
}

std::uint32_t MetricNames::find_or_add(std::string_view name) {
    const auto known = find(name);
    if (known != no_id) {
        return known;
    }
    const auto id = static_cast<std::uint32_t>(names_.size());
    names_.emplace_back(name);
    hash_.insert(hash_text(name), id);
    return id;
}

namespace {
std::uint64_t hash_key(std::string_view centre, std::string_view queue, std::string_view channel) {
    // Chained through the seed: ("ab","c") and ("a","bc") are different keys.
    return hash_text(channel, hash_text(queue, hash_text(centre)));
}
}  // namespace

std::uint32_t QueueNames::find(std::string_view centre, std::string_view queue, std::string_view channel) const {
    return hash_.find(hash_key(centre, queue, channel), [&](std::uint32_t id) { return is(id, centre, queue, channel); });
}

std::uint32_t QueueNames::add(QueueKey key) {
    const auto id = static_cast<std::uint32_t>(keys_.size());
    const auto hash = hash_key(key.centre, key.queue, key.channel);
    keys_.push_back(std::move(key));
    hash_.insert(hash, id);
    return id;
}

}  // namespace surged
