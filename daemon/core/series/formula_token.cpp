#include "core/series/formula_token.hpp"

#include <array>
#include <utility>

#include "core/base/text.hpp"

namespace surged::detail {

namespace {
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

Token make(TokenKind kind, std::string_view formula, std::size_t offset, std::size_t size) {
    Token token;
    token.kind = kind;
    token.offset = offset;
    token.text = formula.substr(offset, size);
    return token;
}

Token complain(Token token, std::string complaint) {
    token.kind = TokenKind::invalid;
    token.complaint = std::move(complaint);
    return token;
}

/// A number "12", "0.5", "1e3", or a duration "10m", "1h30m".
Token number_or_duration(std::string_view formula, std::size_t offset) {
    const auto at = [&](std::size_t i) { return i < formula.size() ? formula[i] : '\0'; };
    std::size_t end = offset;
    while (is_digit(at(end)) || at(end) == '.') {
        ++end;
    }
    if (at(end) == 'e' || at(end) == 'E') {
        const std::size_t sign = at(end + 1) == '-' || at(end + 1) == '+' ? 1 : 0;
        if (is_digit(at(end + 1 + sign))) {
            end += 1 + sign;
            while (is_digit(at(end))) {
                ++end;
            }
        }
    }
    if (!is_letter(at(end)) && at(end) != '_') {
        auto token = make(TokenKind::number, formula, offset, end - offset);
        const auto number = parse_number(token.text);
        if (!number) {
            return complain(token, "\"" + std::string(token.text) + "\" is not a number");
        }
        token.number = *number;
        return token;
    }
    while (is_digit(at(end)) || is_letter(at(end)) || at(end) == '.' || at(end) == '_') {
        ++end;
    }
    auto token = make(TokenKind::duration, formula, offset, end - offset);
    const auto span = parse_span(token.text);
    if (!span) {
        return complain(token,
                        "\"" + std::string(token.text) + "\" is neither a number nor a duration such as 30s, 10m or 1h30m");
    }
    token.span = *span;
    return token;
}

/// A byte that begins no token: say what people most often mean by it.
Token stranger(std::string_view formula, std::size_t offset) {
    static constexpr std::array<std::pair<char, std::string_view>, 6> hints{{{'&', "write \"and\""},
                                                                             {'|', "write \"or\""},
                                                                             {'!', "write \"not\""},
                                                                             {'=', "compare with =="},
                                                                             {'%', "write 0.3 for 30 %"},
                                                                             {'^', "there are no powers"}}};
    std::size_t size = 1;
    // A character beyond ASCII is shown whole: full-width brackets are a usual slip.
    while (size < 4 && offset + size < formula.size() && (static_cast<unsigned char>(formula[offset]) & 0x80U) != 0 &&
           (static_cast<unsigned char>(formula[offset + size]) & 0xC0U) == 0x80U) {
        ++size;
    }
    auto token = make(TokenKind::invalid, formula, offset, size);
    const bool printable = utf8_valid(token.text) && static_cast<unsigned char>(token.text[0]) >= 0x20 && token.text[0] != 0x7F;
    std::string complaint = printable ? "unexpected \"" + std::string(token.text) + "\"" : "unexpected byte";
    for (const auto& [sign, hint] : hints) {
        if (sign == formula[offset]) {
            complaint += ": ";
            complaint += hint;
        }
    }
    return complain(token, std::move(complaint));
}
}  // namespace

bool is_metric_name(std::string_view text) {
    if (text.empty() || !is_lower(text[0])) {
        return false;
    }
    for (const char c : text) {
        if (!is_lower(c) && !is_digit(c) && c != '_') {
            return false;
        }
    }
    return true;
}

Token next_token(std::string_view formula, std::size_t from) {
    while (from < formula.size() && is_blank(formula[from])) {
        ++from;
    }
    if (from >= formula.size()) {
        return make(TokenKind::end, formula, formula.size(), 0);
    }
    const char c = formula[from];
    const char after = from + 1 < formula.size() ? formula[from + 1] : '\0';
    if (is_digit(c) || (c == '.' && is_digit(after))) {
        return number_or_duration(formula, from);
    }
    if (is_letter(c) || c == '_') {
        std::size_t end = from;
        while (end < formula.size() && (is_letter(formula[end]) || is_digit(formula[end]) || formula[end] == '_')) {
            ++end;
        }
        return make(TokenKind::name, formula, from, end - from);
    }
    const auto one = [&](TokenKind kind) { return make(kind, formula, from, 1); };
    const auto two = [&](TokenKind kind) { return make(kind, formula, from, 2); };
    switch (c) {
        case '(': return one(TokenKind::open);
        case ')': return one(TokenKind::close);
        case ',': return one(TokenKind::comma);
        case '+': return one(TokenKind::plus);
        case '-': return one(TokenKind::minus);
        case '*': return one(TokenKind::times);
        case '/': return one(TokenKind::divide);
        case '<': return after == '=' ? two(TokenKind::less_equal) : one(TokenKind::less);
        case '>': return after == '=' ? two(TokenKind::greater_equal) : one(TokenKind::greater);
        case '=': return after == '=' ? two(TokenKind::equal) : stranger(formula, from);
        case '!': return after == '=' ? two(TokenKind::not_equal) : stranger(formula, from);
        default: return stranger(formula, from);
    }
}

}  // namespace surged::detail
