// Any state as bytes by one list of its fields: `fields(v)` names each member once, the writer and the reader walk the same list,
// so a member cannot be written and not read. Internal to this room. The reader never trusts a count: each element costs at least
// a byte.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/team/spec.hpp"
#include "core/rule/alert.hpp"

namespace surged {

// Field lists of types of rooms above, which do not archive themselves.
template <typename V>
void archive_fields(V& v, QueueKey& x) {
    v(x.centre), v(x.queue), v(x.channel);
}
template <typename V>
void archive_fields(V& v, AlertKey& x) {
    v(x.rule), v(x.queue);
}
template <typename V>
void archive_fields(V& v, AlertEdge& x) {
    v(x.rule), v(x.policy), v(x.queue), v(x.group), v(x.metric), v(x.from), v(x.to), v(x.level), v(x.pending), v(x.stale);
    v(x.stale_changed), v(x.muted), v(x.flapping), v(x.folded.rule), v(x.folded.queue), v(x.value), v(x.limit), v(x.evidence), v(x.ts), v(x.at),
        v(x.since);
}
template <typename V>
void archive_fields(V& v, NeedSpec& x) {
    v(x.fixed), v(x.expression), v(x.ratchet), v(x.min), v(x.max);
}
template <typename V>
void archive_fields(V& v, TierRequire& x) {
    v(x.role), v(x.skill), v(x.min);
}
template <typename V>
void archive_fields(V& v, TierSpec& x) {
    v(x.id), v(x.rosters), v(x.mode), v(x.wait), v(x.overask), v(x.answer_in), v(x.remind), v(x.arrive_within), v(x.urgent),
        v(x.require), v(x.inform_only);
}
template <typename V>
void archive_fields(V& v, RepeatSpec& x) {
    v(x.from), v(x.every), v(x.times), v(x.backoff), v(x.max);
}
template <typename V>
void archive_fields(V& v, RateLimit& x) {
    v(x.count), v(x.per);
}
template <typename V>
void archive_fields(V& v, ActionSpec& x) {
    v(x.id), v(x.tier), v(x.level), v(x.channel), v(x.params), v(x.undo), v(x.undo_params), v(x.deadline), v(x.undo_deadline);
}
template <typename V>
void archive_fields(V& v, RegionSpec& x) {
    v(x.scopes), v(x.within), v(x.by), v(x.need_max), v(x.of);
}
template <typename V>
void archive_fields(V& v, PolicySpec& x) {
    v(x.id), v(x.scope), v(x.need), v(x.fallback), v(x.tiers), v(x.resolve_hold), v(x.reopen_window), v(x.max_age),
        v(x.page_deadline), v(x.recheck), v(x.recheck_add), v(x.person_max), v(x.repeat), v(x.ack_stops), v(x.handover_within),
        v(x.arrive_by), v(x.stand_down), v(x.page_from), v(x.orange_tier), v(x.red_tier), v(x.actions), v(x.region), v(x.content);
}

template <typename T>
concept Sequence = requires(T& t) {
    t.emplace_back();
    t.begin();
};
template <typename T>
concept Tick = requires(T& t) {
    t.time_since_epoch();
};
template <typename T, typename V>
concept SelfArchived = requires(T& t, V& v) {
    t.fields(v);
};

class ArchiveOut {
public:
    template <typename T>
    void operator()(const char*, T& x) {
        (*this)(x);
    }
    template <typename T>
    void operator()(T& x) {
        using U = std::remove_const_t<T>;
        if constexpr (std::is_same_v<U, bool>) {
            out_.put(static_cast<std::uint8_t>(x ? 1 : 0));
        } else if constexpr (std::is_arithmetic_v<U> || std::is_enum_v<U>) {
            out_.put(x);
        } else if constexpr (std::is_same_v<U, std::string>) {
            out_.put_text(x);
        } else if constexpr (std::is_same_v<U, Span>) {
            out_.put(static_cast<std::int64_t>(x.count()));
        } else if constexpr (Tick<U>) {
            out_.put(static_cast<std::int64_t>(to_ms(x)));
        } else if constexpr (Sequence<U>) {
            out_.put(static_cast<std::uint32_t>(x.size()));
            for (auto& e : x) {
                (*this)(e);
            }
        } else if constexpr (SelfArchived<U, ArchiveOut>) {
            x.fields(*this);
        } else {
            archive_fields(*this, x);
        }
    }
    template <typename K, typename T>
    void operator()(std::map<K, T>& x) {
        out_.put(static_cast<std::uint32_t>(x.size()));
        for (auto& entry : x) {
            K key = entry.first;
            (*this)(key);
            (*this)(entry.second);
        }
    }
    void operator()(std::set<std::string>& x) {
        out_.put(static_cast<std::uint32_t>(x.size()));
        for (const auto& text : x) {
            out_.put_text(text);
        }
    }
    std::string take() { return out_.take(); }

private:
    ByteWriter out_;
};

class ArchiveIn {
public:
    explicit ArchiveIn(std::string_view bytes) : in_(bytes) {}

    template <typename T>
    void operator()(const char*, T& x) {
        (*this)(x);
    }
    template <typename T>
    void operator()(T& x) {
        if constexpr (std::is_same_v<T, bool>) {
            x = in_.get<std::uint8_t>() != 0;
        } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
            x = in_.get<T>();
        } else if constexpr (std::is_same_v<T, std::string>) {
            x = in_.get_text();
        } else if constexpr (std::is_same_v<T, Span>) {
            x = Span{in_.get<std::int64_t>()};
        } else if constexpr (Tick<T>) {
            x = T{Span{in_.get<std::int64_t>()}};
        } else if constexpr (Sequence<T>) {
            x.clear();
            for (auto left = size(); left > 0 && in_.ok(); --left) {
                (*this)(x.emplace_back());
            }
        } else if constexpr (SelfArchived<T, ArchiveIn>) {
            x.fields(*this);
        } else {
            archive_fields(*this, x);
        }
    }
    template <typename K, typename T>
    void operator()(std::map<K, T>& x) {
        x.clear();
        for (auto left = size(); left > 0 && in_.ok(); --left) {
            K key{};
            (*this)(key);
            (*this)(x[key]);
        }
    }
    void operator()(std::set<std::string>& x) {
        x.clear();
        for (auto left = size(); left > 0 && in_.ok(); --left) {
            x.insert(in_.get_text());
        }
    }
    bool whole() const { return in_.ok() && in_.at_end(); }
    bool ok() const { return in_.ok(); }

private:
    /// A count beyond what is left is a torn or forged archive; reading past the end makes all of it refused.
    std::uint32_t size() {
        const auto n = in_.get<std::uint32_t>();
        if (n > in_.left()) {
            std::string sink(in_.left() + 1, '\0');
            in_.get_raw(sink.data(), sink.size());
            return 0;
        }
        return in_.ok() ? n : 0;
    }
    ByteReader in_;
};

}  // namespace surged
