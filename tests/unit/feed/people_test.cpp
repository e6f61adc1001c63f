// Simulated people: who reacts to what the daemon publishes.
#include "feed/sim_team.hpp"
#include "support/catch.hpp"
#include "wire/record_json.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {
TeamEvent event(RecordBody body) {
    Record record;
    record.seq = 1;
    record.body = std::move(body);
    const auto parsed = parse_team_event(encode(record));
    REQUIRE(parsed);
    return *parsed;
}
TeamEvent opened(const char* incident, std::map<std::string, std::string> scope) {
    IncidentChange change;
    change.incident = incident;
    change.step = IncidentStep::opened;
    change.scope = std::move(scope);
    return event(change);
}
TeamEvent step(const char* incident, IncidentStep what) {
    IncidentChange change;
    change.incident = incident;
    change.step = what;
    return event(change);
}
TeamEvent seat(const char* incident, const char* person, SeatState state) {
    SeatChange change;
    change.incident = incident;
    change.person = person;
    change.state = state;
    return event(change);
}
TeamEvent page(const char* incident, std::vector<std::string> people, PagePurpose purpose = PagePurpose::first,
               PageState state = PageState::accepted) {
    PageChange change;
    change.page = "p";
    change.incident = incident;
    change.people = std::move(people);
    change.purpose = purpose;
    change.state = state;
    return event(change);
}
EngineTime at(double s) {
    return engine_time(static_cast<std::int64_t>(s * 1000));
}
Scenario two_centres() {
    return *parse_scenario(
        "queue centre=jinan queue=general group=普席 rate=1/h agents=1 aht=60s\n"
        "queue centre=weifang queue=general group=普席 rate=3600/h agents=1 aht=60s\n");
}
}  // namespace

TEST_CASE("team events: what is no record is ignored", "[unit]") {
    CHECK_FALSE(parse_team_event(""));
    CHECK_FALSE(parse_team_event("[1,2]"));
    CHECK_FALSE(parse_team_event(R"({"type":"seat.joined"})"));
    CHECK_FALSE(parse_team_event(R"({"incident":"0-1"})"));
    const auto odd =
        parse_team_event(R"({"type":"page.accepted","incident":"0-1","people":[1,"li",null],"scope":{"centre":7,"group":"g"}})");
    REQUIRE(odd);
    CHECK(odd->people == std::vector<std::string>{"li"});
    CHECK(odd->scope == std::map<std::string, std::string>{{"group", "g"}});
}

TEST_CASE("seats: who joins becomes an agent of the incident's scope, who is released goes", "[unit]") {
    Simulator simulator(two_centres(), source_time(0));
    SeatReactor reactor(5s);
    simulator.run_until(30s);
    reactor.on_event(opened("0-1", {{"centre", "jinan"}, {"group", "普席"}}), simulator);
    reactor.on_event(seat("0-1", "li", SeatState::asked), simulator);
    reactor.on_event(seat("0-1", "li", SeatState::joined), simulator);
    simulator.run_until(40s);
    CHECK(simulator.queue(0).staffed() == 2);
    CHECK(simulator.queue(1).staffed() == 1);

    reactor.on_event(seat("0-1", "li", SeatState::released), simulator);
    CHECK(simulator.queue(0).staffed() == 1);
    CHECK(reactor.joined() == 1);
    CHECK(reactor.released() == 1);
}

TEST_CASE("seats: one body, one chair, and only its own incident sends it home", "[unit]") {
    Simulator simulator(two_centres(), source_time(0));
    SeatReactor reactor(0s);
    reactor.on_event(opened("0-1", {{"centre", "jinan"}}), simulator);
    reactor.on_event(opened("0-2", {{"centre", "weifang"}}), simulator);
    reactor.on_event(seat("0-1", "li", SeatState::joined), simulator);
    reactor.on_event(seat("0-2", "li", SeatState::joined), simulator);
    simulator.run_until(1s);
    CHECK(simulator.queue(0).staffed() == 2);
    CHECK(simulator.queue(1).staffed() == 1);

    reactor.on_event(seat("0-2", "li", SeatState::released), simulator);
    CHECK(simulator.joined() == 1);
    reactor.on_event(step("0-2", IncidentStep::closed), simulator);
    CHECK(simulator.joined() == 1);
    reactor.on_event(step("0-1", IncidentStep::closed), simulator);
    CHECK(simulator.joined() == 0);
    CHECK(simulator.queue(0).staffed() == 1);
}

TEST_CASE("seats: an incident opened before we listened covers every queue", "[unit]") {
    Simulator simulator(two_centres(), source_time(0));
    SeatReactor reactor(0s);
    simulator.run_until(60s);
    reactor.on_event(seat("0-9", "li", SeatState::joined), simulator);
    simulator.run_until(61s);
    CHECK(simulator.queue(1).staffed() == 2);
}

TEST_CASE("responders: a person paged answers once, within the bounds of the delay", "[unit]") {
    ResponderOptions options;
    options.join = 1;
    options.decline = 0;
    Responders people(options);
    people.on_event(page("0-1", {"li", "wang"}), at(10));
    CHECK(people.due(at(11.999)).empty());
    CHECK(people.next() >= at(12));
    people.on_event(page("0-1", {"li"}, PagePurpose::remind), at(11));

    const auto answers = people.due(at(18));
    CHECK(answers.size() == 2);
    CHECK(answers.at(0).incident == "0-1");
    CHECK(answers.at(0).kind == AnswerKind::join);
    CHECK(people.next() == engine_never);
    people.on_event(page("0-1", {"li"}, PagePurpose::repeat_round), at(20));
    CHECK(people.due(at(100)).empty());
}

TEST_CASE("responders: shares of join, decline and silence are those asked for", "[unit]") {
    ResponderOptions options;
    options.join = 0.5;
    options.decline = 0.3;
    Responders people(options);
    std::vector<std::string> crowd;
    for (int i = 0; i < 10000; ++i) {
        crowd.push_back("p" + std::to_string(i));
    }
    people.on_event(page("0-1", crowd), at(0));
    int joined = 0;
    int declined = 0;
    for (const auto& answer : people.due(at(60))) {
        ++(answer.kind == AnswerKind::join ? joined : declined);
    }
    CHECK(joined == Approx(5000).margin(200));
    CHECK(declined == Approx(3000).margin(200));
}

TEST_CASE("responders: the order of the pages decides nothing", "[unit]") {
    const auto run = [](std::vector<std::string> people_paged) {
        Responders people({});
        for (const auto& person : people_paged) {
            people.on_event(page("0-1", {person}), at(0));
        }
        std::map<std::string, AnswerKind> out;
        for (const auto& answer : people.due(at(60))) {
            out[answer.person] = answer.kind;
        }
        return out;
    };
    CHECK(run({"a", "b", "c", "d", "e", "f"}) == run({"f", "d", "b", "a", "c", "e"}));
}

TEST_CASE("responders: silent people are asked again, five times at most", "[unit]") {
    ResponderOptions options;
    options.join = 0;
    options.decline = 0;
    Responders never(options);
    for (int i = 0; i < 20; ++i) {
        never.on_event(page("0-1", {"li"}, PagePurpose::remind), at(i));
    }
    CHECK(never.next() == engine_never);

    options.join = 0.5;
    Responders some(options);
    std::size_t answers = 0;
    for (int round = 0; round < 5; ++round) {
        some.on_event(
            page("0-1", {"a", "b", "c", "d", "e", "f", "g", "h"}, round == 0 ? PagePurpose::first : PagePurpose::remind),
            at(20 * round));
        answers += some.due(at(20 * round + 10)).size();
    }
    CHECK(answers >= 7);
    CHECK(answers <= 8);
}

TEST_CASE("responders: nobody answers a page that only informs, is not out yet, or whose incident is over", "[unit]") {
    ResponderOptions options;
    options.join = 1;
    options.decline = 0;
    Responders people(options);
    for (const auto purpose :
         {PagePurpose::close, PagePurpose::stand_down, PagePurpose::update, PagePurpose::test, PagePurpose::admin}) {
        people.on_event(page("0-1", {"li"}, purpose), at(0));
    }
    people.on_event(page("0-1", {"li"}, PagePurpose::first, PageState::queued), at(0));
    people.on_event(page("0-1", {"li"}, PagePurpose::first, PageState::sending), at(0));
    CHECK(people.next() == engine_never);

    people.on_event(page("0-1", {"li"}), at(0));
    people.on_event(page("0-2", {"li"}), at(0));
    people.on_event(step("0-1", IncidentStep::resolved), at(1));
    const auto left = people.due(at(60));
    REQUIRE(left.size() == 1);
    CHECK(left[0].incident == "0-2");
}
