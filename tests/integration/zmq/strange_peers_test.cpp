// Peers that do not belong at a feeders' socket, nor at a subscribers' one: real sockets of libzmq, and of pyzmq in a process of its own.
// Each is counted by its reason, with who it was.
#include <array>
#include <fstream>
#include <thread>

#include "support/process.hpp"
#include "zmq_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {

struct Keys {
    std::array<char, 41> open{};
    std::array<char, 41> secret{};
    Keys() { REQUIRE(zmq_curve_keypair(open.data(), secret.data()) == 0); }
};

/// Who it was: it may have left before it said what it is.
bool names(const std::string& who, const std::string& type) {
    UNSCOPED_INFO(who);
    return who.starts_with("wrong_socket from 127.0.0.1:") &&
           (who.ends_with(": a " + type + " socket") || who.ends_with(": another kind of socket than is wanted"));
}

std::size_t at(Refusal reason) {
    return static_cast<std::size_t>(reason);
}

/// What `take` counts within some seconds, until the reason has come.
RefusalCounts counts_until(Refusal reason, const std::function<RefusalCounts()>& take, Span bound = 8s) {
    RefusalCounts sum{};
    for (const auto end = Clock::now() + bound; sum[at(reason)] == 0 && Clock::now() < end;) {
        std::this_thread::sleep_for(10ms);
        const auto more = take();
        for (std::size_t i = 0; i < refusal_count; ++i) {
            sum[i] += more[i];
        }
    }
    return sum;
}

/// It came, and nothing else did.
bool only(const RefusalCounts& counts, Refusal reason) {
    for (std::size_t i = 0; i < refusal_count; ++i) {
        if ((counts[i] != 0) != (i == at(reason))) {
            UNSCOPED_INFO(to_string(static_cast<Refusal>(i)) << " " << counts[i]);
            return false;
        }
    }
    return true;
}

/// A feeders' socket by CURVE that lets one key in.
struct Guarded {
    TempDir folder;
    Keys server, known, stranger, other;
    std::unique_ptr<Ingest> ingest;
    explicit Guarded(bool list = true) {
        std::ofstream(folder.file("key")) << server.secret.data();
        IngestSettings settings;
        settings.bind = {"tcp://127.0.0.1:*"};
        settings.curve.secret_key_file = folder.file("key");
        if (list) {
            settings.curve.allowed_keys = {known.open.data()};
        }
        ingest = open_ingest(settings);
    }
    RefusalCounts until(Refusal reason) {
        return counts_until(reason, [this] { return ingest->take_refused(); });
    }
};

bool has_pyzmq() {
    return std::system("/usr/bin/python3 -c 'import zmq' > /dev/null 2>&1") == 0;
}

/// A process that connects a socket of pyzmq and tries to say something.
class PythonPeer {
public:
    PythonPeer(const TempDir& folder, const std::string& type, const std::string& endpoint, const std::vector<std::string>& keys = {})
        : process_("/usr/bin/python3", arguments(type, endpoint, keys), folder.file("python")) {}

private:
    static std::vector<std::string> arguments(const std::string& type, const std::string& endpoint, const std::vector<std::string>& keys) {
        std::vector<std::string> out{"-c",
                                     "import sys, time, zmq\n"
                                     "s = zmq.Context().socket(getattr(zmq, sys.argv[1]))\n"
                                     "s.linger = 0\n"
                                     "if len(sys.argv) > 3:\n"
                                     "    s.curve_serverkey, s.curve_publickey, s.curve_secretkey = [k.encode() for k in sys.argv[3:]]\n"
                                     "s.connect(sys.argv[2])\n"
                                     "for _ in range(200):\n"
                                     "    try: s.send(b'{}', zmq.NOBLOCK)\n"
                                     "    except zmq.ZMQError: pass\n"
                                     "    time.sleep(0.05)\n",
                                     type, endpoint};
        out.insert(out.end(), keys.begin(), keys.end());
        return out;
    }
    Process process_;
};

std::vector<std::string> keys_of(const Keys& server, const Keys& own) {
    return {server.open.data(), own.open.data(), own.secret.data()};
}

}  // namespace

TEST_CASE("strange peers: every kind of socket but PUSH is refused by its name, and nothing of it is taken", "[integration]") {
    IngestSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    const auto ingest = open_ingest(settings);
    const std::vector<std::pair<int, std::string>> kinds{{ZMQ_PUB, "PUB"},       {ZMQ_SUB, "SUB"},       {ZMQ_REQ, "REQ"},   {ZMQ_REP, "REP"},
                                                         {ZMQ_DEALER, "DEALER"}, {ZMQ_ROUTER, "ROUTER"}, {ZMQ_PAIR, "PAIR"}, {ZMQ_PULL, "PULL"}};
    std::vector<Received> got;
    for (const auto& [type, name] : kinds) {
        CAPTURE(name);
        const RawPeer peer(type, ingest->endpoints()[0]);
        const auto counts = counts_until(Refusal::wrong_socket, [&] { return ingest->take_refused(); });
        CHECK(only(counts, Refusal::wrong_socket));
        CHECK(names(ingest->take_refused_peer(), name));
    }
    CHECK_FALSE(receive_count(*ingest, got, 1, 200ms));
    const auto pusher = open_pusher(ingest->endpoints()[0]);
    REQUIRE(pusher->push("a feeder"));
    CHECK(receive_count(*ingest, got, 1));
    std::this_thread::sleep_for(100ms);
    static_cast<void>(ingest->take_refused());  // those who still came before they were ended
    std::this_thread::sleep_for(300ms);
    CHECK(ingest->take_refused() == RefusalCounts{});
}

TEST_CASE("strange peers: at the subscribers' socket a feeder is refused by its name, and a subscriber is not", "[integration]") {
    PublishSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    auto publisher = Publisher::open(settings);
    REQUIRE(publisher);
    {
        const RawPeer feeder(ZMQ_PUSH, (*publisher)->endpoints()[0]);
        std::string who;
        const auto counts = counts_until(Refusal::wrong_socket, [&] {
            auto stats = (*publisher)->stats();
            who = stats.refused_peer.empty() ? who : stats.refused_peer;
            return stats.refused;
        });
        CHECK(only(counts, Refusal::wrong_socket));
        CHECK(names(who, "PUSH"));
    }
    std::this_thread::sleep_for(100ms);
    static_cast<void>((*publisher)->stats());
    const RawPeer subscriber(ZMQ_SUB, (*publisher)->endpoints()[0]);
    const RawPeer xsub(ZMQ_XSUB, (*publisher)->endpoints()[0]);
    std::this_thread::sleep_for(300ms);
    CHECK((*publisher)->stats().refused == RefusalCounts{});
}

TEST_CASE("strange peers: by CURVE a wrong server key, a key that is not allowed and another kind of socket are told apart", "[integration]") {
    Guarded world;
    const auto connect = [&](int type, const Keys& server, const Keys& own) {
        auto peer = std::make_unique<RawPeer>(type, "tcp://127.0.0.1:1");
        zmq_disconnect(peer->raw(), "tcp://127.0.0.1:1");
        zmq_setsockopt(peer->raw(), ZMQ_CURVE_SERVERKEY, server.open.data(), 40);
        zmq_setsockopt(peer->raw(), ZMQ_CURVE_PUBLICKEY, own.open.data(), 40);
        zmq_setsockopt(peer->raw(), ZMQ_CURVE_SECRETKEY, own.secret.data(), 40);
        REQUIRE(zmq_connect(peer->raw(), world.ingest->endpoints()[0].c_str()) == 0);
        return peer;
    };
    {
        const auto peer = connect(ZMQ_PUSH, world.other, world.known);
        CHECK(only(world.until(Refusal::wrong_key), Refusal::wrong_key));
        CHECK(world.ingest->take_refused_peer().ends_with(": it was given another server key than ours"));
    }
    static_cast<void>(world.ingest->take_refused());
    {
        const auto peer = connect(ZMQ_PUSH, world.server, world.stranger);
        CHECK(only(world.until(Refusal::wrong_key), Refusal::wrong_key));
        CHECK(world.ingest->take_refused_peer().ends_with(": its own key is not allowed"));
    }
    static_cast<void>(world.ingest->take_refused());
    {
        const auto peer = connect(ZMQ_PUB, world.server, world.known);
        CHECK(only(world.until(Refusal::wrong_socket), Refusal::wrong_socket));
        CHECK(world.ingest->take_refused_peer().ends_with(": another kind of socket than is wanted"));
    }
    std::this_thread::sleep_for(100ms);
    static_cast<void>(world.ingest->take_refused());
    const auto feeder = connect(ZMQ_PUSH, world.server, world.known);
    REQUIRE(zmq_send(feeder->raw(), "x", 1, 0) == 1);
    std::vector<Received> got;
    CHECK(receive_count(*world.ingest, got, 1));
    CHECK(world.ingest->take_refused() == RefusalCounts{});
}

TEST_CASE("strange peers: those of pyzmq, in processes of their own", "[integration]") {
    if (!has_pyzmq()) {
        WARN("python3-zmq is not installed: skipped");
        return;
    }
    const TempDir folder;
    IngestSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    const auto ingest = open_ingest(settings);
    const auto plain = [&](Refusal reason) { return counts_until(reason, [&] { return ingest->take_refused(); }, 20s); };
    for (const std::string type : {"PUB", "REQ"}) {
        CAPTURE(type);
        const PythonPeer peer(folder, type, ingest->endpoints()[0]);
        CHECK(only(plain(Refusal::wrong_socket), Refusal::wrong_socket));
        CHECK(names(ingest->take_refused_peer(), type));
    }
    Guarded world;
    const auto endpoint = world.ingest->endpoints()[0];
    const auto guarded = [&](Refusal reason) { return counts_until(reason, [&] { return world.ingest->take_refused(); }, 20s); };
    {
        const PythonPeer peer(folder, "PUSH", endpoint, keys_of(world.other, world.known));
        CHECK(only(guarded(Refusal::wrong_key), Refusal::wrong_key));
    }
    static_cast<void>(world.ingest->take_refused());
    {
        const PythonPeer peer(folder, "PUSH", endpoint, keys_of(world.server, world.stranger));
        CHECK(only(guarded(Refusal::wrong_key), Refusal::wrong_key));
    }
    static_cast<void>(world.ingest->take_refused());
    {
        const PythonPeer peer(folder, "PUSH", endpoint);
        CHECK(only(guarded(Refusal::not_zmtp), Refusal::not_zmtp));
    }
    static_cast<void>(world.ingest->take_refused());
    const PythonPeer feeder(folder, "PUSH", endpoint, keys_of(world.server, world.known));
    std::vector<Received> got;
    CHECK(receive_count(*world.ingest, got, 1, 20s));
    CHECK(world.ingest->take_refused() == RefusalCounts{});
}
