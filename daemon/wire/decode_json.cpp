// simdjson's first stage finds the tokens; one pass over them fills the flat message. Text is not copied, and a metric name that
// equals the one at the same place of the part before is neither measured nor checked again: same_metrics().
#include "wire/decode_json.hpp"

#include <simdjson.h>

#include <algorithm>

#include "wire/json_scan.hpp"
#include "wire/names.hpp"
#include "wire/number_text.hpp"

namespace surged {

namespace {

enum class JsonWalk : std::uint8_t { ok, malformed };

class JsonWalker {
public:
    JsonWalker(std::string_view payload, const std::uint32_t* tokens, char* scratch, DecodeContext& context)
        : cursor_(payload.data(), tokens), end_(payload.data() + payload.size()), scratch_(scratch), context_(context) {}

    std::optional<Refusal> message();

private:
    std::optional<Refusal> envelope(Field field);
    std::optional<Refusal> whole(Field field, std::uint64_t max, std::uint64_t& out);
    /// Notes an example of what is refused and gives the reason back.
    Refusal noted(Refusal reason, Field field, const GotText& got);
    /// The token as it stands in the payload, for people.
    std::string_view raw_token(const char* at) const;
    std::optional<Refusal> queues();
    JsonWalk part();
    JsonWalk part_value(Field field, PartDraft& draft);
    JsonWalk metrics(PartDraft& draft);
    std::uint32_t same_metrics(bool& again);
    JsonWalk metric_name(std::string_view& name, std::uint32_t index, std::optional<Refusal>& bad);
    JsonWalk metric(std::uint32_t index);

    bool same_text(std::string_view expected, std::string_view& out);
    JsonWalk text(std::string_view& out);
    JsonWalk part_key(Field& field);
    JsonWalk key(std::string_view& out);
    JsonWalk skip() { return cursor_.skip() ? JsonWalk::ok : JsonWalk::malformed; }
    /// After a value: is there another one before `close`?
    JsonWalk more(char close, bool& again);
    JsonWalk bad_number(NumberError error, std::optional<Refusal> bad, std::string_view name);

    TokenCursor cursor_;
    const char* end_;
    char* scratch_;  // never runs full: an unescaped text is shorter than its escaped form in the payload
    DecodeContext& context_;
    const MetricValue* before_ = nullptr;  // the values of the part before, while the layouts agree
    std::uint32_t before_count_ = 0;
    bool same_ = false;
};

/// What stands between the quotes of a text.
std::string_view unquoted(std::string_view token) {
    return token.size() < 2 ? std::string_view{} : token.substr(1, token.size() - 2);
}

/// True when `raw`, JSON text after its opening quote, is `name` up to the closing quote. Comparisons with a constant size are
/// single loads; the bytes behind the payload are readable.
template <std::size_t size>
bool is_key(const char* raw, const char (&name)[size]) {
    static_assert(size <= payload_padding);
    return std::memcmp(raw, name, size - 1) == 0 && raw[size - 1] == '"';
}

/// Steps over a text that is byte for byte `expected`.
bool JsonWalker::same_text(std::string_view expected, std::string_view& out) {
    const char* const raw = cursor_.text() + 1;
    // The closing quote makes the comparison exact.
    if (cursor_.peek() != '"' || expected.size() >= static_cast<std::size_t>(end_ - raw) || raw[expected.size()] != '"' ||
        !same_bytes(raw, expected.data(), expected.size())) {
        return false;
    }
    out = {raw, expected.size()};
    cursor_.step();
    return true;
}

/// Precondition: the token is a quote.
JsonWalk JsonWalker::text(std::string_view& out) {
    const char* raw = cursor_.text() + 1;
    cursor_.step();
    const std::size_t length = plain_length(raw);
    if (length != std::string_view::npos) {
        out = {raw, length};
        return JsonWalk::ok;
    }
    char* const end = unescape_json(raw, scratch_);
    if (end == nullptr) {
        return JsonWalk::malformed;
    }
    out = {scratch_, static_cast<std::size_t>(end - scratch_)};
    scratch_ = end;
    return JsonWalk::ok;
}

std::string_view JsonWalker::raw_token(const char* at) const {
    const char* end = at;
    if (at < end_ && *at == '"') {
        for (++end; end < end_ && *end != '"'; ++end) {
        }
        end = std::min(end + 1, end_);
    } else {
        while (end < end_ && *end != ',' && *end != '}' && *end != ']' && *end != '\n') {
            ++end;
        }
    }
    return {at, static_cast<std::size_t>(end - at)};
}

Refusal JsonWalker::noted(Refusal reason, Field field, const GotText& got) {
    context_.note(reason, name_of(field), got, wanted_in(field));
    return reason;
}

JsonWalk JsonWalker::key(std::string_view& out) {
    if (cursor_.peek() != '"' || text(out) == JsonWalk::malformed) {
        return JsonWalk::malformed;
    }
    return cursor_.take(':') ? JsonWalk::ok : JsonWalk::malformed;
}

JsonWalk JsonWalker::part_key(Field& field) {
    const char* const raw = cursor_.text() + 1;
    if (cursor_.peek() != '"') {
        return JsonWalk::malformed;
    }
    if (is_key(raw, "m")) {
        field = Field::metrics;
    } else if (is_key(raw, "queue")) {
        field = Field::queue;
    } else if (is_key(raw, "centre")) {
        field = Field::centre;
    } else {
        std::string_view name;
        const JsonWalk walk = key(name);
        field = part_field(name);
        return walk;
    }
    cursor_.step();
    return cursor_.take(':') ? JsonWalk::ok : JsonWalk::malformed;
}

JsonWalk JsonWalker::more(char close, bool& again) {
    again = cursor_.take(',');
    return again || cursor_.take(close) ? JsonWalk::ok : JsonWalk::malformed;
}

std::optional<Refusal> JsonWalker::message() {
    if (!cursor_.take('{')) {
        return Refusal::malformed;
    }
    FieldSet seen;
    bool again = !cursor_.take('}');
    while (again) {
        std::string_view name;
        if (key(name) == JsonWalk::malformed) {
            return Refusal::malformed;
        }
        const Field field = envelope_field(name);
        if (field == Field::unknown) {
            if (skip() == JsonWalk::malformed) {
                return Refusal::malformed;
            }
        } else if (!seen.add(field)) {
            return Refusal::malformed;
        } else if (const auto refusal = envelope(field)) {
            return refusal;
        }
        if (more('}', again) == JsonWalk::malformed) {
            return Refusal::malformed;
        }
    }
    return cursor_.text() == end_ ? finish_message(context_, seen) : Refusal::malformed;
}

std::optional<Refusal> JsonWalker::envelope(Field field) {
    Message& out = context_.out;
    std::uint64_t number = 0;
    switch (field) {
        case Field::v: {
            const auto refusal = whole(field, UINT64_MAX, number);
            return refusal || number == 1 ? refusal : noted(Refusal::wrong_version, field, GotText::number(number));
        }
        case Field::source:
            if (cursor_.peek() != '"') {
                const auto got = raw_token(cursor_.text());
                return skip() == JsonWalk::ok ? noted(Refusal::wrong_type, field, got) : Refusal::malformed;
            }
            if (text(out.source) == JsonWalk::malformed) {
                return Refusal::malformed;
            }
            if (const auto bad = check_label(out.source, context_.limits.name_bytes, true)) {
                return noted(*bad, field, out.source);
            }
            return std::nullopt;
        case Field::epoch: out.has_epoch = true; return whole(field, UINT64_MAX, out.epoch);
        case Field::seq: return whole(field, UINT64_MAX, out.seq);
        case Field::ts: {
            const auto refusal = whole(field, ts_ms_max, number);
            out.ts = source_time(static_cast<std::int64_t>(number));
            return refusal;
        }
        case Field::queues: return queues();
        case Field::centre:
        case Field::queue:
        case Field::channel:
        case Field::metrics:
        case Field::unknown: break;
    }
    return std::nullopt;
}

/// A whole number in 0 .. max, as whole_of() says.
std::optional<Refusal> JsonWalker::whole(Field field, std::uint64_t max, std::uint64_t& out) {
    const char* const raw = cursor_.text();
    if (parse_json_natural(raw, out)) {
        cursor_.step();
        return out <= max ? std::nullopt : std::optional(noted(Refusal::wrong_type, field, GotText::number(out)));
    }
    double number = 0;
    const NumberError error = parse_json_number(raw, number);
    const auto got = raw_token(raw);
    if (error == NumberError::malformed || skip() == JsonWalk::malformed) {
        return Refusal::malformed;
    }
    const bool from_text = context_.lenient && *raw == '"';
    const auto found = error == NumberError::none ? whole_of(number, field, max)
                       : from_text                ? whole_of_text(unquoted(got), field, max)
                                                  : std::nullopt;
    if (!found) {
        return noted(Refusal::wrong_type, field, got);
    }
    context_.from_texts += from_text ? 1U : 0U;
    out = *found;
    return std::nullopt;
}

std::optional<Refusal> JsonWalker::queues() {
    if (!cursor_.take('[')) {
        const auto got = raw_token(cursor_.text());
        return skip() == JsonWalk::ok ? noted(Refusal::wrong_type, Field::queues, got) : Refusal::malformed;
    }
    std::size_t count = 0;
    bool again = !cursor_.take(']');
    while (again) {
        if (++count > context_.limits.queues_per_message) {
            return noted(Refusal::too_many_queues, Field::queues, GotText::more_than(context_.limits.queues_per_message));
        }
        if (part() == JsonWalk::malformed || more(']', again) == JsonWalk::malformed) {
            return Refusal::malformed;
        }
    }
    return std::nullopt;
}

JsonWalk JsonWalker::part() {
    if (!cursor_.take('{')) {
        context_.drop(Refusal::wrong_type);
        noted(Refusal::wrong_type, Field::queues, raw_token(cursor_.text()));
        return skip();
    }
    PartDraft draft(context_);
    bool again = !cursor_.take('}');
    while (again) {
        Field field = Field::unknown;
        if (part_key(field) == JsonWalk::malformed) {
            return JsonWalk::malformed;
        }
        if (field != Field::unknown && !draft.refusal && !draft.seen.add(field)) {
            draft.refuse(Refusal::malformed, field, "twice");
        }
        const bool wanted = field != Field::unknown && !draft.refusal;
        if ((wanted ? part_value(field, draft) : skip()) == JsonWalk::malformed || more('}', again) == JsonWalk::malformed) {
            return JsonWalk::malformed;
        }
    }
    draft.finish();
    return JsonWalk::ok;
}

JsonWalk JsonWalker::part_value(Field field, PartDraft& draft) {
    if (field == Field::metrics) {
        return metrics(draft);
    }
    if (field == Field::ts) {
        std::uint64_t number = 0;
        const auto refusal = whole(field, ts_ms_max, number);
        draft.refusal = refusal;
        draft.part.ts = source_time(static_cast<std::int64_t>(number));
        return refusal == Refusal::malformed ? JsonWalk::malformed : JsonWalk::ok;
    }
    if (cursor_.peek() != '"') {
        draft.refuse(Refusal::wrong_type, field, raw_token(cursor_.text()));
        return skip();
    }
    std::string_view label;
    if (const std::string_view before = draft.label_before(field); !before.empty() && same_text(before, label)) {
        draft.keep_label(field, label);
        return JsonWalk::ok;
    }
    if (text(label) == JsonWalk::malformed) {
        return JsonWalk::malformed;
    }
    draft.set_label(field, label, true);
    return JsonWalk::ok;
}

JsonWalk JsonWalker::metrics(PartDraft& draft) {
    if (!cursor_.take('{')) {
        draft.refuse(Refusal::wrong_type, Field::metrics, raw_token(cursor_.text()));
        return skip();
    }
    Message& out = context_.out;
    // Pointers into out.values stay good: room for a whole part is made first.
    const std::size_t room = out.values.size() + context_.limits.metrics_per_queue;
    if (out.values.capacity() < room) {
        out.values.reserve(2 * room);
    }
    same_ = !out.parts.empty();
    before_ = same_ ? out.values.data() + out.parts.back().first : nullptr;
    before_count_ = same_ ? out.parts.back().count : 0;

    bool again = !cursor_.take('}');
    std::uint32_t index = again && same_ ? same_metrics(again) : 0;
    while (again) {
        if (index == context_.limits.metrics_per_queue) {
            draft.refuse(Refusal::too_many_metrics, Field::metrics, GotText::more_than(index));
        }
        if (draft.refusal) {
            std::string_view name;
            if (key(name) == JsonWalk::malformed || skip() == JsonWalk::malformed) {
                return JsonWalk::malformed;
            }
        } else if (metric(index) == JsonWalk::malformed) {
            return JsonWalk::malformed;
        }
        ++index;
        if (more('}', again) == JsonWalk::malformed) {
            return JsonWalk::malformed;
        }
    }
    draft.part.same_layout = same_ && index == before_count_;
    return JsonWalk::ok;
}

/// The hot path: takes values as long as they agree with the part before in name and order and are plain numbers, and stops
/// before the first that does not. Returns how many it took; `again` says whether another member follows.
std::uint32_t JsonWalker::same_metrics(bool& again) {
    Message& out = context_.out;
    const std::size_t first = out.values.size();
    out.values.resize(first + before_count_);
    MetricValue* const values = out.values.data() + first;
    // Copies that no store through `values` can change: the compiler keeps them in registers.
    TokenCursor cursor = cursor_;
    const MetricValue* const before = before_;
    const std::uint32_t count = before_count_;
    const char* const end = end_;
    std::uint32_t index = 0;
    while (again && index < count) {
        const std::string_view expected = before[index].name;
        const char* const raw = cursor.text() + 1;
        const char* value = nullptr;
        double number = 0;
        // The closing quote makes the comparison exact; the bytes behind the payload are readable.
        if (!cursor.member(value) || expected.size() >= static_cast<std::size_t>(end - raw) || raw[expected.size()] != '"' ||
            !same_bytes(raw, expected.data(), expected.size()) || !parse_plain_number(value, number)) {
            break;
        }
        values[index] = {{raw, expected.size()}, number};
        ++index;
        cursor.step_member();
        again = cursor.peek() == ',';
        cursor.step();
    }
    cursor_ = cursor;
    out.values.resize(first + index);
    return index;
}

JsonWalk JsonWalker::metric_name(std::string_view& name, std::uint32_t index, std::optional<Refusal>& bad) {
    if (key(name) == JsonWalk::malformed) {
        return JsonWalk::malformed;
    }
    same_ = same_ && index < before_count_ && name == before_[index].name;
    if (!same_) {
        bad = check_metric_name(name, context_.limits.name_bytes);
    }
    return JsonWalk::ok;
}

JsonWalk JsonWalker::metric(std::uint32_t index) {
    std::string_view name;
    std::optional<Refusal> bad;
    if (metric_name(name, index, bad) == JsonWalk::malformed) {
        return JsonWalk::malformed;
    }
    double number = 0;
    const char* const raw = cursor_.text();
    NumberError error = parse_json_number(raw, number);
    const bool from_text = context_.lenient && *raw == '"' && !bad;
    if (from_text) {
        error = parse_number_text(unquoted(raw_token(raw)), number);
    }
    if (error != NumberError::none || bad) {
        return bad_number(error, bad, name);
    }
    context_.from_texts += from_text ? 1U : 0U;
    cursor_.step();
    context_.out.values.push_back({name, number});
    return JsonWalk::ok;
}

/// A value that is left out. What is no number costs itself; what pretends to be one and is not costs the message.
JsonWalk JsonWalker::bad_number(NumberError error, std::optional<Refusal> bad, std::string_view name) {
    same_ = false;
    if (error == NumberError::malformed) {
        return JsonWalk::malformed;
    }
    const auto reason = bad ? *bad : error == NumberError::not_finite ? Refusal::not_finite : Refusal::wrong_type;
    context_.drop(reason);
    if (bad) {
        context_.note(reason, "m", name, wanted_metric_name);
    } else {
        context_.note(reason, name, raw_token(cursor_.text()), wanted_value);
    }
    return skip();
}

}  // namespace

struct JsonDecoder::Parser {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> scanner;
};

JsonDecoder::JsonDecoder() : parser_(std::make_unique<Parser>()) {}
JsonDecoder::~JsonDecoder() = default;

std::optional<Refusal> JsonDecoder::decode(std::string_view payload, char* scratch, DecodeContext& context) {
    auto& scanner = parser_->scanner;
    if (!scanner || scanner->capacity() < payload.size()) {
        std::size_t room = 4096;
        while (room < payload.size()) {
            room *= 2;
        }
        constexpr std::size_t depth = 1;  // of simdjson's second stage, which is not used
        if (simdjson::get_active_implementation()->create_dom_parser_implementation(room, depth, scanner) != simdjson::SUCCESS) {
            return Refusal::message_too_large;
        }
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(payload.data());
    if (scanner->stage1(bytes, payload.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS) {
        return Refusal::malformed;
    }
    return JsonWalker(payload, scanner->structural_indexes.get(), scratch, context).message();
}

}  // namespace surged
