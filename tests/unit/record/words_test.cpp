#include "core/record/order.hpp"
#include "core/record/record.hpp"
#include "support/catch.hpp"

using namespace surged;

TEST_CASE("record types are the contract's words") {
    const auto type = [](RecordBody body) { return record_type(Record{1, {}, {}, std::move(body)}); };
    AlertEdge edge;
    edge.to = AlertState::firing;
    CHECK(type(edge) == "alert.firing");
    edge.stale = edge.stale_changed = true;
    CHECK(type(edge) == "alert.stale");
    edge.stale = false;
    CHECK(type(edge) == "alert.firing");
    IncidentChange c;
    c.step = IncidentStep::tier_empty;
    CHECK(type(c) == "incident.tier_empty");
    c.step = IncidentStep::note;
    CHECK(type(c) == "incident.note");
    SeatChange s;
    s.state = SeatState::informed;
    CHECK(type(s) == "seat.informed");
    PageChange p;
    p.state = PageState::unknown;
    CHECK(type(p) == "page.unknown");
    CHECK(type(AnswerGiven{}) == "answer");
    CHECK(type(SilenceChange{}) == "silence");
    CHECK(type(OverrideChange{}) == "override");
    CHECK(type(SystemNote{}) == "system");
    CHECK(type(VerdictGiven{}) == "verdict");
}

TEST_CASE("the last word of every enum is in its place, and beyond it is '?'") {
    CHECK(to_string(PagePurpose::admin) == "admin");
    CHECK(to_string(PagePurpose::stand_down) == "stand_down");
    CHECK(to_string(AnswerKind::arrive) == "arrive");
    CHECK(to_string(AnswerResult::refused) == "refused");
    CHECK(to_string(OutcomeClass::unknown) == "unknown");
    CHECK(to_string(IncidentVerdict::late) == "late");
    CHECK(to_string(static_cast<PageState>(200)) == "?");
}

TEST_CASE("a verdict that can be given has a word, and nothing else is one") {
    for (const auto verdict : {IncidentVerdict::useful, IncidentVerdict::false_alarm, IncidentVerdict::late}) {
        CHECK(verdict_from(to_string(verdict)) == verdict);
    }
    CHECK_FALSE(verdict_from("none"));
    CHECK_FALSE(verdict_from("False"));
    CHECK_FALSE(verdict_from(""));
}

TEST_CASE("terminal are the states that no record follows") {
    for (const auto s :
         {PageState::accepted, PageState::delivered, PageState::failed_perm, PageState::expired, PageState::cancelled}) {
        CHECK(terminal(s));
    }
    for (const auto s : {PageState::queued, PageState::held, PageState::sending, PageState::failed_temp, PageState::unknown}) {
        CHECK_FALSE(terminal(s));
    }
}
