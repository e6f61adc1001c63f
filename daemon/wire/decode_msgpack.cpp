#include "wire/decode_msgpack.hpp"

#include <cmath>
#include <limits>

#include "wire/msgpack_cursor.hpp"
#include "wire/names.hpp"
#include "wire/number_text.hpp"

namespace surged {

namespace {

using Kind = MsgpackToken::Kind;

enum class PackWalk { ok, malformed };

/// A whole number in 0 .. max, as whole_of() says. nullopt: of another type or out of range.
std::optional<std::uint64_t> whole(const MsgpackToken& token, Field field, std::uint64_t max, DecodeContext& context) {
    if (token.kind == Kind::natural) {
        return token.natural <= max ? std::optional(token.natural) : std::nullopt;
    }
    if (token.kind == Kind::real) {
        return whole_of(token.real, field, max);
    }
    const auto found = context.lenient && token.kind == Kind::text ? whole_of_text(token.text, field, max) : std::nullopt;
    context.from_texts += found ? 1U : 0U;
    return found;
}

/// The number that a value of `m` is; nullopt: none.
std::optional<double> number_of(const MsgpackToken& value, bool lenient) {
    double number = 0;
    switch (value.kind) {
        case Kind::natural: return static_cast<double>(value.natural);
        case Kind::negative: return static_cast<double>(value.negative);
        case Kind::real: return value.real;
        case Kind::text:
            if (lenient) {
                const NumberError error = parse_number_text(value.text, number);
                return error == NumberError::none         ? std::optional(number)
                       : error == NumberError::not_finite ? std::optional(std::numeric_limits<double>::infinity())
                                                          : std::nullopt;
            }
            return std::nullopt;
        default: return std::nullopt;
    }
}

/// What stands there, for people.
GotText shown(const MsgpackToken& token) {
    switch (token.kind) {
        case Kind::nil: return "nil";
        case Kind::boolean: return "a boolean";
        case Kind::natural: return GotText::number(token.natural);
        case Kind::negative: return GotText::number(token.negative);
        case Kind::real: return GotText::number(token.real);
        case Kind::text: return token.text;
        case Kind::binary: return "binary";
        case Kind::list: return "a list";
        case Kind::map: return "a map";
        case Kind::extension: return "an extension";
        case Kind::broken: break;
    }
    return "broken bytes";
}

bool has_entries(const MsgpackToken& token) {
    return token.kind == Kind::list || token.kind == Kind::map;
}

class PackWalker {
public:
    PackWalker(std::string_view payload, DecodeContext& context) : cursor_(payload), context_(context) {}

    std::optional<Refusal> message();

private:
    std::optional<Refusal> envelope(Field field);
    Refusal noted(Refusal reason, Field field, const GotText& got);
    std::optional<Refusal> queues(const MsgpackToken& head);
    PackWalk part();
    PackWalk part_value(Field field, PartDraft& draft);
    PackWalk metrics(const MsgpackToken& head, PartDraft& draft);
    std::uint32_t same_metrics();
    PackWalk metric(std::uint32_t index);
    PackWalk key(std::string_view& out);
    PackWalk skip_entries(const MsgpackToken& head);

    MsgpackCursor cursor_;
    DecodeContext& context_;
    std::uint32_t before_ = 0;  // the values of the part before, while the layouts agree
    std::uint32_t before_count_ = 0;
    bool same_ = false;
};

/// The next key; one that is no text names nothing we know.
PackWalk PackWalker::key(std::string_view& out) {
    const MsgpackToken token = cursor_.next();
    out = token.kind == Kind::text ? token.text : std::string_view{};
    return token.kind == Kind::broken ? PackWalk::malformed : skip_entries(token);
}

/// After the head of a list or map that is not wanted: steps over what is in it.
PackWalk PackWalker::skip_entries(const MsgpackToken& head) {
    if (!has_entries(head)) {
        return PackWalk::ok;
    }
    const std::uint64_t values = head.kind == Kind::map ? 2 * head.natural : head.natural;
    for (std::uint64_t i = 0; i < values; ++i) {  // values <= bytes left
        if (!cursor_.skip()) {
            return PackWalk::malformed;
        }
    }
    return PackWalk::ok;
}

std::optional<Refusal> PackWalker::message() {
    const MsgpackToken head = cursor_.next();
    if (head.kind != Kind::map) {
        return Refusal::malformed;
    }
    FieldSet seen;
    for (std::uint64_t i = 0; i < head.natural; ++i) {
        std::string_view name;
        if (key(name) == PackWalk::malformed) {
            return Refusal::malformed;
        }
        const Field field = envelope_field(name);
        if (field == Field::unknown) {
            if (!cursor_.skip()) {
                return Refusal::malformed;
            }
            continue;
        }
        if (!seen.add(field)) {
            return Refusal::malformed;
        }
        if (const auto refusal = envelope(field)) {
            return refusal;
        }
    }
    return cursor_.at_end() ? finish_message(context_, seen) : Refusal::malformed;
}

/// Notes an example of what is refused and gives the reason back.
Refusal PackWalker::noted(Refusal reason, Field field, const GotText& got) {
    context_.note(reason, name_of(field), got, wanted_in(field));
    return reason;
}

std::optional<Refusal> PackWalker::envelope(Field field) {
    Message& out = context_.out;
    const MsgpackToken token = cursor_.next();
    if (token.kind == Kind::broken) {
        return Refusal::malformed;
    }
    if (field == Field::queues) {
        return queues(token);
    }
    if (field == Field::source) {
        out.source = token.text;
        const auto bad = token.kind == Kind::text ? check_label(token.text, context_.limits.name_bytes, false)
                                                  : std::optional(Refusal::wrong_type);
        return bad ? std::optional(noted(*bad, field, shown(token))) : std::nullopt;
    }
    const auto number = whole(token, field, field == Field::ts ? ts_ms_max : UINT64_MAX, context_);
    if (!number) {
        return noted(Refusal::wrong_type, field, shown(token));
    }
    if (field == Field::v) {
        return *number == 1 ? std::nullopt : std::optional(noted(Refusal::wrong_version, field, shown(token)));
    }
    if (field == Field::epoch) {
        out.has_epoch = true;
        out.epoch = *number;
    } else if (field == Field::seq) {
        out.seq = *number;
    } else if (field == Field::ts) {
        out.ts = source_time(static_cast<std::int64_t>(*number));
    }
    return std::nullopt;
}

std::optional<Refusal> PackWalker::queues(const MsgpackToken& head) {
    if (head.kind != Kind::list) {
        return noted(Refusal::wrong_type, Field::queues, shown(head));
    }
    if (head.natural > context_.limits.queues_per_message) {
        return noted(Refusal::too_many_queues, Field::queues, GotText::number(head.natural));
    }
    for (std::uint64_t i = 0; i < head.natural; ++i) {
        if (part() == PackWalk::malformed) {
            return Refusal::malformed;
        }
    }
    return std::nullopt;
}

PackWalk PackWalker::part() {
    const MsgpackToken head = cursor_.next();
    if (head.kind == Kind::broken) {
        return PackWalk::malformed;
    }
    if (head.kind != Kind::map) {
        context_.drop(Refusal::wrong_type);
        noted(Refusal::wrong_type, Field::queues, shown(head));
        return skip_entries(head);
    }
    PartDraft draft(context_);
    for (std::uint64_t i = 0; i < head.natural; ++i) {
        std::string_view name;
        if (key(name) == PackWalk::malformed) {
            return PackWalk::malformed;
        }
        const Field field = part_field(name);
        if (field == Field::unknown || draft.refusal) {
            if (!cursor_.skip()) {
                return PackWalk::malformed;
            }
            continue;
        }
        if (!draft.seen.add(field)) {
            draft.refuse(Refusal::malformed, field, "twice");
        }
        if (part_value(field, draft) == PackWalk::malformed) {
            return PackWalk::malformed;
        }
    }
    draft.finish();
    return PackWalk::ok;
}

PackWalk PackWalker::part_value(Field field, PartDraft& draft) {
    const MsgpackToken token = cursor_.next();
    if (token.kind == Kind::broken) {
        return PackWalk::malformed;
    }
    const Kind wanted = field == Field::metrics ? Kind::map : Kind::text;
    if (draft.refusal) {
        return skip_entries(token);
    }
    if (field == Field::ts) {
        if (const auto number = whole(token, field, ts_ms_max, context_)) {
            draft.part.ts = source_time(static_cast<std::int64_t>(*number));
            return PackWalk::ok;
        }
        draft.refuse(Refusal::wrong_type, field, shown(token));
        return skip_entries(token);
    }
    if (token.kind != wanted) {
        draft.refuse(Refusal::wrong_type, field, shown(token));
        return skip_entries(token);
    }
    if (field == Field::metrics) {
        return metrics(token, draft);
    }
    draft.set_label(field, token.text, false);
    return PackWalk::ok;
}

PackWalk PackWalker::metrics(const MsgpackToken& head, PartDraft& draft) {
    if (head.natural > context_.limits.metrics_per_queue) {
        draft.refuse(Refusal::too_many_metrics, Field::metrics, GotText::number(head.natural));
        return skip_entries(head);
    }
    const Message& out = context_.out;
    same_ = !out.parts.empty();
    before_ = same_ ? out.parts.back().first : 0;
    before_count_ = same_ ? out.parts.back().count : 0;
    const std::uint32_t agreed = same_ && head.natural == before_count_ ? same_metrics() : 0;
    for (std::uint32_t index = agreed; index < head.natural; ++index) {
        if (metric(index) == PackWalk::malformed) {
            return PackWalk::malformed;
        }
    }
    draft.part.same_layout = same_ && head.natural == before_count_;
    return PackWalk::ok;
}

/// The hot path, as in the JSON decoder: takes values as long as they agree with the part before in name and order.
std::uint32_t PackWalker::same_metrics() {
    Message& out = context_.out;
    const std::size_t first = out.values.size();
    out.values.resize(first + before_count_);
    MetricValue* const values = out.values.data() + first;
    const MetricValue* const before = out.values.data() + before_;
    const std::uint32_t count = before_count_;
    MsgpackCursor cursor = cursor_;  // a copy that stays in registers
    std::uint32_t index = 0;
    for (; index < count; ++index) {
        MsgpackCursor ahead = cursor;
        double number = 0;
        if (!ahead.take_text(before[index].name) || !ahead.take_number(number) || !std::isfinite(number)) {
            break;
        }
        values[index] = {before[index].name, number};
        cursor = ahead;
    }
    cursor_ = cursor;
    out.values.resize(first + index);
    return index;
}

PackWalk PackWalker::metric(std::uint32_t index) {
    Message& out = context_.out;
    const MsgpackToken name = cursor_.next();
    if (name.kind == Kind::broken || skip_entries(name) == PackWalk::malformed) {
        return PackWalk::malformed;
    }
    std::optional<Refusal> bad;
    if (name.kind != Kind::text) {
        bad = Refusal::bad_name;
        same_ = false;
    } else if (!(same_ && index < before_count_ && name.text == out.values[before_ + index].name)) {
        bad = check_metric_name(name.text, context_.limits.name_bytes);
        same_ = false;
    }
    const MsgpackToken value = cursor_.next();
    if (value.kind == Kind::broken || skip_entries(value) == PackWalk::malformed) {
        return PackWalk::malformed;
    }
    const auto number = bad ? std::nullopt : number_of(value, context_.lenient);
    if (!bad && !number) {
        bad = Refusal::wrong_type;
    } else if (!bad && !std::isfinite(*number)) {
        bad = Refusal::not_finite;
    }
    if (bad) {
        same_ = false;
        context_.drop(*bad);
        if (*bad == Refusal::bad_name || *bad == Refusal::name_too_long) {
            context_.note(*bad, "m", shown(name), wanted_metric_name);
        } else {
            context_.note(*bad, name.text, shown(value), wanted_value);
        }
        return PackWalk::ok;
    }
    context_.from_texts += value.kind == Kind::text ? 1U : 0U;
    out.values.push_back({name.text, *number});
    return PackWalk::ok;
}

}  // namespace

std::optional<Refusal> decode_msgpack(std::string_view payload, DecodeContext& context) {
    return PackWalker(payload, context).message();
}

}  // namespace surged
