#include "feed/ami_members.hpp"

#include "ami_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
AmiSwitch with_member(int status, bool paused = false, AmiOptions options = {}) {
    AmiSwitch s(std::move(options));
    s.connected(0);
    s.list(0, {{"q"}});
    s.member(1, "q", "A", status, paused, "QueueMemberAdded");
    return s;
}
}  // namespace

TEST_CASE("ami members: what each state of a phone means for its queue") {
    for (int status = 0; status <= 8; ++status) {
        const auto crew = with_member(status).crew(1000);
        CAPTURE(status);
        CHECK(crew.staffed == (status == 4 || status == 5 ? 0U : 1U));
        CHECK(crew.available == (status == 0 || status == 1 ? 1U : 0U));
        CHECK(crew.ringing == (status == 6 ? 1U : 0U));
        CHECK(crew.on_call == 0);
        const auto paused = with_member(status, true).crew(1000);
        CHECK(paused.available == 0);
        CHECK(paused.aux == paused.staffed);
    }
}

TEST_CASE("ami members: a talk begins with AgentConnect, whatever InCall the events in between say, and ends with AgentComplete") {
    auto s = with_member(1);
    s.join(1000, "q", "c1");
    s.leave(2000, "q", "c1");
    s.connect(2001, "q", "c1", "A");
    s.member(2002, "q", "A", 2);
    CHECK(s.crew(2003).on_call == 1);
    s.member(2500, "q", "A", 2, true);  // paused in the talk: still on the call
    CHECK(s.crew(2600).on_call == 1);
    CHECK(s.crew(2600).aux == 0);
    s.complete(5000, "q", "c1", "A", 3);
    CHECK(s.crew(5001).on_call == 0);
    CHECK(s.crew(5001).aux == 1);
}

TEST_CASE("ami members: an agent of two queues is on the call of one and busy for the other") {
    auto s = with_member(1);
    s.member(1, "r", "A", 1, false, "QueueMemberAdded");
    s.join(1000, "q", "c1");
    s.member(1999, "q", "A", 2);
    s.member(1999, "r", "A", 2);
    s.leave(2000, "q", "c1");
    s.connect(2001, "q", "c1", "A");
    CHECK(s.crew(2002, "r").staffed == 1);
    CHECK(s.crew(2002, "r").available == 0);
    CHECK(s.crew(2002, "r").on_call == 0);
    CHECK(s.crew(2002, "q").on_call == 1);
}

TEST_CASE("ami members: one interface is one member, whatever its name") {
    auto s = with_member(1);
    s.event(10, "QueueMemberStatus", {{"Queue", "q"}, {"MemberName", "Ann Other"}, {"Interface", "A"}, {"Status", "1"}, {"Paused", "0"}});
    CHECK(s.crew(20).staffed == 1);
    s.member(30, "q", "A", 1, false, "QueueMemberRemoved");
    CHECK(s.crew(40).staffed == 0);
}

TEST_CASE("ami members: after a talk the wrap-up counts, the member's own or that which the user gives for the queue") {
    AmiOptions options;
    options.wrapup = {{"Q", Span{15000}}, {"", Span{5000}}};
    auto s = with_member(1, false, options);
    s.join(1000, "q", "c1");
    s.leave(2000, "q", "c1");
    s.connect(2000, "q", "c1", "A");
    s.complete(10000, "q", "c1", "A", 8);
    CHECK(s.crew(24999).wrapup == 1);
    CHECK(s.crew(24999).available == 0);
    CHECK(s.crew(24999).next_ms == AmiSwitch::at(25000));
    CHECK(s.crew(25000).wrapup == 0);
    CHECK(s.crew(25000).available == 1);
    // 30 s of his own, told by an event.
    s.event(25001, "QueueMemberStatus", {{"Queue", "q"}, {"Interface", "A"}, {"Status", "1"}, {"Paused", "0"}, {"Wrapuptime", "30"}});
    CHECK(s.crew(39999).wrapup == 1);
    CHECK(s.crew(40000).available == 1);
    CHECK_FALSE(with_member(1).crew(0).wrapup_told);
}

TEST_CASE("ami members: nonsense in an event is nothing") {
    auto s = with_member(1);
    s.event(1, "QueueMemberStatus", {{"Queue", "q"}, {"Interface", "A"}, {"Status", "99"}, {"Paused", "maybe"}, {"Wrapuptime", "-7"}});
    CHECK(s.crew(2).staffed == 1);
    s.event(1, "QueueMemberStatus", {{"Queue", "q"}, {"Status", "1"}});
    CHECK(s.queue().crew.members().size() == 1);
}
