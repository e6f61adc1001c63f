#include "io/zmq/subscriber.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>

#include "io/zmq/curve.hpp"
#include "io/zmq/socket.hpp"

namespace surged {

struct Subscriber::Parts {
    Parts(ZmqContext&& made_context, ZmqSocket&& made_socket)
        : context(std::move(made_context)), socket(std::move(made_socket)) {}
    ~Parts() {
        if (monitor) {
            zmq_socket_monitor(socket.raw(), nullptr, 0);  // while its other end is there
        }
    }
    /// Before the socket connects: libzmq tells of handshakes on a socket of its own.
    Result<void> notice_peer() {
        constexpr const char* place = "inproc://surged.subscriber.peer";
        if (zmq_socket_monitor(socket.raw(), place, ZMQ_EVENT_HANDSHAKE_SUCCEEDED) != 0) {
            return fail(zmq_failure("zmq_socket_monitor"));
        }
        auto made = ZmqSocket::create(context, ZMQ_PAIR);
        if (!made) {
            return tl::unexpected(made.error());
        }
        monitor = std::move(*made);
        return monitor->connect(place);
    }

    ZmqContext context;  // first: it goes last
    ZmqSocket socket;
    std::optional<ZmqSocket> monitor;
    bool met = false;
    ZmqFrame topic;
    ZmqFrame payload;
};

Result<std::unique_ptr<Subscriber>> Subscriber::open(const SubscriberSettings& settings) {
    auto context = ZmqContext::create();
    if (!context) {
        return tl::unexpected(context.error());
    }
    auto socket = ZmqSocket::create(*context, ZMQ_SUB);
    if (!socket) {
        return tl::unexpected(socket.error());
    }
    Result<void> ok = socket->set(ZMQ_RCVHWM, settings.hwm);
    ok = ok ? socket->set(ZMQ_MAXMSGSIZE, static_cast<std::int64_t>(settings.message_bytes)) : ok;
    ok = ok ? guard_as_client(*socket, settings.curve) : ok;
    for (const auto& topic : settings.topics) {
        ok = ok ? socket->set(ZMQ_SUBSCRIBE, std::string_view(topic)) : ok;
    }
    auto parts = std::make_unique<Parts>(std::move(*context), std::move(*socket));
    ok = ok && settings.notices_peer ? parts->notice_peer() : ok;
    if (!ok) {
        return fail(settings.endpoint + ": " + ok.error().message);
    }
    std::vector<std::string> endpoints{settings.endpoint};
    endpoints.insert(endpoints.end(), settings.also.begin(), settings.also.end());
    for (const auto& endpoint : endpoints) {
        if (const auto connected = parts->socket.connect(endpoint); !connected) {
            return fail(endpoint + ": " + connected.error().message);
        }
    }
    return std::unique_ptr<Subscriber>(new Subscriber(std::move(parts)));
}

bool Subscriber::met() {
    ZmqFrame frame;
    while (parts_->monitor && frame.receive(*parts_->monitor)) {
        std::uint16_t event = 0;
        if (frame.more() && frame.bytes().size() >= sizeof event) {  // the frame after it is the address
            std::memcpy(&event, frame.bytes().data(), sizeof event);
            parts_->met = parts_->met || event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
        }
    }
    return parts_->met;
}

Subscriber::Subscriber(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Subscriber::~Subscriber() = default;

std::size_t Subscriber::receive(Span timeout, std::size_t max_messages, const Callback& on_message) {
    zmq_pollitem_t item{parts_->socket.raw(), 0, ZMQ_POLLIN, 0};
    const auto bound = std::clamp<Span::rep>(timeout.count(), 0, std::numeric_limits<int>::max());
    if (zmq_poll(&item, 1, static_cast<long>(bound)) <= 0) {
        return 0;
    }
    std::size_t taken = 0;
    while (taken < max_messages && parts_->topic.receive(parts_->socket)) {
        ++taken;
        if (!parts_->topic.more()) {
            continue;
        }
        // The frames of one message arrive together: the rest is there.
        bool two = parts_->payload.receive(parts_->socket);
        for (bool more = two && parts_->payload.more(); more;) {
            ZmqFrame surplus;
            two = false;
            more = surplus.receive(parts_->socket) && surplus.more();
        }
        if (two) {
            on_message(parts_->topic.bytes(), parts_->payload.bytes());
        }
    }
    return taken;
}

}  // namespace surged
