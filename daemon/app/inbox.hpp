// The only input of the engine thread from other threads: HTTP threads, the courier, the store thread. A queue of jobs with an
// eventfd, and without a lock: nobody who is set aside in the middle of it holds up the engine (os/mailbox).
//
// It knows nothing of what the jobs do. Its hardest rule: outsiders can never fill it. What comes from outside (`offer`, `ask`)
// is refused beyond the bound and counted; what comes from our own threads (`push`) is bounded by what the engine has given them
// to do, and is never refused, since a lost outcome or a lost commit would leave a page without an end.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "os/mailbox.hpp"

namespace surged {

/// A callable of any movable kind, run once with the context. std::function would ask for copies, and promises cannot be copied.
template <typename Context>
class Job {
public:
    Job() = default;
    template <typename F>
    requires(!std::is_same_v<std::decay_t<F>, Job>) Job(F&& call)
        : body_(std::make_unique<Body<std::decay_t<F>>>(std::forward<F>(call))) {}  // NOLINT: implicit on purpose
    void run(Context& context) { body_->run(context); }

private:
    template <typename>
    friend class Inbox;
    struct Base {
        Base() = default;
        Base(const Base&) = delete;
        Base& operator=(const Base&) = delete;
        virtual ~Base() = default;
        virtual void run(Context& context) = 0;
        Base* next = nullptr;  ///< the inbox's
        bool outside = false;
    };
    template <typename F>
    struct Body final : Base {
        explicit Body(F&& call) : call_(std::move(call)) {}
        explicit Body(const F& call) : call_(call) {}
        void run(Context& context) override { call_(context); }
        F call_;
    };
    std::unique_ptr<Base> body_;
};

/// Waits for a promise kept by another thread. nullopt: not kept within `limit`, or dropped (the daemon is stopping).
template <typename T>
std::optional<T> wait_for(std::future<T>& future, std::chrono::milliseconds limit) {
    if (future.wait_for(limit) != std::future_status::ready) {
        return std::nullopt;
    }
    try {
        return future.get();
    } catch (const std::future_error&) {
        return std::nullopt;
    }
}

/// `Context` is what the jobs work on: the loop, in the daemon.
template <typename Context>
class Inbox {
public:
    /// `bound`: jobs of outsiders that may wait at once. House choice: far more than the HTTP room has threads.
    explicit Inbox(std::size_t bound = 256) : bound_(bound) {}

    /// Readable while jobs wait, until woken().
    int fd() const { return jobs_.fd(); }

    /// From our own threads: always taken, also while closing.
    void push(Job<Context> job) { jobs_.put(std::move(job.body_)); }

    /// From outside: false when `bound` outside jobs wait already, or after close().
    bool offer(Job<Context> job) {
        if (outside_.fetch_add(1, std::memory_order_relaxed) >= bound_) {
            outside_.fetch_sub(1, std::memory_order_relaxed);
            refused_.fetch_add(1, std::memory_order_relaxed);
            return false;
        }
        job.body_->outside = true;
        jobs_.put(std::move(job.body_));
        return true;
    }

    /// Runs `call(context)` on the engine thread and waits for its result; nullopt when refused, not answered within `limit`, or
    /// closed before it ran. A call that was given up may still run: it must own what it touches.
    template <typename F>
    auto ask(F call, std::chrono::milliseconds limit) -> std::optional<std::invoke_result_t<F&, Context&>> {
        using T = std::invoke_result_t<F&, Context&>;
        std::promise<T> promise;
        std::future<T> future = promise.get_future();
        auto job = [call = std::move(call), promise = std::move(promise)](Context& context) mutable {
            promise.set_value(call(context));
        };
        if (!offer(Job<Context>(std::move(job)))) {
            return std::nullopt;
        }
        return wait_for(future, limit);
    }

    /// Engine thread, when fd() was readable, before drain().
    void woken() { jobs_.woken(); }

    /// Engine thread: runs the jobs that wait, at most `limit` of them and none after `most` is over, and returns how many ran. fd()
    /// is readable again when others wait.
    std::size_t drain(Context& context, std::size_t limit = 1024, std::chrono::milliseconds most = std::chrono::hours{1}) {
        std::size_t ran = 0;
        const auto began = std::chrono::steady_clock::now();
        while (ran < limit && (ran == 0 || std::chrono::steady_clock::now() - began < most)) {
            const auto job = jobs_.take();
            if (job == nullptr) {
                return ran;
            }
            if (job->outside) {
                outside_.fetch_sub(1, std::memory_order_relaxed);
            }
            job->run(context);
            ++ran;
        }
        jobs_.leave();
        return ran;
    }

    /// No more from outside; what waits still runs at the next drain(). Who was half in already gets no answer: nullopt.
    void close() { outside_.fetch_add(closed, std::memory_order_relaxed); }

    std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

private:
    /// Added to the jobs of outsiders, it is beyond every bound.
    static constexpr std::size_t closed = std::size_t{1} << 48U;

    const std::size_t bound_;
    Mailbox<typename Job<Context>::Base> jobs_;
    std::atomic<std::size_t> outside_{0};
    std::atomic<std::uint64_t> refused_{0};
};

}  // namespace surged
