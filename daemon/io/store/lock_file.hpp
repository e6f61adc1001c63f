// Two daemons must never write one database. The lock is the kernel's (flock), so it ends with the process however that ends; the
// pid inside the file is only for the message. The file stays behind on purpose: removing it would let two starters lock two
// different files.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "core/base/result.hpp"
#include "io/record_log.hpp"

namespace surged {

class LockFile {
public:
    /// Takes the lock or fails at once: held, with the holder's pid in the message, or unavailable.
    static Result<LockFile, LogFailure> take(const std::string& path);
    /// Who wrote its pid into the file last; it may be gone by now. nullopt: nobody, or the file cannot be read.
    static std::optional<pid_t> holder(const std::string& path);
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
