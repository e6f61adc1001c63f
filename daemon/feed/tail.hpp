// Follows a growing file as `tail -F` does. Knows files; refuses to know what is in them.
//
// The hardest rule: a log may be renamed away (rotation), cut to nothing (copytruncate), or not be there yet. What was written to
// the old file before it was renamed is read to its end before the new one is opened.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "os/file.hpp"

namespace surged {

class Tail {
public:
    enum class Note : std::uint8_t { opened, rotated, truncated, missing };
    struct Sink {
        std::function<void(std::string_view bytes)> bytes;
        std::function<void(Note)> note;  ///< rotated and truncated: the bytes that follow begin a file
    };

    explicit Tail(std::string path) : path_(std::move(path)) {}

    /// Hands over what is new, at most about `bytes_max`; never waits. Returns the bytes read: 0 = nothing now. `missing` is
    /// noted once each time the file goes away.
    std::size_t poll(const Sink& sink, std::size_t bytes_max = std::size_t{16} << 20U);
    /// Errors other than a missing file (no permission, a directory): errno of the last poll, 0 = none.
    int error() const { return error_; }

private:
    bool open_file(const Sink& sink);
    std::size_t drain(const Sink& sink, std::size_t bytes_max);

    std::string path_;
    Fd file_;
    int error_ = 0;
    bool missing_noted_ = false;
    bool opened_before_ = false;
    off_t offset_ = 0;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace surged
