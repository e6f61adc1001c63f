// What the ZeroMQ tests share: settings on free ports, raw peers, waiting with a bound.
#pragma once

#include <zmq.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "io/zmq/ingest.hpp"
#include "io/zmq/publisher.hpp"
#include "io/zmq/pusher.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

namespace surged::test {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

inline std::unique_ptr<Ingest> open_ingest(const IngestSettings& settings, const IngestLimits& limits = {}) {
    auto ingest = Ingest::open(settings, limits);
    INFO((ingest ? std::string() : ingest.error().message));
    REQUIRE(ingest);
    return std::move(*ingest);
}

inline std::unique_ptr<Pusher> open_pusher(const std::string& endpoint, bool publish = false, int hwm = 1000) {
    PusherSettings settings;
    settings.endpoint = endpoint;
    settings.publish = publish;
    settings.hwm = hwm;
    auto pusher = Pusher::open(settings);
    INFO((pusher ? std::string() : pusher.error().message));
    REQUIRE(pusher);
    return std::move(*pusher);
}

struct Received {
    std::string payload;
    std::string topic;
    bool operator==(const Received&) const = default;
};

/// Receives until `done` says so; false when `bound` is over before.
inline bool receive_until(Ingest& ingest, std::vector<Received>& out, const std::function<bool()>& done, Span bound = 10s) {
    const auto end = Clock::now() + bound;
    while (!done()) {
        if (Clock::now() > end) {
            return false;
        }
        if (ingest.wait(20ms).messages) {
            ingest.receive(1000, [&out](std::string_view payload, std::string_view topic) {
                out.push_back({std::string(payload), std::string(topic)});
            });
        }
    }
    return true;
}
inline bool receive_count(Ingest& ingest, std::vector<Received>& out, std::size_t count, Span bound = 10s) {
    return receive_until(
        ingest, out, [&] { return out.size() >= count; }, bound);
}

/// A socket that keeps none of our rules.
class RawPeer {
public:
    RawPeer(int type, const std::string& endpoint, bool binds = false)
        : context_(zmq_ctx_new()), socket_(zmq_socket(context_, type)) {
        const int linger = 0;
        zmq_setsockopt(socket_, ZMQ_LINGER, &linger, sizeof linger);
        if (type == ZMQ_SUB) {
            zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, "", 0);
        }
        REQUIRE((binds ? zmq_bind(socket_, endpoint.c_str()) : zmq_connect(socket_, endpoint.c_str())) == 0);
    }
    ~RawPeer() {
        zmq_close(socket_);
        zmq_ctx_term(context_);
    }
    RawPeer(const RawPeer&) = delete;
    RawPeer& operator=(const RawPeer&) = delete;
    void send(const std::vector<std::string>& frames) {
        for (std::size_t i = 0; i < frames.size(); ++i) {
            REQUIRE(zmq_send(socket_, frames[i].data(), frames[i].size(), i + 1 < frames.size() ? ZMQ_SNDMORE : 0) >= 0);
        }
    }
    void* raw() { return socket_; }

private:
    void* context_;
    void* socket_;
};

// Sanitizers keep freed memory back: what is resident then says nothing.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool resident_is_real = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool resident_is_real = false;
#else
inline constexpr bool resident_is_real = true;
#endif
#else
inline constexpr bool resident_is_real = true;
#endif

/// Resident memory of this process in bytes.
inline std::size_t resident_bytes() {
    std::size_t pages = 0;
    std::size_t resident = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    REQUIRE(file != nullptr);
    REQUIRE(std::fscanf(file, "%zu %zu", &pages, &resident) == 2);
    std::fclose(file);
    return resident * 4096;
}

}  // namespace surged::test
