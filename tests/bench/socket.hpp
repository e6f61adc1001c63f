// Bare libzmq for the floors and the sender: PUSH and PULL over tcp on 127.0.0.1, errors end the program.
#pragma once

#include <string>
#include <string_view>

namespace surged::bench {

class PullSocket {
public:
    PullSocket();
    ~PullSocket();
    PullSocket(const PullSocket&) = delete;
    PullSocket& operator=(const PullSocket&) = delete;
    const std::string& endpoint() const { return endpoint_; }
    /// Copies the next message into `buffer`. Returns its size, or -1 when none came within `wait_ms`.
    int receive(char* buffer, std::size_t capacity, int wait_ms);

private:
    void* context_ = nullptr;
    void* socket_ = nullptr;
    int wait_ms_ = -1;
    std::string endpoint_;
};

class PushSocket {
public:
    explicit PushSocket(const std::string& endpoint);
    /// Drops what did not leave within `linger_ms`.
    ~PushSocket();
    PushSocket(const PushSocket&) = delete;
    PushSocket& operator=(const PushSocket&) = delete;
    /// False when it could not be queued within a tenth of a second.
    bool send(std::string_view bytes);

private:
    void* context_ = nullptr;
    void* socket_ = nullptr;
};

}  // namespace surged::bench
