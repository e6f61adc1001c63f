#include "io/zmq/pusher.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>

#include "io/zmq/curve.hpp"
#include "io/zmq/endpoint.hpp"
#include "io/zmq/socket.hpp"

namespace surged {

struct Pusher::Parts {
    Parts(ZmqContext&& made_context, ZmqSocket&& made_socket)
        : context(std::move(made_context)), socket(std::move(made_socket)) {}
    ZmqContext context;  // first: it goes last
    ZmqSocket socket;
    std::string endpoint;
    bool publish = false;
};

Result<std::unique_ptr<Pusher>> Pusher::open(const PusherSettings& settings) {
    auto context = ZmqContext::create();
    if (!context) {
        return tl::unexpected(context.error());
    }
    auto socket = ZmqSocket::create(*context, settings.publish ? ZMQ_PUB : ZMQ_PUSH);
    if (!socket) {
        return tl::unexpected(socket.error());
    }
    Result<void> ok = socket->set(ZMQ_SNDHWM, settings.hwm);
    std::string endpoint = settings.endpoint;
    if (settings.publish) {
        ok = ok ? guard_as_server(*socket, settings.curve) : ok;
        if (ok) {
            auto bound = bind_guarded(*socket, settings.endpoint, !settings.curve.secret_key_file.empty());
            if (!bound) {
                return tl::unexpected(bound.error());
            }
            endpoint = std::move(*bound);
        }
    } else {
        // ZMQ_IMMEDIATE stays off: what is queued when the daemon restarts is sent to the new one.
        ok = ok ? guard_as_client(*socket, settings.curve) : ok;
        ok = ok ? socket->connect(settings.endpoint) : ok;
    }
    if (!ok) {
        return tl::unexpected(ok.error());
    }
    auto parts = std::make_unique<Parts>(std::move(*context), std::move(*socket));
    parts->endpoint = std::move(endpoint);
    parts->publish = settings.publish;
    return std::unique_ptr<Pusher>(new Pusher(std::move(parts)));
}

Pusher::Pusher(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Pusher::~Pusher() {
    if (parts_->publish) {
        remove_ipc_file(parts_->endpoint);
    }
}

bool Pusher::push(std::string_view payload, std::string_view topic, Span timeout) {
    void* raw = parts_->socket.raw();
    if (raw == nullptr) {
        return false;  // flushed
    }
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    const std::string_view first = topic.empty() ? payload : topic;
    const int more = topic.empty() ? 0 : ZMQ_SNDMORE;
    while (zmq_send(raw, first.data(), first.size(), ZMQ_DONTWAIT | more) < 0) {
        if (zmq_errno() != EAGAIN && zmq_errno() != EINTR) {
            return false;
        }
        const auto left = std::chrono::ceil<Span>(deadline - std::chrono::steady_clock::now()).count();
        if (left <= 0) {
            return false;
        }
        zmq_pollitem_t item{raw, 0, ZMQ_POLLOUT, 0};
        zmq_poll(&item, 1, static_cast<long>(std::min<Span::rep>(left, std::numeric_limits<int>::max())));
    }
    // A message that was begun is taken whole.
    return topic.empty() || zmq_send(raw, payload.data(), payload.size(), ZMQ_DONTWAIT) >= 0;
}

bool Pusher::flush(Span bound) {
    if (parts_->socket.raw() == nullptr) {
        return true;
    }
    static_cast<void>(
        parts_->socket.set(ZMQ_LINGER, static_cast<int>(std::min<Span::rep>(bound.count(), std::numeric_limits<int>::max()))));
    parts_->socket.close();
    // The context ends when the socket has sent everything or its linger is over, whichever comes first.
    const auto begin = std::chrono::steady_clock::now();
    const bool ended = parts_->context.close(bound + zmq_close_max);
    return ended && std::chrono::steady_clock::now() - begin < bound;
}

const std::string& Pusher::endpoint() const {
    return parts_->endpoint;
}

}  // namespace surged
