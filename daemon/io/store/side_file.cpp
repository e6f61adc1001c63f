#include "io/store/side_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

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

/// All of it or nothing more: false with errno set.
bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto done = ::write(fd, bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    return true;
}

}  // namespace

NewFile::NewFile(std::string path) : path_(std::move(path)), temporary_(path_ + ".tmp") {
    file_.reset(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640));
    if (!file_) {
        failed("create " + path_);
        return;
    }
    write(std::string(header_bytes, '\0'));  // filled in by commit(): length and checksum are known at the end
}

NewFile::~NewFile() {
    if (file_) {
        ::unlink(temporary_.c_str());
    }
}

void NewFile::failed(const std::string& doing) {
    problem_ = Error{"cannot " + doing + ": " + std::strerror(errno)};
}

void NewFile::write(std::string_view bytes) {
    while (!bytes.empty() && !problem_) {
        const auto piece = bytes.substr(0, piece_bytes - unflushed_);
        if (!write_all(file_.get(), piece)) {
            return failed("write " + path_);
        }
        bytes.remove_prefix(piece.size());
        unflushed_ += piece.size();
        if (unflushed_ == piece_bytes) {
            unflushed_ = 0;
            if (::fdatasync(file_.get()) != 0) {
                return failed("flush " + path_);
            }
        }
    }
}

void NewFile::add(std::string_view piece) {
    write(piece);
    length_ += piece.size();
    crc_ = crc32c(piece, crc_);
}

Result<void> NewFile::commit() {
    ByteWriter header;
    header.put(magic);
    header.put(version);
    header.put(length_);
    header.put(crc_);
    if (!problem_ && ::pwrite(file_.get(), header.bytes().data(), header_bytes, 0) != static_cast<ssize_t>(header_bytes)) {
        failed("write " + path_);
    }
    if (!problem_ && ::fsync(file_.get()) != 0) {
        failed("flush " + path_);
    }
    if (!problem_ && ::rename(temporary_.c_str(), path_.c_str()) != 0) {
        failed("rename " + temporary_ + " to " + path_);
    }
    if (problem_) {
        return tl::unexpected(*problem_);
    }
    file_.reset();
    const auto slash = path_.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path_.substr(0, slash);
    const Fd dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!dir || ::fsync(dir.get()) != 0) {
        failed("flush folder " + folder);
        return tl::unexpected(*problem_);
    }
    return {};
}

Result<void> write_file_atomically(const std::string& path, std::string_view bytes) {
    NewFile file(path);
    file.add(bytes);
    return file.commit();
}

Result<std::optional<std::string>> read_checked_file(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT) {
            return std::optional<std::string>();
        }
        return fail("cannot open " + path + ": " + std::strerror(errno));
    }
    struct stat info {};
    if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return fail(path + " is not a regular file");
    }
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size < header_bytes || size > content_max) {
        return fail(path + " has an impossible size");
    }
    auto read = read_some(file.get(), size);
    if (!read) {
        return fail("cannot read " + path + ": " + std::strerror(read.error()));
    }
    if (read->size() < size) {
        return fail("cannot read " + path + ": it became shorter");
    }
    std::string text = std::move(*read);
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

}  // namespace surged
