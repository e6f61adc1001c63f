// A type lists its fields once, in `fields(v)`, and everything that walks them does so by that list: bytes (here), JSON of records
// (wire/record_json) and views (wire/json_fields), content hashes (config/hash). So a member cannot be written and not read. A list names what others see,
// `v("name", member)`; what is state only may stand without, `v(member)`.
//
// Hardest rule of the reader: it never trusts a count, since each element costs at least a byte.
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

namespace surged {

template <typename T>
concept Sequence = requires(T& t) {
    t.emplace_back();
    t.begin();
};
template <typename T>
concept Tick = requires(T& t) {
    t.time_since_epoch();
};
/// Asks for the shorter list of a type, fields(v, Brief{}): what is said of it inside something larger.
struct Brief {};

/// The list serves readers and writers alike, and is not const where it is read back; a writer changes nothing.
template <typename V, typename T>
void visit_fields(V& v, const T& x) {
    const_cast<T&>(x).fields(v);
}

class FieldsOut {
public:
    template <typename T>
    void operator()(const char*, T& x) {
        (*this)(x);
    }
    /// In JSON only when it says something; in bytes always.
    template <typename T>
    void maybe(const char*, T& x) {
        (*this)(x);
    }
    template <typename T>
    void optional(const char*, T& x) {
        (*this)(x);
    }
    /// Of those who look; no part of the state.
    template <typename T>
    void shown(const char*, T&) {}
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
        } else {
            x.fields(*this);
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

class FieldsIn {
public:
    explicit FieldsIn(std::string_view bytes) : in_(bytes) {}

    template <typename T>
    void operator()(const char*, T& x) {
        (*this)(x);
    }
    /// In JSON only when it says something; in bytes always.
    template <typename T>
    void maybe(const char*, T& x) {
        (*this)(x);
    }
    template <typename T>
    void optional(const char*, T& x) {
        (*this)(x);
    }
    /// Of those who look; no part of the state.
    template <typename T>
    void shown(const char*, T&) {}
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
        } else {
            x.fields(*this);
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
    /// A count beyond what is left is a torn or forged count; reading past the end makes all of it refused.
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
