#include "feed/callcenter_session.hpp"

#include <algorithm>

#include "callcenter_kit.hpp"
#include "feed/callcenter_feed.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
/// The other end, by hand: what we send, what it answers, at which time.
struct Dialogue {
    CallcenterState state;
    CallcenterSession session;
    FsLists lists;
    std::int64_t now = FsSwitch::at(0);
    std::string sent;  // since it was looked at last

    explicit Dialogue(const std::string& user = {}) : session(CallcenterLogin{user, Secret("s3cret!")}, state) { session.connected(now); }
    Dialogue& says(const std::string& bytes) {
        session.bytes(bytes, now);
        return pass(0);
    }
    Dialogue& pass(std::int64_t ms) {
        now += ms;
        session.tick(now);
        sent += session.take_output();
        return *this;
    }
    /// The commands since the last look.
    std::string command() { return std::exchange(sent, {}); }
    Dialogue& greets() { return says("Content-Type: auth/request\n\n"); }
    Dialogue& replies(const std::string& text) { return says("Content-Type: command/reply\nReply-Text: " + text + "\n\n"); }
    Dialogue& answers(const std::string& text) { return says(fs_frame("api/response", text)); }
    Dialogue& subscribed(const std::string& core = "core-1") {
        greets().replies("+OK accepted").answers(core);
        REQUIRE(command().ends_with("event plain CUSTOM callcenter::info\n\n"));
        return replies("+OK event listener enabled plain");
    }
    /// Answers what is asked until nothing is.
    Dialogue& serve() {
        for (auto asked = command(); asked.starts_with("api "); asked = command()) {
            answers(lists.answer(asked.substr(4, asked.size() - 6), now - FsSwitch::at(0)));
        }
        return *this;
    }
    Dialogue& live() { return subscribed().serve(); }
    Dialogue& event(const std::string& action, FsPairs pairs) {
        pairs.emplace_back("CC-Action", action);
        return says(fs_frame("text/event-plain", fs_event_body(now - FsSwitch::at(0), pairs)));
    }
    bool failed() const { return session.step() == CallcenterSession::Step::failed; }
    std::string why() const { return session.failure().event + " " + session.failure().details; }
};
}  // namespace

TEST_CASE("callcenter session: login, run, subscription, list, in this order and one at a time") {
    Dialogue d;
    CHECK(d.pass(0).command().empty());
    CHECK(d.greets().command() == "auth s3cret!\n\n");
    CHECK(d.replies("+OK accepted").command() == "api global_getvar core_uuid\n\n");
    CHECK(d.answers("core-1").command() == "event plain CUSTOM callcenter::info\n\n");
    CHECK(d.replies("+OK event listener enabled plain").command() == "api strepoch\n\n");
    CHECK_FALSE(d.session.current());
    CHECK(d.answers("1700000000").command() == "api callcenter_config queue list\n\n");
    CHECK(d.pass(5000).command().empty());
    d.answers(d.lists.answer("callcenter_config queue list", 0)).serve();
    CHECK(d.session.current());
    CHECK(d.session.lists() == 1);
    CHECK(d.state.queues().contains("q"));
}

TEST_CASE("callcenter session: a user of the directory logs in by userauth") {
    Dialogue d("surged@pbx.example");
    CHECK(d.greets().command() == "userauth surged@pbx.example:s3cret!\n\n");
}

TEST_CASE("callcenter session: events between the answers are folded, whatever is under way") {
    Dialogue d;
    d.subscribed();
    const FsPairs one{{"CC-Queue", "q"}, {"CC-Member-UUID", "1"}};
    d.event("member-queue-start", one).serve();
    CHECK(d.session.current());
    CHECK(d.state.queues().at("q").waiting() == 1);
    CHECK(d.state.queues().at("q").counters.offered == 1);
    CHECK(d.session.events() == 1);
}

TEST_CASE("callcenter session: a wrong password is a refusal, and is not in its words") {
    Dialogue d;
    d.greets().replies("-ERR invalid s3cret!");
    CHECK(d.session.failure().refused);
    CHECK(d.why() == "freeswitch_login_refused error=\"-ERR invalid ***\"");
    Dialogue acl;
    acl.says(fs_frame("text/rude-rejection", "Access Denied, go away.\n"));
    CHECK(acl.session.failure().refused);
    CHECK(acl.why().find("freeswitch_address_refused error=\"Access Denied, go away.") == 0);
    Dialogue events;
    events.greets().replies("+OK accepted").answers("core-1").replies("-ERR permission denied");
    CHECK(events.why() == "freeswitch_no_events error=\"-ERR permission denied\"");
}

TEST_CASE("callcenter session: what is no event socket is told by its first line") {
    for (const auto* first : {"HTTP/1.1 400 Bad Request\r\n", "Asterisk Call Manager/5.0\r\n", "Content-Type: text/html\n\n"}) {
        Dialogue d;
        d.says(first);
        CHECK(d.why().find("freeswitch_not_event_socket") == 0);
    }
    Dialogue late;
    late.live().says("rubbish\n");
    CHECK(late.why().find("freeswitch_broken") == 0);
}

TEST_CASE("callcenter session: every command has a deadline, whatever else comes") {
    Dialogue greeting;
    greeting.pass(9999);
    CHECK_FALSE(greeting.failed());
    greeting.pass(1);
    CHECK(greeting.why() == "freeswitch_silent step=greeting waited_s=10");
    Dialogue login;
    login.greets().pass(10000);
    CHECK(login.why() == "freeswitch_silent step=login waited_s=10");
    Dialogue run;
    run.greets().replies("+OK accepted").pass(10000);
    CHECK(run.why() == "freeswitch_silent step=core_uuid waited_s=10");
    Dialogue subscription;
    subscription.greets().replies("+OK accepted").answers("core-1").pass(10000);
    CHECK(subscription.why() == "freeswitch_silent step=subscription waited_s=10");
    Dialogue list;
    list.subscribed();
    for (int s = 0; s < 10; ++s) {
        CHECK_FALSE(list.failed());
        list.event("members-count", {}).pass(1000);
    }
    CHECK(list.why() == "freeswitch_silent step=answer waited_s=10");
}

TEST_CASE("callcenter session: a sign of life every ten seconds, a list every thirty") {
    Dialogue d;
    d.live();
    CHECK(d.pass(9999).command().empty());
    CHECK(d.session.due() == d.now + 1);
    CHECK(d.pass(1).command() == "api strepoch\n\n");
    d.answers("1700000010").pass(10'000).serve();
    CHECK(d.session.lists() == 1);
    d.pass(9999).command();
    CHECK(d.pass(1).command() == "api strepoch\n\n");
    CHECK(d.answers("1700000030").command() == "api callcenter_config queue list\n\n");
    d.answers(d.lists.answer("callcenter_config queue list", 30'000)).serve();
    CHECK(d.session.lists() == 2);
}

TEST_CASE("callcenter session: without the module lists are asked for again, and half a minute later the connection has failed") {
    Dialogue d;
    d.subscribed();
    for (int i = 0; i < 7 && !d.failed(); ++i) {
        if (d.command() == "api strepoch\n\n") {
            d.answers("1700000000").answers("-ERR callcenter_config Command not found!\n");
        }
        d.command();
        d.pass(5000);
    }
    CHECK_FALSE(d.failed());
    d.answers("1700000000").answers("-ERR callcenter_config Command not found!\n");
    CHECK(d.why() == "freeswitch_no_callcenter error=\"-ERR callcenter_config Command not found!\"");
    Dialogue soon;
    soon.subscribed().answers("1700000000").answers("-ERR callcenter_config Command not found!\n").command();
    soon.pass(5000).serve();
    CHECK(soon.session.current());
}

TEST_CASE("callcenter session: a switch that says goodbye is told in its words") {
    Dialogue d;
    d.live().says(fs_frame("text/disconnect-notice", "Disconnected, goodbye.\nSee you at ClueCon!\n"));
    CHECK(d.why().find("freeswitch_disconnected says=\"Disconnected, goodbye.") == 0);
    CHECK_FALSE(d.session.failure().refused);
}

TEST_CASE("callcenter session: answers nobody asked for change nothing") {
    Dialogue d;
    d.live().answers("1999999999\n").replies("+OK").says(fs_frame("log/data", "x"));
    CHECK_FALSE(d.failed());
    CHECK(d.session.current());
    CHECK(d.command().empty());
}

TEST_CASE("callcenter session: events before the subscription are not believed") {
    Dialogue d;
    d.greets().event("member-queue-start", {{"CC-Queue", "q"}, {"CC-Member-UUID", "1"}});
    CHECK(d.state.queues().empty());
}

TEST_CASE("callcenter session: another connection begins anew, and the same run is no new epoch") {
    Dialogue d;
    d.live().event("member-queue-start", {{"CC-Queue", "q"}, {"CC-Member-UUID", "1"}}).says("Content-Le");
    d.session.disconnected(d.now);
    CHECK_FALSE(d.session.current());
    d.now += 1000;
    d.session.connected(d.now);
    d.lists.queues["q"].members = {{"1", "Waiting", 0}};
    d.live();
    CHECK(d.session.current());
    CHECK(d.state.epochs() == 0);
    CHECK(d.state.queues().at("q").counters.offered == 1);
    d.session.disconnected(d.now);
    d.session.connected(d.now);
    d.subscribed("core-2").serve();
    CHECK(d.state.epochs() == 1);
}

TEST_CASE("callcenter feed: what a queue sends, and that nothing is sent of one that is unloaded") {
    Dialogue d;
    d.lists.agents = {{"ann", {}}};
    d.lists.tiers = {{"q", "ann"}};
    d.live().event("member-queue-start", {{"CC-Queue", "q"}, {"CC-Member-UUID", "1"}});
    CallcenterFeedOptions options;
    options.epoch = 7;
    CallcenterFeed feed(options, d.state);
    std::map<std::string, double> sent;
    const auto keep = [&](const Message& message) {
        CHECK(message.epoch == 7);
        sent.clear();
        for (const auto& value : message.values) {
            sent[std::string(value.name)] = value.value;
        }
        return true;
    };
    CHECK(feed.changed());
    REQUIRE(feed.emit(CallcenterFeed::Which::changed, 1, d.now + 2500, keep));
    CHECK_FALSE(feed.changed());
    CHECK(sent.at("calls_waiting") == 1);
    CHECK(sent.at("oldest_wait_s") == 2.5);
    CHECK(sent.at("agents_available") == 1);
    CHECK(sent.at("agents_wrapup") == 0);
    CHECK(sent.at("offered") == 1);
    CHECK(sent.at("timeouts") == 0);
    CHECK(sent.count("blocked") == 0);
    CHECK(sent.count("callbacks_requested") == 0);
    d.lists.queues = {};
    d.pass(10'000).serve().pass(10'000).serve().pass(10'000).serve();
    REQUIRE(feed.emit(CallcenterFeed::Which::all, 1, d.now, keep));
    CHECK(sent.empty());
}

TEST_CASE("callcenter feed: the end of a wrap-up is told in its second, though no event tells it") {
    Dialogue d;
    d.lists.agents = {{"ann", {"Available", "Waiting", 10, -2}}};
    d.lists.tiers = {{"q", "ann"}};
    d.live();
    CallcenterFeed feed({}, d.state);
    std::vector<std::pair<double, double>> said;  // in wrap-up, available
    for (int second = 0; second < 12; ++second) {
        feed.emit(second == 0 ? CallcenterFeed::Which::all : CallcenterFeed::Which::moving, 1, d.now + second * 1000, [&](const Message& message) {
            const auto of = [&](std::string_view name) {
                return std::find_if(message.values.begin(), message.values.end(), [&](const auto& one) { return one.name == name; })->value;
            };
            said.emplace_back(of("agents_wrapup"), of("agents_available"));
            return true;
        });
    }
    REQUIRE(said.size() == 10);  // and then nothing, for nothing moves
    CHECK(said.front() == std::pair{1.0, 0.0});
    CHECK(said[8] == std::pair{1.0, 0.0});
    CHECK(said.back() == std::pair{0.0, 1.0});
}
