#include "channels/reply.hpp"

#include "core/base/text.hpp"

namespace surged {

OutcomeClass outcome_of(std::span<const CodeRule> rules, int code, OutcomeClass otherwise) {
    for (const auto& rule : rules) {
        if (code >= rule.from && code <= rule.to) {
            return rule.outcome;
        }
    }
    return otherwise;
}

OutcomeClass outcome_of(Transport transport) {
    switch (transport) {
        case Transport::unreachable:
        case Transport::broken_unsent:
        case Transport::timeout_unsent: return OutcomeClass::channel_down;
        case Transport::tls:
        case Transport::bad_request: return OutcomeClass::config_error;
        case Transport::answered:
        case Transport::broken_sent:
        case Transport::timeout_sent: return OutcomeClass::unknown;
    }
    return OutcomeClass::unknown;
}

std::string_view describe(Transport transport) {
    switch (transport) {
        case Transport::answered: return "answered";
        case Transport::unreachable: return "cannot connect";
        case Transport::broken_unsent: return "connection lost before the page was sent";
        case Transport::timeout_unsent: return "timeout before the page was sent";
        case Transport::broken_sent: return "connection lost after the page was sent";
        case Transport::timeout_sent: return "timeout after the page was sent";
        case Transport::tls: return "TLS failed";
        case Transport::bad_request: return "the request cannot be made";
    }
    return "?";
}

SendVerdict verdict_of(Transport transport, const std::string& error) {
    SendVerdict out;
    out.outcome = outcome_of(transport);
    out.detail = describe(transport);
    if (!error.empty()) {
        out.detail += ": " + error;
    }
    return out;
}

std::string clean_text(std::string_view text, std::size_t limit) {
    std::string out;
    const bool valid = utf8_valid(text);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool blank = byte <= 0x20 || byte == 0x7F;
        if (blank && (out.empty() || out.back() == ' ')) {
            continue;
        }
        out += blank ? ' ' : byte >= 0x80 && !valid ? '?' : c;
        if (out.size() > limit * 4) {
            break;  // no code point is longer
        }
    }
    while (!out.empty() && out.back() == ' ') {
        out.pop_back();
    }
    // Cutting bytes above may have torn the last code point; utf8_cut drops it together with what is over the limit.
    return utf8_cut(out, limit);
}

}  // namespace surged
