#include "io/zmq/ingest.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "core/base/text.hpp"
#include "io/zmq/curve.hpp"
#include "io/zmq/endpoint.hpp"
#include "io/zmq/socket.hpp"

namespace surged {

namespace {

/// Messages taken from one socket before the next one has its turn.
constexpr std::size_t turn_max = 64;
constexpr std::size_t extra_max = 64;
/// A publisher that is gone without a word (a pulled cable) is noticed after this long and connected to anew.
constexpr int heartbeat_every_ms = 5000;
constexpr int heartbeat_timeout_ms = 15000;

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
    ~Parts() {
        for (const std::string& endpoint : endpoints) {
            remove_ipc_file(endpoint);
        }
    }

    ZmqContext context;  // first: it goes last
    std::optional<Doorkeeper> doorkeeper;
    std::vector<ZmqSocket> sockets;
    std::vector<std::string> endpoints;
    std::vector<zmq_pollitem_t> items;  // sockets, then the doorkeeper, then extra descriptors
    std::size_t turn = 0;               // whose turn is next
    std::size_t name_bytes = 0;
    RefusalCounts refused{};
    Stats stats;
    ZmqFrame first;
    ZmqFrame second;

    Result<void> add(int type, const std::string& endpoint, const IngestSettings& settings, const IngestLimits& limits);
    /// One message off one socket. false: it is empty.
    bool receive_one(const ZmqSocket& socket, const Callback& on_payload);
    void refuse(Refusal reason) { ++refused[static_cast<std::size_t>(reason)]; }
};

Result<void> Ingest::Parts::add(int type, const std::string& endpoint, const IngestSettings& settings,
                                const IngestLimits& limits) {
    auto made = ZmqSocket::create(context, type);
    if (!made) {
        return tl::unexpected(made.error());
    }
    ZmqSocket& socket = *made;
    const bool binds = type == ZMQ_PULL;
    Result<void> ok = socket.set(ZMQ_RCVHWM, settings.hwm);
    ok = ok ? socket.set(ZMQ_MAXMSGSIZE, static_cast<std::int64_t>(2 * limits.message_bytes)) : ok;
    if (binds) {
        ok = ok ? guard_as_server(socket, settings.curve) : ok;
        if (ok) {
            auto bound = bind_guarded(socket, endpoint, !settings.curve.secret_key_file.empty());
            if (!bound) {
                return tl::unexpected(bound.error());
            }
            endpoints.push_back(std::move(*bound));
        }
    } else {
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

Result<std::unique_ptr<Ingest>> Ingest::open(const IngestSettings& settings, const IngestLimits& limits) {
    auto context = ZmqContext::create();
    if (!context) {
        return tl::unexpected(context.error());
    }
    auto parts = std::make_unique<Parts>(std::move(*context));
    parts->name_bytes = limits.name_bytes;
    if (!settings.curve.allowed_keys.empty()) {
        auto doorkeeper = Doorkeeper::create(parts->context, settings.curve.allowed_keys);
        if (!doorkeeper) {
            return tl::unexpected(doorkeeper.error());
        }
        parts->doorkeeper.emplace(std::move(*doorkeeper));
    }
    for (const std::string& endpoint : settings.bind) {
        if (auto added = parts->add(ZMQ_PULL, endpoint, settings, limits); !added) {
            return fail("ingest: " + added.error().message);
        }
    }
    for (const std::string& endpoint : settings.subscribe) {
        if (auto added = parts->add(ZMQ_SUB, endpoint, settings, limits); !added) {
            return fail("ingest: " + added.error().message);
        }
    }
    for (const ZmqSocket& socket : parts->sockets) {
        parts->items.push_back({socket.raw(), 0, ZMQ_POLLIN, 0});
    }
    if (parts->doorkeeper) {
        parts->items.push_back({parts->doorkeeper->socket().raw(), 0, ZMQ_POLLIN, 0});
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
        } else if (i < parts_->sockets.size()) {
            ready.messages = true;
        } else {
            parts_->doorkeeper->answer();
        }
    }
    items.resize(own);
    return ready;
}

std::size_t Ingest::receive(std::size_t max_messages, const Callback& on_payload) {
    std::vector<ZmqSocket>& sockets = parts_->sockets;
    std::size_t taken = 0;
    std::size_t empty_in_a_row = 0;
    while (taken < max_messages && empty_in_a_row < sockets.size()) {
        const ZmqSocket& socket = sockets[parts_->turn];
        parts_->turn = (parts_->turn + 1) % sockets.size();
        const std::size_t turn_end = std::min(max_messages, taken + turn_max);
        bool left = true;
        while (taken < turn_end && left) {
            left = parts_->receive_one(socket, on_payload);
            taken += left ? 1U : 0U;
        }
        empty_in_a_row = left ? 0 : empty_in_a_row + 1;
    }
    return taken;
}

bool Ingest::Parts::receive_one(const ZmqSocket& socket, const Callback& on_payload) {
    if (!first.receive(socket)) {
        return false;
    }
    std::string_view topic;
    std::string_view payload = first.bytes();
    bool ok = true;
    if (first.more()) {
        // The frames of one message arrive together: the rest is there.
        ok = second.receive(socket);
        topic = first.bytes();
        payload = second.bytes();
        while (ok && second.more()) {
            payload = {};
            if (!second.receive(socket)) {
                break;
            }
            topic = {};  // more than two frames
        }
        ok = ok && topic_ok(topic, name_bytes);
    }
    if (!ok) {
        refuse(Refusal::topic_mismatch);
        return true;
    }
    ++stats.messages;
    stats.bytes += payload.size();
    on_payload(payload, topic);
    return true;
}

RefusalCounts Ingest::take_refused() {
    return std::exchange(parts_->refused, RefusalCounts{});
}
const Ingest::Stats& Ingest::stats() const {
    return parts_->stats;
}
const std::vector<std::string>& Ingest::endpoints() const {
    return parts_->endpoints;
}

}  // namespace surged
