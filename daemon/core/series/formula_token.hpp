// Tokens of a formula, each with its offset. Knows no grammar. Total on any bytes; never looks ahead more than a
// token.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace surged::detail {

enum class TokenKind : std::uint8_t {
    end,
    number,
    duration,
    name,  ///< metric, function, or one of the words and, or, not
    open,
    close,
    comma,
    plus,
    minus,
    times,
    divide,
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    not_equal,
    invalid  ///< `complaint` says why
};

struct Token {
    TokenKind kind = TokenKind::end;
    std::size_t offset = 0;
    std::string_view text;  ///< borrowed from the formula
    double number = 0;
    Span span{0};
    std::string complaint;
};

/// The token at or after `from`, blanks skipped. The next begins at offset + text.size().
Token next_token(std::string_view formula, std::size_t from);

/// True for [a-z][a-z0-9_]*.
bool is_metric_name(std::string_view text);

}  // namespace surged::detail
