#include "ctl/json_lines.hpp"

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

bool flag_of(const JsonValue& json, std::string_view name) {
    const JsonValue* value = json.find(name);
    return value != nullptr && value->boolean() != nullptr && *value->boolean();
}

}  // namespace surged
