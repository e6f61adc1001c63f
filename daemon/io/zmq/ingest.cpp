#include "io/zmq/ingest.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "core/base/text.hpp"
#include "io/zmq/curve.hpp"
#include "io/zmq/endpoint.hpp"
#include "io/zmq/gate.hpp"
#include "io/zmq/socket.hpp"

namespace surged {

namespace {

/// Messages taken from one socket before the next one has its turn.
constexpr std::size_t turn_max = 64;
constexpr std::size_t extra_max = 64;
/// A publisher that vanishes silently (a pulled cable) is noticed after this long and connected to anew.
constexpr int heartbeat_every_ms = 5000;
constexpr int heartbeat_timeout_ms = 15000;
/// A connection that is not ready by then is closed, by the gate; libzmq waits longer, so that it is counted.
constexpr int handshake_max_ms = 5000;

/// q.<centre>.<queue>; names may hold dots themselves, so only the form is looked at. The payload says which queues it is about.
bool topic_ok(std::string_view topic, std::size_t name_bytes) {
    constexpr std::string_view prefix = "q.";
    if (!topic.starts_with(prefix) || topic.size() > prefix.size() + 2 * name_bytes + 1) {
        return false;
    }
    const std::string_view names = topic.substr(prefix.size());
    const std::size_t dot = names.find('.', 1);
    if (names.starts_with('.') || dot == std::string_view::npos || dot + 1 == names.size()) {
        return false;
    }
    const auto control = [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; };
    return std::none_of(names.begin(), names.end(), control) && utf8_valid(names);
}

long timeout_ms(Span timeout) {
    return timeout.count() < 0 ? -1 : static_cast<long>(std::min<Span::rep>(timeout.count(), std::numeric_limits<int>::max()));
}

}  // namespace

struct Ingest::Parts {
    explicit Parts(ZmqContext&& made) : context(std::move(made)) {}

    ZmqContext context;  // first: it goes last
    std::unique_ptr<Gate> gate;
    std::unique_ptr<Doorkeeper> doorkeeper;
    std::vector<ZmqSocket> sockets;
    std::vector<IngestClient> clients;
    std::vector<zmq_pollitem_t> items;  // sockets, then extra descriptors
    std::size_t turn = 0;               // whose turn is next
    std::size_t name_bytes = 0;
    RefusalCounts refused{};
    std::string refused_peer;
    std::string_view user;        // of the message in hand
    std::size_t taken_bytes = 0;  // of frames that came through the gate, not yet told to it
    Stats stats;
    ZmqFrame first;
    ZmqFrame second;

    /// `binds`: PULL behind the gate, else SUB.
    Result<void> add(bool binds, const std::string& endpoint, const IngestSettings& settings, const IngestLimits& limits);
    void collect_refused();
    /// One message off one socket. false: it is empty.
    bool receive_one(const ZmqSocket& socket, bool gated, const Callback& on_payload);
    void refuse(Refusal reason) { ++refused[static_cast<std::size_t>(reason)]; }
};

Result<void> Ingest::Parts::add(bool binds, const std::string& endpoint, const IngestSettings& settings,
                                const IngestLimits& limits) {
    auto made = ZmqSocket::create(context, binds ? ZMQ_PULL : ZMQ_SUB);
    if (!made) {
        return tl::unexpected(made.error());
    }
    ZmqSocket& socket = *made;
    Result<void> ok = socket.set(ZMQ_RCVHWM, settings.hwm);
    ok = ok ? socket.set(ZMQ_MAXMSGSIZE, static_cast<std::int64_t>(2 * limits.message_bytes)) : ok;
    ok = ok ? socket.set(ZMQ_HANDSHAKE_IVL, 2 * handshake_max_ms) : ok;
    if (binds) {
        ok = ok ? ask_doorkeeper(socket) : ok;
        ok = ok ? guard_inner(socket) : ok;
        ok = ok ? guard_as_server(socket, settings.curve) : ok;
        ok = ok ? socket.bind(endpoint) : ok;
    } else {
        // A publisher with CURVE proves itself by its key. One without must at least speak ZMTP 3.
        ok = ok && settings.curve.secret_key_file.empty() ? ask_doorkeeper(socket) : ok;
        ok = ok ? socket.set(ZMQ_HEARTBEAT_IVL, heartbeat_every_ms) : ok;
        ok = ok ? socket.set(ZMQ_HEARTBEAT_TIMEOUT, heartbeat_timeout_ms) : ok;
        ok = ok ? guard_as_client(socket, settings.curve) : ok;
        ok = ok ? socket.set(ZMQ_SUBSCRIBE, std::string_view{}) : ok;  // everything: payloads may come without a topic
        ok = ok ? socket.connect(endpoint) : ok;
    }
    if (!ok) {
        return ok;
    }
    sockets.push_back(std::move(socket));
    return {};
}

namespace {
GateSettings gate_for(const IngestSettings& settings, const IngestLimits& limits) {
    GateSettings gate;
    gate.listen = settings.bind;
    gate.authenticated = !settings.curve.secret_key_file.empty() || settings.closed_network;
    gate.bounds.curve = !settings.curve.secret_key_file.empty();
    gate.bounds.peers = {"PUSH"};
    gate.bounds.frame_bytes = 2 * limits.message_bytes;
    gate.bounds.message_bytes = gate.bounds.frame_bytes + 4 * limits.name_bytes;  // and a topic
    gate.connections = settings.connections;
    gate.memory = std::max(settings.memory, 2 * gate.bounds.message_bytes);
    gate.handshake = Span{handshake_max_ms};
    return gate;
}
}  // namespace

Result<std::unique_ptr<Ingest>> Ingest::open(const IngestSettings& settings, const IngestLimits& limits) {
    auto context = ZmqContext::create();
    if (!context) {
        return tl::unexpected(context.error());
    }
    auto parts = std::make_unique<Parts>(std::move(*context));
    parts->name_bytes = limits.name_bytes;
    parts->clients = settings.clients;
    const bool curve = !settings.curve.secret_key_file.empty();
    auto doorkeeper = Doorkeeper::create(parts->context, {curve, settings.curve.allowed_keys, settings.clients});
    if (!doorkeeper) {
        return tl::unexpected(doorkeeper.error());
    }
    parts->doorkeeper = std::move(*doorkeeper);
    auto gate = Gate::open(gate_for(settings, limits));
    if (!gate) {
        return fail("ingest: " + gate.error().message);
    }
    parts->gate = std::move(*gate);
    for (std::size_t i = 0; i < settings.bind.size(); ++i) {
        if (auto added = parts->add(true, parts->gate->inner(i), settings, limits); !added) {
            return fail("ingest: " + settings.bind[i] + ": " + added.error().message);
        }
    }
    for (const std::string& endpoint : settings.subscribe) {
        if (auto added = parts->add(false, endpoint, settings, limits); !added) {
            return fail("ingest: " + added.error().message);
        }
    }
    parts->gate->start();
    for (const ZmqSocket& socket : parts->sockets) {
        parts->items.push_back({socket.raw(), 0, ZMQ_POLLIN, 0});
    }
    parts->items.reserve(parts->items.size() + extra_max);
    return std::unique_ptr<Ingest>(new Ingest(std::move(parts)));
}

Ingest::Ingest(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Ingest::~Ingest() = default;

Ingest::Ready Ingest::wait(Span timeout, std::span<const int> extra) {
    std::vector<zmq_pollitem_t>& items = parts_->items;
    const std::size_t own = items.size();
    const std::size_t count = std::min(extra.size(), extra_max);
    for (std::size_t i = 0; i < count; ++i) {
        items.push_back({nullptr, extra[i], ZMQ_POLLIN | ZMQ_POLLERR, 0});
    }
    const int found = zmq_poll(items.data(), static_cast<int>(items.size()), timeout_ms(timeout));
    Ready ready;
    for (std::size_t i = 0; found > 0 && i < items.size(); ++i) {
        if (items[i].revents == 0) {
            continue;
        }
        if (i >= own) {
            ready.descriptors |= std::uint64_t{1} << (i - own);
        } else {
            ready.messages = true;
        }
    }
    items.resize(own);
    if (!ready.messages) {
        parts_->gate->drained();
    }
    return ready;
}

std::size_t Ingest::receive(std::size_t max_messages, const Callback& on_payload) {
    std::vector<ZmqSocket>& sockets = parts_->sockets;
    std::size_t taken = 0;
    std::size_t empty_in_a_row = 0;
    while (taken < max_messages && empty_in_a_row < sockets.size()) {
        const ZmqSocket& socket = sockets[parts_->turn];
        const bool gated = parts_->turn < parts_->gate->endpoints().size();
        parts_->turn = (parts_->turn + 1) % sockets.size();
        const std::size_t turn_end = std::min(max_messages, taken + turn_max);
        bool left = true;
        while (taken < turn_end && left) {
            left = parts_->receive_one(socket, gated, on_payload);
            taken += left ? 1U : 0U;
        }
        empty_in_a_row = left ? 0 : empty_in_a_row + 1;
    }
    parts_->gate->taken(std::exchange(parts_->taken_bytes, 0));
    if (empty_in_a_row == sockets.size()) {
        parts_->gate->drained();
    }
    return taken;
}

bool Ingest::Parts::receive_one(const ZmqSocket& socket, bool gated, const Callback& on_payload) {
    if (!first.receive(socket)) {
        return false;
    }
    std::string_view topic;
    std::string_view payload = first.bytes();
    std::size_t size = payload.size();
    bool ok = true;
    if (first.more()) {
        // The frames of one message arrive together: the rest is there.
        ok = second.receive(socket);
        topic = first.bytes();
        payload = second.bytes();
        size += payload.size();
        while (ok && second.more()) {
            payload = {};
            if (!second.receive(socket)) {
                break;
            }
            size += second.bytes().size();
            topic = {};  // more than two frames
        }
        ok = ok && topic_ok(topic, name_bytes);
    }
    taken_bytes += gated ? size : 0;
    if (!ok) {
        refuse(Refusal::topic_mismatch);
        return true;
    }
    user = clients.empty() ? std::string_view() : first.user();
    ++stats.messages;
    stats.bytes += payload.size();
    on_payload(payload, topic);
    return true;
}

bool Ingest::may_speak_for(std::string_view source) const {
    const auto& clients = parts_->clients;
    bool claimed = false;
    for (std::size_t i = 0; i < clients.size(); ++i) {
        const bool fits = std::any_of(clients[i].sources.begin(), clients[i].sources.end(),
                                      [&](const std::string& glob) { return glob_match(glob, source); });
        if (fits && parts_->user == std::to_string(i)) {
            return true;
        }
        claimed = claimed || fits;
    }
    // A client may send for its own names only.
    return !claimed && parts_->user.empty();
}

void Ingest::Parts::collect_refused() {
    auto [counts, example] = gate->take_refused();
    for (std::size_t i = 0; i < refusal_count; ++i) {
        refused[i] += counts[i];
    }
    if (!example.empty()) {
        refused_peer = std::move(example);
    }
}

RefusalCounts Ingest::take_refused() {
    parts_->collect_refused();
    return std::exchange(parts_->refused, RefusalCounts{});
}
std::string Ingest::take_refused_peer() {
    parts_->collect_refused();
    return std::exchange(parts_->refused_peer, {});
}
std::size_t Ingest::connections() const {
    return parts_->gate->connections();
}
const Ingest::Stats& Ingest::stats() const {
    return parts_->stats;
}
const std::vector<std::string>& Ingest::endpoints() const {
    return parts_->gate->endpoints();
}

}  // namespace surged
