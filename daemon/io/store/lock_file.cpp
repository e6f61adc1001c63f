#include "io/store/lock_file.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace surged {

Result<LockFile> LockFile::take(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0) {
        return fail("cannot open lock file " + path + ": " + std::strerror(errno));
    }
    LockFile lock(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        if (error != EWOULDBLOCK) {
            return fail("cannot lock " + path + ": " + std::strerror(error));
        }
        char holder[32] = {};
        const auto size = ::pread(fd, holder, sizeof(holder) - 1, 0);
        std::string pid(holder, size > 0 ? static_cast<std::size_t>(size) : 0);
        pid.erase(std::min(pid.find_first_not_of("0123456789"), pid.size()));
        return fail("another process (pid " + (pid.empty() ? "unknown" : pid) + ") holds " + path);
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    // The pid is a courtesy: a full disk must not keep the daemon from starting.
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) {
        return lock;
    }
    return lock;
}

LockFile::~LockFile() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

}  // namespace surged
