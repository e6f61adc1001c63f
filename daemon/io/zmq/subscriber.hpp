// A listener on somebody's PUB: what the daemon publishes, for simulated people, tools and tests. Knows topics and frames;
// refuses to know what is said. The hardest rule: a listener has no claim: it may start late and lose messages, and must not
// block its owner.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

struct SubscriberSettings {
    std::string endpoint;
    std::vector<std::string> also{};      ///< further publishers, heard by the same socket
    std::vector<std::string> topics{""};  ///< prefixes; "" = everything
    int hwm = 10000;
    std::size_t message_bytes = std::size_t{4} << 20U;  ///< a larger frame makes libzmq drop the publisher's connection
    CurveSettings curve;                                ///< secret, public, server key files
    bool notices_peer = false;                          ///< met() tells
};

class Subscriber {
public:
    /// Both views are valid during the call.
    using Callback = std::function<void(std::string_view topic, std::string_view payload)>;

    /// Connects (the publisher may come later). Errors name the endpoint.
    static Result<std::unique_ptr<Subscriber>> open(const SubscriberSettings& settings);
    ~Subscriber();
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;

    /// Waits at most `timeout` for a message, then hands over what is there, at most `max_messages`. Returns how many. A message
    /// that has not exactly two frames is skipped. A signal ends the wait early.
    std::size_t receive(Span timeout, std::size_t max_messages, const Callback& on_message);
    /// True once the publisher was reached and let us in. Needs notices_peer.
    bool met();

private:
    struct Parts;
    explicit Subscriber(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace surged
