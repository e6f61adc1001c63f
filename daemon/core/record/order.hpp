// What goes out of the engine to the courier and what comes back: plain data, no library.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "core/record/record.hpp"
#include "core/team/spec.hpp"
#include "core/record/staffing_view.hpp"

namespace surged {

struct Recipient {
    std::string person;
    std::string name;
    std::string mobile;
    std::string email;
    std::string address;  ///< what the channel calls this person; empty = none
    template <typename V>
    void fields(V& v) const {
        v("person", person), v("name", name), v("mobile", mobile), v("email", email), v("address", address);
    }
};

/// Another incident that calls the people of a message: told in the same message.
struct AlsoCalled {
    std::string page;  ///< that rides with this message; empty = it had its own, and nobody has answered it yet
    std::string incident;
    std::string policy;
    std::map<std::string, std::string> scope;
    std::string place;  ///< in the message's language
    Level level = Level::none;
    int need = 0;
    int joined = 0;
    template <typename V>
    void fields(V& v) const {
        v("incident", incident), v("page", page), v("policy", policy), v("scope", scope), v("level", level), v("need", need);
        v("joined", joined), v("missing", std::max(0, need - joined));
    }
};

/// One attempt to deliver one page. Handed to the courier only after the `sending` record is durable.
struct SendOrder {
    std::string page;  ///< key; the sink's idempotency key
    int attempt = 1;
    std::string channel;
    PagePurpose purpose = PagePurpose::first;
    bool repeat = false;
    std::vector<Recipient> people;
    Language language = Language::zh;
    std::string title;
    std::string text;  ///< rendered in `language`, within the channel's text_limit
    std::string action;                         ///< a step of the playbook: its id; empty = a page
    std::map<std::string, std::string> params;  ///< of the action
    std::string incident;
    std::string policy;
    std::map<std::string, std::string> scope;
    int scopes = 0;  ///< a region's incident: how many of its scopes fire; else 0
    Level level = Level::none;
    int tier = 0;
    int need = 0;
    int joined = 0;
    int seats_arrived = 0;
    ScopeStaffing staffing;
    std::vector<AlertEdge> alerts;  ///< the firing ones, worst first, at most 16, with their readings
    std::vector<std::string> readings;  ///< of `alerts`, in words of `language`; empty where nothing is known of now
    std::string when;                   ///< `wall` where the centre stands, with the zone: "2026-11-29 05:14:35 Asia/Shanghai"
    std::vector<AlsoCalled> also;   ///< worst first
    std::uint64_t sequence = 0;     ///< rises by one per order of an incident
    WallTime wall{};                ///< when it was decided
    EngineTime decided{};           ///< when it was decided, engine time
    EngineTime arrived{};           ///< arrival of the message that caused it (= decided when a timer did)
    Span timeout{10000};
    /// Where to answer: made by the shell after the decision, so that no key comes near the core. Empty without ack_url_base, and on
    /// messages that need no answer. On a group's channel it names nobody.
    std::string link;

    /// As the generic webhook, exec and log channels say it (wire/order_json.hpp).
    template <typename V>
    void fields(V& v) const {
        const bool step = is_action(purpose);
        if (step) {
            v("v", 1), v("type", "action"), v("action", action), v("undo", purpose == PagePurpose::undo), v("params", params);
            v("key", page), v("attempt", attempt), v("channel", channel), v("repeat", repeat);
        } else {
            v("v", 1), v("type", "page"), v("page", page), v("attempt", attempt), v("channel", channel), v("purpose", purpose);
            v("repeat", repeat);
        }
        v("incident", incident), v("policy", policy), v("scope", scope), v.maybe("scopes", scopes), v("level", level), v("tier", tier);
        v("need", need), v("joined", joined), v("arrived", seats_arrived), v.maybe("time", when);
        v("missing", std::max(0, need - joined));
        if (staffing.tells()) {
            v("staffing", staffing);
        }
        v("title", title), v("text", text), v("language", language == Language::zh ? "zh" : "en");
        if (!step) {
            v("link", link), v("people", people);
        }
        if (!also.empty()) {
            v("also", also);
        }
        v.each("alerts", alerts, [&v](const AlertEdge& edge) { visit_fields(v, edge), edge.reading.fields(v, Brief{}); });
        v("sequence", sequence), v("ts", wall);
    }
};

enum class OutcomeClass : std::uint8_t { ok, retry, channel_down, reject, config_error, unknown };
std::string_view to_string(OutcomeClass v);

struct SendOutcome {
    std::string page;
    int attempt = 1;
    OutcomeClass outcome = OutcomeClass::ok;
    Span retry_after{0};  ///< asked for by the provider (Retry-After); 0 = none
    std::string detail;   ///< "HTTP 503", "timeout after 10s": for people
    Span pause{0};        ///< the provider throttles: nothing may leave by this channel for so long; 0 = it does not
    std::string message{};  ///< ok: the provider's id of the message, by which receipts name it; empty = it gave none
};

/// What a provider says became of a message for one number.
struct DeliveryReceipt {
    std::string channel;
    std::string message;  ///< its id
    std::string number;   ///< as the provider writes it
    bool delivered = false;
    std::string code;  ///< the provider's own status code
};

/// An answer or an operator's order, from the API, the CLI, a link or a test.
struct Command {
    enum class Kind : std::uint8_t { answer, escalate, resolve, silence, unsilence, override_roster, test_page, adopt_policy, verdict };
    Kind kind = Kind::answer;
    AnswerKind answer = AnswerKind::join;
    std::string incident;
    std::string person;  ///< answer: the person who answers; others: ignored
    std::string by;      ///< authenticated caller
    std::string way;
    std::string key;  ///< Idempotency-Key
    std::string reason;
    std::string successor;  ///< leave: to whom the seat is handed; decline: whom to ask instead; empty = nobody named
    std::string drill;  ///< answer to a drill: the test page, or any_drill; incident is empty then
    int tier = 0;        ///< escalate: to this tier (1-based); 0 = next
    bool force = false;  ///< resolve although alerts still fire
    IncidentVerdict verdict = IncidentVerdict::useful;
    bool move = false;   ///< join or arrive: whoever holds a seat in another incident leaves it for this one
    SilenceChange silence;
    OverrideChange override_change;
};

/// Drill id of an answer to the current drill of that person, whichever of its pages they got.
inline constexpr std::string_view any_drill = "any";

struct CommandReply {
    bool ok = false;
    std::string code;     ///< "seated", "spare", "not_found", "conflict", ...
    std::string message;  ///< one sentence, for people
    int joined = 0;
    int need = 0;
    bool repeated = false;  ///< the reply once given to this key
};

/// What one step decided: records to make durable, then orders to send.
struct Decisions {
    std::vector<Record> records;  ///< seq is set by the engine in rising order
    std::vector<SendOrder> orders;
    bool empty() const { return records.empty() && orders.empty(); }
    void clear() { records.clear(), orders.clear(); }
};

}  // namespace surged
