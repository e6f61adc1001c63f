// A recording on disk, whatever its form, as messages on its own time: what replay, replay --diff and explain read.
//
// Knows files and formats; refuses to know engines. Hardest rule: what is wrong with a line is told on stderr and costs that
// line.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/base/zone.hpp"
#include "core/series/message.hpp"
#include "ctl/context.hpp"

namespace CLI {
class App;
}

namespace surged {

struct RecordedInput {
    std::string path;    ///< "-" = standard input
    std::string format;  ///< jsonl, queue_log; empty = by the file's first byte
    std::string centre = "asterisk";

    /// --input, --format, --centre
    void add_options(CLI::App& command, bool required);
    /// Every message until `each` returns false. False, and said, when the file can not be read.
    bool read(Context& context, const IngestLimits& limits, const std::function<bool(const Message&)>& each) const;
};

/// "2026-03-02" or "2026-03-02T09:00" in `zone`; empty text = nullopt.
Result<std::optional<WallTime>> civil_instant(const std::string& text, const Zone& zone);

}  // namespace surged
