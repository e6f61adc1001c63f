// Live events for browsers: one publisher, bounded subscribers, bounded buffers. It knows text only.
//
// The hardest rule: nobody who reads slowly can cost the publisher anything. post() waits for nobody, not even for a mutex that a reader's thread
// holds; the listener's thread hands the events round (deliver()). A reader whose buffer is full is cut off and counted. A reader that comes back names the last event it saw and gets what it missed while that
// is still kept here; else it is told to fetch the whole state again.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/mailbox.hpp"

namespace surged {

struct EventHubStats {
    std::uint64_t subscribers = 0;
    std::uint64_t published = 0;
    std::uint64_t slow_dropped = 0;  ///< subscribers cut off because their buffer was full
    std::uint64_t refused = 0;       ///< subscriptions refused because there were too many
};

/// What was published before this process, and where it ends: who saw the end has missed nothing.
struct PastEvents {
    struct Event {
        std::uint64_t sequence = 0;
        std::string type;
        std::string json;
    };
    std::uint64_t head = 0;
    std::vector<Event> events;  ///< the last ones, in order, without a hole; may be none
};

class EventHub {
public:
    struct Limits {
        std::size_t subscribers = 64;
        std::size_t events = 1024;          ///< waiting per subscriber
        std::size_t bytes = 1024UL * 1024;  ///< waiting per subscriber
        std::size_t posted = 16UL * 1024 * 1024;  ///< bytes posted and not yet delivered
    };

    class Subscription {
    public:
        enum class State : std::uint8_t { event, quiet, ended };
        /// The next event, without waiting. `quiet`: there is none. `ended`: cut off or the hub closed; never another event.
        State next(std::shared_ptr<const std::string>& out);
        /// Called whenever next() has something new to say, on the publisher's thread: it must not wait. Empty = nobody is called any
        /// more once this returns.
        void on_wake(std::function<void()> call);

    private:
        friend class EventHub;
        friend class PageHub;
        void wake() const {
            if (wake_) {
                wake_();
            }
        }
        void cut_off() {
            ended_ = true;
            waiting_.clear();
            bytes_ = 0;
            wake();
        }
        std::mutex mutex_;
        std::function<void()> wake_;
        std::deque<std::shared_ptr<const std::string>> waiting_;
        std::size_t bytes_ = 0;
        bool ended_ = false;
    };

    EventHub();
    explicit EventHub(Limits limits, const PastEvents& past = {});
    ~EventHub();
    EventHub(const EventHub&) = delete;
    EventHub& operator=(const EventHub&) = delete;

    /// On the thread of deliver(). Null when there are too many, or after close(). `after`: the last event the reader saw; events since then come first, or
    /// one event `missed` when they are no longer all kept. Kept is half of what may wait for a subscriber.
    std::shared_ptr<Subscription> subscribe(std::optional<std::uint64_t> after = std::nullopt);
    void unsubscribe(const std::shared_ptr<Subscription>& subscription);
    /// One server-sent event, told to readers by the next deliver(). `type` and `json` must have no line break (JSON texts of wire/ have none);
    /// those that do are refused. Sequences rise, from 1. From any thread; never waits. Beyond `limits.posted` it is forgotten, and all
    /// readers are cut off: they come back and are told that they missed something.
    void post(std::uint64_t sequence, std::string_view type, std::string_view json);
    /// Readable when deliver() has something to do.
    int fd() const { return posted_.fd(); }
    /// Hands round what was posted. One thread at a time.
    void deliver();
    /// post() and deliver().
    void publish(std::uint64_t sequence, std::string_view type, std::string_view json);
    /// Ends every subscription; no further one is given.
    void close();
    EventHubStats stats() const;

private:
    struct Kept {
        std::uint64_t sequence = 0;
        std::shared_ptr<const std::string> event;
    };
    struct Posted {
        std::uint64_t sequence = 0;
        std::shared_ptr<const std::string> event;
        Posted* next = nullptr;
    };
    void tell(std::uint64_t sequence, const std::shared_ptr<const std::string>& event);
    void tell_of_a_hole();
    static std::shared_ptr<const std::string> event_of(std::uint64_t sequence, std::string_view type, std::string_view json);
    void keep(std::uint64_t sequence, const std::shared_ptr<const std::string>& event);
    void catch_up(Subscription& reader, std::uint64_t after) const;

    const Limits limits_;
    Mailbox<Posted> posted_;
    std::atomic<std::size_t> posted_bytes_{0};
    std::atomic<std::uint64_t> hole_{0};  ///< newest sequence that was forgotten when too much was posted; 0 = none
    mutable std::mutex mutex_;
    std::deque<Kept> kept_;
    std::size_t kept_bytes_ = 0;
    std::uint64_t forgotten_ = 0;  ///< newest sequence that is not kept any more, or was before what is known here
    std::vector<std::shared_ptr<Subscription>> subscriptions_;
    EventHubStats stats_;
    bool closed_ = false;
};

}  // namespace surged
