// CURVE: keys from files, and a list of who may come in.
#include <sys/stat.h>

#include <array>
#include <fstream>

#include "io/zmq/subscriber.hpp"
#include "zmq_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {

struct KeyPair {
    std::array<char, 41> public_key{};
    std::array<char, 41> secret_key{};
    std::string public_file;
    std::string secret_file;

    KeyPair(const TempDir& folder, const std::string& name)
        : public_file(folder.file(name + ".pub")), secret_file(folder.file(name + ".key")) {
        REQUIRE(zmq_curve_keypair(public_key.data(), secret_key.data()) == 0);
        std::ofstream(public_file) << public_key.data() << "\n";
        std::ofstream(secret_file) << secret_key.data() << "\n";
    }
};

PusherSettings feeder(const std::string& endpoint, const KeyPair& own, const KeyPair& server) {
    PusherSettings settings;
    settings.endpoint = endpoint;
    settings.curve = {own.secret_file, own.public_file, server.public_file, {}};
    return settings;
}

}  // namespace

TEST_CASE("curve: a feeder on the list gets in; one that is not, one without keys and one with the wrong key do not",
          "[integration]") {
    const TempDir folder;
    const KeyPair server(folder, "server");
    const KeyPair known(folder, "known");
    const KeyPair stranger(folder, "stranger");
    IngestSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    settings.curve.secret_key_file = server.secret_file;
    settings.curve.allowed_keys = {stranger.secret_key.data(), known.public_key.data()};
    const auto ingest = open_ingest(settings);
    const std::string endpoint = ingest->endpoints()[0];

    const auto good = Pusher::open(feeder(endpoint, known, server)).value();
    const auto unlisted = Pusher::open(feeder(endpoint, stranger, server)).value();
    const auto misled = Pusher::open(feeder(endpoint, known, stranger)).value();
    const auto plain = open_pusher(endpoint);
    for (const auto* pusher : {&unlisted, &misled, &plain, &good}) {
        REQUIRE((*pusher)->push(pusher == &good ? "good" : "bad"));
    }
    std::vector<Received> got;
    REQUIRE(receive_count(*ingest, got, 1));
    // The others had the same time to come in.
    CHECK_FALSE(receive_count(*ingest, got, 2, 300ms));
    CHECK(got == std::vector<Received>{{"good", ""}});
}

TEST_CASE("curve: an empty list lets in everybody who knows our public key", "[integration]") {
    const TempDir folder;
    const KeyPair server(folder, "server");
    const KeyPair anybody(folder, "anybody");
    IngestSettings settings;
    settings.bind = {"tcp://127.0.0.1:*"};
    settings.curve.secret_key_file = server.secret_file;
    const auto ingest = open_ingest(settings);
    const auto pusher = Pusher::open(feeder(ingest->endpoints()[0], anybody, server)).value();
    REQUIRE(pusher->push("x"));
    std::vector<Received> got;
    CHECK(receive_count(*ingest, got, 1));
}

TEST_CASE("curve: SUB connects to a guarded publisher with the publisher's key", "[integration]") {
    const TempDir folder;
    const KeyPair feeder_keys(folder, "feeder");
    const KeyPair ours(folder, "ours");
    PusherSettings pub;
    pub.endpoint = "tcp://127.0.0.1:*";
    pub.publish = true;
    pub.curve.secret_key_file = feeder_keys.secret_file;
    const auto publisher = Pusher::open(pub).value();
    IngestSettings settings;
    settings.subscribe = {publisher->endpoint()};
    settings.curve = {ours.secret_file, ours.public_file, feeder_keys.public_file, {}};
    const auto ingest = open_ingest(settings);
    std::vector<Received> got;
    CHECK(receive_until(*ingest, got, [&] {
        publisher->push("x");
        return !got.empty();
    }));
}

TEST_CASE("curve: [ingest] report lets in whoever may feed, by the list or as a client, and nobody else", "[integration]") {
    const TempDir folder;
    const KeyPair server(folder, "server");
    const KeyPair listed(folder, "listed");
    const KeyPair client(folder, "client");
    const KeyPair stranger(folder, "stranger");
    IngestSettings ingest;
    ingest.report = {"tcp://127.0.0.1:*"};
    ingest.curve.secret_key_file = server.secret_file;
    ingest.curve.allowed_keys = {listed.public_key.data()};
    ingest.clients = {{"jinan", client.public_key.data(), {"acd-jinan-*"}}};
    const auto report = Publisher::open(report_settings(ingest)).value();
    const auto subscriber = [&](const CurveSettings& keys) {
        SubscriberSettings settings;
        settings.endpoint = report->endpoints()[0];
        settings.topics = {"feed.acd-1"};
        settings.curve = keys;
        settings.notices_peer = true;
        return Subscriber::open(settings).value();
    };
    const auto by_list = subscriber({listed.secret_file, listed.public_file, server.public_file, {}});
    const auto by_client = subscriber({client.secret_file, client.public_file, server.public_file, {}});
    const auto unknown = subscriber({stranger.secret_file, stranger.public_file, server.public_file, {}});
    const auto plain = subscriber({});
    const auto heard = [&](Subscriber& listener) {
        std::size_t count = 0;
        for (int i = 0; i < 250 && count == 0; ++i) {
            report->publish("feed.acd-1", "{}");
            listener.receive(20ms, 100, [&](std::string_view, std::string_view) { ++count; });
        }
        return count > 0;
    };
    CHECK(heard(*by_list));
    CHECK(heard(*by_client));
    CHECK(by_list->met());
    CHECK(by_client->met());
    // The others had the same time to come in.
    const auto nothing = [](std::string_view, std::string_view) { FAIL("a stranger heard it"); };
    unknown->receive(200ms, 100, nothing);
    plain->receive(200ms, 100, nothing);
    CHECK_FALSE(unknown->met());
    CHECK_FALSE(plain->met());
}

TEST_CASE("report: beyond loopback it does not open without authentication, as [publish] does not", "[integration]") {
    IngestSettings ingest;
    ingest.report = {"tcp://0.0.0.0:*"};
    const auto refused = Publisher::open(report_settings(ingest));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.starts_with("[ingest] report: "));
    ingest.closed_network = true;
    CHECK(Publisher::open(report_settings(ingest)));
}

TEST_CASE("curve: with keys it may listen beyond loopback", "[integration]") {
    const TempDir folder;
    const KeyPair server(folder, "server");
    IngestSettings settings;
    settings.bind = {"tcp://0.0.0.0:*"};
    settings.curve.secret_key_file = server.secret_file;
    CHECK(Ingest::open(settings, {}));
}

TEST_CASE("curve: bad keys are errors that name the file and never show a key", "[integration]") {
    const TempDir folder;
    const KeyPair server(folder, "server");
    std::ofstream(folder.file("short")) << "tooshort";
    std::ofstream(folder.file("empty"));
    const auto error = [](const CurveSettings& curve, bool binds) {
        IngestSettings settings;
        (binds ? settings.bind : settings.subscribe) = {"tcp://127.0.0.1:*"};
        settings.curve = curve;
        const auto opened = Ingest::open(settings, {});
        REQUIRE_FALSE(opened);
        return opened.error().message;
    };
    CHECK(error({folder.file("short"), "", "", {}}, true).find("short holds no key") != std::string::npos);
    CHECK(error({folder.file("short"), "", "", {}}, true).find("tooshort") == std::string::npos);
    CHECK(error({folder.file("empty"), "", "", {}}, true).find("cannot read secret_key_file") != std::string::npos);
    CHECK(error({folder.file("none"), "", "", {}}, true).find("cannot read secret_key_file") != std::string::npos);
    CHECK(error({server.secret_file, "", "", {"nonsense"}}, true).find("allowed_keys") != std::string::npos);
    CHECK(error({server.secret_file, server.public_file, "", {}}, false).find("server_key_file is missing") != std::string::npos);
}
