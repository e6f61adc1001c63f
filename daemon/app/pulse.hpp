// The engine's sign of life, for those who ask from other threads: health is the engine's, not that of the thread that answers.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace surged {

class Pulse {
public:
    /// A turn of the loop takes milliseconds and comes once a second at least. Older than ready_max: what is said is not what is;
    /// older than alive_max: as for the watchdog, it hangs.
    static constexpr std::chrono::milliseconds ready_max{3000};
    static constexpr std::chrono::milliseconds alive_max{10000};

    /// Engine thread: a turn is done.
    void turned() { turned_.store(ms(), std::memory_order_relaxed); }
    /// Engine thread: input waits longer than [overload] behind.
    void behind(bool is) { behind_.store(is, std::memory_order_relaxed); }
    /// Engine thread: records up to `sequence` are decided; before anybody hears of them.
    void decided(std::uint64_t sequence) { decided_.store(sequence, std::memory_order_release); }

    std::uint64_t decided() const { return decided_.load(std::memory_order_acquire); }
    std::chrono::milliseconds age() const { return std::chrono::milliseconds{ms() - turned_.load(std::memory_order_relaxed)}; }
    bool is_behind() const { return behind_.load(std::memory_order_relaxed); }

private:
    static std::int64_t ms() {
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }
    std::atomic<std::int64_t> turned_{ms()};
    std::atomic<bool> behind_{false};
    std::atomic<std::uint64_t> decided_{0};
};

}  // namespace surged
