// What came back of an attempt, and what that means: a carrier says what happened (transport, status, exit code), a channel type
// says what it comes to (ok, retry, channel_down, reject, config_error, unknown), by tables.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "core/record/order.hpp"

namespace surged {

/// How far an HTTP request got.
enum class Transport : std::uint8_t {
    answered,        // there is a status line; the body may be torn or cut
    unreachable,     // name not found, connection refused or timed out: the sink has seen nothing
    broken_unsent,   // connection lost before the whole body was handed over: the sink cannot have acted on it
    timeout_unsent,  // time limit before the whole body was handed over
    broken_sent,     // connection lost after the whole body: nobody knows
    timeout_sent,    // time limit after the whole body: nobody knows
    tls,             // certificate, handshake, trust store
    bad_request      // this request cannot be made at all (URL, protocol)
};

struct HttpReply {
    Transport transport = Transport::answered;
    long status = 0;
    Span retry_after{0};      ///< Retry-After in seconds or as a date; 0 = none or already over; at most retry_after_max
    std::string body;         ///< at most HttpRequest::reply_max
    bool body_whole = false;  ///< false: torn, late or longer than that
    std::string error;        ///< the library's text; may contain parts of the URL: scrub before showing
};

/// Where an SMTP conversation stood when it ended.
enum class MailStage : std::uint8_t { greeting, hello, tls, login, sender, recipient, data, body };

/// How an SMTP conversation ended.
struct MailReply {
    Transport transport = Transport::answered;  ///< answered: `code` is the server's last one
    MailStage stage = MailStage::greeting;
    int code = 0;       ///< three digits of SMTP; 250 at stage body = taken over
    std::string words;  ///< the server's line with that code
    int recipients = 0;
    int refused = 0;           ///< of them, by the server; the others have it
    std::string refused_with;  ///< the server's line about the last refused one
    std::string error;         ///< the library's text
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
    Span pause{0};          ///< the provider throttles: the channel must rest so long
    std::string message{};  ///< ok: the provider's id of the message
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
/// The whole verdict when there is no answer; `error` is the library's text.
SendVerdict verdict_of(Transport transport, const std::string& error);

/// Text from outside made fit for a log line: control bytes and invalid UTF-8 replaced, runs of blanks folded, cut to `limit`
/// code points.
std::string clean_text(std::string_view text, std::size_t limit);

}  // namespace surged
