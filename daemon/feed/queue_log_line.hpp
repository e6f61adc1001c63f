// One line of Asterisk's queue_log -> its parts. Knows the format `epoch|callid|queue|agent|EVENT|p1|p2|...` of Asterisk 1.4 to
// 22; refuses to know what an event does to a queue. The hardest rule: every byte may be hostile, so nothing is trusted but the
// bounds.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace surged {

enum class QueueEvent : std::uint8_t {
    enter,
    connect,
    complete,  // COMPLETECALLER, COMPLETEAGENT
    abandon,
    exit_timeout,
    exit_empty,
    exit_key,
    withdraw,
    transfer_blind,  // BLINDTRANSFER, and TRANSFER of 1.x
    transfer_attended,
    dropped,  // SYSCOMPAT: the platform lost the caller
    ring,     // RINGNOANSWER, RINGCANCELED, AGENTDUMP (the agent refused; the caller waits on): no outcome
    left,  // EXITCODE, EXITHANGUP, LEAVEEMPTY, ...: a dialplan's word that the caller is out; an exit when nothing else said it
    turned_away,  // FULL, CLOSED, JOINEMPTY, DIVERT_*, ...: a dialplan's word that the caller never came in
    member_add,
    member_remove,
    member_pause,    // PAUSE, PAUSEALL
    member_unpause,  // UNPAUSE, UNPAUSEALL
    member_other,    // PENALTY and kin: known, without effect here
    login,           // AGENTLOGIN, AGENTCALLBACKLOGIN
    logoff,
    start,   // QUEUESTART
    reload,  // CONFIGRELOAD
    unknown
};

/// Why a line was skipped.
enum class LineFault : std::uint8_t { blank, too_long, nul, fields, time };
std::string_view to_string(LineFault fault);
/// What a line needs in order not to have this fault, for people: "wanted ...".
std::string_view wanted(LineFault fault);
/// Text of a line fit for a terminal and a log: control bytes, quotes and bytes that are no UTF-8 as "%XX", cut at `bytes_max`.
std::string printable(std::string_view raw, std::size_t bytes_max = 120);

/// A parsed line. All text is borrowed from the line.
struct QueueLogLine {
    std::int64_t ts_ms = 0;  ///< source time, UTC ms; whole seconds in all known versions
    std::string_view callid;
    std::string_view queue;
    std::string_view agent;
    std::string_view name;  ///< the event's name
    QueueEvent event = QueueEvent::unknown;
    std::array<std::string_view, 8> params{};
    std::size_t param_count = 0;  ///< parameters past the eighth are cut off

    /// Parameter `i` as milliseconds when it is a whole number of seconds in 0..31,536,000 (one year); else nullopt.
    std::optional<std::int64_t> seconds_ms(std::size_t i) const;
};

/// Blanks round the bars are no part of the fields. Time outside 1990-01-01..2100-01-01 is a fault: one such line would move
/// every clock behind it. Leading NUL bytes (a file torn by a power cut) are skipped; NUL elsewhere is a fault.
Result<QueueLogLine, LineFault> parse_queue_log_line(std::string_view line);

/// A name fit for the wire: bytes that are not well-formed UTF-8 and control bytes become "%XX"; a name longer than 64 bytes is
/// cut and ends in "~" and eight hex digits of its CRC-32C, so that two long names stay two queues.
std::string wire_name(std::string_view raw);

}  // namespace surged
