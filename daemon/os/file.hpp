// File descriptors that close themselves, and files read whole with a bound. The one place that knows how the system reads a
// file; it knows nothing of what stands in one. Errors are errno values: the caller knows what the file was for and says so.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "core/base/result.hpp"

namespace surged {

/// Owns one file descriptor, or none (-1).
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    ~Fd() { reset(); }
    Fd(Fd&& other) noexcept : fd_(other.release()) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) {
            reset(other.release());
        }
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    /// Gives it away: it is the caller's to close.
    int release() { return std::exchange(fd_, -1); }
    /// Closes what it owns and owns `fd`. Keeps errno, so that a failure can be told after its descriptor was closed.
    void reset(int fd = -1);

private:
    int fd_ = -1;
};

/// What is left to read, at most `most` bytes. The error is an errno.
Result<std::string, int> read_some(int fd, std::size_t most);

/// The first `most` bytes of a file; a caller that must notice a larger one asks for a byte more than it accepts. A folder is EISDIR.
/// Waits as long as the file makes it wait: a FIFO until somebody writes.
Result<std::string, int> read_file(const std::string& path, std::size_t most);

/// The same of a regular file. Anything else is EINVAL, at once.
Result<std::string, int> read_regular_file(const std::string& path, std::size_t most);

}  // namespace surged
