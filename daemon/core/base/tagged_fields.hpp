// The fields of a type as bytes, each by its name: for what is read by another release than the one that wrote it. The list is
// the type's own `fields(v)` (fields.hpp).
//
//   type    = { name length u8, name, size u32, value }   the fields in any order, to the end of its bytes
//   list    = count u32, { size u32, value }
//   map     = count u32, { size u32, key, size u32, value }
//   text    = its bytes;  bool, integer, enum, Span = i64;  floating point = f64
//
// A field that is absent keeps what it has, one that is not known is passed over and its name kept. So a new field needs no new
// version; a field that is renamed is a new one, and a name is never used again with another meaning.
//
// Hardest rule of the reader: it believes no size, count or value. What does not fit refuses the whole. For an enum, its last word
// is asked for by `last_of(E)`, found beside the enum's type.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/fields.hpp"

namespace surged {

class TaggedOut {
public:
    template <typename T>
    static std::string bytes(const T& x) {
        TaggedOut out;
        visit_fields(out, x);
        return out.out_.take();
    }
    template <typename T>
    void operator()(const char* name, T& x) {
        const std::string_view text(name);
        out_.put(static_cast<std::uint8_t>(text.size()));
        out_.put_raw(text.data(), text.size());
        out_.put_text(value(x));
    }

private:
    template <typename T>
    static std::string value(const T& x) {
        ByteWriter out;
        if constexpr (std::is_floating_point_v<T>) {
            out.put(static_cast<double>(x));
        } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
            out.put(static_cast<std::int64_t>(x));
        } else if constexpr (std::is_same_v<T, Span>) {
            out.put(static_cast<std::int64_t>(x.count()));
        } else if constexpr (std::is_same_v<T, std::string>) {
            return x;
        } else if constexpr (requires { typename T::mapped_type; }) {
            out.put(static_cast<std::uint32_t>(x.size()));
            for (const auto& [key, entry] : x) {
                out.put_text(value(key));
                out.put_text(value(entry));
            }
        } else if constexpr (requires(T & list) { list.emplace_back(); }) {
            out.put(static_cast<std::uint32_t>(x.size()));
            for (const auto& element : x) {
                out.put_text(value(element));
            }
        } else {
            return bytes(x);
        }
        return out.take();
    }

    ByteWriter out_;
};

class TaggedIn {
public:
    /// Reads into `x`, which has its defaults. False: not whole; `x` is of no use then.
    template <typename T>
    bool read(std::string_view bytes, T& x) {
        value(bytes, x);
        return ok_;
    }
    /// Names of fields that were not known, at most unknown_max, as they came.
    const std::vector<std::string>& unknown() const { return unknown_; }

    template <typename T>
    void operator()(const char* name, T& x) {
        for (auto& field : here_) {
            if (field.name == name) {
                field.known = true;
                value(field.value, x);  // `here_` is another one meanwhile
                return;
            }
        }
    }

private:
    static constexpr std::size_t fields_max = 256;  ///< of one type
    static constexpr std::size_t unknown_max = 16;
    struct Field {
        std::string_view name;
        std::string_view value;
        bool known = false;
    };
    /// What is left of some bytes. Past the end everything is refused.
    struct Rest {
        std::string_view bytes;
        bool ok = true;

        std::string_view take(std::size_t size) {
            ok = ok && size <= bytes.size();
            const auto taken = ok ? bytes.substr(0, size) : std::string_view();
            bytes.remove_prefix(taken.size());
            return taken;
        }
        std::uint32_t number() {
            ByteReader in(take(sizeof(std::uint32_t)));
            return in.get<std::uint32_t>();
        }
        std::string_view sized() { return take(number()); }
    };

    /// The fields that stand in `bytes`; each name at most once.
    std::vector<Field> split(std::string_view bytes) {
        std::vector<Field> found;
        Rest rest{bytes};
        while (rest.ok && !rest.bytes.empty() && found.size() < fields_max) {
            const auto size = static_cast<unsigned char>(rest.take(1).front());
            const auto name = rest.take(size);
            const auto content = rest.sized();
            for (const auto& other : found) {
                ok_ = ok_ && other.name != name;
            }
            found.push_back({name, content});
        }
        ok_ = ok_ && rest.ok && rest.bytes.empty();
        return found;
    }

    /// `each(rest)` reads one element. A count is believed as far as there are bytes: an element has four at least.
    template <typename F>
    void list(std::string_view bytes, F each) {
        Rest rest{bytes};
        const auto count = rest.number();
        ok_ = ok_ && rest.ok && count <= rest.bytes.size() / sizeof(std::uint32_t);
        for (std::uint32_t i = 0; ok_ && i < count; ++i) {
            each(rest);
            ok_ = ok_ && rest.ok;
        }
        ok_ = ok_ && rest.bytes.empty();
    }

    template <typename N>
    N number(std::string_view bytes) {
        ByteReader in(bytes);
        const auto n = in.get<N>();
        ok_ = ok_ && in.ok() && in.at_end();
        return n;
    }

    template <typename T>
    void value(std::string_view bytes, T& x) {
        if (!ok_) {
            return;
        }
        if constexpr (std::is_floating_point_v<T>) {
            const auto n = number<double>(bytes);
            ok_ = ok_ && std::isfinite(n);
            x = ok_ ? static_cast<T>(n) : x;
        } else if constexpr (std::is_enum_v<T>) {
            const auto n = number<std::int64_t>(bytes);
            ok_ = ok_ && n >= 0 && n <= static_cast<std::int64_t>(last_of(T{}));
            x = ok_ ? static_cast<T>(n) : x;
        } else if constexpr (std::is_same_v<T, bool>) {
            x = number<std::int64_t>(bytes) != 0;
        } else if constexpr (std::is_arithmetic_v<T>) {
            const auto n = number<std::int64_t>(bytes);
            ok_ = ok_ && std::in_range<T>(n);
            x = ok_ ? static_cast<T>(n) : x;
        } else if constexpr (std::is_same_v<T, Span>) {
            x = Span{number<std::int64_t>(bytes)};
        } else if constexpr (std::is_same_v<T, std::string>) {
            x = bytes;
        } else if constexpr (requires { typename T::mapped_type; }) {
            x.clear();
            list(bytes, [&](Rest& rest) {
                typename T::key_type key{};
                value(rest.sized(), key);
                value(rest.sized(), x[key]);
            });
        } else if constexpr (requires { x.emplace_back(); }) {
            x.clear();
            list(bytes, [&](Rest& rest) { value(rest.sized(), x.emplace_back()); });
        } else {
            auto outer = std::exchange(here_, split(bytes));
            x.fields(*this);
            for (const auto& field : here_) {
                if (!field.known && unknown_.size() < unknown_max) {
                    unknown_.emplace_back(field.name);
                }
            }
            here_ = std::move(outer);
        }
    }

    std::vector<Field> here_;  ///< of the type that is being read
    std::vector<std::string> unknown_;
    bool ok_ = true;
};

}  // namespace surged
