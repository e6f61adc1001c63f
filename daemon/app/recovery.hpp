// Start-up: from what is on the disk to an engine that goes on where it was.
//
// It knows the order: state snapshot, later records, windows. Its hardest rule: what cannot be read back
// ends the start with one clear sentence; nothing is ever thrown away quietly, and nobody is paged from half a state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/engine/engine.hpp"
#include "io/clock/clock.hpp"
#include "io/record_log.hpp"

namespace surged {

struct RecoveryReport {
    std::uint64_t head = 0;          ///< last durable record
    std::uint64_t snapshot_seq = 0;  ///< 0 = no snapshot
    std::vector<std::string> spoiled;  ///< snapshots that could not be used, each with why: an older one or the log stood in
    std::uint64_t replayed = 0;      ///< records replayed after the snapshot
    std::uint64_t lost = 0;          ///< place holders of records whose content was lost (memory ran out while the disk was down)
    bool windows = false;            ///< windows and counters were restored
    std::string windows_problem;     ///< why not, when there was something
    std::optional<EngineTime> last_known;  ///< last sign of life before this start; nullopt = the very first start
    Span took{0};

    /// "head=12 replayed=3 ..." for the log is the program's matter; this is the sentence for people and the service manager.
    std::string summary() const;
};

/// Restores `engine` from `log` and the windows file. What was under way is not looked at yet: the caller anchors engine time at
/// `last_known` and then calls engine.recovered(). A snapshot that is damaged or not ours costs time only: the one before and the log,
/// or the log alone, give the same state. Errors: the log cannot be read (unavailable), a record that is needed is missing, damaged
/// or cannot be understood (corrupt).
Result<RecoveryReport, LogFailure> recover(RecordLog& log, const std::string& windows_path, Engine& engine, const Clock& clock);

/// The file of windows and counters beside the database.
std::string windows_path_of(const std::string& store_path);
/// What its content begins with: when it was made. The engine's own bytes follow.
std::string windows_head(EngineTime at);

}  // namespace surged
