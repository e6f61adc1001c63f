// What the HTTP room asks of the program behind it, and nothing more: it knows no engine, no store and no queue of jobs. The
// program implements ApiBackend, mostly by posting to the engine's inbox and waiting a bounded time.
//
// The hardest rule: an answer is confirmed only once durable. command() therefore returns either what the engine said, after
// the commit, or an error; it never guesses.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/record/order.hpp"
#include "io/cluster_facts.hpp"

namespace surged {

/// Why the program could not answer. `code` becomes the JSON's error code and decides the HTTP status, see status_of_code().
struct ApiError {
    std::string code;     ///< "unavailable", "not_found", "bad_request", "conflict", "forbidden", ...
    std::string message;  ///< one sentence for people
};

template <typename T>
using ApiResult = Result<T, ApiError>;

/// A text that several answers share.
using SharedText = std::shared_ptr<const std::string>;

/// Which part of a list.
struct ListQuery {
    bool all = false;       ///< of alerts: also those that are ok
    std::size_t limit = 0;  ///< entries at most; 0 = the whole list
    std::string next;       ///< where the part before ended, as it said; empty = from the beginning
};

/// What is asked of the history of one queue.
struct HistoryQuery {
    QueueKey queue;
    std::vector<std::string> metrics;  ///< empty = all
    WallTime from{};
    WallTime to{};  ///< after `from`
    Span step{0};   ///< whole minutes; 0 = the finest that fits
};

/// Incidents by when they opened, latest first.
struct PastQuery {
    std::optional<WallTime> from;  ///< not before; nullopt = as far back as the log goes
    std::optional<WallTime> to;    ///< before
    std::size_t limit = 100;
    std::string next;     ///< where the part before ended, as it said; empty = from the latest
    bool people = false;  ///< with what it asked of each person
};

/// In both languages: a group's reader has told none.
struct LinkText {
    std::string zh;
    std::string en;
};

/// One alert as it stands when the page is made.
struct LinkReading {
    LinkText what;      ///< its rule's words, or its metric's
    std::string queue;  ///< where the place does not tell it
    LinkText value;     ///< "1 min 32 s"
    LinkText limit;     ///< "> 40 s"; empty = its rule is not configured any more
    LinkText since;     ///< "12 min": how old the value is, when no data has come since; else empty
    Level level = Level::none;
};

enum class ReportForm : std::uint8_t { html, text, json };

/// How a report is wanted.
struct ReportQuery {
    ReportForm form = ReportForm::html;
    std::optional<Language> language;  ///< nullopt = that of `[defaults]`
    std::string zone;                  ///< times are of it; empty = that of `[defaults]`
};

/// A summary of a period, as it is named: two days, a month or a week (report/period_days).
struct PeriodQuery {
    std::string from, to, month, week;
    ReportQuery report;
};
/// A summary, or how far it is.
struct PeriodText {
    bool made = false;
    std::string text;
    std::string name;  ///< "2026-10-01-2026-10-31"
    int percent = 0;
    std::string stage;  ///< log, incidents or history
};

/// Another open incident that waits for the same person, or in which they sit.
struct LinkOther {
    std::string incident;
    std::string seat;  ///< name of the SeatState
    std::string place;
    std::vector<LinkReading> readings = {};  ///< worst first, at most three
    Level level = Level::none;
    int need = 0;
    int joined = 0;
    std::string state = {};  ///< of the incident
};

/// What the page behind a link shows, and to whom.
struct LinkFacts {
    std::string incident;
    std::string person;       ///< empty: the link stands in a group's chat and names nobody
    std::string person_name;
    std::string seat;         ///< name of the SeatState of the person; empty = not asked
    std::string place;        ///< "jinan/general"
    std::vector<LinkReading> readings;  ///< what fires, worst first, at most three
    std::string state;        ///< of the incident
    Level level = Level::none;
    Level worst = Level::none;  ///< since it opened
    int need = 0;
    int joined = 0;
    int arrived = 0;
    bool came = false;   ///< the person took a seat in it
    LinkText lasts;      ///< since it opened; of one that is over empty
    std::string at;      ///< when all this was so: "14:02:35" ...
    std::string zone;    ///< ... on the clocks of this zone
    bool open = false;  ///< answers still count
    std::optional<Language> language;  ///< of the person; none = both
    std::string drill;  ///< the test page behind the link; empty = the page of an incident. Then only person, name and open are set
    std::vector<LinkOther> others;  ///< worst first, at most 20; empty on a group's link
};

/// The program as seen from HTTP. Every method is called from several threads at once and must return within its bound; whoever
/// cannot answer in time returns ApiError{"unavailable", ..}. Texts are whole JSON documents.
class ApiBackend {
public:
    virtual ~ApiBackend() = default;

    // Reading; bound 2 s each.
    virtual ApiResult<std::string> status() = 0;
    // Lists, bound 10 s. With a limit the text says `next` when more follows. ApiError{"bad_request"}: `next` is none of this list;
    // {"gone"}: the queues have been numbered anew since (restart, reload), begin again.
    virtual ApiResult<SharedText> queues(const ListQuery& query) = 0;
    virtual ApiResult<SharedText> alerts(const ListQuery& query) = 0;
    virtual ApiResult<SharedText> incidents(const ListQuery& query) = 0;
    /// Open and over, out of the log; bound 10 s. The text says `next` when more follows.
    virtual ApiResult<std::string> past_incidents(const PastQuery& query) = 0;
    /// One incident with its timeline; ApiError{"not_found"} when there is none of this id.
    virtual ApiResult<std::string> incident(const std::string& id) = 0;
    /// The after-action report of one incident, open or over, bound 10 s. ApiError{"not_found"}: none of this id; {"gone"}: its beginning is
    /// forgotten; {"bad_request"}: no such zone; {"unavailable"}: too many are being made.
    virtual ApiResult<std::string> report(const std::string& incident, const ReportQuery& query) = 0;
    /// The summary of a period, bound 5 s: the first question begins it, later ones tell how far it is, then the summary.
    /// ApiError{"bad_request"}: no such period or zone; {"unavailable"}: another one is being made.
    virtual ApiResult<PeriodText> period(const PeriodQuery& query) = 0;
    /// The people on duty at `at`; nullopt = now.
    virtual ApiResult<std::string> rosters(std::optional<WallTime> at) = 0;
    /// The people on each roster from `from` (nullopt = now) for `length`, every change of it, and the tiers' gaps.
    virtual ApiResult<std::string> duty(std::optional<WallTime> from, Span length) = 0;
    /// Overrides of rosters: of the configuration, and set at run time.
    virtual ApiResult<std::string> overrides() = 0;
    virtual ApiResult<std::string> silences() = 0;
    /// The incident behind a signed link. "not_found": not one of ours; "gone": expired; "over": the incident ended long ago.
    virtual ApiResult<LinkFacts> link(const std::string& token) = 0;
    /// The one person of this id or name whose mobile ends with these four digits; nullopt = nobody, or more than one.
    virtual std::optional<std::string> person_by(const std::string& id_or_name, const std::string& last4) = 0;
    /// Everybody of this id or name, whatever their number.
    virtual std::vector<std::string> people_named(const std::string& id_or_name) = 0;
    /// One rule on one queue: inputs, limits in force, holds, and why each tier was or was not called. ApiError{"not_found"} when
    /// there is no such rule.
    virtual ApiResult<std::string> explain(const std::string& rule, const QueueKey& queue) = 0;
    /// Minutes of one queue, bound 4 s. ApiError{"not_found"}: nothing is known of the queue; {"bad_request"}: no such metric, or more
    /// points than one answer has.
    virtual ApiResult<std::string> history(const HistoryQuery& query) = 0;

    /// Runs a command on the engine and returns once its records are durable, or ApiError{"unavailable"} after 5 s. After that
    /// error the command may still take effect: the caller repeats it with the same Idempotency-Key.
    virtual ApiResult<CommandReply> command(const Command& command) = 0;
    /// Under which address people reach us: `ack_url_base` of the configuration in force. Never blocks.
    virtual std::string ack_url_base() const = 0;
    /// Reads the configuration again. A refused configuration is ApiError{"conflict"} with every diagnostic in the message.
    virtual ApiResult<std::string> reload() = 0;

    /// This moment on the engine's timeline, for "until" and "for" of silences. Never blocks.
    virtual Stamp now() const = 0;
    /// The process works. Never blocks.
    virtual bool healthy() const = 0;
    /// Started, recovered, and the store takes records. Never blocks.
    virtual bool ready() const = 0;
    /// In a cluster what is known of it here, at work; nullopt = one host alone. Never blocks.
    virtual std::optional<OwnerFacts> owner() const { return std::nullopt; }
};

/// The HTTP status of an error code or of a refused CommandReply's code: not_found, unknown_* 404; bad_request, invalid 400;
/// unauthorized 401; forbidden, refused 403; gone, over 410; method_not_allowed 405; too_large 413; unsupported_media_type 415; unavailable 503;
/// standby 503; internal 500; any other 409.
int status_of_code(std::string_view code);

}  // namespace surged
