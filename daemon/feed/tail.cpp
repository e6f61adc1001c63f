#include "feed/tail.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace surged {

bool Tail::open_file(const Sink& sink) {
    // O_NONBLOCK: a FIFO of this name must not hang the feeder.
    file_.reset(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat info {};
    if (!file_ || ::fstat(file_.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        error_ = !file_ ? (errno == ENOENT ? 0 : errno) : EINVAL;
        file_.reset();
        if (!missing_noted_) {
            missing_noted_ = true;
            sink.note(Note::missing);
        }
        return false;
    }
    error_ = 0;
    missing_noted_ = false;
    device_ = info.st_dev;
    inode_ = info.st_ino;
    offset_ = 0;
    sink.note(opened_before_ ? Note::rotated : Note::opened);
    opened_before_ = true;
    return true;
}

std::size_t Tail::drain(const Sink& sink, std::size_t bytes_max) {
    std::vector<char> block(std::size_t{1} << 16U);
    std::size_t total = 0;
    while (total < bytes_max) {
        const auto got = ::pread(file_.get(), block.data(), block.size(), offset_);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            error_ = got < 0 ? errno : 0;
            break;
        }
        offset_ += got;
        total += static_cast<std::size_t>(got);
        sink.bytes({block.data(), static_cast<std::size_t>(got)});
    }
    return total;
}

std::size_t Tail::poll(const Sink& sink, std::size_t bytes_max) {
    if (!file_ && !open_file(sink)) {
        return 0;
    }
    struct stat open_info {};
    if (::fstat(file_.get(), &open_info) == 0 && open_info.st_size < offset_) {
        offset_ = 0;
        sink.note(Note::truncated);
    }
    // Looked at before draining: what is written between the look and the drain is then read from the right file.
    struct stat path_info {};
    const bool there = ::stat(path_.c_str(), &path_info) == 0;
    const bool same = there && path_info.st_dev == device_ && path_info.st_ino == inode_;
    auto total = drain(sink, bytes_max);
    if (same || total >= bytes_max) {
        return total;
    }
    if (!there) {
        // Renamed away and nothing new yet: the writer may still hold the old file, so it stays open.
        if (!missing_noted_) {
            missing_noted_ = true;
            sink.note(Note::missing);
        }
        return total;
    }
    file_.reset();
    if (open_file(sink)) {
        total += drain(sink, bytes_max - total);
    }
    return total;
}

}  // namespace surged
