// The names of the contract. One table per enum, in the order of its enumerators.
#include "core/record/record.hpp"

#include <array>

namespace surged {

namespace {
template <std::size_t N, typename E>
std::string_view word(const std::array<std::string_view, N>& words, E v) {
    const auto i = static_cast<std::size_t>(v);
    return i < N ? words[i] : std::string_view("?");
}
template <class... F>
struct overloaded : F... {
    using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;
}  // namespace

std::string_view to_string(IncidentStep v) {
    static constexpr std::array<std::string_view, 20> words{
        "opened",   "level",    "need",   "tier",  "tier_empty", "filled",  "unfilled", "exhausted", "resolving", "resumed",
        "resolved", "reopened", "closed", "owner", "blind",      "recheck", "load",     "merged",    "note",      "adopted"};
    return word(words, v);
}

std::string_view to_string(SeatState v) {
    static constexpr std::array<std::string_view, 12> words{"asked",    "joined",    "spare",       "arrived",
                                                            "declined", "timed_out", "unreachable", "left",
                                                            "released", "noshow",    "informed",    "elsewhere"};
    return word(words, v);
}

std::string_view to_string(SeatCause v) {
    static constexpr std::array<std::string_view, 6> words{"none", "off_duty", "no_way", "ways_failed", "probe", "stood_by"};
    return word(words, v);
}

std::string_view to_string(Trend v) {
    static constexpr std::array<std::string_view, 3> words{"none", "rising", "falling"};
    return word(words, v);
}

std::string_view to_string(PageState v) {
    static constexpr std::array<std::string_view, 10> words{"queued",      "held",        "sending", "accepted",  "delivered",
                                                            "failed_temp", "failed_perm", "expired", "cancelled", "unknown"};
    return word(words, v);
}

std::string_view to_string(PagePurpose v) {
    static constexpr std::array<std::string_view, 14> words{"first",      "remind", "need",         "update",   "blind",
                                                            "stand_down", "close",  "repeat_round", "test",     "admin",
                                                            "do",         "undo",   "handover",     "data_back"};
    return word(words, v);
}

std::string_view to_string(AnswerKind v) {
    static constexpr std::array<std::string_view, 5> words{"join", "decline", "ack", "leave", "arrive"};
    return word(words, v);
}

std::string_view to_string(IncidentVerdict v) {
    static constexpr std::array<std::string_view, 4> words{"none", "useful", "false", "late"};
    return word(words, v);
}

std::optional<IncidentVerdict> verdict_from(std::string_view text) {
    for (const auto verdict : {IncidentVerdict::useful, IncidentVerdict::false_alarm, IncidentVerdict::late}) {
        if (text == to_string(verdict)) {
            return verdict;
        }
    }
    return std::nullopt;
}

std::string_view to_string(AnswerResult v) {
    static constexpr std::array<std::string_view, 10> words{"seated",  "spare",     "noted",          "already",
                                                            "closed",  "not_asked", "unknown_person", "unknown_incident",
                                                            "refused", "elsewhere"};
    return word(words, v);
}

bool terminal(PageState v) {
    switch (v) {
        case PageState::accepted:
        case PageState::delivered:
        case PageState::failed_perm:
        case PageState::expired:
        case PageState::cancelled: return true;
        case PageState::queued:
        case PageState::held:
        case PageState::sending:
        case PageState::failed_temp:
        case PageState::unknown: return false;
    }
    return false;
}

std::string_view action_word(PageState v) {
    switch (v) {
        case PageState::accepted:
        case PageState::delivered: return "done";
        case PageState::failed_temp: return "retry";
        case PageState::failed_perm:
        case PageState::expired: return "failed";
        case PageState::queued:
        case PageState::held:
        case PageState::sending:
        case PageState::cancelled:
        case PageState::unknown: break;
    }
    return to_string(v);
}

std::string record_type(const Record& record) {
    const auto with = [](std::string_view noun, std::string_view verb) {
        std::string type(noun);
        type += '.';
        type += verb;
        return type;
    };
    return std::visit(
        overloaded{
            [&](const AlertEdge& e) { return with("alert", e.stale_changed && e.stale ? "stale" : to_string(e.to)); },
            [&](const IncidentChange& c) { return with("incident", to_string(c.step)); },
            [&](const SeatChange& c) { return with("seat", to_string(c.state)); },
            [&](const PageChange& c) {
                return is_action(c.purpose) ? with("action", action_word(c.state)) : with("page", to_string(c.state));
            },
            [](const AnswerGiven&) { return std::string("answer"); },
            [](const SilenceChange&) { return std::string("silence"); },
            [](const OverrideChange&) { return std::string("override"); },
            [](const SystemNote&) { return std::string("system"); },
            [](const VerdictGiven&) { return std::string("verdict"); },
        },
        record.body);
}

}  // namespace surged
