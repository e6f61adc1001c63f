// Transitions out: PUB sockets for wallboards, voice menus and archives.
//
// Frame 1 the topic, frame 2 the JSON. Knows nothing of what is said. The hardest rule: publishing never waits: a subscriber that
// does not keep up loses messages past the high-water mark, and sees it by the sequence number in the JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "core/base/result.hpp"

namespace surged {

class Publisher {
public:
    /// Binds all endpoints on one PUB socket, or none. No endpoint: a publisher that drops everything. The same checks as
    /// Ingest::open.
    static Result<std::unique_ptr<Publisher>> open(const PublishSettings& settings);
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    /// Never blocks. false: the message was not taken (out of memory); slow subscribers are not reported.
    bool publish(std::string_view topic, std::string_view json);

    std::uint64_t published() const;
    /// Bound endpoints with their real ports, in the order of settings.bind.
    const std::vector<std::string>& endpoints() const;

private:
    struct Parts;
    explicit Publisher(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace surged
