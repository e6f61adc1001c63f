#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "zmq_kit.hpp"

using namespace surged;
using namespace surged::test;

TEST_CASE("ingest: PULL and SUB over tcp and ipc, all at once, lose nothing that is paced", "[integration]") {
    const TempDir folder;
    const auto pub_tcp = open_pusher("tcp://127.0.0.1:*", true);
    const auto pub_ipc = open_pusher("ipc://" + folder.file("pub.sock"), true);
    IngestSettings settings;
    settings.bind = {"tcp://127.0.0.1:0", "ipc://" + folder.file("pull.sock"), "tcp://127.0.0.1:*"};
    settings.subscribe = {pub_tcp->endpoint(), pub_ipc->endpoint()};
    const auto ingest = open_ingest(settings);
    REQUIRE(ingest->endpoints().size() == 3);
    CHECK(ingest->endpoints()[0].starts_with("tcp://127.0.0.1:"));
    CHECK_FALSE(ingest->endpoints()[0].ends_with(":0"));
    CHECK(ingest->endpoints()[1] == settings.bind[1]);

    // A subscription takes a moment; until it stands, a publisher sends to nobody.
    std::vector<Received> got;
    const auto seen = [&got](const std::string& payload) {
        return std::count(got.begin(), got.end(), Received{payload, ""}) > 0;
    };
    REQUIRE(receive_until(*ingest, got, [&] {
        pub_tcp->push("hello tcp");
        pub_ipc->push("hello ipc");
        return seen("hello tcp") && seen("hello ipc");
    }));

    const auto push_tcp = open_pusher(ingest->endpoints()[0]);
    const auto push_ipc = open_pusher(ingest->endpoints()[1]);
    const auto push_other = open_pusher(ingest->endpoints()[2]);
    const std::vector<Pusher*> feeders{push_tcp.get(), push_ipc.get(), push_other.get(), pub_tcp.get(), pub_ipc.get()};
    constexpr std::size_t rounds = 200;
    std::vector<Received> wanted;
    for (std::size_t i = 0; i < rounds; ++i) {
        for (std::size_t f = 0; f < feeders.size(); ++f) {
            const Received message{std::to_string(f) + "/" + std::to_string(i), i % 2 == 0 ? "q.jinan.general" : ""};
            REQUIRE(feeders[f]->push(message.payload, message.topic));
            wanted.push_back(message);
        }
    }
    const auto numbered = [&] {
        return static_cast<std::size_t>(
            std::count_if(got.begin(), got.end(), [](const Received& r) { return r.payload.find('/') == 1; }));
    };
    REQUIRE(receive_until(*ingest, got, [&] { return numbered() >= wanted.size(); }));
    std::erase_if(got, [](const Received& r) { return r.payload.starts_with("hello"); });
    const auto order = [](const Received& a, const Received& b) { return a.payload < b.payload; };
    std::sort(got.begin(), got.end(), order);
    std::sort(wanted.begin(), wanted.end(), order);
    CHECK(got == wanted);
    CHECK(ingest->take_refused() == RefusalCounts{});
    CHECK(ingest->stats().messages >= wanted.size());
}

TEST_CASE("ingest: one frame or a topic and a payload; all else is counted as topic_mismatch", "[integration]") {
    IngestSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    const auto ingest = open_ingest(settings);
    RawPeer peer(ZMQ_PUSH, ingest->endpoints()[0]);
    const std::string name(64, 'n');
    peer.send({"q.jinan.general", "a"});
    peer.send({"q.济南.普席", "b"});
    peer.send({"q.c.d.e", "c"});
    peer.send({"q." + name + "." + name, "d"});
    for (const std::string bad :
         {"", "q", "q.", "q.jinan", "q..general", "q.jinan.", "x.jinan.general", "incident.0-17", "q.a\n.b", "q.\xFF.b"}) {
        peer.send({bad, "refused"});
    }
    peer.send({"q." + name + "n." + name, "refused"});
    peer.send({"q.jinan.general", "refused", "third"});
    peer.send({"q.jinan.general", "refused", "third", "fourth", "fifth"});
    peer.send({""});
    peer.send({"last"});

    std::vector<Received> got;
    REQUIRE(receive_count(*ingest, got, 6));
    CHECK(got == std::vector<Received>{{"a", "q.jinan.general"},
                                       {"b", "q.济南.普席"},
                                       {"c", "q.c.d.e"},
                                       {"d", "q." + name + "." + name},
                                       {"", ""},
                                       {"last", ""}});
    const RefusalCounts refused = ingest->take_refused();
    CHECK(refused[static_cast<std::size_t>(Refusal::topic_mismatch)] == 13);
    CHECK(ingest->take_refused() == RefusalCounts{});
}

TEST_CASE("ingest: a socket that never runs dry does not starve the others", "[integration]") {
    const TempDir folder;
    IngestSettings settings;
    settings.bind = {"ipc://" + folder.file("loud"), "ipc://" + folder.file("quiet")};
    settings.hwm = 5000;
    const auto ingest = open_ingest(settings);
    const auto loud = open_pusher(ingest->endpoints()[0], false, 5000);
    const auto quiet = open_pusher(ingest->endpoints()[1]);
    for (int i = 0; i < 5000; ++i) {
        REQUIRE(loud->push("loud"));
    }
    REQUIRE(quiet->push("quiet"));
    std::this_thread::sleep_for(300ms);  // everything is there before the first is taken
    bool found = false;
    CHECK(ingest->receive(200, [&found](std::string_view payload, std::string_view) { found = found || payload == "quiet"; }) ==
          200);
    CHECK(found);
}

TEST_CASE("ingest: wait tells sockets from extra descriptors and keeps its timeout", "[integration]") {
    IngestSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    const auto ingest = open_ingest(settings);
    const int quiet = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    const int ringing = ::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    const std::vector<int> extra{quiet, ringing};
    const auto ready = ingest->wait(10s, extra);
    CHECK_FALSE(ready.messages);
    CHECK(ready.descriptors == 0b10);

    const auto begin = Clock::now();
    CHECK(ingest->wait(50ms, std::vector<int>{quiet}).descriptors == 0);
    CHECK(Clock::now() - begin >= 45ms);
    CHECK_FALSE(ingest->wait(0ms).messages);

    const auto pusher = open_pusher(ingest->endpoints()[0]);
    REQUIRE(pusher->push("x"));
    CHECK(ingest->wait(10s, std::vector<int>{quiet}).messages);
    CHECK(ingest->receive(0, [](auto, auto) { FAIL("nothing was asked for"); }) == 0);
    CHECK(ingest->receive(10, [](auto, auto) {}) == 1);
    CHECK(ingest->receive(10, [](auto, auto) {}) == 0);
    ::close(quiet);
    ::close(ringing);
}

TEST_CASE("ingest: without any socket it only waits", "[integration]") {
    const auto ingest = open_ingest({});
    CHECK_FALSE(ingest->wait(1ms).messages);
    CHECK(ingest->receive(10, [](auto, auto) {}) == 0);
}

TEST_CASE("ingest: a stale ipc socket is replaced, is of mode 0660, and is gone at the end", "[integration]") {
    const TempDir folder;
    const std::string path = folder.file("stale.sock");
    {
        // A socket file that nobody listens on: what a killed daemon leaves behind.
        RawPeer dead(ZMQ_PULL, "ipc://" + path, true);
        ::rename(path.c_str(), (path + ".kept").c_str());
    }
    ::rename((path + ".kept").c_str(), path.c_str());
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    {
        IngestSettings settings;
        settings.bind = {"ipc://" + path};
        const auto ingest = open_ingest(settings);
        REQUIRE(::stat(path.c_str(), &info) == 0);
        CHECK((info.st_mode & 0777U) == 0660);
        const auto pusher = open_pusher("ipc://" + path);
        std::vector<Received> got;
        REQUIRE(pusher->push("x"));
        CHECK(receive_count(*ingest, got, 1));
    }
    CHECK(::lstat(path.c_str(), &info) != 0);
}

TEST_CASE("ingest: what cannot be bound is an error that names the endpoint, and harms nothing", "[integration]") {
    const TempDir folder;
    const auto error = [](const std::string& endpoint) {
        IngestSettings settings;
        settings.bind = {endpoint};
        auto opened = Ingest::open(settings, {});
        REQUIRE_FALSE(opened);
        INFO(opened.error().message);
        CHECK(opened.error().message.find(endpoint) != std::string::npos);
        return opened.error().message;
    };
    std::ofstream(folder.file("precious")) << "do not touch";
    CHECK(error("ipc://" + folder.file("precious")).find("is no socket") != std::string::npos);
    CHECK(std::filesystem::file_size(folder.file("precious")) == 12);

    IngestSettings settings;
    settings.bind = {"ipc://" + folder.file("taken"), "tcp://127.0.0.1:*"};
    const auto ingest = open_ingest(settings);
    CHECK(error("ipc://" + folder.file("taken")).find("another process listens") != std::string::npos);
    CHECK(error(ingest->endpoints()[1]).find("in use") != std::string::npos);
    error("ipc://" + folder.file("no/such/folder"));
    error("tcp://127.0.0.1:notaport");
    error("carrier-pigeon://x");
    // The first owner still has its socket.
    const auto pusher = open_pusher(ingest->endpoints()[0]);
    std::vector<Received> got;
    REQUIRE(pusher->push("x"));
    CHECK(receive_count(*ingest, got, 1));
}

TEST_CASE("ingest: it does not listen beyond loopback without CURVE", "[integration]") {
    for (const char* endpoint : {"tcp://*:*", "tcp://0.0.0.0:*", "tcp://[::]:*", "tcp://192.0.2.1:5556", "tcp://eth0:*",
                                 "tcp://127.evil.example:5556"}) {
        IngestSettings settings;
        settings.bind = {endpoint};
        const auto opened = Ingest::open(settings, {});
        INFO(endpoint);
        REQUIRE_FALSE(opened);
        CHECK(opened.error().message.find("beyond loopback needs CURVE") != std::string::npos);
        PublishSettings publish;
        publish.bind = {endpoint};
        CHECK_FALSE(Publisher::open(publish));
    }
}
