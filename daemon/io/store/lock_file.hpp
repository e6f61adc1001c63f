// Two daemons must never write one database. The lock is the kernel's (flock), so it ends with the process however that ends; the
// pid inside the file is only for the message. The file stays behind on purpose: removing it would let two starters lock two
// different files.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <sys/types.h>

#include "core/base/result.hpp"
#include "io/record_log.hpp"
#include "os/file.hpp"

namespace surged {

class LockFile {
public:
    /// Takes the lock or fails at once: held, with the holder's pid in the message, or unavailable.
    static Result<LockFile, LogFailure> take(const std::string& path);
    /// The process that wrote its pid into the file last; it may be gone by now. nullopt: nobody, or the file cannot be read.
    static std::optional<pid_t> holder(const std::string& path);

private:
    explicit LockFile(Fd file) : file_(std::move(file)) {}
    Fd file_;
};

}  // namespace surged
