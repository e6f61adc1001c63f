#include "io/http/api_commands.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
const Stamp now{engine_time(5'000'000), wall_time(1'800'000'000'000)};

Admitted admitted(Endpoint endpoint, Role role = Role::admin, std::string person = "") {
    Admitted a;
    a.endpoint = endpoint;
    a.id = "0-1";
    a.caller = Caller{role, person, person.empty() ? std::string(to_string(role)) : person};
    return a;
}
ApiResult<Command> make(Endpoint endpoint, const std::string& body) {
    return make_command(admitted(endpoint), "k", body, now);
}
bool refused(Endpoint endpoint, const std::string& body) {
    const auto command = make(endpoint, body);
    return !command && command.error().code == "bad_request";
}
}  // namespace

TEST_CASE("commands: an answer carries who, by whom, which way and the key", "[unit]") {
    Admitted a = admitted(Endpoint::answer, Role::lead);
    a.answer = AnswerKind::decline;
    const auto command = make_command(a, "key-1", R"({"person":"zhang","reason":"开会","way":"cli"})", now);

    REQUIRE(command.has_value());
    CHECK(command->kind == Command::Kind::answer);
    CHECK(command->answer == AnswerKind::decline);
    CHECK(command->incident == "0-1");
    CHECK(command->person == "zhang");
    CHECK(command->by == "lead");
    CHECK(command->way == "cli");
    CHECK(command->key == "key-1");
    CHECK(command->reason == "开会");
}

TEST_CASE("commands: bodies that are no object, have unknown keys or wrong types are refused", "[unit]") {
    for (const char* body :
         {"[]", "1", "null", "{", "{\"person\":\"a\"} x", "{\"persn\":\"a\"}", "{\"person\":1}", "{\"person\":[\"a\"]}",
          "{\"person\":\"a\",\"way\":\"link\"}", "{\"person\":\"a\\nb\"}", "{}", "{\"person\":\"\"}"}) {
        CAPTURE(body);
        CHECK(refused(Endpoint::answer, body));
    }
}

TEST_CASE("commands: names have 64 bytes at most, reasons 500 characters", "[unit]") {
    const auto body = [](std::size_t name, std::size_t reason) {
        std::string text;
        for (std::size_t i = 0; i < reason; ++i) {
            text += "满";
        }
        return "{\"person\":\"" + std::string(name, 'p') + "\",\"reason\":\"" + text + "\"}";
    };
    CHECK(make(Endpoint::answer, body(64, 500)).has_value());
    CHECK(refused(Endpoint::answer, body(65, 500)));
    CHECK(refused(Endpoint::answer, body(64, 501)));
}

TEST_CASE("commands: escalate takes a tier from 1 to 99, resolve a force flag", "[unit]") {
    const auto next = make(Endpoint::escalate, "");
    REQUIRE(next.has_value());
    CHECK(next->kind == Command::Kind::escalate);
    CHECK(next->tier == 0);
    CHECK(next->by == "admin");
    CHECK(make(Endpoint::escalate, R"({"tier":3,"person":"wang"})")->tier == 3);
    CHECK(make(Endpoint::escalate, R"({"tier":3,"person":"wang"})")->by == "admin/wang");
    CHECK(make(Endpoint::escalate, R"({"tier":99})").has_value());
    for (const char* body : {R"({"tier":0})", R"({"tier":100})", R"({"tier":1.5})", R"({"tier":"2"})", R"({"force":true})"}) {
        CHECK(refused(Endpoint::escalate, body));
    }
    CHECK(make(Endpoint::resolve, R"({"force":true})")->force);
    CHECK_FALSE(make(Endpoint::resolve, "{}")->force);
    CHECK(refused(Endpoint::resolve, R"({"force":1})"));
}

TEST_CASE("commands: the person of a bound token gives the order, whatever the body says", "[unit]") {
    const auto command = make_command(admitted(Endpoint::resolve, Role::lead, "chen"), "", R"({"person":"wang"})", now);
    REQUIRE(command.has_value());
    CHECK(command->by == "chen");
}

TEST_CASE("commands: a silence names something and an end within 30 days", "[unit]") {
    const auto silence = make(Endpoint::silence_add, R"({"centre":"jinan","for":"2h","reason":"drill"})");
    REQUIRE(silence.has_value());
    CHECK(silence->kind == Command::Kind::silence);
    CHECK(silence->silence.rule == "*");
    CHECK(silence->silence.centre == "jinan");
    CHECK(silence->silence.queue == "*");
    CHECK(silence->silence.until == now.at + std::chrono::hours{2});
    CHECK(silence->silence.by == "admin");
    CHECK(make(Endpoint::silence_add, R"({"rule":"*","until":1800000060000})")->silence.until ==
          now.at + std::chrono::minutes{1});
    CHECK(make(Endpoint::silence_add, R"({"rule":"r","for":"30d"})").has_value());
    for (const char* body : {R"({"for":"2h"})", R"({"rule":"r"})", R"({"rule":"r","for":"2h","until":1800000060000})",
                             R"({"rule":"r","for":"2"})", R"({"rule":"r","for":"0s"})", R"({"rule":"r","for":"30d1ms"})",
                             R"({"rule":"r","until":1800000000000})", R"({"rule":"r","until":"soon"})"}) {
        CAPTURE(body);
        CHECK(refused(Endpoint::silence_add, body));
    }
}

TEST_CASE("commands: ending a silence names it", "[unit]") {
    Admitted a = admitted(Endpoint::silence_remove);
    a.id = "s-4";
    const auto command = make_command(a, "", "", now);
    REQUIRE(command.has_value());
    CHECK(command->kind == Command::Kind::unsilence);
    CHECK(command->silence.silence == "s-4");
    CHECK(command->silence.removed);
}

TEST_CASE("commands: an override has a roster, somebody in or out, and an end", "[unit]") {
    const auto set =
        make(Endpoint::override_set,
             R"({"roster":"leads","from":"2027-01-15T16:00:00+08:00","until":"2027-01-15T12:00:00Z","out":"zhang","in":"li"})");
    REQUIRE(set.has_value());
    CHECK(set->kind == Command::Kind::override_roster);
    CHECK(to_ms(set->override_change.from) == 1'800'000'000'000);
    CHECK(to_ms(set->override_change.until) == 1'800'000'000'000 + 4 * 3'600'000);
    CHECK(set->override_change.out == "zhang");
    CHECK(make(Endpoint::override_set, R"({"roster":"leads","until":1800000000001,"in":"li"})")->override_change.from ==
          now.wall);
    CHECK(make(Endpoint::override_set, R"({"id":"o-2","removed":true})")->override_change.removed);
    for (const char* body :
         {R"({"until":1800000000001,"in":"li"})", R"({"roster":"leads","until":1800000000001})",
          R"({"roster":"leads","in":"li"})", R"({"roster":"leads","in":"li","until":1800000000000})", R"({"removed":true})",
          R"({"id":"o-2"})", R"({"roster":"leads","in":"li","from":1800000000000,"until":1834560000001})"}) {
        CAPTURE(body);
        CHECK(refused(Endpoint::override_set, body));
    }
}

TEST_CASE("api time: ms, RFC 3339 with an offset, nothing else", "[unit]") {
    CHECK(to_ms(*parse_api_time("0")) == 0);
    CHECK(to_ms(*parse_api_time("1800000000000")) == 1'800'000'000'000);
    CHECK(to_ms(*parse_api_time("2027-01-15T08:00:00Z")) == 1'800'000'000'000);
    CHECK(to_ms(*parse_api_time("2027-01-15T03:00-05:00")) == 1'800'000'000'000);
    CHECK(parse_api_time("253402300799999").has_value());
    for (const char* text :
         {"", "253402300800000", "-1", "1e9", "2027-01-15", "2027-01-15T08:00:00", "2027-02-30T08:00:00Z",
          "2027-01-15T08:00:00+15:00", "2027-01-15T08:00:00+0800", "99999999999999999999999999", "+08:00", "Z"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_api_time(text).has_value());
    }
}

TEST_CASE("commands: leave and decline may name a successor, no other answer does", "[unit]") {
    for (const auto kind : {AnswerKind::leave, AnswerKind::decline}) {
        Admitted a = admitted(Endpoint::answer);
        a.answer = kind;
        const auto command = make_command(a, "k", R"({"person":"zhang","successor":"li"})", now);
        REQUIRE(command.has_value());
        CHECK(command->successor == "li");
        CHECK_FALSE(make_command(a, "k", R"({"person":"zhang","successor":7})", now).has_value());
        const auto longest = R"({"person":"zhang","successor":")" + std::string(64, 'x') + "\"}";
        const auto longer = R"({"person":"zhang","successor":")" + std::string(65, 'x') + "\"}";
        CHECK(make_command(a, "k", longest, now).has_value());
        CHECK_FALSE(make_command(a, "k", longer, now).has_value());
    }
    for (const auto kind : {AnswerKind::join, AnswerKind::ack, AnswerKind::arrive}) {
        Admitted a = admitted(Endpoint::answer);
        a.answer = kind;
        CHECK_FALSE(make_command(a, "k", R"({"person":"zhang","successor":"li"})", now).has_value());
    }
}

TEST_CASE("commands: a responder hands over their own seat only", "[unit]") {
    Admitted a = admitted(Endpoint::answer, Role::responder, "zhang");
    a.answer = AnswerKind::leave;
    CHECK(make_command(a, "k", R"({"successor":"li"})", now)->person == "zhang");
    const auto foreign = make_command(a, "k", R"({"person":"li","successor":"zhang"})", now);
    REQUIRE_FALSE(foreign.has_value());
    CHECK(foreign.error().code == "forbidden");
}

TEST_CASE("commands: an answer to a drill belongs to no incident", "[unit]") {
    Admitted a = admitted(Endpoint::drill_answer);
    a.id.clear();
    a.answer = AnswerKind::ack;
    const auto command = make_command(a, "k", R"({"person":"zhang","way":"cli"})", now);
    REQUIRE(command.has_value());
    CHECK(command->kind == Command::Kind::answer);
    CHECK(command->answer == AnswerKind::ack);
    CHECK(command->drill == any_drill);
    CHECK(command->incident.empty());
    CHECK_FALSE(make_command(a, "k", R"({"person":"zhang","successor":"li"})", now).has_value());
}

TEST_CASE("commands: adopt-policy says by whom and why", "[unit]") {
    const auto command = make(Endpoint::adopt_policy, R"({"person":"boss","reason":"more people"})");
    REQUIRE(command.has_value());
    CHECK(command->kind == Command::Kind::adopt_policy);
    CHECK(command->incident == "0-1");
    CHECK(command->by == "admin/boss");
    CHECK(command->reason == "more people");
    CHECK(refused(Endpoint::adopt_policy, R"({"force":true})"));
    CHECK(refused(Endpoint::adopt_policy, R"({"tier":1})"));
}

TEST_CASE("commands: a verdict is one of three words, given by the token's person, else by whom the body names", "[unit]") {
    const auto given = make(Endpoint::verdict, R"({"verdict":"false","by":"wang","reason":"演练"})");
    REQUIRE(given.has_value());
    CHECK(given->kind == Command::Kind::verdict);
    CHECK(given->verdict == IncidentVerdict::false_alarm);
    CHECK(given->by == "admin/wang");
    CHECK(given->incident == "0-1");
    const auto bound = make_command(admitted(Endpoint::verdict, Role::lead, "zhang"), "k", R"({"verdict":"late","by":"wang"})", now);
    REQUIRE(bound.has_value());
    CHECK(bound->by == "zhang");
    for (const auto* body : {"{}", R"({"verdict":"none"})", R"({"verdict":1})", R"({"verdict":"useful","person":"li"})"}) {
        CHECK(refused(Endpoint::verdict, body));
    }
}
