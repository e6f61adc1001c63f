#include "wire/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/base/check.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace surged {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

/// Bytes of the UTF-8 sequence at the front, 0 when it is not well-formed.
std::size_t sequence_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return length <= text.size() && utf8_valid(text.substr(0, length)) ? length : 0;
}

void append_escaped(std::string& out, char byte) {
    switch (byte) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default:
            out += "\\u00";
            append_hex(out, static_cast<unsigned char>(byte));
    }
}

/// Which bytes stand in a JSON string as they are.
constexpr std::array<bool, 256> plain_bytes = [] {
    std::array<bool, 256> out{};
    for (unsigned code = 0x20; code < 0x7F; ++code) {
        out[code] = code != '"' && code != '\\';
    }
    return out;
}();

bool plain(char byte) {
    return plain_bytes[static_cast<unsigned char>(byte)];
}

/// How many bytes at the front stand as they are: eight at a time, then one by one. What one byte takes from the next in these differences
/// may only make more of them look special.
std::size_t plain_run(std::string_view text) {
    constexpr std::uint64_t each = 0x0101010101010101U;
    constexpr std::uint64_t top = each * 0x80U;
    std::size_t run = 0;
    for (std::uint64_t word = 0; run + sizeof word <= text.size(); run += sizeof word) {
        std::memcpy(&word, text.data() + run, sizeof word);
        const auto control = word - each * 0x20U;
        const auto quote = (word ^ each * '"') - each;
        const auto backslash = (word ^ each * '\\') - each;
        const auto last = word + each;  // 0x7F
        if (((control | quote | backslash | last | word) & top) != 0) {
            break;
        }
    }
    while (run < text.size() && plain(text[run])) {
        ++run;
    }
    return run;
}

template <typename Number>
void append_whole(std::string& out, Number number) {
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    static_cast<void>(error);  // 24 bytes hold any 64-bit number
    out.append(digits, end);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const std::size_t run = plain_run(text);
        out.append(text.substr(0, run));
        text.remove_prefix(run);
        if (text.empty()) {
            break;
        }
        if (static_cast<unsigned char>(text.front()) < 0x80) {
            append_escaped(out, text.front());
            text.remove_prefix(1);
            continue;
        }
        const std::size_t length = sequence_length(text);
        out.append(length > 0 ? text.substr(0, length) : replacement);
        text.remove_prefix(length > 0 ? length : 1);
    }
    out += '"';
}

void JsonWriter::separate() {
    if (comma_) {
        out_ += ',';
    }
    comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
    separate();
    out_ += '{';
    comma_ = false;
    return *this;
}
JsonWriter& JsonWriter::end_object() {
    out_ += '}';
    comma_ = true;
    return *this;
}
JsonWriter& JsonWriter::begin_array() {
    separate();
    out_ += '[';
    comma_ = false;
    return *this;
}
JsonWriter& JsonWriter::end_array() {
    out_ += ']';
    comma_ = true;
    return *this;
}
/// In one piece where it is short and needs no escape, as nearly every key and most words.
void JsonWriter::text(std::string_view text, bool key) {
    std::array<char, 96> piece;
    if (text.size() + 4 > piece.size() || plain_run(text) < text.size()) {
        separate();
        append_json_string(out_, text);
        out_.append(key ? ":" : "");
    } else {
        char* at = piece.data();
        if (comma_) {
            *at++ = ',';
        }
        *at++ = '"';
        at = std::ranges::copy(text, at).out;
        *at++ = '"';
        if (key) {
            *at++ = ':';
        }
        out_.append(piece.data(), at);
    }
    comma_ = !key;
}
JsonWriter& JsonWriter::key(std::string_view name) {
    text(name, true);
    return *this;
}
JsonWriter& JsonWriter::value(std::string_view words) {
    text(words, false);
    return *this;
}
JsonWriter& JsonWriter::value(bool flag) {
    return raw(flag ? "true" : "false");
}
JsonWriter& JsonWriter::value(double number) {
    if (!std::isfinite(number)) {
        return null();
    }
    std::string text = format_number(number);
    if (std::fabs(number) >= 9e18 && text.find_first_of(".eE") == std::string::npos) {
        text += ".0";  // readers refuse a whole number that fits no 64 bits
    }
    return raw(text);
}
JsonWriter& JsonWriter::value(std::int64_t number) {
    separate();
    append_whole(out_, number);
    return *this;
}
JsonWriter& JsonWriter::value(std::uint64_t number) {
    separate();
    append_whole(out_, number);
    return *this;
}
JsonWriter& JsonWriter::null() {
    return raw("null");
}
JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

// reading
// ----------------------------------------------------------------------------------------------------------------------

std::optional<double> JsonValue::number() const {
    if (const auto* whole = std::get_if<std::int64_t>(&data_)) {
        return static_cast<double>(*whole);
    }
    if (const auto* whole = std::get_if<std::uint64_t>(&data_)) {
        return static_cast<double>(*whole);
    }
    const auto* real = std::get_if<double>(&data_);
    return real != nullptr ? std::optional(*real) : std::nullopt;
}

std::optional<std::int64_t> JsonValue::integer() const {
    const auto* whole = std::get_if<std::int64_t>(&data_);
    return whole != nullptr ? std::optional(*whole) : std::nullopt;
}

std::optional<std::uint64_t> JsonValue::natural() const {
    if (const auto* whole = std::get_if<std::uint64_t>(&data_)) {
        return *whole;
    }
    const auto* whole = std::get_if<std::int64_t>(&data_);
    return whole != nullptr && *whole >= 0 ? std::optional(static_cast<std::uint64_t>(*whole)) : std::nullopt;
}

const JsonValue* JsonValue::find(std::string_view name) const {
    const Object* members = object();
    if (members == nullptr) {
        return nullptr;
    }
    const auto found = members->find(name);
    return found == members->end() ? nullptr : &found->second;
}

std::string JsonValue::text_or(std::string_view name, std::string_view otherwise) const {
    const JsonValue* member = find(name);
    const std::string* found = member != nullptr ? member->text() : nullptr;
    return found != nullptr ? *found : std::string(otherwise);
}

namespace {

/// Copies simdjson's tree. Recursion is bounded by JsonLimits::depth, which the parser has enforced already.
class Reader {
public:
    explicit Reader(std::size_t values_max) : left_(values_max) {}
    bool too_many() const { return too_many_; }

    JsonValue read(simdjson::dom::element element) {  // NOLINT(misc-no-recursion)
        if (left_ == 0) {
            too_many_ = true;
            return {};
        }
        --left_;
        using enum simdjson::dom::element_type;
        switch (element.type()) {
            case ARRAY: return read_array(element);
            case OBJECT: return read_object(element);
            case INT64: return read_scalar<std::int64_t, std::int64_t>(element);
            case UINT64: return read_scalar<std::uint64_t, std::uint64_t>(element);
            case DOUBLE: return read_scalar<double, double>(element);
            case STRING: return read_scalar<std::string_view, std::string>(element);
            case BOOL: return read_scalar<bool, bool>(element);
            case NULL_VALUE: return {};
        }
        return {};
    }

private:
    /// The type has been asked for: getting it cannot fail.
    template <typename Theirs, typename Ours>
    static JsonValue read_scalar(simdjson::dom::element element) {
        Theirs value{};
        SURGED_CHECK(element.get(value) == simdjson::SUCCESS);
        return JsonValue(std::in_place_type<Ours>, Ours(value));
    }
    JsonValue read_array(simdjson::dom::element element) {  // NOLINT(misc-no-recursion)
        simdjson::dom::array array;
        SURGED_CHECK(element.get(array) == simdjson::SUCCESS);
        JsonValue::Array items;
        for (const simdjson::dom::element item : array) {
            items.push_back(read(item));
            if (too_many_) {
                break;
            }
        }
        return JsonValue(std::in_place_type<JsonValue::Array>, std::move(items));
    }
    JsonValue read_object(simdjson::dom::element element) {  // NOLINT(misc-no-recursion)
        simdjson::dom::object object;
        SURGED_CHECK(element.get(object) == simdjson::SUCCESS);
        JsonValue::Object members;
        for (const simdjson::dom::key_value_pair member : object) {
            members.insert_or_assign(std::string(member.key), read(member.value));
            if (too_many_) {
                break;
            }
        }
        return JsonValue(std::in_place_type<JsonValue::Object>, std::move(members));
    }

    std::size_t left_;
    bool too_many_ = false;
};

}  // namespace

Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.bytes) {
        return fail("more than " + std::to_string(limits.bytes) + " bytes");
    }
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.remove_prefix(3);  // a byte order mark: some providers and many editors write one (RFC 8259 8.1 lets us ignore it)
    }
    if (text.empty()) {
        return fail("empty, where JSON was expected");  // simdjson copies from it, and it may point nowhere
    }
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    auto error = parser.allocate(text.size() + 1, limits.depth);
    if (error == simdjson::SUCCESS) {
        error = parser.parse(text.data(), text.size()).get(root);
    }
    if (error == simdjson::DEPTH_ERROR) {
        return fail("nested deeper than " + std::to_string(limits.depth));
    }
    if (error != simdjson::SUCCESS) {
        return fail("not JSON");
    }
    Reader reader(limits.values);
    JsonValue value = reader.read(root);
    if (reader.too_many()) {
        return fail("more than " + std::to_string(limits.values) + " values");
    }
    return value;
}

}  // namespace surged
