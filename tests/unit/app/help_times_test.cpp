#include "app/help_times.hpp"

#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {

Record at(Span when, RecordBody body) {
    Record out;
    out.at = EngineTime{when};
    out.body = std::move(body);
    return out;
}
IncidentChange step(IncidentStep what, int need, int joined = 0) {
    IncidentChange out;
    out.incident = "0-1";
    out.policy = "surge";
    out.step = what;
    out.need = need;
    out.joined = joined;
    return out;
}
SeatChange person(const char* who, SeatState state) {
    SeatChange out;
    out.incident = "0-1";
    out.person = who;
    out.state = state;
    return out;
}

}  // namespace

TEST_CASE("help times: first, half and full help are each counted once, from the opening", "[unit]") {
    HelpTimes help;
    help.note(at(100s, step(IncidentStep::opened, 4)));
    help.note(at(110s, person("a", SeatState::asked)));
    CHECK(help.by_policy().empty());
    help.note(at(120s, person("a", SeatState::joined)));
    help.note(at(125s, person("a", SeatState::arrived)));
    const HelpView& surge = help.by_policy().at("surge");
    CHECK(surge.first.sum_s == 20);
    CHECK(surge.half.count == 0);
    help.note(at(160s, person("b", SeatState::joined)));
    CHECK(surge.half.sum_s == 60);
    help.note(at(170s, person("b", SeatState::left)));
    help.note(at(180s, person("b", SeatState::joined)));
    help.note(at(190s, person("c", SeatState::joined)));
    CHECK(surge.full.count == 0);
    help.note(at(400s, person("d", SeatState::joined)));
    CHECK(surge.full.sum_s == 300);
    CHECK(surge.first.count == 1);
    CHECK(surge.half.count == 1);
    CHECK(surge.full.count == 1);
    CHECK(help.under_way() == 0);
}

TEST_CASE("help times: a need that falls to who is there is full help, one that rises is not", "[unit]") {
    HelpTimes help;
    help.note(at(0s, step(IncidentStep::opened, 2)));
    help.note(at(10s, step(IncidentStep::need, 6)));
    help.note(at(20s, person("a", SeatState::joined)));
    help.note(at(30s, person("b", SeatState::joined)));
    CHECK(help.by_policy().at("surge").full.count == 0);
    help.note(at(50s, step(IncidentStep::need, 2, 2)));
    CHECK(help.by_policy().at("surge").full.sum_s == 50);
}

TEST_CASE("help times: an incident that ends without help, or was open before, is not counted", "[unit]") {
    HelpTimes help;
    help.note(at(0s, person("a", SeatState::joined)));
    help.note(at(1s, step(IncidentStep::need, 1, 1)));
    CHECK(help.by_policy().empty());
    help.note(at(2s, step(IncidentStep::opened, 1)));
    help.note(at(3s, step(IncidentStep::resolved, 1)));
    CHECK(help.under_way() == 0);
    CHECK(help.by_policy().empty());
}

TEST_CASE("help times: a time on a bound counts below it, one above all bounds in the last bucket", "[unit]") {
    HelpCounts counts;
    counts.observe(15);
    counts.observe(15.1);
    counts.observe(3600.5);
    CHECK(counts.counts[0] == 1);
    CHECK(counts.counts[1] == 1);
    CHECK(counts.counts.back() == 1);
    CHECK(counts.count == 3);
}
