// What pages in browsers show, kept up to date: a reader first gets a snapshot of everything, then what changed. Whoever makes the texts
// is told here which are wanted; each is made once for all readers. It knows text only.
//
// The hardest rule: a page never costs more than others do. Nobody waits for a reader; one that lags loses what waited for it and is
// given a new snapshot, together with the others who want one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "io/http/event_hub.hpp"

namespace surged {

/// One event for all readers: as it is, and as a piece of a gzip stream. Null where no reader wants that form.
struct PageEvent {
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> packed;
};

struct PageHubStats {
    std::uint64_t readers = 0;
    std::uint64_t snapshots = 0;  ///< given to readers
    std::uint64_t lagged = 0;     ///< times that a reader had to be given a new one
    std::uint64_t refused = 0;
};

class PageHub {
public:
    using Reader = EventHub::Subscription;
    using Clock = std::chrono::steady_clock;
    struct Limits {
        std::size_t readers = 1024;
        std::size_t events = 4;                     ///< waiting for a reader
        std::size_t bytes = 16UL * 1024 * 1024;  ///< waiting for a reader, beyond its first event
    };
    /// Which texts anybody would read now.
    struct Wanted {
        bool plain = false;
        bool packed = false;
        bool any() const { return plain || packed; }
    };

    PageHub() : PageHub(Limits{}) {}
    explicit PageHub(Limits limits) : limits_(limits) {}
    ~PageHub() { close(); }
    PageHub(const PageHub&) = delete;
    PageHub& operator=(const PageHub&) = delete;

    /// Null when there are too many, or after close(). `packed`: the reader takes gzip. It waits for a snapshot.
    std::shared_ptr<Reader> subscribe(bool packed);
    void unsubscribe(const std::shared_ptr<Reader>& reader);

    // For the one who makes the texts.
    /// Waits until `until`, or until a new reader has come; a reader that lags waits for `until`. False after close().
    bool wait(Clock::time_point until);
    void wake();  ///< ends a wait()
    Wanted wanted() const;           ///< by readers who have their snapshot
    Wanted wanted_snapshot() const;  ///< by those who wait for one
    /// To all who have their snapshot. Never waits for a reader.
    void publish(const PageEvent& event);
    /// To all who wait for one in a form that `event` has; they get what is published from now on.
    void give_snapshot(const PageEvent& event);

    /// Everybody waits for a snapshot.
    void start_over();

    /// Ends every reader's stream; there will be no other.
    void close();
    PageHubStats stats() const;

private:
    struct Entry {
        std::shared_ptr<Reader> reader;
        bool packed = false;
        bool behind = true;  ///< waits for a snapshot
    };
    void push(Entry& entry, const std::shared_ptr<const std::string>& text, bool first);

    const Limits limits_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Entry> entries_;
    PageHubStats stats_;
    bool came_ = false;  ///< a new reader, since the last wait()
    bool closed_ = false;
};

}  // namespace surged
