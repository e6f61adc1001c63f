#include "feed/ami_session.hpp"

#include "ami_kit.hpp"
#include "channels/signature.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
/// The other end, by hand: what we send, what it answers, at which time.
struct Dialogue {
    AmiState state;
    AmiSession session;
    std::int64_t now = 1'000'000;
    std::string sent;

    explicit Dialogue(bool challenge = true, bool causes = true) : session(AmiLogin{"feeder", Secret("s3cret!"), challenge, causes}, state) {
        session.connected(now);
    }
    /// ActionID of the last action of this name.
    std::string id(const std::string& name) {
        const auto at = sent.rfind("Action: " + name + "\r\n");
        REQUIRE(at != std::string::npos);
        const auto begin = sent.find("ActionID: ", at) + 10;
        return sent.substr(begin, sent.find('\r', begin) - begin);
    }
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
    Dialogue& greets(const std::string& version = "11.0.0") { return says("Asterisk Call Manager/" + version + "\r\n"); }
    Dialogue& answers(const std::string& action, const std::string& rest = {}, const std::string& how = "Success") {
        return says("Response: " + how + "\r\nActionID: " + id(action) + "\r\n" + rest + "\r\n");
    }
    Dialogue& boots(int uptime = 100) { return says("Event: FullyBooted\r\nUptime: " + std::to_string(uptime) + "\r\n\r\n"); }
    Dialogue& lists(const std::string& items = "Event: QueueParams\r\nQueue: q\r\nCalls: 0\r\nActionID: %\r\n\r\n", int n = 1) {
        const auto of = id("QueueStatus");
        auto text = items;
        for (auto at = text.find('%'); at != std::string::npos; at = text.find('%')) {
            text.replace(at, 1, of);
        }
        says("Response: Success\r\nActionID: " + of + "\r\nEventList: start\r\n\r\n" + text);
        return says("Event: QueueStatusComplete\r\nActionID: " + of + "\r\nListItems: " + std::to_string(n) + "\r\n\r\n");
    }
    Dialogue& live() {
        return greets().answers("Challenge", "Challenge: 12345\r\n").answers("Login").boots().lists();
    }
    bool failed() const { return session.step() == AmiSession::Step::failed; }
    std::string why() const { return session.failure().event + " " + session.failure().details; }
};
}  // namespace

TEST_CASE("ami session: the secret never goes over the wire, only the answer to a challenge") {
    Dialogue d;
    d.greets();
    CHECK(d.sent.find("Action: Challenge\r\n") != std::string::npos);
    d.answers("Challenge", "Challenge: 840415273\r\n");
    CHECK(d.sent.find("Key: " + md5_hex("840415273s3cret!") + "\r\n") != std::string::npos);
    CHECK(d.sent.find("s3cret!") == std::string::npos);
    CHECK(d.sent.find("Events: agent,system,call,dialplan\r\n") != std::string::npos);
    d.answers("Login").boots().lists();
    CHECK(d.session.current());
}

TEST_CASE("ami session: a plain login sends the secret and no challenge, and the classes that were asked for") {
    Dialogue d(false, false);
    d.greets();
    CHECK(d.sent.find("Challenge") == std::string::npos);
    CHECK(d.sent.find("Secret: s3cret!\r\n") != std::string::npos);
    CHECK(d.sent.find("Events: agent,system\r\n") != std::string::npos);
    CHECK_FALSE(d.state.told().asked);
    Dialogue old(false, false);
    old.greets("1.1");  // Join and Leave are of class call there
    CHECK(old.sent.find("Events: agent,system,call\r\n") != std::string::npos);
}

TEST_CASE("ami session: nothing is asked before FullyBooted, and an account that is not told of it waits five seconds") {
    Dialogue d;
    d.greets().answers("Challenge", "Challenge: 1\r\n").answers("Login");
    CHECK(d.sent.find("QueueStatus") == std::string::npos);
    d.pass(4999);
    CHECK(d.sent.find("QueueStatus") == std::string::npos);
    d.pass(1);
    CHECK(d.sent.find("QueueStatus") != std::string::npos);
}

TEST_CASE("ami session: FullyBooted before the answer to the login counts too") {
    Dialogue d;
    d.greets().answers("Challenge", "Challenge: 1\r\n").boots().answers("Login");
    CHECK(d.sent.find("QueueStatus") != std::string::npos);
}

TEST_CASE("ami session: a list that is refused is asked for again, for the queues may not be loaded yet") {
    Dialogue d;
    d.greets().answers("Challenge", "Challenge: 1\r\n").answers("Login").boots();
    d.answers("QueueStatus", "Message: Invalid/unknown command: QueueStatus.\r\n", "Error");
    const auto first = d.id("QueueStatus");
    d.pass(1999);
    CHECK(d.id("QueueStatus") == first);
    d.pass(1);
    CHECK(d.id("QueueStatus") != first);
    d.lists();
    CHECK(d.session.current());
}

TEST_CASE("ami session: without queues for half a minute the connection has failed, in the switch's words") {
    Dialogue d;
    d.greets().answers("Challenge", "Challenge: 1\r\n").answers("Login").boots();
    for (int i = 0; i < 40 && !d.failed(); ++i) {
        d.answers("QueueStatus", "Message: Invalid/unknown command\r\n", "Error").pass(2000);
        if (d.sent.find("Action: Ping") != std::string::npos && !d.failed()) {
            d.answers("Ping");
        }
    }
    CHECK(d.why() == "ami_no_queues error=\"Invalid/unknown command\"");
}

TEST_CASE("ami session: a wrong login is a refusal, and the secret is not in its words") {
    Dialogue d;
    d.greets().answers("Challenge", "Challenge: 1\r\n").answers("Login", "Message: Authentication failed for s3cret!\r\n", "Error");
    CHECK(d.failed());
    CHECK(d.session.failure().refused);
    CHECK(d.why() == "ami_login_refused user=\"feeder\" error=\"Authentication failed for ***\"");
}

TEST_CASE("ami session: a switch without challenges is told to the user, and the secret is not sent instead") {
    Dialogue d;
    d.greets().answers("Challenge", "Message: Must specify AuthType\r\n", "Error");
    CHECK(d.why().find("ami_no_challenge") == 0);
    CHECK(d.sent.find("s3cret!") == std::string::npos);
}

TEST_CASE("ami session: what is not Asterisk is told by its first line") {
    Dialogue d;
    d.says("HTTP/1.1 400 Bad Request\r\n");
    CHECK(d.why().find("ami_not_asterisk") == 0);
}

TEST_CASE("ami session: every step of the login has a deadline") {
    Dialogue greeting;
    greeting.says("Aster").pass(9999);
    CHECK_FALSE(greeting.failed());
    greeting.pass(1);
    CHECK(greeting.why().find("ami_silent step=greeting") == 0);
    Dialogue challenge;
    challenge.greets().pass(10000);
    CHECK(challenge.why().find("ami_silent step=challenge") == 0);
    Dialogue login;
    login.greets().pass(5000).answers("Challenge", "Challenge: 1\r\n").pass(9999);
    CHECK_FALSE(login.failed());
    login.pass(1);
    CHECK(login.why().find("ami_silent step=login") == 0);
}

TEST_CASE("ami session: a ping every ten seconds, and five for its answer, whatever else comes") {
    Dialogue d;
    d.live().pass(9999);
    CHECK(d.sent.find("Ping") == std::string::npos);
    d.pass(1);
    CHECK(d.sent.find("Action: Ping") != std::string::npos);
    d.answers("Ping", "Ping: Pong\r\nTimestamp: 1700000000.5\r\n").pass(9999);
    CHECK_FALSE(d.failed());
    d.pass(1);
    for (int i = 0; i < 4; ++i) {
        d.says("Event: Newchannel\r\nQueue: q\r\n\r\n").pass(1000);  // alive, but does not answer
    }
    CHECK_FALSE(d.failed());
    d.pass(1000);
    CHECK(d.why().find("ami_silent step=ping") == 0);
}

TEST_CASE("ami session: lists come every half minute, and one that does not end is given up and asked for again") {
    Dialogue d;
    d.live();
    const auto first = d.id("QueueStatus");
    for (int s = 0; s < 30; s += 10) {
        d.pass(10000).answers("Ping");
    }
    const auto second = d.id("QueueStatus");
    CHECK(second != first);
    for (int s = 0; s < 80; s += 10) {
        d.says("Event: QueueParams\r\nQueue: q" + std::to_string(s) + "\r\nActionID: " + second + "\r\n\r\n").pass(10000).answers("Ping");
    }
    CHECK(d.id("QueueStatus") == second);
    CHECK(d.state.oddities().bad_lists == 1);
    d.pass(10000).answers("Ping");
    CHECK(d.id("QueueStatus") != second);
    d.lists();
    CHECK(d.session.current());
    CHECK(d.state.queues().size() == 1);
}

TEST_CASE("ami session: where not even the first list ends, the connection has failed") {
    Dialogue d;
    d.greets().answers("Challenge", "Challenge: 1\r\n").answers("Login").boots();
    for (int s = 0; s < 50; s += 10) {
        d.pass(10000).answers("Ping");
    }
    CHECK_FALSE(d.failed());
    d.pass(10000);
    CHECK(d.why().find("ami_silent step=list") == 0);
}

TEST_CASE("ami session: lists that somebody else asked for are nobody's business") {
    Dialogue d;
    d.live().says("Event: QueueParams\r\nQueue: foreign\r\nActionID: other-1\r\n\r\nEvent: QueueStatusComplete\r\nActionID: other-1\r\n\r\n");
    CHECK(d.state.queues().size() == 1);
}

TEST_CASE("ami session: another connection begins at the greeting, with nothing left of the one before") {
    Dialogue d;
    d.live().says("Event: QueueCallerJoin\r\nQueue: q\r\nUniq");
    d.session.disconnected(d.now);
    CHECK_FALSE(d.session.current());
    d.now += 1000;
    d.session.connected(d.now);
    d.greets();
    CHECK(d.session.step() == AmiSession::Step::challenge);
    d.answers("Challenge", "Challenge: 2\r\n").answers("Login").boots(101).lists();
    CHECK(d.session.current());
    CHECK(d.state.epochs() == 0);
}

TEST_CASE("ami session: events before the login are not believed") {
    Dialogue d;
    d.greets().says("Event: QueueCallerJoin\r\nQueue: q\r\nUniqueid: 1\r\n\r\n");
    CHECK(d.state.queues().empty());
}
