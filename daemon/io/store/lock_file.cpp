#include "io/store/lock_file.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace surged {

namespace {

tl::unexpected<LogFailure> refused(LogError error, std::string message) {
    return tl::unexpected(LogFailure{error, std::move(message)});
}

std::optional<pid_t> pid_in(int fd) {
    std::array<char, 32> text{};
    const auto size = ::pread(fd, text.data(), text.size(), 0);
    pid_t pid = 0;
    if (size <= 0 || std::from_chars(text.data(), text.data() + size, pid).ec != std::errc{} || pid <= 0) {
        return std::nullopt;
    }
    return pid;
}

}  // namespace

Result<LockFile, LogFailure> LockFile::take(const std::string& path) {
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (!file) {
        const int error = errno;
        const auto folder = path.substr(0, path.rfind('/') + 1);
        return refused(LogError::unavailable, "cannot open lock file " + path + ": " + std::strerror(error) +
                                                  (error == ENOENT ? "; make its folder: install -d -m 0700 -o surged -g surged " + folder : ""));
    }
    const int fd = file.get();
    LockFile lock(std::move(file));
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        if (error != EWOULDBLOCK) {
            return refused(LogError::unavailable, "cannot lock " + path + ": " + std::strerror(error));
        }
        const auto pid = pid_in(fd);
        return refused(LogError::held, "another process (pid " + (pid ? std::to_string(*pid) : "unknown") + ") holds " + path);
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    // The pid is a courtesy: a full disk must not keep the daemon from starting.
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) {
        return lock;
    }
    return lock;
}

std::optional<pid_t> LockFile::holder(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    return file ? pid_in(file.get()) : std::nullopt;
}

}  // namespace surged
