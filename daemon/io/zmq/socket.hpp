// ZeroMQ's context and sockets as owned values, errors as values. Private to this room: nobody else sees zmq.h.
//
// The hardest rule: closing ends. zmq_ctx_term() has been seen to hang after an ipc peer was killed in mid-stream, so it runs on
// a thread of its own that is given a bound and then left alone.
#pragma once

#include <zmq.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

/// How long closing may take before the context is left to the end of the process.
inline constexpr Span zmq_close_max{1000};

/// "what: reason" of the last failed call.
std::string zmq_failure(std::string_view what);

class ZmqContext {
public:
    static Result<ZmqContext> create();
    ~ZmqContext();
    ZmqContext(ZmqContext&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
    ZmqContext& operator=(ZmqContext&& other) noexcept;

    void* raw() const { return raw_; }
    /// Ends the context; every socket must have been closed. false: it did not end within `bound` and was left behind.
    bool close(Span bound);

private:
    explicit ZmqContext(void* raw) : raw_(raw) {}
    void* raw_ = nullptr;
};

class ZmqSocket {
public:
    /// Linger is 0 until set otherwise.
    static Result<ZmqSocket> create(const ZmqContext& context, int type);
    ~ZmqSocket();
    ZmqSocket(ZmqSocket&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
    ZmqSocket& operator=(ZmqSocket&& other) noexcept;

    void* raw() const { return raw_; }
    Result<void> set(int option, int value);
    Result<void> set(int option, std::int64_t value);
    Result<void> set(int option, std::string_view bytes);
    Result<void> bind(const std::string& endpoint);
    Result<void> connect(const std::string& endpoint);
    /// What was bound last, with its real port.
    std::string last_endpoint() const;
    void close();

private:
    explicit ZmqSocket(void* raw) : raw_(raw) {}
    void* raw_ = nullptr;
};

/// One received frame; keeps its storage between receives.
class ZmqFrame {
public:
    ZmqFrame() { zmq_msg_init(&raw_); }
    ~ZmqFrame() { zmq_msg_close(&raw_); }
    ZmqFrame(const ZmqFrame&) = delete;
    ZmqFrame& operator=(const ZmqFrame&) = delete;

    /// false: nothing is there (or the call failed).
    bool receive(const ZmqSocket& socket) { return zmq_msg_recv(&raw_, socket.raw(), ZMQ_DONTWAIT) >= 0; }
    bool more() const { return zmq_msg_more(&raw_) != 0; }
    /// What the doorkeeper knows its sender by; empty = nothing.
    std::string_view user() {
        const char* user = zmq_msg_gets(&raw_, "User-Id");
        return user == nullptr ? std::string_view() : std::string_view(user);
    }
    std::string_view bytes() { return {static_cast<const char*>(zmq_msg_data(&raw_)), zmq_msg_size(&raw_)}; }

private:
    zmq_msg_t raw_;
};

}  // namespace surged
