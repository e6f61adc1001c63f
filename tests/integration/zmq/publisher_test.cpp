#include <algorithm>
#include <cstring>
#include <thread>

#include "zmq_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {

class Subscriber {
public:
    Subscriber(const std::string& endpoint, const std::string& topic, int hwm = 1000)
        : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_SUB)) {
        const int linger = 0;
        zmq_setsockopt(socket_, ZMQ_LINGER, &linger, sizeof linger);
        zmq_setsockopt(socket_, ZMQ_RCVHWM, &hwm, sizeof hwm);
        zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, topic.data(), topic.size());
        REQUIRE(zmq_connect(socket_, endpoint.c_str()) == 0);
    }
    ~Subscriber() {
        zmq_close(socket_);
        zmq_ctx_term(context_);
    }
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;

    /// The frames of the next message; empty when none comes in time.
    std::vector<std::string> next(int timeout_ms) {
        std::vector<std::string> frames;
        zmq_pollitem_t item{socket_, 0, ZMQ_POLLIN, 0};
        if (zmq_poll(&item, 1, timeout_ms) <= 0) {
            return frames;
        }
        int more = 1;
        std::size_t size = sizeof more;
        while (more != 0) {
            zmq_msg_t frame;
            zmq_msg_init(&frame);
            zmq_msg_recv(&frame, socket_, 0);
            frames.emplace_back(static_cast<const char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
            zmq_msg_close(&frame);
            zmq_getsockopt(socket_, ZMQ_RCVMORE, &more, &size);
        }
        return frames;
    }

private:
    void* context_;
    void* socket_;
};

std::unique_ptr<Publisher> open_publisher(const std::vector<std::string>& bind, int hwm = 10000) {
    PublishSettings settings;
    settings.bind = bind;
    settings.hwm = hwm;
    auto publisher = Publisher::open(settings);
    REQUIRE(publisher);
    return std::move(*publisher);
}

/// Publishes on `topic` until the subscriber has heard it: its subscription stands.
void settle(Publisher& publisher, Subscriber& subscriber, const std::string& topic) {
    for (int i = 0; i < 500; ++i) {
        publisher.publish(topic, "settle");
        if (!subscriber.next(20).empty()) {
            while (!subscriber.next(50).empty()) {
            }
            return;
        }
    }
    FAIL("the subscription never stood");
}

}  // namespace

TEST_CASE("publisher: two frames, topic and JSON, to those who asked for the topic, on every endpoint", "[integration]") {
    const TempDir folder;
    const auto publisher = open_publisher({"tcp://127.0.0.1:0", "ipc://" + folder.file("pub.sock")});
    REQUIRE(publisher->endpoints().size() == 2);
    Subscriber incidents(publisher->endpoints()[0], "incident.");
    Subscriber everything(publisher->endpoints()[1], "");
    settle(*publisher, incidents, "incident.settle");
    settle(*publisher, everything, "x");
    while (!incidents.next(50).empty()) {
    }

    CHECK(publisher->publish("alert.oldest-wait.jinan.general", R"({"seq":1})"));
    CHECK(publisher->publish("incident.0-17", R"({"seq":2})"));
    CHECK(incidents.next(5000) == std::vector<std::string>{"incident.0-17", R"({"seq":2})"});
    CHECK(everything.next(5000) == std::vector<std::string>{"alert.oldest-wait.jinan.general", R"({"seq":1})"});
    CHECK(everything.next(5000) == std::vector<std::string>{"incident.0-17", R"({"seq":2})"});
    CHECK(incidents.next(50).empty());
}

TEST_CASE("publisher: a subscriber that reads nothing holds nobody up and grows nothing", "[integration]") {
    const auto publisher = open_publisher({"tcp://127.0.0.1:*"}, 100);
    Subscriber sleeper(publisher->endpoints()[0], "", 10);
    settle(*publisher, sleeper, "x");
    const std::string json(1000, 'j');
    // Flat out: what finds the queue full is dropped, counted, and nobody has waited for it.
    std::uint64_t refused = 0;
    auto longest = Clock::duration::zero();
    const auto flood = [&](int count) {
        for (int i = 0; i < count; ++i) {
            const auto begin = Clock::now();
            refused += publisher->publish("incident.0-1", json) ? 0U : 1U;
            longest = std::max(longest, Clock::now() - begin);
        }
    };
    flood(50000);
    const std::size_t before = resident_bytes();
    flood(100000);
    CHECK(longest < 200ms);
    CHECK((!resident_is_real || resident_bytes() < before + Publisher::queue_bytes_max + (16U << 20U)));
    const auto stats = publisher->stats();
    CHECK(stats.dropped == refused);
    for (int i = 0; i < 500 && publisher->published() + refused < 150000; ++i) {
        std::this_thread::sleep_for(20ms);
    }
    CHECK(publisher->published() + refused >= 150000);
}

TEST_CASE("publisher: without an endpoint it takes everything and sends it nowhere", "[integration]") {
    const auto publisher = open_publisher({});
    CHECK(publisher->publish("incident.0-1", "{}"));
    CHECK(publisher->endpoints().empty());
}

TEST_CASE("publisher: a busy port is an error that names it", "[integration]") {
    const auto publisher = open_publisher({"tcp://127.0.0.1:*"});
    PublishSettings settings;
    settings.bind = publisher->endpoints();
    const auto second = Publisher::open(settings);
    REQUIRE_FALSE(second);
    CHECK(second.error().message.find(publisher->endpoints()[0]) != std::string::npos);
}
