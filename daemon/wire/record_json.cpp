#include "wire/record_json.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/base/text.hpp"
#include "wire/json_fields.hpp"
#include "wire/order_json.hpp"

namespace surged {

namespace {

template <typename T>
concept Word = std::is_enum_v<T>;

/// The last enumerator of each enum that is written by name, for reading.
constexpr Level last_of(Level) {
    return Level::red;
}
constexpr AlertState last_of(AlertState) {
    return AlertState::clearing;
}
constexpr IncidentStep last_of(IncidentStep) {
    return IncidentStep::adopted;
}
constexpr SeatState last_of(SeatState) {
    return SeatState::elsewhere;
}
constexpr SeatCause last_of(SeatCause) {
    return SeatCause::stood_by;
}
constexpr IncidentVerdict last_of(IncidentVerdict) {
    return IncidentVerdict::late;
}
constexpr Trend last_of(Trend) {
    return Trend::falling;
}
constexpr PageState last_of(PageState) {
    return PageState::unknown;
}
constexpr PagePurpose last_of(PagePurpose) {
    return PagePurpose::data_back;
}
constexpr AnswerKind last_of(AnswerKind) {
    return AnswerKind::arrive;
}
constexpr AnswerResult last_of(AnswerResult) {
    return AnswerResult::elsewhere;
}

template <Word T>
bool word_from(std::string_view text, T& out) {
    for (int i = 0; i <= static_cast<int>(last_of(T{})); ++i) {
        const T candidate = static_cast<T>(i);
        if (to_string(candidate) == text) {
            out = candidate;
            return true;
        }
    }
    return false;
}

/// A body as the log has it: engine times as they are, and some numbers as decimal text.
class RecordFields : public JsonFields {
public:
    explicit RecordFields(JsonWriter& json) : JsonFields(json) {}
    using JsonFields::maybe;
    void maybe(std::string_view name, const std::optional<double>& v) { maybe(name, v ? format_rounded(*v, 1) : std::string()); }
    void maybe(std::string_view name, const std::map<std::string, int>& v) {
        maybe_texts(name, v, [](int number) { return std::to_string(number); });
    }
    void maybe(std::string_view name, const std::map<std::string, double>& v) {
        maybe_texts(name, v, [](double number) { return format_rounded(number, 2); });
    }
    /// The alert that inhibits another; its parts have names of their own.
    void maybe(std::string_view, const AlertKey& v) {
        if (!v.rule.empty()) {
            (*this)("folded", true), (*this)("folded_rule", v.rule), (*this)("folded_centre", v.queue.centre);
            (*this)("folded_queue", v.queue.queue), (*this)("folded_channel", v.queue.channel);
        }
    }

private:
    template <typename Numbers, typename Text>
    void maybe_texts(std::string_view name, const Numbers& numbers, Text text) {
        std::map<std::string, std::string> texts;
        for (const auto& [key, number] : numbers) {
            texts[key] = text(number);
        }
        maybe(name, texts);
    }
};

/// Reads the same list back. The first field that is missing or of another type is remembered by name.
class FieldReader {
public:
    explicit FieldReader(const JsonValue& object) : object_(object) {}
    const std::string& bad() const { return bad_; }

    void operator()(std::string_view name, std::string& v) {
        const JsonValue* member = object_.find(name);
        keep(name, member != nullptr ? member->text() : nullptr, v);
    }
    void maybe(std::string_view name, std::string& v) {
        v.clear();
        if (object_.find(name) != nullptr) {
            (*this)(name, v);
        }
    }
    void maybe(std::string_view name, std::map<std::string, std::string>& v) {
        v.clear();
        if (object_.find(name) != nullptr) {
            (*this)(name, v);
        }
    }
    void maybe(std::string_view name, std::vector<std::string>& v) {
        v.clear();
        if (object_.find(name) != nullptr) {
            (*this)(name, v);
        }
    }
    template <typename T>
        requires(!std::is_class_v<T> || requires(T t) { t.time_since_epoch(); })
    void maybe(std::string_view name, T& v) {
        v = T{};
        if (object_.find(name) != nullptr) {
            (*this)(name, v);
        }
    }
    void shown(std::string_view name, std::string& v) { maybe(name, v); }
    void maybe(std::string_view name, std::optional<double>& v) {
        std::string text;
        maybe(name, text);
        v = parse_number(text);
        if (!text.empty() && !v) {
            note(name);
        }
    }
    void maybe(std::string_view name, std::map<std::string, int>& v) {
        std::map<std::string, std::string> texts;
        maybe(name, texts);
        v.clear();
        for (const auto& [key, text] : texts) {
            auto& number = v[key];
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (error != std::errc{} || end != text.data() + text.size()) {
                note(name);
            }
        }
    }
    void maybe(std::string_view name, std::map<std::string, double>& v) {
        std::map<std::string, std::string> texts;
        maybe(name, texts);
        v.clear();
        for (const auto& [key, text] : texts) {
            const auto number = parse_number(text);
            number ? static_cast<void>(v[key] = *number) : note(name);
        }
    }
    void maybe(std::string_view, AlertKey& v) {
        v = {};
        if (object_.find("folded_rule") != nullptr) {
            (*this)("folded_rule", v.rule), (*this)("folded_centre", v.queue.centre);
            (*this)("folded_queue", v.queue.queue), (*this)("folded_channel", v.queue.channel);
        }
    }
    void operator()(std::string_view name, bool& v) {
        const JsonValue* member = object_.find(name);
        keep(name, member != nullptr ? member->boolean() : nullptr, v);
    }
    void optional(std::string_view name, bool& v) {
        const JsonValue* member = object_.find(name);
        v = false;
        if (member != nullptr) {
            keep(name, member->boolean(), v);
        }
    }
    void operator()(std::string_view name, int& v) {
        std::int64_t whole = 0;
        read_integer(name, whole);
        if (whole < std::numeric_limits<int>::min() || whole > std::numeric_limits<int>::max()) {
            note(name);
            return;
        }
        v = static_cast<int>(whole);
    }
    void operator()(std::string_view name, double& v) {
        const JsonValue* member = object_.find(name);
        if (member != nullptr && member->is_null()) {
            v = std::nan("");
            return;
        }
        const auto number = member != nullptr ? member->number() : std::nullopt;
        keep(name, number ? &*number : nullptr, v);
    }
    template <Word T>
    void operator()(std::string_view name, T& v) {
        const JsonValue* member = object_.find(name);
        const std::string* word = member != nullptr ? member->text() : nullptr;
        if (word == nullptr || !word_from(*word, v)) {
            note(name);
        }
    }
    template <typename Clock>
    void operator()(std::string_view name, std::chrono::time_point<Clock, Span>& v) {
        std::int64_t ms = 0;
        read_integer(name, ms);
        v = std::chrono::time_point<Clock, Span>(Span{ms});
    }
    void operator()(std::string_view name, std::vector<std::string>& v) {
        const JsonValue* member = object_.find(name);
        const JsonValue::Array* items = member != nullptr ? member->array() : nullptr;
        v.clear();
        if (items == nullptr) {
            note(name);
            return;
        }
        for (const JsonValue& item : *items) {
            keep(name, item.text(), v.emplace_back());
        }
    }
    void operator()(std::string_view name, std::map<std::string, std::string>& v) {
        const JsonValue* member = object_.find(name);
        const JsonValue::Object* members = member != nullptr ? member->object() : nullptr;
        v.clear();
        if (members == nullptr) {
            note(name);
            return;
        }
        for (const auto& [key, item] : *members) {
            keep(name, item.text(), v[key]);
        }
    }

private:
    void read_integer(std::string_view name, std::int64_t& out) {
        const JsonValue* member = object_.find(name);
        const auto whole = member != nullptr ? member->integer() : std::nullopt;
        keep(name, whole ? &*whole : nullptr, out);
    }
    template <typename T>
    void keep(std::string_view name, const T* found, T& out) {
        if (found == nullptr) {
            note(name);
            return;
        }
        out = *found;
    }
    void note(std::string_view name) {
        if (bad_.empty()) {
            bad_ = name;
        }
    }
    const JsonValue& object_;
    std::string bad_;
};

template <typename Body>
Result<RecordBody> read_body(const JsonValue& object) {
    Body body;
    FieldReader reader(object);
    body.fields(reader);
    if (!reader.bad().empty()) {
        return fail("record: bad or missing field \"" + reader.bad() + "\"");
    }
    return RecordBody(std::move(body));
}

Result<RecordBody> read_typed_body(const std::string& type, const JsonValue& object) {
    if (type.starts_with("alert.")) {
        return read_body<AlertEdge>(object);
    }
    if (type.starts_with("incident.")) {
        return read_body<IncidentChange>(object);
    }
    if (type.starts_with("seat.")) {
        return read_body<SeatChange>(object);
    }
    if (type.starts_with("page.") || type.starts_with("action.")) {
        return read_body<PageChange>(object);
    }
    if (type == "answer") {
        return read_body<AnswerGiven>(object);
    }
    if (type == "silence") {
        return read_body<SilenceChange>(object);
    }
    if (type == "override") {
        return read_body<OverrideChange>(object);
    }
    if (type == "system") {
        return read_body<SystemNote>(object);
    }
    if (type == "verdict") {
        return read_body<VerdictGiven>(object);
    }
    return fail("record: unknown type \"" + type + "\"");
}

struct TopicOf {
    std::string operator()(const AlertEdge& b) const { return "alert." + b.rule + "." + b.queue.centre + "." + b.queue.queue; }
    std::string operator()(const IncidentChange& b) const { return "incident." + b.incident; }
    std::string operator()(const SeatChange& b) const { return "incident." + b.incident; }
    std::string operator()(const PageChange& b) const { return "incident." + b.incident; }
    std::string operator()(const AnswerGiven& b) const {
        return b.drill.empty() ? "incident." + b.incident : "drill." + b.person;
    }
    std::string operator()(const SilenceChange& b) const { return "silence." + b.silence; }
    std::string operator()(const OverrideChange& b) const { return "override." + b.roster; }
    std::string operator()(const SystemNote& b) const { return "system." + b.what; }
    std::string operator()(const VerdictGiven& b) const { return "incident." + b.incident; }
};

/// Room for a record with a policy in it (policy_bytes) and thousands of people.
constexpr JsonLimits record_limits{.bytes = 4U << 20U, .depth = 8, .values = 200000};

}  // namespace

std::string encode(const SendOrder& order) {
    std::string out;
    out.reserve(2048);
    JsonWriter json(out);
    json.begin_object();
    RecordFields fields(json);
    visit_fields(fields, order);
    json.end_object();
    return out;
}

std::string encode(const Record& record) {
    std::string out;
    out.reserve(512);  // most are shorter
    JsonWriter json(out);
    json.begin_object();
    json.field("seq", record.seq)
        .field("ts", to_ms(record.wall))
        .field("at", to_ms(record.at))
        .field("type", record_type(record));
    RecordFields fields(json);
    std::visit([&fields](const auto& body) { visit_fields(fields, body); }, record.body);
    json.end_object();
    return out;
}

Result<Record> decode_record(std::string_view json) {
    const Result<JsonValue> object = parse_json(json, record_limits);
    if (!object) {
        return fail("record: " + object.error().message);
    }
    const JsonValue* seq = object->find("seq");
    const JsonValue* wall = object->find("ts");
    const JsonValue* at = object->find("at");
    if (seq == nullptr || !seq->natural() || wall == nullptr || !wall->integer() || at == nullptr || !at->integer()) {
        return fail("record: seq, ts and at must be whole numbers");
    }
    Result<RecordBody> body = read_typed_body(object->text_or("type", ""), *object);
    if (!body) {
        return tl::unexpected(body.error());
    }
    Record record;
    record.seq = *seq->natural();
    record.wall = wall_time(*wall->integer());
    record.at = engine_time(*at->integer());
    record.body = std::move(*body);
    return record;
}

std::string topic_of(const Record& record) {
    return std::visit(TopicOf{}, record.body);
}

}  // namespace surged
