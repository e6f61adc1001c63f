#include "socket.hpp"

#include <zmq.h>

#include <array>

#include "child.hpp"

namespace surged::bench {
namespace {

constexpr int hwm = 1000;  // libzmq's own default, and surged's
constexpr int linger_ms = 200;
constexpr int send_wait_ms = 100;

void check(int result, const char* what) {
    if (result != 0) {
        give_up(std::string(what) + ": " + zmq_strerror(zmq_errno()));
    }
}

}  // namespace

PullSocket::PullSocket() : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_PULL)) {
    const int none = 0;
    check(zmq_setsockopt(socket_, ZMQ_LINGER, &none, sizeof(none)), "linger");
    check(zmq_setsockopt(socket_, ZMQ_RCVHWM, &hwm, sizeof(hwm)), "hwm");
    check(zmq_bind(socket_, "tcp://127.0.0.1:*"), "bind");
    std::array<char, 256> name{};
    std::size_t size = name.size();
    check(zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, name.data(), &size), "endpoint");
    endpoint_ = name.data();
}

PullSocket::~PullSocket() {
    zmq_close(socket_);
    zmq_ctx_term(context_);
}

int PullSocket::receive(char* buffer, std::size_t capacity, int wait_ms) {
    if (wait_ms != wait_ms_) {
        check(zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &wait_ms, sizeof(wait_ms)), "receive timeout");
        wait_ms_ = wait_ms;
    }
    const int size = zmq_recv(socket_, buffer, capacity, 0);
    return size > static_cast<int>(capacity) ? -1 : size;
}

PushSocket::PushSocket(const std::string& endpoint) : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_PUSH)) {
    check(zmq_setsockopt(socket_, ZMQ_LINGER, &linger_ms, sizeof(linger_ms)), "linger");
    check(zmq_setsockopt(socket_, ZMQ_SNDHWM, &hwm, sizeof(hwm)), "hwm");
    check(zmq_setsockopt(socket_, ZMQ_SNDTIMEO, &send_wait_ms, sizeof(send_wait_ms)), "send timeout");
    check(zmq_connect(socket_, endpoint.c_str()), "connect");
}

PushSocket::~PushSocket() {
    zmq_close(socket_);
    zmq_ctx_term(context_);
}

bool PushSocket::send(std::string_view bytes) {
    return zmq_send(socket_, bytes.data(), bytes.size(), 0) >= 0;
}

}  // namespace surged::bench
