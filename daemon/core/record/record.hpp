// The records: everything the engine decides. They are appended in one committed transaction before anything leaves the process,
// and incident state is made of them alone: the same records give the same state, byte for byte, on any host.
//
// Every body lists its fields once, in `fields(visitor)`: the JSON of the log, of the API, of PUB and of webhooks is made from
// that list, so a field cannot be stored and not shown. Names are the words of the glossary in rules/README.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/time.hpp"
#include "core/rule/alert.hpp"
#include "core/team/override.hpp"

namespace surged {

enum class IncidentStep : std::uint8_t {
    opened,
    level,
    need,
    tier,
    tier_empty,
    filled,
    unfilled,
    exhausted,
    resolving,
    resumed,
    resolved,
    reopened,
    closed,
    owner,
    blind,
    recheck,  ///< seats were filled for a while, and whether the surge falls was checked; need = what is wanted from now on
    load,     ///< once a minute: what went through its queues
    merged,   ///< it goes on as part of the incident `into`
    note,
    adopted   ///< it goes on by the policy that is in force now
};
enum class SeatState : std::uint8_t {
    asked,
    joined,
    spare,
    arrived,
    declined,
    timed_out,
    unreachable,
    left,
    released,
    noshow,
    informed,
    elsewhere  ///< holds a seat in another open incident: asked again when free
};
/// Why a seat has the state it has, as far as anything is decided by it. The reason beside it is free text for people.
enum class SeatCause : std::uint8_t {
    none,
    off_duty,     ///< timed_out: asked again at once when back on duty
    no_way,       ///< unreachable: no contact method is configured
    ways_failed,  ///< unreachable: every contact method failed, and one may work again
    probe,        ///< asked: tries a channel that is down, on behalf of all whom it cannot reach
    stood_by      ///< released with the incident, without a seat: they stood by
};
/// What a recheck found, after the seats were filled.
enum class Trend : std::uint8_t { none, rising, falling };
enum class PageState : std::uint8_t {
    queued,
    held,
    sending,
    accepted,
    delivered,
    failed_temp,
    failed_perm,
    expired,
    cancelled,
    unknown
};
enum class PagePurpose : std::uint8_t {
    first,
    remind,
    need,
    update,
    blind,
    stand_down,
    close,
    repeat_round,
    test,
    admin,
    act,
    undo,
    handover,
    data_back  ///< to whom a blind page has left: the surge can be judged again
};
/// What people say of an incident afterwards: it was worth calling for, it was none, or it was called for too late.
enum class IncidentVerdict : std::uint8_t { none, useful, false_alarm, late };
enum class AnswerKind : std::uint8_t { join, decline, ack, leave, arrive };
enum class AnswerResult : std::uint8_t {
    seated,
    spare,
    noted,
    already,
    closed,
    not_asked,
    unknown_person,
    unknown_incident,
    refused,
    elsewhere  ///< holds a seat in another open incident, and did not say that it is left
};

std::string_view to_string(IncidentStep v);
std::string_view to_string(SeatState v);
std::string_view to_string(SeatCause v);
std::string_view to_string(Trend v);
std::string_view to_string(PageState v);
std::string_view to_string(PagePurpose v);
std::string_view to_string(AnswerKind v);
std::string_view to_string(IncidentVerdict v);  ///< "none", "useful", "false", "late"
/// nullopt: it is no verdict that can be given.
std::optional<IncidentVerdict> verdict_from(std::string_view word);
std::string_view to_string(AnswerResult v);
/// Terminal: no further change of the page will ever be recorded; `accepted` alone may still be followed, by a receipt (ended()).
bool terminal(PageState v);
/// Steps of the playbook: sent like pages, and to nobody.
constexpr bool is_action(PagePurpose v) {
    return v == PagePurpose::act || v == PagePurpose::undo;
}
/// Asks somebody to come for a surge that is there now. Not handover: a successor comes for a person.
constexpr bool calls_for_surge(PagePurpose v) {
    return v == PagePurpose::first || v == PagePurpose::remind || v == PagePurpose::need || v == PagePurpose::repeat_round;
}
/// What ends an incident for somebody: each person gets one of them.
constexpr bool is_closing(PagePurpose v) {
    return v == PagePurpose::close || v == PagePurpose::stand_down;
}
/// The state of an action in the words of its records: "queued", "held", "sending", "done", "retry", "failed", "cancelled", "unknown".
std::string_view action_word(PageState v);

/// `by` of what the engine decided itself.
inline constexpr std::string_view by_engine = "engine";
/// `reason` of an incident that the engine closed for its age.
inline constexpr std::string_view reason_max_age = "max_age";

/// `incident.<step>`
struct IncidentChange {
    std::string incident;  ///< "<shard>-<sequence>", e.g. "0-17": no host in it
    IncidentStep step = IncidentStep::opened;
    std::string policy;
    std::map<std::string, std::string> scope;  ///< {"centre":"jinan","group":"普席"}
    Level level = Level::none;
    int tier = 0;  ///< 1-based; 0 = none yet
    int need = 0;
    int joined = 0;  ///< seats taken after the change
    std::string reason;
    std::string by;                   ///< person or by_engine
    std::vector<std::string> people;  ///< candidates of the tier, persons released, ...
    std::string policy_bytes;  ///< opened, adopted: the policy as it is now, used to the end (base64 of policy_bytes.hpp)
    std::optional<double> missing;  ///< filled, recheck: agents missing in its scope, to a tenth; nullopt = not known
    Trend trend = Trend::none;      ///< recheck
    /// load only: numbers by name, to hundredths in JSON; sums over the scope's queues of what is known. `offered`, `answered`, `abandoned` as the
    /// counters stand; `calls_waiting`; `productive` and `required` agents; `capacity_per_min` and `forecast_per_min` calls; `aht_s`
    /// and `patience_s` as means by calls.
    std::map<std::string, double> load;
    std::string into;          ///< merged only: the incident of the whole region
    /// A region's only: how many people its scopes want, by scope, those that have changed; 0 = it is over there.
    std::map<std::string, int> shares;
    /// opened, reopened, level: what has turned red and was not called for yet, at most causes_max: "<rule> <centre>/<queue>/<channel>".
    std::vector<std::string> causes;
    bool asks_again = false;  ///< level only: people who were called and have not answered are called again

    template <typename V>
    void fields(V& v) {
        v("incident", incident), v("step", step), v("policy", policy), v("scope", scope), v("level", level), v("tier", tier),
            v("need", need);
        v("joined", joined), v("reason", reason), v("by", by), v("people", people), v("policy_bytes", policy_bytes);
        v.maybe("missing", missing), v.maybe("trend", trend), v.maybe("load", load), v.maybe("into", into), v.maybe("shares", shares),
            v.maybe("causes", causes), v.maybe("asks_again", asks_again);
    }
};

/// Agents logged on in a scope, at least, and how many of its queues told.
struct AgentsSeen {
    double agents = 0;
    int queues = 0;  ///< 0 = not known
    template <typename V>
    void fields(V& v) {
        v.maybe("agents", agents), v.maybe("agents_queues", queues);
    }
};

/// `seat.<state>`: one person's seat in one incident.
struct SeatChange {
    std::string incident;
    std::string person;
    int tier = 0;
    SeatState state = SeatState::asked;
    std::string reason;
    AgentsSeen seen{};  ///< joined: what the metrics showed in its scope then
    SeatCause cause = SeatCause::none;
    template <typename V>
    void fields(V& v) {
        v("incident", incident), v("person", person), v("tier", tier), v("state", state), v("reason", reason);
        seen.fields(v), v.maybe("cause", cause);
    }
};

/// `page.<state>`; `action.<word>` for a step of the playbook, which has no people and, in the key, its id in the place of a
/// person. `page` = "<incident>/<tier>/<person or group>/<channel>/<purpose>/<ordinal>": no host and no attempt in it.
struct PageChange {
    std::string page;
    std::string incident;
    PageState state = PageState::queued;
    int tier = 0;
    std::vector<std::string> people;  ///< one for personal channels, all mentioned for group channels
    std::string channel;
    PagePurpose purpose = PagePurpose::first;
    int attempt = 0;      ///< 0 while queued
    bool repeat = false;  ///< text is labelled: an earlier attempt may have arrived
    EngineTime due{};     ///< queued/held/failed_temp/unknown: next attempt not before; sending: outcome lost after
    EngineTime deadline{};
    std::string reason;  ///< "held until T because ...", error of the attempt
    std::string text;    ///< queued only: what will be said
    std::string action;  ///< id of the playbook's step; empty = a page
    std::string
        carrier;  ///< sending: it leaves as part of this page's message, and has its outcome; empty = a message of its own
    /// The provider's id of the accepted message, when its channel promises a receipt: `accepted` is no end then, and `due` is when
    /// the receipt is missing.
    std::string message;
    std::vector<std::string> received;  ///< of `people`: a receipt says they have it
    std::vector<std::string> lost;      ///< of `people`: a receipt says they never will
    template <typename V>
    void fields(V& v) {
        v("page", page), v("incident", incident), v("state", state), v("tier", tier), v("people", people), v("channel", channel);
        v("purpose", purpose), v("attempt", attempt), v("repeat", repeat), v("due", due), v("deadline", deadline),
            v("reason", reason), v("text", text);
        v.maybe("action", action), v.maybe("carrier", carrier), v.maybe("message", message), v.maybe("received", received),
            v.maybe("lost", lost);
    }
};

/// Accepted by the provider, whose receipt is still to come. Of a page or a change of one.
template <typename P>
bool awaits_receipt(const P& page) {
    return page.state == PageState::accepted && !page.message.empty();
}
/// Nothing more will become of it, but for receipts that come too late.
template <typename P>
bool ended(const P& page) {
    return terminal(page.state) && !awaits_receipt(page);
}

/// `answer`: to an incident, or without one to a drill.
struct AnswerGiven {
    std::string incident;
    std::string person;
    AnswerKind kind = AnswerKind::join;
    AnswerResult result = AnswerResult::noted;
    std::string by;   ///< the caller (token or person); may differ from person
    std::string way;  ///< "api", "cli", "link", "sms", "test"
    std::string key;  ///< Idempotency-Key; empty = none
    std::string reason;
    std::string successor;  ///< leave: takes the seat over; decline: is asked instead; empty = nobody named
    std::string drill;      ///< the test page that was answered
    template <typename V>
    void fields(V& v) {
        v("incident", incident), v("person", person), v("kind", kind), v("result", result), v("by", by), v("way", way),
            v("key", key), v("reason", reason);
        v.maybe("successor", successor), v.maybe("drill", drill);
    }
};

/// `verdict`: of one incident, open or over; the latest counts.
struct VerdictGiven {
    std::string incident;
    IncidentVerdict verdict = IncidentVerdict::useful;
    std::string by;
    std::string reason;
    template <typename V>
    void fields(V& v) {
        v("incident", incident), v("verdict", verdict), v("by", by), v("reason", reason);
    }
};

/// The longest that a silence may last from the moment it is given.
inline constexpr Span silence_longest = std::chrono::hours{24 * 30};

/// `silence`: alerts in scope open no incident and page nobody until `until`; they stay visible. removed = ended early.
struct SilenceChange {
    std::string silence;  ///< id, "s-<sequence>"
    std::string rule = "*";
    std::string centre = "*";
    std::string queue = "*";
    EngineTime until{};
    std::string by;
    std::string reason;
    bool removed = false;
    template <typename V>
    void fields(V& v) {
        v("silence", silence), v("rule", rule), v("centre", centre), v("queue", queue), v("until", until), v("by", by),
            v("reason", reason), v("removed", removed);
    }
    /// Of one that is in force.
    template <typename V>
    void fields(V& v, Brief) const {
        v("silence", silence), v("rule", rule), v("centre", centre), v("queue", queue), v("by", by), v("reason", reason);
        v("until", until);
    }
};

/// `system`: started, stopped, config, clock_jump, store_degraded, store_recovered, ...
struct SystemNote {
    std::string what;
    std::string detail;     ///< for people: nothing is read from it
    std::string channel{};  ///< channel_failure, channel_paused
    EngineTime until{};     ///< channel_paused
    std::string key{};      ///< command: under which its reply is kept; what was asked, and the code of the reply
    std::string request{};
    std::string code{};
    bool torn = false;             ///< rescued: not every record could be read back
    int incidents = 0;             ///< rescued: numbers up to these were given out in what was read
    int silences = 0;
    int overrides = 0;
    template <typename V>
    void fields(V& v) {
        v("what", what), v("detail", detail), v.maybe("torn", torn);
        v.maybe("incidents", incidents), v.maybe("silences", silences), v.maybe("overrides", overrides);
        v.maybe("channel", channel), v.maybe("until", until), v.maybe("key", key), v.maybe("request", request), v.maybe("code", code);
    }
};

using RecordBody =
    std::variant<AlertEdge, IncidentChange, SeatChange, PageChange, AnswerGiven, SilenceChange, OverrideChange, SystemNote, VerdictGiven>;

struct Record {
    std::uint64_t seq = 0;  ///< position in the log, from 1, without holes
    EngineTime at{};
    WallTime wall{};
    RecordBody body;
};

/// The contract's type word: "alert.firing", "incident.opened", "seat.joined", "page.accepted", "answer", "silence", "override",
/// "system", "verdict".
std::string record_type(const Record& record);

}  // namespace surged
