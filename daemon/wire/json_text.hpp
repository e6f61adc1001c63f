// JSON as text: a small deterministic writer, and a bounded reader of small documents (API bodies, stored records).
//
// Knows JSON and nothing of what is said in it. The hardest rule: whatever goes in, what comes out is valid JSON in valid UTF-8.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/result.hpp"

namespace surged {

/// Appends one JSON document to a string. Commas are its business; the caller opens, names and closes. Numbers are the shortest
/// text that reads back to the same double; what is not finite is null. Bytes that are not UTF-8 become U+FFFD.
class JsonWriter {
public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    /// Names the next value of an object.
    JsonWriter& key(std::string_view name);

    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
    JsonWriter& value(bool flag);
    JsonWriter& value(double number);
    JsonWriter& value(std::int64_t number);
    JsonWriter& value(std::uint64_t number);
    JsonWriter& value(int number) { return value(std::int64_t{number}); }
    JsonWriter& value(unsigned number) { return value(std::uint64_t{number}); }
    JsonWriter& null();
    /// `json` is a whole JSON value already; it is copied as it is.
    JsonWriter& raw(std::string_view json);

    /// key(name) and value(v) in one.
    template <typename T>
    JsonWriter& field(std::string_view name, const T& v) {
        key(name);
        return value(v);
    }

private:
    void separate();
    void text(std::string_view text, bool key);
    std::string& out_;
    bool comma_ = false;
};

/// Appends `text` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

/// A JSON document read into values. Whole numbers keep all their 64 bits.
class JsonValue {
public:
    using Array = std::vector<JsonValue>;
    using Object = std::map<std::string, JsonValue, std::less<>>;
    using Data = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object>;

    JsonValue() = default;
    template <typename T>
    explicit JsonValue(std::in_place_type_t<T> type, T value) : data_(type, std::move(value)) {}

    bool is_null() const { return std::holds_alternative<std::nullptr_t>(data_); }
    bool is_object() const { return object() != nullptr; }
    const bool* boolean() const { return std::get_if<bool>(&data_); }
    const std::string* text() const { return std::get_if<std::string>(&data_); }
    const Array* array() const { return std::get_if<Array>(&data_); }
    const Object* object() const { return std::get_if<Object>(&data_); }
    /// Any number as a double.
    std::optional<double> number() const;
    /// A whole number that fits, else nullopt.
    std::optional<std::int64_t> integer() const;
    std::optional<std::uint64_t> natural() const;

    /// The member `name` of an object; nullptr when there is none or this is no object.
    const JsonValue* find(std::string_view name) const;
    /// The text member `name`, or `otherwise` when it is missing or no text.
    std::string text_or(std::string_view name, std::string_view otherwise) const;

private:
    Data data_;
};

struct JsonLimits {
    std::size_t bytes = 64U << 10U;
    std::size_t depth = 16;
    std::size_t values = 10000;
};

/// Reads a whole document. Errors are one sentence for the caller: "not JSON", "more than 65536 bytes", ... Of a key that comes
/// twice the last stands.
Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace surged
