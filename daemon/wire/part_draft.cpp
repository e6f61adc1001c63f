#include "wire/part_draft.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "wire/names.hpp"
#include "wire/number_text.hpp"

namespace surged {

Field envelope_field(std::string_view key) {
    switch (key.size()) {
        case 1: return key == "v" ? Field::v : Field::unknown;
        case 2: return key == "ts" ? Field::ts : Field::unknown;
        case 3: return key == "seq" ? Field::seq : Field::unknown;
        case 5: return key == "epoch" ? Field::epoch : Field::unknown;
        case 6: return key == "queues" ? Field::queues : key == "source" ? Field::source : Field::unknown;
        default: return Field::unknown;
    }
}

Field part_field(std::string_view key) {
    switch (key.size()) {
        case 1: return key == "m" ? Field::metrics : Field::unknown;
        case 2: return key == "ts" ? Field::ts : Field::unknown;
        case 5: return key == "queue" ? Field::queue : Field::unknown;
        case 6: return key == "centre" ? Field::centre : Field::unknown;
        case 7: return key == "channel" ? Field::channel : Field::unknown;
        default: return Field::unknown;
    }
}

std::string_view name_of(Field field) {
    switch (field) {
        case Field::v: return "v";
        case Field::source: return "source";
        case Field::epoch: return "epoch";
        case Field::seq: return "seq";
        case Field::ts: return "ts";
        case Field::queues: return "queues";
        case Field::centre: return "centre";
        case Field::queue: return "queue";
        case Field::channel: return "channel";
        case Field::metrics: return "m";
        case Field::unknown: break;
    }
    return "message";
}

std::string_view wanted_in(Field field) {
    switch (field) {
        case Field::v: return "1";
        case Field::epoch:
        case Field::seq: return "a whole number, 0 or more";
        case Field::ts: return "milliseconds since 1970";
        case Field::queues: return "a list of queues, within the limit of a message";
        case Field::source:
        case Field::centre:
        case Field::queue:
        case Field::channel: return "a name: text, not empty, no control characters, within the limit";
        case Field::metrics: return "an object of numbers, within the limit of a queue";
        case Field::unknown: break;
    }
    return "one JSON object or MessagePack map as in surged-feed(7)";
}

GotText::GotText(std::string_view bytes) : size_(std::min(bytes.size(), bytes_.size())) {
    std::copy_n(bytes.begin(), size_, bytes_.begin());
}

GotText GotText::number(std::uint64_t value) {
    GotText out;
    out.size_ = static_cast<std::size_t>(std::to_chars(out.bytes_.data(), out.bytes_.data() + out.bytes_.size(), value).ptr -
                                         out.bytes_.data());
    return out;
}

GotText GotText::number(std::int64_t value) {
    GotText out;
    out.size_ = static_cast<std::size_t>(std::to_chars(out.bytes_.data(), out.bytes_.data() + out.bytes_.size(), value).ptr -
                                         out.bytes_.data());
    return out;
}

GotText GotText::number(double value) {
    GotText out;
    out.size_ = static_cast<std::size_t>(std::to_chars(out.bytes_.data(), out.bytes_.data() + out.bytes_.size(), value).ptr -
                                         out.bytes_.data());
    return out;
}

GotText GotText::more_than(std::uint64_t value) {
    constexpr std::string_view words = "more than ";
    GotText out(words);
    char* const at = out.bytes_.data() + words.size();
    out.size_ = static_cast<std::size_t>(std::to_chars(at, out.bytes_.data() + out.bytes_.size(), value).ptr - out.bytes_.data());
    return out;
}

void DecodeContext::note(Refusal reason, GotText field, const GotText& got, std::string_view want) {
    auto* const end = notes.drafts.begin() + notes.count;
    const bool known = std::any_of(notes.drafts.begin(), end, [&](const auto& n) { return n.reason == reason; });
    if (!known && notes.count < notes.drafts.size()) {
        notes.drafts[notes.count++] = {reason, field, got, want};
    }
}

std::optional<std::uint64_t> whole_of(double number, Field field, std::uint64_t max) {
    constexpr double whole_end = 9007199254740992.0;  // 2^53: from it on a double may stand for another number
    if (!(number >= 0 && number < whole_end) || (field != Field::ts && number != std::floor(number))) {
        return std::nullopt;
    }
    const auto value = static_cast<std::uint64_t>(number);
    return value <= max ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> whole_of_text(std::string_view text, Field field, std::uint64_t max) {
    if (const auto natural = parse_natural_text(text)) {
        return *natural <= max ? natural : std::nullopt;
    }
    double number = 0;
    return parse_number_text(text, number) == NumberError::none ? whole_of(number, field, max) : std::nullopt;
}

std::string_view PartDraft::label_before(Field field) const {
    return context_.out.parts.empty() ? std::string_view{} : label(context_.out.parts.back(), field);
}

void PartDraft::set_label(Field field, std::string_view text, bool utf8_known) {
    label(part, field) = text;
    if (text == label_before(field) && !text.empty()) {
        return;
    }
    if (const auto bad = check_label(text, context_.limits.name_bytes, utf8_known)) {
        refuse(*bad, field, text);
    }
}

void PartDraft::refuse(Refusal reason, Field field, const GotText& got) {
    if (!refusal) {
        refusal = reason;
        context_.note(reason, name_of(field), got, wanted_in(field));
    }
}

void PartDraft::finish() {
    // Without `m` (misspelt, forgotten) a queue would look fresh for ever and say nothing.
    for (const Field field : {Field::centre, Field::queue, Field::metrics}) {
        if (!seen.has(field)) {
            refuse(Refusal::missing_field, field, "");
        }
    }
    if (refusal) {
        context_.out.values.resize(part.first);
        context_.from_texts = from_texts_before_;
        context_.drop(*refusal);
        return;
    }
    part.count = static_cast<std::uint32_t>(context_.out.values.size()) - part.first;
    context_.out.parts.push_back(part);
}

std::optional<Refusal> finish_message(DecodeContext& context, const FieldSet& seen) {
    for (const Field field : {Field::v, Field::source, Field::seq, Field::ts, Field::queues}) {
        if (!seen.has(field)) {
            context.note(Refusal::missing_field, name_of(field), "", wanted_in(field));
            return Refusal::missing_field;
        }
    }
    for (QueuePart& part : context.out.parts) {
        if (part.ts == ts_of_message) {
            part.ts = context.out.ts;
        }
    }
    return std::nullopt;
}

}  // namespace surged
