#include "ctl/api_json.hpp"

#include "core/base/text.hpp"
#include "replay/timeline.hpp"

namespace surged {
namespace {

/// As deep as the reader let the document be (JsonLimits::depth).
void write(JsonWriter& json, const JsonValue& value) {  // NOLINT(misc-no-recursion): bounded by the reader
    if (const JsonValue::Object* object = value.object()) {
        json.begin_object();
        for (const auto& [name, member] : *object) {
            json.key(name);
            write(json, member);
        }
        json.end_object();
    } else if (const JsonValue::Array* array = value.array()) {
        json.begin_array();
        for (const JsonValue& item : *array) {
            write(json, item);
        }
        json.end_array();
    } else if (const std::string* text = value.text()) {
        json.value(*text);
    } else if (const bool* flag = value.boolean()) {
        json.value(*flag);
    } else if (const auto natural = value.natural()) {
        json.value(*natural);
    } else if (const auto integer = value.integer()) {
        json.value(*integer);
    } else if (const auto number = value.number()) {
        json.value(*number);
    } else {
        json.null();
    }
}

}  // namespace

std::string to_text(const JsonValue& value) {
    std::string out;
    JsonWriter json(out);
    write(json, value);
    return out;
}

const JsonValue::Array& list_of(const JsonValue& json, std::string_view name) {
    static const JsonValue::Array none;
    const JsonValue* value = json.find(name);
    return value == nullptr || value->array() == nullptr ? none : *value->array();
}

const JsonValue::Object& members_of(const JsonValue& json, std::string_view name) {
    static const JsonValue::Object none;
    const JsonValue* value = json.find(name);
    return value == nullptr || value->object() == nullptr ? none : *value->object();
}

bool flag_of(const JsonValue& json, std::string_view name) {
    const JsonValue* value = json.find(name);
    return value != nullptr && value->boolean() != nullptr && *value->boolean();
}

std::optional<std::int64_t> integer_of(const JsonValue& json, std::string_view name) {
    const JsonValue* value = json.find(name);
    return value == nullptr ? std::nullopt : value->integer();
}

WallTime time_of(const JsonValue& json, std::string_view name) {
    return wall_time(count_of(json, name));
}

std::int64_t count_of(const JsonValue& json, std::string_view name) {
    return integer_of(json, name).value_or(0);
}

std::string number_text(const JsonValue& json, std::string_view name, int digits, std::string_view missing) {
    const JsonValue* value = json.find(name);
    const auto number = value == nullptr ? std::nullopt : value->number();
    return number ? format_rounded(*number, digits) : std::string(missing);
}

std::string queue_of(const JsonValue& json) {
    return queue_text({json.text_or("centre", "?"), json.text_or("queue", "?"), json.text_or("channel", voice_channel)});
}

}  // namespace surged
