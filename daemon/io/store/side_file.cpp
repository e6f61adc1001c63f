#include "io/store/side_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/bytes.hpp"

namespace surged {
namespace {

constexpr std::uint32_t magic = 0x46475253;  // "SRGF"
constexpr std::uint32_t version = 1;
constexpr std::size_t header_bytes = 4 + 4 + 8 + 4;
constexpr std::size_t piece_bytes = std::size_t{4} << 20U;  // flushed one by one: a commit of the log waits for one piece at most
constexpr std::uint64_t content_max = std::uint64_t{4} << 30U;

class File {
public:
    File(const std::string& path, int flags, mode_t mode = 0) : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
    ~File() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int fd() const { return fd_; }

private:
    int fd_;
};

Result<void> errno_failure(const std::string& doing, const std::string& path) {
    return fail("cannot " + doing + " " + path + ": " + std::strerror(errno));
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto done = ::write(fd, bytes.data(), std::min(bytes.size(), piece_bytes));
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(done));
        if (bytes.size() > 0 && ::fdatasync(fd) != 0) {
            return false;
        }
    }
    return true;
}

Result<void> write_new(const std::string& path, std::string_view header, std::string_view bytes) {
    const File file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0640);
    if (file.fd() < 0) {
        return errno_failure("create", path);
    }
    if (!write_all(file.fd(), header) || !write_all(file.fd(), bytes)) {
        return errno_failure("write", path);
    }
    if (::fsync(file.fd()) != 0) {
        return errno_failure("flush", path);
    }
    return {};
}

}  // namespace

Result<void> write_file_atomically(const std::string& path, std::string_view bytes) {
    ByteWriter header;
    header.put(magic);
    header.put(version);
    header.put<std::uint64_t>(bytes.size());
    header.put(crc32c(bytes));
    const std::string temporary = path + ".tmp";
    auto written = write_new(temporary, header.bytes(), bytes);
    if (written && ::rename(temporary.c_str(), path.c_str()) != 0) {
        written = errno_failure("rename " + temporary + " to", path);
    }
    if (!written) {
        ::unlink(temporary.c_str());
        return written;
    }
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    const File dir(folder, O_RDONLY | O_DIRECTORY);
    if (dir.fd() < 0 || ::fsync(dir.fd()) != 0) {
        return errno_failure("flush folder", folder);
    }
    return {};
}

Result<std::optional<std::string>> read_checked_file(const std::string& path) {
    const File file(path, O_RDONLY);
    if (file.fd() < 0) {
        if (errno == ENOENT) {
            return std::optional<std::string>();
        }
        return fail("cannot open " + path + ": " + std::strerror(errno));
    }
    struct stat info {};
    if (::fstat(file.fd(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return fail(path + " is not a regular file");
    }
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size < header_bytes || size > content_max) {
        return fail(path + " has an impossible size");
    }
    std::string text(size, '\0');
    std::size_t at = 0;
    while (at < text.size()) {
        const auto got = ::read(file.fd(), text.data() + at, text.size() - at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return fail("cannot read " + path + (got < 0 ? std::string(": ") + std::strerror(errno) : ": it became shorter"));
        }
        at += static_cast<std::size_t>(got);
    }
    ByteReader header(std::string_view(text).substr(0, header_bytes));
    if (header.get<std::uint32_t>() != magic || header.get<std::uint32_t>() != version) {
        return fail(path + " is not a file of this program");
    }
    if (header.get<std::uint64_t>() != size - header_bytes) {
        return fail(path + " is cut short");
    }
    const auto crc = header.get<std::uint32_t>();
    text.erase(0, header_bytes);
    if (crc32c(text) != crc) {
        return fail(path + " has a wrong checksum");
    }
    return std::optional<std::string>(std::move(text));
}

FileWriter::FileWriter() : thread_([this] { loop(); }) {}

FileWriter::~FileWriter() {
    {
        const std::lock_guard hold(lock_);
        stopping_ = true;
    }
    work_.notify_one();
    thread_.join();
}

void FileWriter::write(std::string path, std::string bytes, After after) {
    {
        const std::lock_guard hold(lock_);
        waiting_[std::move(path)] = Order{std::move(bytes), std::move(after)};
    }
    work_.notify_one();
}

bool FileWriter::busy() const {
    const std::lock_guard hold(lock_);
    return writing_ || !waiting_.empty();
}

void FileWriter::loop() {
    std::unique_lock hold(lock_);
    for (;;) {
        work_.wait(hold, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) {
            return;
        }
        auto node = waiting_.extract(waiting_.begin());
        writing_ = true;
        hold.unlock();
        const auto written = write_file_atomically(node.key(), node.mapped().bytes);
        if (node.mapped().after) {
            node.mapped().after(written);
        }
        hold.lock();
        writing_ = false;
    }
}

}  // namespace surged
