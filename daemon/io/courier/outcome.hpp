// What an attempt came to, in two steps: a carrier says what happened (transport, status, exit code), a channel type's table says
// what that means (ok, retry, channel_down, reject, config_error, unknown). The tables are data, so that a new channel is a new
// table. Private to this room.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "core/escalation/order.hpp"

namespace surged {

/// How far an HTTP request got.
enum class Transport : std::uint8_t {
    answered,        // there is a status line; the body may be torn or cut
    unreachable,     // name not found, connection refused or timed out: the sink has seen nothing
    broken_unsent,   // connection lost before the whole body was handed over: the sink can not have acted on it
    timeout_unsent,  // time limit before the whole body was handed over
    broken_sent,     // connection lost after the whole body: nobody knows
    timeout_sent,    // time limit after the whole body: nobody knows
    tls,             // certificate, handshake, trust store
    bad_request      // this request can not be made at all (URL, protocol)
};

struct HttpReply {
    Transport transport = Transport::answered;
    long status = 0;
    Span retry_after{0};      ///< Retry-After in seconds or as a date; 0 = none or already over; at most retry_after_max
    std::string body;         ///< at most 64 KiB
    bool body_whole = false;  ///< false: torn, late or longer than that
    std::string error;        ///< the library's words; may contain parts of the URL: scrub before showing
};

/// How a command ended.
struct ProcessReply {
    int spawn_error = 0;  ///< errno; 0 = it ran
    bool timed_out = false;
    bool input_taken = false;  ///< it read all of its stdin (or all fitted into the pipe)
    int exit_code = -1;        ///< -1 = ended by `signal`
    int signal = 0;
    std::string output;  ///< first 4 KiB of stdout and stderr together
};

struct SendVerdict {
    OutcomeClass outcome = OutcomeClass::unknown;
    Span retry_after{0};
    std::string detail;
};

inline constexpr Span retry_after_max{600000};

/// Statuses or exit codes from..to (both included) mean `outcome`. The first rule that holds decides.
struct CodeRule {
    int from;
    int to;
    OutcomeClass outcome;
};
/// `otherwise` when no rule holds.
OutcomeClass outcome_of(std::span<const CodeRule> rules, int code, OutcomeClass otherwise);

/// The meaning of a transport without an answer. Must not be asked for `answered`.
OutcomeClass outcome_of(Transport transport);
std::string_view describe(Transport transport);

/// Text from outside made fit for a log line: control bytes and invalid UTF-8 replaced, runs of blanks folded, cut to `limit`
/// code points.
std::string clean_text(std::string_view text, std::size_t limit);

}  // namespace surged
