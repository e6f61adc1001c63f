#include "os/file.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace surged {

void Fd::reset(int fd) {
    if (fd_ >= 0) {
        const int kept = errno;
        ::close(fd_);
        errno = kept;
    }
    fd_ = fd;
}

Result<std::string, int> read_some(int fd, std::size_t most) {
    constexpr std::size_t step = std::size_t{1} << 16U;
    std::string text;
    // A regular file of 100 MB is read into its own size, not into what doubling comes to.
    if (struct stat info{}; ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        text.reserve(std::min(most, static_cast<std::size_t>(info.st_size) + 1));
    }
    while (text.size() < most) {
        const auto had = text.size();
        text.resize(had + std::min(step, most - had));
        const auto got = ::read(fd, text.data() + had, text.size() - had);
        const int error = errno;
        text.resize(had + (got > 0 ? static_cast<std::size_t>(got) : 0));
        if (got == 0) {
            break;
        }
        if (got < 0 && error != EINTR) {
            return tl::unexpected(error);
        }
    }
    return text;
}

Result<std::string, int> read_file(const std::string& path, std::size_t most) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) {
        return tl::unexpected(errno);
    }
    return read_some(file.get(), most);
}

Result<std::string, int> read_regular_file(const std::string& path, std::size_t most) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!file) {
        return tl::unexpected(errno);
    }
    struct stat info {};
    if (::fstat(file.get(), &info) == 0 && !S_ISREG(info.st_mode)) {
        return tl::unexpected(EINVAL);
    }
    return read_some(file.get(), most);
}

}  // namespace surged
