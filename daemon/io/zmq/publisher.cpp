#include "io/zmq/publisher.hpp"

#include "io/zmq/endpoint.hpp"
#include "io/zmq/socket.hpp"

namespace surged {

struct Publisher::Parts {
    Parts(ZmqContext&& made_context, ZmqSocket&& made_socket)
        : context(std::move(made_context)), socket(std::move(made_socket)) {}
    ~Parts() {
        for (const std::string& endpoint : endpoints) {
            remove_ipc_file(endpoint);
        }
    }
    ZmqContext context;  // first: it goes last
    ZmqSocket socket;
    std::vector<std::string> endpoints;
    std::uint64_t published = 0;
};

Result<std::unique_ptr<Publisher>> Publisher::open(const PublishSettings& settings) {
    auto context = ZmqContext::create();
    if (!context) {
        return tl::unexpected(context.error());
    }
    auto socket = ZmqSocket::create(*context, ZMQ_PUB);
    if (!socket) {
        return tl::unexpected(socket.error());
    }
    if (auto hwm = socket->set(ZMQ_SNDHWM, settings.hwm); !hwm) {
        return tl::unexpected(hwm.error());
    }
    auto parts = std::make_unique<Parts>(std::move(*context), std::move(*socket));
    for (const std::string& endpoint : settings.bind) {
        auto bound = bind_guarded(parts->socket, endpoint, false);
        if (!bound) {
            return fail("publish: " + bound.error().message);
        }
        parts->endpoints.push_back(std::move(*bound));
    }
    return std::unique_ptr<Publisher>(new Publisher(std::move(parts)));
}

Publisher::Publisher(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Publisher::~Publisher() = default;

bool Publisher::publish(std::string_view topic, std::string_view json) {
    void* raw = parts_->socket.raw();
    const bool sent = zmq_send(raw, topic.data(), topic.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0 &&
                      zmq_send(raw, json.data(), json.size(), ZMQ_DONTWAIT) >= 0;
    parts_->published += sent ? 1U : 0U;
    return sent;
}

std::uint64_t Publisher::published() const {
    return parts_->published;
}
const std::vector<std::string>& Publisher::endpoints() const {
    return parts_->endpoints;
}

}  // namespace surged
