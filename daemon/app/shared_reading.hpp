// One text for many readers: whoever comes while it is made, or soon after, gets the same.
//
// The hardest rule: nobody gets a text that is older than what they have heard. A text is shared only with readers who came before
// it was begun, or when nothing has been decided since then.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "app/pulse.hpp"
#include "io/http/api.hpp"

namespace surged {

class SharedReading {
public:
    using Maker = std::function<ApiResult<std::string>()>;
    static constexpr std::chrono::milliseconds fresh{200};  ///< values a little older than that are not "now" any more
    static constexpr std::chrono::milliseconds wait_max{10000};

    struct Counts {
        std::uint64_t made = 0;
        std::uint64_t shared = 0;  ///< answers that needed no making of their own
    };

    /// `pulse` tells what is decided; borrowed.
    explicit SharedReading(const Pulse& pulse) : pulse_(pulse) {}

    /// From any thread. Runs `make` on the thread of one of the readers at most; the others wait. The engine rests between two makings as long
    /// as the last one took, `fresh` at most.
    ApiResult<SharedText> get(const Maker& make);
    /// Lets go of a text that is shared with nobody any more.
    void tidy();
    Counts counts() const;

private:
    using Clock = std::chrono::steady_clock;
    const Pulse& pulse_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool making_ = false;
    SharedText text_;
    Clock::time_point begun_{};
    Clock::time_point ended_{};
    std::uint64_t sequence_ = 0;  ///< decided when it was begun
    Counts counts_;
};

}  // namespace surged
