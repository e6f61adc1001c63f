#include "wire/part_draft.hpp"

#include "wire/names.hpp"

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

std::string_view PartDraft::label_before(Field field) const {
    return context_.out.parts.empty() ? std::string_view{} : label(context_.out.parts.back(), field);
}

void PartDraft::set_label(Field field, std::string_view text, bool utf8_known) {
    label(part, field) = text;
    if (text == label_before(field) && !text.empty()) {
        return;
    }
    if (const auto bad = check_label(text, context_.limits.name_bytes, utf8_known); bad && !refusal) {
        refusal = bad;
    }
}

void PartDraft::finish() {
    if (!refusal && !(seen.has(Field::centre) && seen.has(Field::queue))) {
        refusal = Refusal::missing_field;
    }
    if (refusal) {
        context_.out.values.resize(part.first);
        context_.drop(*refusal);
        return;
    }
    part.count = static_cast<std::uint32_t>(context_.out.values.size()) - part.first;
    context_.out.parts.push_back(part);
}

std::optional<Refusal> finish_message(DecodeContext& context, const FieldSet& seen) {
    for (const Field field : {Field::v, Field::source, Field::seq, Field::ts, Field::queues}) {
        if (!seen.has(field)) {
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
