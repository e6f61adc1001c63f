#include "io/zmq/socket.hpp"

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

namespace surged {

std::string zmq_failure(std::string_view what) {
    return std::string(what) + ": " + zmq_strerror(zmq_errno());
}

namespace {

/// Shared with the thread that ends the context, which may outlive everything else.
struct Ending {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
};

void end_context(void* raw) {
    while (zmq_ctx_term(raw) != 0 && zmq_errno() == EINTR) {
    }
}

}  // namespace

Result<ZmqContext> ZmqContext::create() {
    void* raw = zmq_ctx_new();
    if (raw == nullptr) {
        return fail(zmq_failure("zmq context"));
    }
    return ZmqContext(raw);
}

ZmqContext::~ZmqContext() {
    close(zmq_close_max);
}

ZmqContext& ZmqContext::operator=(ZmqContext&& other) noexcept {
    if (this != &other) {
        close(zmq_close_max);
        raw_ = std::exchange(other.raw_, nullptr);
    }
    return *this;
}

bool ZmqContext::close(Span bound) {
    void* raw = std::exchange(raw_, nullptr);
    if (raw == nullptr) {
        return true;
    }
    zmq_ctx_shutdown(raw);
    const auto ending = std::make_shared<Ending>();
    try {
        std::thread([raw, ending] {
            end_context(raw);
            const std::lock_guard lock(ending->mutex);
            ending->done = true;
            ending->changed.notify_all();
        }).detach();
    } catch (const std::system_error&) {
        return false;  // no thread to be had: the end of the process cleans up
    }
    std::unique_lock lock(ending->mutex);
    return ending->changed.wait_for(lock, bound, [&ending] { return ending->done; });
}

Result<ZmqSocket> ZmqSocket::create(const ZmqContext& context, int type) {
    void* raw = zmq_socket(context.raw(), type);
    if (raw == nullptr) {
        return fail(zmq_failure("zmq socket"));
    }
    ZmqSocket socket(raw);
    if (auto set = socket.set(ZMQ_LINGER, 0); !set) {
        return tl::unexpected(set.error());
    }
    return socket;
}

ZmqSocket::~ZmqSocket() {
    close();
}

ZmqSocket& ZmqSocket::operator=(ZmqSocket&& other) noexcept {
    if (this != &other) {
        close();
        raw_ = std::exchange(other.raw_, nullptr);
    }
    return *this;
}

void ZmqSocket::close() {
    if (void* raw = std::exchange(raw_, nullptr); raw != nullptr) {
        zmq_close(raw);
    }
}

Result<void> ZmqSocket::set(int option, int value) {
    if (zmq_setsockopt(raw_, option, &value, sizeof value) != 0) {
        return fail(zmq_failure("zmq option " + std::to_string(option)));
    }
    return {};
}

Result<void> ZmqSocket::set(int option, std::int64_t value) {
    if (zmq_setsockopt(raw_, option, &value, sizeof value) != 0) {
        return fail(zmq_failure("zmq option " + std::to_string(option)));
    }
    return {};
}

Result<void> ZmqSocket::set(int option, std::string_view bytes) {
    if (zmq_setsockopt(raw_, option, bytes.data(), bytes.size()) != 0) {
        return fail(zmq_failure("zmq option " + std::to_string(option)));
    }
    return {};
}

Result<void> ZmqSocket::bind(const std::string& endpoint) {
    if (zmq_bind(raw_, endpoint.c_str()) != 0) {
        return fail(zmq_failure("bind " + endpoint));
    }
    return {};
}

Result<void> ZmqSocket::connect(const std::string& endpoint) {
    if (zmq_connect(raw_, endpoint.c_str()) != 0) {
        return fail(zmq_failure("connect " + endpoint));
    }
    return {};
}

std::string ZmqSocket::last_endpoint() const {
    char text[512] = {};
    std::size_t size = sizeof text;
    if (zmq_getsockopt(raw_, ZMQ_LAST_ENDPOINT, text, &size) != 0) {
        return {};
    }
    return std::string(text);
}

}  // namespace surged
