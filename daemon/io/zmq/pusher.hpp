// The feeder's end: PUSH that connects to ingest.bind (the default: back-pressure, nothing is lost), or PUB that binds for
// ingest.subscribe (loses most of what is sent flat out; pace it below 200,000 messages a second).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

struct PusherSettings {
    std::string endpoint;
    bool publish = false;  ///< false: PUSH connects; true: PUB binds
    int hwm = 1000;
    CurveSettings curve;  ///< PUSH: secret, public, server key files; PUB: secret key file only
};

class Pusher {
public:
    static Result<std::unique_ptr<Pusher>> open(const PusherSettings& settings);
    /// Drops what was not sent yet; call flush() before for a clean end.
    ~Pusher();
    Pusher(const Pusher&) = delete;
    Pusher& operator=(const Pusher&) = delete;

    /// Sends one message; an empty topic makes it one frame. PUSH queues up to hwm messages while the daemon is not there or does
    /// not keep up, then waits at most `timeout`; false = not sent. PUB returns true at once, whoever listens.
    bool push(std::string_view payload, std::string_view topic = {}, Span timeout = std::chrono::seconds{5});
    /// Gives what is queued up to `bound` to leave, then closes the socket. false: the bound was hit and something may be lost.
    bool flush(Span bound);
    /// The endpoint with its real port when it was bound.
    const std::string& endpoint() const;

private:
    struct Parts;
    explicit Pusher(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace surged
