#include "io/http/api_commands.hpp"

#include <array>
#include <initializer_list>

#include "core/base/text.hpp"
#include "core/base/zone.hpp"

namespace surged {

namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t reason_points_max = 500;
constexpr Span override_max = std::chrono::hours{24 * 400};

tl::unexpected<ApiError> bad(std::string message) {
    return tl::unexpected<ApiError>(ApiError{"bad_request", std::move(message)});
}

/// Reads members of the body and remembers the first thing that was wrong.
class Body {
public:
    Body(const JsonValue& json, std::initializer_list<std::string_view> known) : json_(json) {
        for (const auto& member : *json.object()) {
            bool found = false;
            for (const std::string_view name : known) {
                found = found || name == member.first;
            }
            if (!found) {
                wrong("unknown key \"" + utf8_cut(member.first, name_bytes_max) + "\"");
            }
        }
    }
    bool has(std::string_view name) const { return json_.find(name) != nullptr; }
    const std::optional<std::string>& problem() const { return problem_; }

    std::string name(std::string_view key) {
        const std::string text = string(key);
        if (text.size() > name_bytes_max || has_control(text)) {
            wrong("\"" + std::string(key) + "\" is longer than 64 bytes or has control characters");
            return {};
        }
        return text;
    }
    std::string reason() {
        const std::string text = string("reason");
        if (utf8_length(text) > reason_points_max || has_control(text)) {
            wrong("\"reason\" is longer than 500 characters or has control characters");
            return {};
        }
        return text;
    }
    bool flag(std::string_view key) {
        const JsonValue* value = json_.find(key);
        if (value == nullptr) {
            return false;
        }
        if (value->boolean() == nullptr) {
            wrong("\"" + std::string(key) + "\" must be true or false");
            return false;
        }
        return *value->boolean();
    }
    int tier() {
        const JsonValue* value = json_.find("tier");
        if (value == nullptr) {
            return 0;
        }
        const std::optional<std::int64_t> tier = value->integer();
        if (!tier || *tier < 1 || *tier > 99) {
            wrong("\"tier\" must be a whole number from 1 to 99");
            return 0;
        }
        return static_cast<int>(*tier);
    }
    std::optional<Span> span(std::string_view key) {
        const std::string text = string(key);
        const std::optional<Span> span = parse_span(text);
        if (!text.empty() && !span) {
            wrong("\"" + std::string(key) + "\" must be a duration with a unit, as \"30m\"");
        }
        return span;
    }
    std::optional<WallTime> time(std::string_view key) {
        const JsonValue* value = json_.find(key);
        if (value == nullptr) {
            return std::nullopt;
        }
        std::optional<WallTime> time;
        if (const std::optional<std::int64_t> ms = value->integer(); ms) {
            time = parse_api_time(std::to_string(*ms));
        } else if (value->text() != nullptr) {
            time = parse_api_time(*value->text());
        }
        if (!time) {
            wrong("\"" + std::string(key) + "\" must be a time: ms UTC or 2026-01-31T10:00:00+08:00");
        }
        return time;
    }
    void wrong(std::string message) {
        if (!problem_) {
            problem_ = std::move(message);
        }
    }

private:
    std::string string(std::string_view key) {
        const JsonValue* value = json_.find(key);
        if (value == nullptr || value->is_null()) {
            return {};
        }
        if (value->text() == nullptr) {
            wrong("\"" + std::string(key) + "\" must be a text");
            return {};
        }
        return *value->text();
    }
    static bool has_control(const std::string& text) {
        for (const char c : text) {
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
                return true;
            }
        }
        return false;
    }

    const JsonValue& json_;
    std::optional<std::string> problem_;
};

/// The author of an operator's order: the person of the token; else the role and the person whom the body names.
std::string order_giver(const Caller& caller, Body& body) {
    const std::string person = body.name("person");
    if (!caller.person.empty() || person.empty()) {
        return caller.name;
    }
    return caller.name + "/" + person;
}

ApiResult<Command> answer_command(const Admitted& admitted, const JsonValue& json) {
    const bool drill = admitted.endpoint == Endpoint::drill_answer;
    const bool comes = admitted.answer == AnswerKind::join || admitted.answer == AnswerKind::arrive;
    const bool names = admitted.answer == AnswerKind::leave || admitted.answer == AnswerKind::decline;
    Body body(json, {"person", "reason", "way", names ? "successor" : comes && !drill ? "move" : "person"});
    const Caller& caller = admitted.caller;
    Command command;
    command.drill = drill ? std::string(any_drill) : std::string();
    command.successor = names ? body.name("successor") : std::string();
    command.kind = Command::Kind::answer;
    command.answer = admitted.answer;
    command.incident = admitted.id;
    command.person = body.name("person");
    command.by = caller.name;
    command.way = body.has("way") ? body.name("way") : "api";
    command.reason = body.reason();
    command.move = body.flag("move");
    if (body.problem()) {
        return bad(*body.problem());
    }
    if (command.way != "api" && command.way != "cli" && command.way != "wallboard") {
        return bad("\"way\" must be api, cli or wallboard");
    }
    if (command.person.empty()) {
        command.person = caller.person;
    }
    if (command.person.empty()) {
        return bad("\"person\" is missing");
    }
    if (caller.role == Role::responder && !caller.person.empty() && command.person != caller.person) {
        return tl::unexpected<ApiError>(ApiError{"forbidden", "this token may only answer for " + caller.person});
    }
    return command;
}

ApiResult<Command> incident_command(const Admitted& admitted, const JsonValue& json) {
    const bool escalate = admitted.endpoint == Endpoint::escalate;
    const bool resolve = admitted.endpoint == Endpoint::resolve;
    Body body(json, {"person", "reason", escalate ? "tier" : resolve ? "force" : "person"});
    Command command;
    command.kind = escalate ? Command::Kind::escalate : resolve ? Command::Kind::resolve : Command::Kind::adopt_policy;
    command.incident = admitted.id;
    command.by = order_giver(admitted.caller, body);
    command.way = "api";
    command.reason = body.reason();
    command.tier = escalate ? body.tier() : 0;
    command.force = resolve && body.flag("force");
    if (body.problem()) {
        return bad(*body.problem());
    }
    return command;
}

/// `by` names who judges where the caller's token names nobody.
ApiResult<Command> verdict_command(const Admitted& admitted, const JsonValue& json) {
    Body body(json, {"verdict", "by", "reason"});
    const std::string word = body.name("verdict");
    const auto verdict = verdict_from(word);
    const std::string by = body.name("by");
    Command command;
    command.kind = Command::Kind::verdict;
    command.incident = admitted.id;
    command.by = admitted.caller.person.empty() && !by.empty() ? admitted.caller.name + "/" + by : admitted.caller.name;
    command.way = "api";
    command.reason = body.reason();
    if (!body.problem() && !verdict) {
        body.wrong("\"verdict\" must be useful, false or late");
    }
    if (body.problem()) {
        return bad(*body.problem());
    }
    command.verdict = *verdict;
    return command;
}

ApiResult<Command> silence_command(const Admitted& admitted, const JsonValue& json, Stamp now) {
    Body body(json, {"rule", "centre", "queue", "for", "until", "reason", "person"});
    Command command;
    command.kind = Command::Kind::silence;
    command.by = order_giver(admitted.caller, body);
    command.way = "api";
    command.reason = body.reason();
    SilenceChange& silence = command.silence;
    silence.rule = body.has("rule") ? body.name("rule") : "*";
    silence.centre = body.has("centre") ? body.name("centre") : "*";
    silence.queue = body.has("queue") ? body.name("queue") : "*";
    silence.by = command.by;
    silence.reason = command.reason;
    const std::optional<Span> wanted = body.span("for");
    const std::optional<WallTime> until = body.time("until");
    if (!body.problem() && !body.has("rule") && !body.has("centre") && !body.has("queue")) {
        body.wrong("name a rule, centre or queue; \"*\" silences all of them");
    }
    if (!body.problem() && wanted.has_value() == until.has_value()) {
        body.wrong("give either \"for\" or \"until\"");
    }
    if (body.problem()) {
        return bad(*body.problem());
    }
    const Span length = wanted ? *wanted : *until - now.wall;
    if (length <= Span{0} || length > silence_longest) {
        return bad("a silence must be longer than 0 and at most 30 days");
    }
    silence.until = now.at + length;
    return command;
}

ApiResult<Command> override_command(const Admitted& admitted, const JsonValue& json, Stamp now) {
    Body body(json, {"id", "removed", "roster", "from", "until", "out", "in", "reason", "person"});
    Command command;
    command.kind = Command::Kind::override_roster;
    command.by = order_giver(admitted.caller, body);
    command.way = "api";
    command.reason = body.reason();
    OverrideChange& change = command.override_change;
    change.id = body.name("id");
    change.removed = body.flag("removed");
    change.roster = body.name("roster");
    change.out = body.name("out");
    change.in = body.name("in");
    change.by = command.by;
    change.reason = command.reason;
    change.from = body.time("from").value_or(now.wall);
    const std::optional<WallTime> until = body.time("until");
    if (!body.problem() && change.removed && change.id.empty()) {
        body.wrong("\"removed\" needs the \"id\" of the override");
    }
    if (!body.problem() && !change.removed) {
        if (!change.id.empty()) {
            body.wrong("\"id\" is given by surged; it is only for \"removed\"");
        } else if (change.roster.empty()) {
            body.wrong("\"roster\" is missing");
        } else if (change.out.empty() && change.in.empty()) {
            body.wrong("name who comes in, who goes out, or both");
        } else if (!until || *until <= change.from || *until - change.from > override_max || *until <= now.wall) {
            body.wrong("\"until\" must be in the future, after \"from\" and at most 400 days after it");
        }
    }
    if (body.problem()) {
        return bad(*body.problem());
    }
    change.until = until.value_or(change.from);
    return command;
}

ApiResult<Command> drill_command(const Admitted& admitted, const JsonValue& json) {
    Body body(json, {"person"});
    Command command;
    command.kind = Command::Kind::test_page;
    command.by = admitted.caller.name;
    command.way = "api";
    command.person = body.name("person");
    if (!body.problem() && command.person.empty()) {
        body.wrong("\"person\" is missing");
    }
    if (body.problem()) {
        return bad(*body.problem());
    }
    return command;
}

}  // namespace

std::optional<WallTime> parse_api_time(std::string_view text) {
    // Years 1970 to 9999: what every calendar here can show.
    constexpr std::int64_t ms_max = 253402300799999;
    if (text.empty() || text.size() > 40) {
        return std::nullopt;
    }
    if (text.find_first_not_of("0123456789") == std::string_view::npos) {
        const std::optional<double> ms = parse_number(text);
        if (!ms || *ms > static_cast<double>(ms_max)) {
            return std::nullopt;
        }
        return wall_time(static_cast<std::int64_t>(*ms));
    }
    std::int64_t offset_s = 0;
    if (text.back() == 'Z') {
        text.remove_suffix(1);
    } else {
        // +hh:mm at the end
        if (text.size() < 6 || text[text.size() - 3] != ':') {
            return std::nullopt;
        }
        const std::string_view zone = text.substr(text.size() - 6);
        text.remove_suffix(6);
        for (const std::size_t i : std::array<std::size_t, 4>{1, 2, 4, 5}) {
            if (zone[i] < '0' || zone[i] > '9') {
                return std::nullopt;
            }
        }
        const int hours = (zone[1] - '0') * 10 + (zone[2] - '0');
        const int minutes = (zone[4] - '0') * 10 + (zone[5] - '0');
        if ((zone[0] != '+' && zone[0] != '-') || hours > 14 || minutes > 59) {
            return std::nullopt;
        }
        offset_s = (hours * 60 + minutes) * 60 * (zone[0] == '-' ? -1 : 1);
    }
    const Result<CivilTime> civil = parse_civil(text);
    if (!civil || civil->year < 1970 || civil->year > 9999) {
        return std::nullopt;
    }
    const std::int64_t days = days_from_civil(civil->year, civil->month, civil->day);
    return wall_time((days * 86400 + civil->second_of_day - offset_s) * 1000);
}

ApiResult<Command> make_command(const Admitted& admitted, const std::string& idempotency_key, std::string_view body, Stamp now) {
    const Result<JsonValue> parsed = parse_json(body.empty() ? std::string_view("{}") : body);
    if (!parsed) {
        return bad("body: " + parsed.error().message);
    }
    if (!parsed->is_object()) {
        return bad("body: must be a JSON object");
    }
    const JsonValue& json = *parsed;
    ApiResult<Command> command = bad("no command");
    switch (admitted.endpoint) {
        case Endpoint::answer:
        case Endpoint::drill_answer: command = answer_command(admitted, json); break;
        case Endpoint::escalate:
        case Endpoint::resolve:
        case Endpoint::adopt_policy: command = incident_command(admitted, json); break;
        case Endpoint::verdict: command = verdict_command(admitted, json); break;
        case Endpoint::silence_add: command = silence_command(admitted, json, now); break;
        case Endpoint::override_set: command = override_command(admitted, json, now); break;
        case Endpoint::drill: command = drill_command(admitted, json); break;
        case Endpoint::silence_remove: {
            Command unsilence;
            unsilence.kind = Command::Kind::unsilence;
            unsilence.by = admitted.caller.name;
            unsilence.way = "api";
            unsilence.silence.silence = admitted.id;
            unsilence.silence.removed = true;
            unsilence.silence.by = unsilence.by;
            command = std::move(unsilence);
            break;
        }
        case Endpoint::healthz:
        case Endpoint::readyz:
        case Endpoint::link:
        case Endpoint::console:
        case Endpoint::favicon:
        case Endpoint::status:
        case Endpoint::queues:
        case Endpoint::alerts:
        case Endpoint::incidents:
        case Endpoint::incident:
        case Endpoint::report:
        case Endpoint::period:
        case Endpoint::rosters:
        case Endpoint::silences:
        case Endpoint::overrides:
        case Endpoint::explain:
        case Endpoint::history:
        case Endpoint::windows:
        case Endpoint::events:
        case Endpoint::me:
        case Endpoint::login_code:
        case Endpoint::login:
        case Endpoint::login_page:
        case Endpoint::logout:
        case Endpoint::reload: break;
    }
    if (command) {
        command->key = idempotency_key;
    }
    return command;
}

}  // namespace surged
