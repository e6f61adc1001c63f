// The thread that writes the state down: it gets the records that the engine gives to the store, makes the same state of them
// (core/engine/shadow.hpp), and writes snapshots out of that, so that the engine is never away for one.
//
// Hardest rule: whoever adds records never waits, neither for this thread nor for memory. When it falls too far behind, it gives up
// what waits, says so (behind()), and begins anew from a state of the engine.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "core/engine/shadow.hpp"
#include "core/record/record.hpp"

namespace surged {

class ShadowThread {
public:
    /// Called on this thread: the state at `sequence`.
    using Save = std::function<void(std::uint64_t sequence, std::string bytes)>;
    struct Options {
        std::size_t records_max = 100000;                ///< may wait, ...
        std::size_t bytes_max = std::size_t{64} << 20U;  ///< ... with so many bytes as they are written in the log
        std::size_t wake_at = 256;                       ///< so many may wait before it works on them, unless a snapshot is wanted
    };

    /// Knows no state until begin().
    explicit ShadowThread(Save save);
    ShadowThread(Save save, Options options);
    ~ShadowThread();  ///< stop()
    ShadowThread(const ShadowThread&) = delete;
    ShadowThread& operator=(const ShadowThread&) = delete;

    // One caller, who never waits for more than a moment.
    /// From this state on, which is of `plan`; what waits is forgotten.
    void begin(std::shared_ptr<const Plan> plan, std::string state);
    /// The next records, without holes. `bytes`: what they weigh.
    void add(std::vector<Record> records, std::size_t bytes);
    void adopt(std::shared_ptr<const Plan> plan, std::uint64_t after);  ///< Shadow::adopt()
    /// A snapshot of everything that was added before.
    void save();
    /// One that was asked for is not written yet.
    bool saving() const;
    /// It lacks records, or could not read its state, and saves nothing more: begin() again.
    bool behind() const { return behind_.load(std::memory_order_relaxed); }
    /// Ends after what it does at this moment, and calls nobody any more.
    void stop();

private:
    struct Begin {
        std::shared_ptr<const Plan> plan;
        std::string state;
    };
    struct Adopt {
        std::shared_ptr<const Plan> plan;
        std::uint64_t after = 0;
    };
    struct Added {
        std::vector<Record> records;
        std::size_t bytes = 0;
    };
    struct Wanted {
        std::uint64_t number = 0;
    };
    using Order = std::variant<Begin, Adopt, Added, Wanted>;

    void loop();
    std::optional<Order> next();
    void work(const Order& order);
    void give_up();

    const Save save_;
    const Options options_;
    std::unique_ptr<Shadow> shadow_;  ///< of the thread
    std::atomic<bool> behind_{false};
    mutable std::mutex lock_;
    std::condition_variable work_;
    std::deque<Order> orders_;
    std::size_t records_ = 0;  ///< in `orders_`
    std::size_t bytes_ = 0;
    std::uint64_t wanted_ = 0;  ///< number of the last snapshot that was asked for
    std::uint64_t done_ = 0;    ///< ... and of the last that was written or given up
    bool awake_ = false;  ///< it is to work until nothing waits
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace surged
