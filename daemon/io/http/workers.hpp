// Threads for requests that may wait on the program.
//
// Two lanes: large lists and long reads have half of the threads at most, so that whoever asks for a little, or commands, does not
// wait for them. Within a lane callers with a token go before the others.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace surged {

class Workers {
public:
    static constexpr std::size_t jobs_max = 512;  ///< that wait

    explicit Workers(int count);
    ~Workers() { stop(); }
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    /// False: too many wait already.
    bool add(std::function<void()> job, bool known, bool large);
    /// Lets what runs come to its end; what waits is dropped.
    void stop();

private:
    using Jobs = std::deque<std::function<void()>>;
    Jobs* next();
    std::size_t waiting() const;
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::array<Jobs, 2> small_;  ///< of callers with a token, of others
    std::array<Jobs, 2> large_;
    std::size_t large_running_ = 0;
    std::size_t large_max_ = 1;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace surged
