// From any thread to one: a queue whose ends never wait for each other.
//
// Its hardest rule: whoever puts something in may lose the processor at any instruction, and the one who takes out goes on. A mutex has no such
// promise: a reader of the API that is set aside while it holds one (os/thread) would keep the engine from its samples for as long. So a letter is
// put in by a compare-and-exchange (Treiber's stack), all that are there are taken by one exchange, and order is made by the one who takes.
#pragma once

#include <atomic>
#include <memory>

#include "os/wake_fd.hpp"

namespace surged {

/// `Letter` has a member `Letter* next`, which is the mailbox's while it is in here.
template <typename Letter>
class Mailbox {
public:
    Mailbox() = default;
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;
    ~Mailbox() {
        while (take() != nullptr) {
        }
    }

    /// Readable when something may be waiting. Whoever slept on it calls woken(), then takes until there is nothing.
    int fd() const { return wake_.fd(); }

    /// Any thread. Never waits.
    void put(std::unique_ptr<Letter> letter) {
        Letter* const mine = letter.release();
        Letter* before = newest_.load(std::memory_order_relaxed);
        do {
            mine->next = before;
        } while (!newest_.compare_exchange_weak(before, mine, std::memory_order_release, std::memory_order_relaxed));
        // From here on `mine` is the other's. Behind letters that still wait no signal is needed: theirs is on its way.
        if (before == nullptr) {
            wake_.set();
        }
    }

    /// The one who takes: before taking, else what is put in meanwhile would wake nobody.
    void woken() { wake_.clear(); }

    /// The one who takes: the oldest letter; null = there is none.
    std::unique_ptr<Letter> take() {
        if (oldest_ == nullptr) {
            turn_round();
        }
        Letter* const letter = oldest_;
        if (letter != nullptr) {
            oldest_ = letter->next;
            letter->next = nullptr;
        }
        return std::unique_ptr<Letter>(letter);
    }

    /// The one who takes: some stay for another time. fd() is readable again when there are any.
    void leave() {
        if (oldest_ != nullptr || newest_.load(std::memory_order_relaxed) != nullptr) {
            wake_.set();
        }
    }

private:
    /// Takes what was put in, newest first, and links it the other way round.
    void turn_round() {
        Letter* letter = newest_.exchange(nullptr, std::memory_order_acquire);
        while (letter != nullptr) {
            Letter* const older = letter->next;
            letter->next = oldest_;
            oldest_ = letter;
            letter = older;
        }
    }

    std::atomic<Letter*> newest_{nullptr};
    Letter* oldest_ = nullptr;  ///< of the one who takes
    WakeFd wake_;
};

}  // namespace surged
