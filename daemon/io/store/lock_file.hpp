// Two daemons must never write one database. The lock is the kernel's (flock), so it ends with the process however that ends; the
// pid inside the file is only for the message. The file stays behind on purpose: removing it would let two starters lock two
// different files.
#pragma once

#include <string>

#include "core/base/result.hpp"

namespace surged {

class LockFile {
public:
    /// Takes the lock or fails at once; the error names the holder.
    static Result<LockFile> take(const std::string& path);
    LockFile(LockFile&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
    LockFile& operator=(LockFile&&) = delete;
    LockFile(const LockFile&) = delete;
    LockFile& operator=(const LockFile&) = delete;
    ~LockFile();

private:
    explicit LockFile(int fd) : fd_(fd) {}
    int fd_ = -1;
};

}  // namespace surged
