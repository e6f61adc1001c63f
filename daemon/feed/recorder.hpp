// Recordings: messages as JSON lines, the form that wire/decode.hpp takes, one message a line; `surgectl replay` reads them back.
// Knows lines; refuses to know sockets and clocks. The hardest rule: a recording may be cut, edited or hostile; a bad line costs
// itself.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/series/message.hpp"

namespace surged {

class Recorder {
public:
    /// Borrows `out`.
    explicit Recorder(std::ostream& out) : out_(out) {}
    /// Writes one line and hands it to the operating system. False: the stream has failed (disk full).
    bool write(const Message& message);
    std::uint64_t written() const { return written_; }

private:
    std::ostream& out_;
    std::uint64_t written_ = 0;
};

struct MessageLinesReport {
    std::uint64_t lines = 0;
    std::uint64_t messages = 0;
    std::uint64_t refused_lines = 0;
    RefusalCounts dropped{};                                            ///< parts and values left out of messages that were used
    std::vector<std::pair<std::uint64_t, std::string>> first_refusals;  ///< line number (from 1) and reason of the first 20

    /// Parts and values left out of messages that were used.
    std::uint64_t left_out() const;
};

/// Hears of what is refused while it is read: whole lines, and parts or values of lines that are used. `text`: the front of the line.
using OnRefused = std::function<void(std::uint64_t line, const std::string& why, std::string_view text)>;

/// Reads a recording to its end or until `each` returns false. Blank lines and lines that begin with '#' are comments. The
/// message and its text live until `each` returns. A line longer than limits.message_bytes is refused.
MessageLinesReport message_lines(std::istream& in, const std::function<bool(const Message&)>& each,
                                 const IngestLimits& limits = {}, const OnRefused& on_refused = {});

}  // namespace surged
