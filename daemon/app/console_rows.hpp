// Rows as pages have them, and what became of them since they were last told: changed, new or gone. Knows keys and texts only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace surged {

/// `Key` orders the rows and names those that are gone.
template <typename Key>
class ConsoleRows {
public:
    struct Row {
        std::string text;          ///< JSON, whole
        std::uint64_t print = 0;   ///< of what it was made of; the same = the text need not be made
        std::int64_t mark = 0;     ///< the maker's
        std::uint32_t round = 0;
    };

    /// A round sees every row that is there.
    void begin() {
        ++round_;
        seen_ = 0;
        changed_.clear();
        gone_.clear();
    }
    /// The row of this key in this round; one that is new has no text.
    Row& see(const Key& key) {
        // Rounds see rows in the same order, mostly.
        if (seen_ >= order_.size() || order_[seen_]->first != key) {
            order_.resize(seen_);
            order_.push_back(rows_.try_emplace(key).first);
        }
        auto& row = order_[seen_++]->second;
        row.round = round_;
        return row;
    }
    void set(Row& row, std::string text) {
        row.text = std::move(text);
        changed_.push_back(&row);
    }
    /// `keep`: rows that this round did not look at.
    template <typename Keep>
    void end(Keep keep) {
        for (auto it = rows_.begin(); it != rows_.end();) {
            if (it->second.round == round_ || keep(it->first, it->second)) {
                ++it;
                continue;
            }
            gone_.push_back(it->first);
            it = rows_.erase(it);
        }
        if (!gone_.empty()) {
            order_.clear();
        }
    }
    void end() {
        end([](const Key&, const Row&) { return false; });
    }

    const std::vector<const Row*>& changed() const { return changed_; }
    const std::vector<Key>& gone() const { return gone_; }
    const std::map<Key, Row>& all() const { return rows_; }
    void clear() {
        order_.clear();
        rows_.clear();
        changed_.clear();
        gone_.clear();
    }

private:
    std::map<Key, Row> rows_;
    std::vector<typename std::map<Key, Row>::iterator> order_;  ///< as the last round saw them
    std::size_t seen_ = 0;                                      ///< of this round
    std::uint32_t round_ = 0;
    std::vector<const Row*> changed_;
    std::vector<Key> gone_;
};

/// The members of a JSON object that we wrote ourselves: name and value as they stand.
std::vector<std::pair<std::string_view, std::string_view>> object_members(std::string_view object);

/// A fingerprint of values, to see a change without making a text.
class Fingerprint {
public:
    void add(std::uint64_t bits) { hash_ = (hash_ ^ bits) * 0x100000001b3ULL ^ (hash_ >> 29U); }
    void add(double value);
    void add(std::string_view text);
    std::uint64_t value() const { return hash_; }

private:
    std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace surged
