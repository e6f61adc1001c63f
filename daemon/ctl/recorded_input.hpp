// A recording on disk, whatever its form, as messages on its own time: what replay, replay --diff and explain read.
//
// Knows files and formats; refuses to know engines. Hardest rule: what is wrong with a line is told on stderr and costs that
// line.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/base/zone.hpp"
#include "core/team/plan.hpp"
#include "core/series/message.hpp"
#include "ctl/context.hpp"
#include "ctl/count_input.hpp"
#include "feed/queue_log_agents.hpp"

namespace surged {

class CliCommand;
struct MessageLinesReport;
struct QueueLogReplay;

/// --members of a queue_log.
void add_members(CliCommand command, MembersFrom& members);

struct RecordedInput {
    std::string path;    ///< "-" = standard input
    std::string format;  ///< jsonl, queue_log, csv, history; empty = jsonl, queue_log or history by the file's first bytes
    std::string centre;  ///< empty = "asterisk" of a queue_log, "centre" of a csv
    MembersFrom members = MembersFrom::inferred;  ///< of a queue_log
    CountColumn column;  ///< what a csv counts
    std::optional<CountInput> counts;

    /// --input, --format, --centre, and those of a csv
    void add_options(CliCommand command, bool required, bool with_csv);
    /// Before the engine is made: reads a csv and lets `plan` wait for a feeder that sends once in an interval, as a history does. False, and said,
    /// when it cannot be read.
    bool prepare(Context& context, std::unique_ptr<const Plan>& plan);
    /// Every message until `each` returns false. False, and said, when the file cannot be read.
    bool read(Context& context, const IngestLimits& limits, const std::function<bool(const Message&)>& each) const;
};

/// On stderr: the lines and parts of `path` that could not be used, with what was wanted there.
void tell_refusals(const std::string& path, const MessageLinesReport& report);
void tell_faults(const std::string& path, const QueueLogReplay& replay);

/// jsonl, queue_log, csv or history, by the file's first line.
std::string format_of_file(const std::string& path);

/// "2026-03-02" or "2026-03-02T09:00" in `zone`; empty text = nullopt.
Result<std::optional<WallTime>> civil_instant(const std::string& text, const Zone& zone);

}  // namespace surged
