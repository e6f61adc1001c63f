// The one writer of JSON by a type's list of fields (core/base/fields.hpp): views, orders, explanations and, with the forms of the
// log, records. A list names each member once; what it says beyond members (a sum, a nested object) stands in the same list:
//
//   v("name", x)              always; an engine time that never was or never comes is null, what is not finite is null
//   v.maybe("name", x)        only when it differs from its default
//   v.when(there, "name", x)  null unless `there`
//   v.brief("name", list)     a list of objects, each by its shorter list, fields(v, Brief{})
//   v.each("name", list, put) a list of objects; `put` names the fields of one
//   v.object("name", put)     an object that is no type of its own
#pragma once

#include <algorithm>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/base/fields.hpp"
#include "wire/json_text.hpp"

namespace surged {

class JsonFields {
public:
    /// Engine times are written as the wall clock of `now` would have shown them.
    JsonFields(JsonWriter& json, Stamp now) : json_(json), now_(now) {}
    /// Engine times are written as they are, as the log has them.
    explicit JsonFields(JsonWriter& json) : json_(json) {}

    template <typename T>
    void operator()(std::string_view name, const T& x) {
        json_.key(name);
        put(x);
    }
    template <typename T>
    void maybe(std::string_view name, const T& x) {
        if (x != T{}) {
            (*this)(name, x);
        }
    }
    void maybe(std::string_view name, std::string_view x) {
        if (!x.empty()) {
            (*this)(name, x);
        }
    }
    void shown(std::string_view name, const std::string& x) { maybe(name, x); }
    template <typename T>
    void optional(std::string_view name, const T& x) {
        (*this)(name, x);
    }
    template <typename T>
    void when(bool there, std::string_view name, const T& x) {
        json_.key(name);
        there ? put(x) : static_cast<void>(json_.null());
    }
    /// A time that is shown while it is ahead.
    void ahead(std::string_view name, EngineTime t) { when(now_ && t > now_->at, name, t); }
    /// Milliseconds until `t`, none below 0; null when it never comes.
    void left(std::string_view name, EngineTime t) {
        when(now_ && t != engine_never, name, now_ ? std::max<std::int64_t>(0, (t - now_->at).count()) : 0);
    }
    template <typename List>
    void brief(std::string_view name, const List& list) {
        each(name, list, [this](const auto& item) { const_cast<std::remove_cvref_t<decltype(item)>&>(item).fields(*this, Brief{}); });
    }
    template <typename List, typename Put>
    void each(std::string_view name, const List& list, Put put_fields) {
        json_.key(name).begin_array();
        for (const auto& item : list) {
            json_.begin_object();
            put_fields(item);
            json_.end_object();
        }
        json_.end_array();
    }
    template <typename Put>
    void object(std::string_view name, Put put_fields) {
        json_.key(name).begin_object();
        put_fields();
        json_.end_object();
    }

private:
    template <typename T>
    void put(const T& x) {
        if constexpr (std::is_enum_v<T>) {
            json_.value(to_string(x));
        } else if constexpr (std::is_arithmetic_v<T> || std::is_convertible_v<const T&, std::string_view>) {
            json_.value(x);
        } else if constexpr (std::is_same_v<T, Span>) {
            json_.value(std::int64_t{x.count()});
        } else if constexpr (std::is_same_v<T, EngineTime>) {
            put_time(x);
        } else if constexpr (Tick<T>) {
            json_.value(to_ms(x));
        } else if constexpr (requires { x.has_value(); }) {
            x ? put(*x) : static_cast<void>(json_.null());
        } else if constexpr (std::ranges::range<T>) {
            put_all(x);
        } else {
            json_.begin_object();
            visit_fields(*this, x);
            json_.end_object();
        }
    }
    /// Pairs are the members of an object, all else are the items of a list.
    template <typename List>
    void put_all(const List& list) {
        constexpr bool pairs = requires { list.begin()->second; };
        pairs ? json_.begin_object() : json_.begin_array();
        for (const auto& item : list) {
            if constexpr (pairs) {
                (*this)(item.first, item.second);
            } else {
                put(item);
            }
        }
        pairs ? json_.end_object() : json_.end_array();
    }
    void put_time(EngineTime t) {
        if (!now_) {
            json_.value(to_ms(t));
        } else if (t == engine_never || t == EngineTime{}) {
            json_.null();
        } else {
            json_.value(to_ms(now_->wall) + (t - now_->at).count());
        }
    }

    JsonWriter& json_;
    std::optional<Stamp> now_;
};

/// `x` as a whole document.
template <typename T, typename... Now>
std::string to_json(const T& x, Now... now) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    JsonFields fields(json, now...);
    visit_fields(fields, x);
    json.end_object();
    return out;
}

}  // namespace surged
