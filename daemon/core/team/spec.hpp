// What the configuration says about people: channels, persons, rosters, policies. Validated; immutable while in force.
// Shape and meaning of the keys: rules/README.md. Secrets are not here: the courier reads them by channel id.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/phrase.hpp"
#include "core/base/time.hpp"
#include "core/rule/spec.hpp"

namespace surged {

/// A token bucket: `count` messages in every `per`.
struct RateLimit {
    int count = 0;  ///< 0 = no limit
    Span per{60000};
    template <typename V>
    void fields(V& v) {
        v("count", count), v("per", per);
    }
};

enum class ChannelKind : std::uint8_t { personal, group };  // group: one message, many people mentioned
enum class OnUnknown : std::uint8_t { resend, skip };       // outcome not known after a crash

struct ChannelSpec {
    std::string id;
    std::string type;  ///< "webhook", "exec", "log", ...: the courier knows how
    ChannelKind kind = ChannelKind::personal;
    RateLimit rate;
    OnUnknown on_unknown = OnUnknown::resend;
    Span timeout{10000};  ///< one attempt
    Language language = Language::zh;
    std::size_t text_limit = 0;  ///< code points; 0 = no limit, 70 = one SMS
    /// A sink that mirrors the incident and forgets it unless told again (Alertmanager): those who are only informed over this
    /// channel are told again so often. 0 = once.
    Span repost{0};
    /// One message may speak for several incidents that call the same person (or, in a crowd, the same group).
    bool coalesce = false;
    /// The provider says of each message whether it was delivered; a message it says nothing of for so long is taken for lost.
    /// 0 = it says nothing.
    Span receipt_within{0};
    Span pull_every{10000};  ///< how often the provider is asked for receipts and incoming messages, while any may come
    bool replies = false;    ///< people may answer a page by a message of their own
    std::map<std::string, std::string>
        settings;                      ///< type's own keys: url, url_file, secret_file, command, ...; never secrets themselves
    std::vector<std::string> command;  ///< exec: program and arguments
    std::uint64_t content = 0;         ///< hash of the fields below
    template <typename V>
    void fields(V& v) {
        v("id", id), v("type", type), v("kind", kind), v("rate", rate), v("on_unknown", on_unknown), v("timeout", timeout);
        v("language", language), v("text_limit", text_limit), v("repost", repost), v("coalesce", coalesce);
        v("receipt_within", receipt_within), v("pull_every", pull_every), v("replies", replies), v("settings", settings);
        v("command", command);
    }
};

/// One step of a person's reach: `after` counts from the page, not from the step before.
struct ReachStep {
    std::string channel;
    Span after{0};
    Span repeat{0};  ///< 0 = once
};

struct PersonSpec {
    std::string id;
    std::string name;
    std::string mobile;
    std::string email;
    std::string role;
    std::vector<std::string> skills;
    std::optional<Language> language;            ///< of what is sent to them alone; none = the channel's
    std::vector<ReachStep> normal;               ///< ordered
    std::vector<ReachStep> urgent;               ///< empty = as normal
    std::map<std::string, std::string> address;  ///< per channel id: what that channel calls this person
};

struct ShiftSpec {
    std::uint8_t days = 0x7F;  ///< bit 0 = Monday: the day the shift starts
    int from_min = 0;
    int to_min = 1440;  ///< to <= from means the next day
    std::vector<std::string> people;
};
struct RosterDate {
    std::int64_t day = 0;  ///< days since 1970-01-01, civil in the roster's zone; replaces the weekly shifts starting that day
    int from_min = 0;
    int to_min = 1440;
    std::vector<std::string> people;
};
struct RosterSpec {
    std::string id;
    std::string zone;
    std::vector<ShiftSpec> shifts;
    std::vector<RosterDate> dates;
};
struct OverrideSpec {
    std::string roster;
    CivilTime from;
    CivilTime until;
    std::string out;  ///< person leaving; may be empty (only add)
    std::string in;   ///< person added; may be empty (only remove)
    std::string reason;
    std::string by;
};

enum class TierMode : std::uint8_t { all, batch };

struct TierRequire {
    std::string role;
    std::string skill;
    int min = 1;
    template <typename V>
    void fields(V& v) {
        v("role", role), v("skill", skill), v("min", min);
    }
};

struct TierSpec {
    std::string id;
    std::vector<std::string> rosters;
    TierMode mode = TierMode::all;
    Span wait{120000};
    double overask = 1.0;
    Span answer_in{60000};
    Span remind{0};  ///< 0 = no reminder
    /// A person who joined and has not arrived after this time is a no-show: the seat is open again. 0 = arrival is not expected.
    Span arrive_within{0};
    bool urgent = false;
    std::vector<TierRequire> require;
    std::vector<std::string> inform_only;  ///< rosters whose people are told but are no seats
    template <typename V>
    void fields(V& v) {
        v("id", id), v("rosters", rosters), v("mode", mode), v("wait", wait), v("overask", overask), v("answer_in", answer_in);
        v("remind", remind), v("arrive_within", arrive_within), v("urgent", urgent), v("require", require),
            v("inform_only", inform_only);
    }
};

/// The keyword that a need may be: agents missing in the incident's scope.
inline constexpr std::string_view need_by_shortfall = "shortfall";

struct NeedSpec {
    int fixed = 1;           ///< used when there is no expression
    std::string expression;  ///< need_by_shortfall, or a formula (need_formula.hpp); empty = fixed
    Span ratchet{0};         ///< set longer ago than this it may fall, never below the seats taken; 0 = it never falls
    int min = 1;
    int max = 10000;
    template <typename V>
    void fields(V& v) {
        v("fixed", fixed), v("expression", expression), v("ratchet", ratchet), v("min", min), v("max", max);
    }
};

struct RepeatSpec {
    std::string from;  ///< tier id; empty = no repeat
    Span every{600000};
    int times = -1;  ///< -1 = until somebody answers or it ends
    double backoff = 1.5;
    Span max{1800000};
    template <typename V>
    void fields(V& v) {
        v("from", from), v("every", every), v("times", times), v("backoff", backoff), v("max", max);
    }
};

/// What shows that somebody has arrived: what they say, or also that more agents are logged on than when the first joined.
enum class ArriveBy : std::uint8_t { metrics, answer };

/// A step of the playbook: done once an incident has come so far, undone when it ends.
struct ActionSpec {
    std::string id;
    int tier = 0;               ///< done when this tier has been called, 1-based; one past the last = the fallback list; 0 = any
    Level level = Level::none;  ///< and this level is reached; none = any
    std::string channel;        ///< a channel of type webhook or exec, or publish_channel
    std::map<std::string, std::string> params;
    bool undo = false;
    std::map<std::string, std::string> undo_params;
    Span deadline{120000};        ///< of doing: later it is not done any more
    Span undo_deadline{3600000};  ///< of undoing: what still stands then is left to people
    template <typename V>
    void fields(V& v) {
        v("id", id), v("tier", tier), v("level", level), v("channel", channel), v("params", params), v("undo", undo);
        v("undo_params", undo_params), v("deadline", deadline), v("undo_deadline", undo_deadline);
    }
};
/// The channel that is there without being configured: the PUB socket, topic action.<id>.
inline constexpr std::string_view publish_channel = "publish";

/// When many scopes of a policy have an incident, one for all of them takes their place.
struct RegionSpec {
    int scopes = 0;  ///< as many as open it; 0 = never
    Span within{300000};
    std::vector<std::string> by;  ///< of the policy's scope: one such incident per value set; empty = one for all
    int need_max = 10000;
    std::vector<std::string> of;  ///< in a region's own incident: the scope of those it is made of; else empty
    template <typename V>
    void fields(V& v) {
        v("scopes", scopes), v("within", within), v("by", by), v("need_max", need_max), v("of", of);
    }
};

struct PolicySpec {
    std::string id;
    std::vector<std::string> scope;  ///< of "centre", "group", "queue", "channel"; empty = one incident for all
    NeedSpec need;
    std::vector<std::string> fallback;  ///< person ids, mandatory
    std::vector<TierSpec> tiers;
    Span resolve_hold{180000};
    Span reopen_window{600000};
    Span max_age{21600000};
    Span page_deadline{240000};
    Span recheck{0};       ///< filled for this long and not falling: the need rises by recheck_add; 0 = never
    int recheck_add = 0;   ///< 0 = the need is left alone
    RateLimit person_max;  ///< pages to one person by personal channels, over all incidents; first urgent calls are free
    RepeatSpec repeat;
    bool ack_stops = false;
    Span handover_within{600000};            ///< the holder keeps a seat until the successor comes, at most so long
    ArriveBy arrive_by = ArriveBy::metrics;  ///< for tiers with arrive_within
    bool stand_down = false;          ///< seats are filled: people who have not answered are told so; that is their closing message
    Level page_from = Level::yellow;  ///< alerts below it open no incident
    /// Tiers that enter at once at a level (0-based last tier): orange 1 (first two), red 2 (all three). Clamped to the tiers
    /// there are.
    int orange_tier = 1;
    int red_tier = 2;
    std::vector<ActionSpec> actions;
    RegionSpec region;
    std::uint64_t content = 0;  ///< hash of the fields below
    /// A new key stands here, where it is used, and in the table of config/policies.cpp: bytes and hash follow this list.
    template <typename V>
    void fields(V& v) {
        v("id", id), v("scope", scope), v("need", need), v("fallback", fallback), v("tiers", tiers),
            v("resolve_hold", resolve_hold);
        v("reopen_window", reopen_window), v("max_age", max_age), v("page_deadline", page_deadline), v("recheck", recheck);
        v("recheck_add", recheck_add), v("person_max", person_max), v("repeat", repeat), v("ack_stops", ack_stops);
        v("handover_within", handover_within), v("arrive_by", arrive_by), v("stand_down", stand_down), v("page_from", page_from);
        v("orange_tier", orange_tier), v("red_tier", red_tier), v("actions", actions), v("region", region);
    }
};

}  // namespace surged
