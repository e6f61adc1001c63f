#include "io/zmq/publisher.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "io/zmq/curve.hpp"
#include "io/zmq/endpoint.hpp"
#include "io/zmq/gate.hpp"
#include "io/zmq/socket.hpp"
#include "os/file.hpp"

namespace surged {

namespace {
/// Topics that one subscriber may ask for, in bytes; a subscription has at most as much as a command of the handshake.
constexpr std::size_t subscriptions_bytes_max = std::size_t{64} << 10U;
constexpr int publisher_handshake_ms = 5000;

GateSettings gate_for_subscribers(const PublishSettings& settings) {
    GateSettings gate;
    gate.listen = settings.bind;
    gate.bounds.curve = !settings.curve.secret_key_file.empty();
    gate.bounds.peers = {"SUB", "XSUB"};
    gate.authenticated = gate.bounds.curve || settings.closed_network;
    gate.bounds.frame_bytes = gate.bounds.message_bytes = ZmtpWalker::command_bytes_max;
    // With CURVE a heartbeat cannot be told from a subscription; every peer was authenticated by its key.
    gate.bounds.talk_bytes = gate.bounds.curve ? 0 : subscriptions_bytes_max;
    gate.connections = settings.connections;
    gate.handshake = Span{publisher_handshake_ms};
    return gate;
}
}  // namespace

struct Publisher::Parts {
    struct Item {
        std::string topic;
        std::string json;
    };

    Parts(ZmqContext&& made_context, std::unique_ptr<Doorkeeper> made_doorkeeper, ZmqSocket&& made_socket)
        : context(std::move(made_context)), doorkeeper(std::move(made_doorkeeper)), socket(std::move(made_socket)) {}
    ~Parts() {
        if (thread.joinable()) {
            stopping = true;
            poke();
            thread.join();
        }
    }
    void poke() const {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(wake.get(), &one, sizeof one);
    }
    void run();
    void send(const std::vector<Item>& items);

    ZmqContext context;  // first: it goes last
    std::unique_ptr<Doorkeeper> doorkeeper;
    ZmqSocket socket;
    std::unique_ptr<Gate> gate;
    Fd wake;
    std::mutex mutex;  // held for a move only
    std::vector<Item> queue;
    std::size_t queued_bytes = 0;
    std::atomic<bool> stopping{false};
    std::atomic<std::uint64_t> published{0};
    std::uint64_t dropped = 0;
    std::thread thread;
};

Result<std::unique_ptr<Publisher>> Publisher::open(const PublishSettings& settings) {
    auto context = ZmqContext::create();
    if (!context) {
        return tl::unexpected(context.error());
    }
    const bool curve = !settings.curve.secret_key_file.empty();
    auto doorkeeper = Doorkeeper::create(*context, {curve, settings.curve.allowed_keys, {}});
    if (!doorkeeper) {
        return fail(settings.section + ": " + doorkeeper.error().message);
    }
    auto socket = ZmqSocket::create(*context, ZMQ_PUB);
    if (!socket) {
        return tl::unexpected(socket.error());
    }
    Result<void> ok = socket->set(ZMQ_SNDHWM, settings.hwm);
    ok = ok ? socket->set(ZMQ_MAXMSGSIZE, static_cast<std::int64_t>(ZmtpWalker::command_bytes_max)) : ok;
    ok = ok ? socket->set(ZMQ_HANDSHAKE_IVL, 2 * publisher_handshake_ms) : ok;
    ok = ok ? ask_doorkeeper(*socket) : ok;
    ok = ok ? guard_inner(*socket) : ok;
    ok = ok ? guard_as_server(*socket, settings.curve) : ok;
    if (!ok) {
        return fail(settings.section + ": " + ok.error().message);
    }
    auto gate = Gate::open(gate_for_subscribers(settings));
    if (!gate) {
        return fail(settings.section + ": " + gate.error().message);
    }
    auto parts = std::make_unique<Parts>(std::move(*context), std::move(*doorkeeper), std::move(*socket));
    parts->gate = std::move(*gate);
    for (std::size_t i = 0; i < settings.bind.size(); ++i) {
        if (auto bound = parts->socket.bind(parts->gate->inner(i)); !bound) {
            return fail(settings.section + ": " + settings.bind[i] + ": " + bound.error().message);
        }
    }
    if (!settings.bind.empty()) {
        parts->wake.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!parts->wake) {
            return fail(settings.section + ": no descriptor is left");
        }
        parts->gate->start();
        parts->thread = std::thread([raw = parts.get()] { raw->run(); });
    }
    return std::unique_ptr<Publisher>(new Publisher(std::move(parts)));
}

Publisher::Publisher(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Publisher::~Publisher() = default;

/// libzmq works on its connections and subscriptions when the socket is asked for something, so it is asked whenever it has
/// something to say, not only when there is something to publish.
void Publisher::Parts::run() {
    int speaks = -1;
    std::size_t size = sizeof speaks;
    zmq_getsockopt(socket.raw(), ZMQ_FD, &speaks, &size);
    std::array<zmq_pollitem_t, 2> items{{{nullptr, wake.get(), ZMQ_POLLIN, 0}, {nullptr, speaks, ZMQ_POLLIN, 0}}};
    constexpr long most_ms = 1000;
    std::vector<Item> taken;
    while (true) {
        int events = 0;
        size = sizeof events;
        zmq_getsockopt(socket.raw(), ZMQ_EVENTS, &events, &size);
        const bool stop = stopping;
        {
            const std::lock_guard lock(mutex);
            taken.swap(queue);
            queued_bytes = 0;
        }
        send(taken);
        const bool busy = !taken.empty();
        taken.clear();
        if (stop) {
            return;
        }
        zmq_poll(items.data(), static_cast<int>(items.size()), busy ? 0 : most_ms);
        if (items[0].revents != 0) {
            std::uint64_t count = 0;
            [[maybe_unused]] const auto got = ::read(wake.get(), &count, sizeof count);
        }
    }
}

void Publisher::Parts::send(const std::vector<Item>& items) {
    void* raw = socket.raw();
    for (const Item& item : items) {
        if (zmq_send(raw, item.topic.data(), item.topic.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0 &&
            zmq_send(raw, item.json.data(), item.json.size(), ZMQ_DONTWAIT) >= 0) {
            published.fetch_add(1, std::memory_order_relaxed);
        }
    }
}

bool Publisher::publish(std::string_view topic, std::string_view json) {
    if (!parts_->wake) {
        return true;
    }
    Parts::Item item{std::string(topic), std::string(json)};
    const std::size_t bytes = topic.size() + json.size();
    bool first = false;
    {
        const std::lock_guard lock(parts_->mutex);
        if (parts_->queue.size() >= queue_max || parts_->queued_bytes + bytes > queue_bytes_max) {
            ++parts_->dropped;
            return false;
        }
        first = parts_->queue.empty();
        parts_->queue.push_back(std::move(item));
        parts_->queued_bytes += bytes;
    }
    if (first) {
        parts_->poke();
    }
    return true;
}

std::uint64_t Publisher::published() const {
    return parts_->published.load(std::memory_order_relaxed);
}

Publisher::Stats Publisher::stats() {
    Stats out;
    auto refused = parts_->gate->take_refused();
    out.refused = refused.counts;
    out.refused_peer = std::move(refused.example);
    out.connections = parts_->gate->connections();
    out.published = published();
    const std::lock_guard lock(parts_->mutex);
    out.dropped = parts_->dropped;
    return out;
}

const std::vector<std::string>& Publisher::endpoints() const {
    return parts_->gate->endpoints();
}

}  // namespace surged
