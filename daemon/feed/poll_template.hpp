// Texts of requests with what changes in them: ${now}, ${day}, ${slot} with a duration added or taken, and ${file:NAME}, a file's
// text.
//
//   ${now}  ${now-15m}  ${day}  ${slot+30m:ms}
//     day    midnight of today in the file's time zone        slot   the begin of the running interval (the ask's `slot`),
//     counted from midnight                                            behind a colon: iso (the default: 2026-11-29T10:00:00Z),
//     s, ms, date (2026-11-29 of the time zone), local (2026-11-29T10:00:00 of the time zone, without an offset)
//   ${file:NAME}  the text of a file or of a systemd credential, without blanks at its end: keys and tokens
//   $${  is  ${
//
// Knows texts; reads files only by the function it is given.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/base/zone.hpp"

namespace surged {

struct TemplateError {
    std::size_t offset = 0;  ///< byte of the text
    std::string message;
};

struct TemplateTimes {
    std::int64_t now_ms = 0;
    Span slot = std::chrono::minutes{30};
    const Zone* zone = nullptr;
};

/// Error: the file cannot be read.
using ReadSecretText = std::function<Result<std::string>(const std::string& name)>;

class PollTemplate {
public:
    PollTemplate() = default;
    static Result<PollTemplate, TemplateError> parse(std::string_view text);

    Result<std::string> fill(const TemplateTimes& times, const ReadSecretText& read_secret) const;
    /// The names in ${file:NAME}.
    std::vector<std::string> files() const;
    /// The text before the first ${ }.
    const std::string& front() const;
    bool fixed() const;
    bool empty() const { return pieces_.empty(); }

private:
    enum class Kind : std::uint8_t { text, file, now, day, slot };
    enum class Form : std::uint8_t { iso, s, ms, date, local };
    struct Piece {
        Kind kind = Kind::text;
        std::string text;  ///< of text; the name of a file
        std::int64_t shift_ms = 0;
        Form form = Form::iso;
    };
    static Result<Piece> parse_piece(std::string_view inside);
    static std::string moment(const Piece& piece, const TemplateTimes& times);

    std::vector<Piece> pieces_;
};

}  // namespace surged
