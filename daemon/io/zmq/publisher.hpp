// Transitions out: PUB sockets for wallboards, voice menus and archives.
//
// Frame 1 the topic, frame 2 the JSON. Knows nothing of what is said. The hardest rule: publishing never waits: it puts a message
// into a bounded queue, and a thread of its own speaks with libzmq and with subscribers. A subscriber that does not keep up loses
// messages past the high-water mark, what finds the queue full is dropped and counted, and both show in the sequence numbers.
// Subscribers come through the gate (gate.hpp), and with CURVE past a doorkeeper of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "core/base/result.hpp"
#include "core/series/message.hpp"

namespace surged {

class Publisher {
public:
    /// Messages and bytes that wait for the thread at most.
    static constexpr std::size_t queue_max = 20000;
    static constexpr std::size_t queue_bytes_max = std::size_t{32} << 20U;

    struct Stats {
        std::uint64_t published = 0;
        std::uint64_t dropped = 0;  ///< found the queue full
        RefusalCounts refused{};    ///< connections refused or cut, since the last call
        std::string refused_peer;   ///< the last of them, as Ingest::take_refused_peer()
        std::size_t connections = 0;
    };

    /// Binds all endpoints on one PUB socket, or none. No endpoint: a publisher that drops everything. The same checks as
    /// Ingest::open.
    static Result<std::unique_ptr<Publisher>> open(const PublishSettings& settings);
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    /// Never blocks. false: the queue is full and the message is dropped; slow subscribers are not reported.
    bool publish(std::string_view topic, std::string_view json);

    std::uint64_t published() const;
    Stats stats();
    /// Bound endpoints with their real ports, in the order of settings.bind.
    const std::vector<std::string>& endpoints() const;

private:
    struct Parts;
    explicit Publisher(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace surged
