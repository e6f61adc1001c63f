// Writes side files on a thread of its own, piece by piece as they are made: whoever makes them never waits for the disk, and a
// file of 100 MB is never in memory as a whole.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>

#include "core/base/result.hpp"

namespace surged {

/// One file at a time: begin, add ..., finish. Calls come from one thread.
class FileWriter {
public:
    using After = std::function<void(const Result<void>&)>;
    FileWriter();
    ~FileWriter();  ///< writes what is finished, then ends
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;

    /// A file that was begun and not finished is given up: the old one stays.
    void begin(std::string path);
    void add(std::string piece);
    /// `after` runs on the writer's thread with what became of it.
    void finish(After after);
    /// Bytes that are not with the disk yet. The caller bounds memory by waiting while they are many.
    std::size_t waiting() const;
    /// True until everything so far is written.
    bool busy() const;

private:
    struct Begin {
        std::string path;
    };
    using Order = std::variant<Begin, std::string, After>;
    void push(Order order);
    void loop();

    mutable std::mutex lock_;
    std::condition_variable work_;
    std::deque<Order> orders_;
    std::size_t bytes_ = 0;
    bool writing_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace surged
