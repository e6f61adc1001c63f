#include "io/store/page_image.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/store/wal_room.hpp"

namespace surged::sqlite {
namespace {

constexpr std::size_t frame_header_bytes = wal_frame_header_bytes;
constexpr std::size_t frame_bytes = wal_frame_bytes;
constexpr std::uint32_t generations_max = 1000;  // whose frames may still lie in a file of some megabytes
constexpr std::uint32_t wal_magic = 0x377f0682;  // its last bit: checksums are made of big-endian words

/// Reads what there is; the rest is zeros. False: nothing could be read.
bool read_at(int fd, std::uint64_t offset, std::size_t size, std::string& out) {
    out.assign(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const auto got = ::pread(fd, out.data() + done, size - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    return done > 0;
}

struct WalSum {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    bool operator==(const WalSum&) const = default;
};

WalSum add_up(WalSum sum, std::string_view bytes, bool big) {
    const auto word = [&](std::size_t at) {
        if (big) {
            return big_u32(bytes, at);
        }
        const auto byte = [&](std::size_t k) { return std::uint32_t{static_cast<unsigned char>(bytes[at + k])}; };
        return byte(0) | (byte(1) << 8U) | (byte(2) << 16U) | (byte(3) << 24U);
    };
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
        sum.first += word(at) + sum.second;
        sum.second += word(at + 4) + sum.first;
    }
    return sum;
}

WalSum sum_in(std::string_view bytes, std::size_t at) {
    return {big_u32(bytes, at), big_u32(bytes, at + 4)};
}

/// Where the frames end that were ever written: behind them is room that was reserved.
std::uint64_t written_end(int wal, std::uint64_t bytes) {
    std::uint64_t frames = (bytes - wal_header_bytes + frame_bytes - 1) / frame_bytes;  // a last piece counts
    std::string frame;
    for (; frames > 0; --frames) {
        const std::uint64_t offset = wal_header_bytes + (frames - 1) * frame_bytes;
        const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(frame_bytes, bytes - offset));
        if (!read_at(wal, offset, there, frame) || !is_reserved_frame(frame)) {
            break;
        }
    }
    return wal_header_bytes + frames * frame_bytes;
}

/// Opens for reading; -1 = there is no such file.
Result<int, LogFailure> open_there(const std::string& path, std::uint64_t& size) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) {
        return -1;
    }
    struct stat info {};
    if (fd < 0 || ::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        const std::string why = fd < 0 ? std::strerror(errno) : "not a regular file";
        if (fd >= 0) {
            ::close(fd);
        }
        return tl::unexpected(LogFailure{LogError::unavailable, "cannot read " + path + ": " + why});
    }
    size = static_cast<std::uint64_t>(info.st_size);
    return fd;
}

}  // namespace

std::uint32_t big_u32(std::string_view bytes, std::size_t at) {
    return (big_u16(bytes, at) << 16U) | big_u16(bytes, at + 2);
}
std::uint32_t big_u16(std::string_view bytes, std::size_t at) {
    return (std::uint32_t{static_cast<unsigned char>(bytes[at])} << 8U) | static_cast<unsigned char>(bytes[at + 1]);
}

PageImage::PageImage(PageImage&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      wal_(std::exchange(other.wal_, -1)),
      file_bytes_(other.file_bytes_),
      file_pages_(other.file_pages_),
      wal_there_(other.wal_there_),
      wal_torn_(other.wal_torn_),
      wal_end_unclear_(other.wal_end_unclear_),
      frames_(std::move(other.frames_)),
      latest_(std::move(other.latest_)) {}

PageImage::~PageImage() {
    for (const int fd : {file_, wal_}) {
        if (fd >= 0) {
            ::close(fd);
        }
    }
}

Result<PageImage, LogFailure> PageImage::open(const std::string& path) {
    PageImage out;
    const auto file = open_there(path, out.file_bytes_);
    if (!file) {
        return tl::unexpected(file.error());
    }
    out.file_ = *file;
    out.file_pages_ = static_cast<std::uint32_t>((out.file_bytes_ + page_bytes - 1) / page_bytes);
    std::uint64_t wal_bytes = 0;
    const auto wal = open_there(path + "-wal", wal_bytes);
    if (!wal) {
        return tl::unexpected(wal.error());
    }
    out.wal_ = *wal;
    out.wal_there_ = *wal >= 0;
    if (wal_bytes > wal_header_bytes) {
        out.read_wal(wal_bytes);
    }
    return out;
}

/// Each frame's checksum goes on from the one before it. So the chain can be taken up again behind a damaged frame, with the checksum
/// that stands there.
void PageImage::read_wal(std::uint64_t wal_bytes) {
    std::string header;
    std::string frame;
    if (!read_at(wal_, 0, wal_header_bytes, header) || !read_at(wal_, wal_header_bytes, frame_bytes, frame)) {
        return;
    }
    const bool big = big_u32(header, 0) == (wal_magic | 1U);
    const auto head_sum = sum_in(header, 24);
    const bool head_good = (big_u32(header, 0) | 1U) == (wal_magic | 1U) && big_u32(header, 8) == page_bytes &&
                           add_up({}, std::string_view(header).substr(0, 24), big) == head_sum;
    const std::string salt = head_good ? header.substr(16, 8) : frame.substr(8, 8);

    struct Seen {
        Frame frame;
        bool ours = false;     // of this generation of the WAL
        bool commit = false;
        bool follows = false;  // from the frame before it
        bool earlier = false;  // of a generation before: left over
    };
    std::vector<Seen> seen;
    WalSum before = head_sum;
    const std::uint64_t end_of_written = written_end(wal_, wal_bytes);
    for (std::uint64_t offset = wal_header_bytes; offset < end_of_written && read_at(wal_, offset, frame_bytes, frame); offset += frame_bytes) {
        const std::string_view all = frame;
        const auto stands = sum_in(all, 16);
        const auto made = add_up(add_up(before, all.substr(0, 8), big), all.substr(frame_header_bytes), big);
        Seen one;
        one.frame = {big_u32(all, 0), offset + frame_header_bytes};
        one.ours = all.substr(8, 8) == salt && one.frame.page != 0;
        one.commit = big_u32(all, 4) != 0;
        const std::uint32_t age = big_u32(salt, 0) - big_u32(all, 8);  // a generation's first salt is the one before it plus one
        one.earlier = age >= 1 && age <= generations_max;
        one.follows = one.ours && made == stands && (head_good || !seen.empty());
        seen.push_back(one);
        before = stands;
    }
    std::size_t shown = 0;  // frames before this one are done with
    for (std::size_t first = 0; first < seen.size();) {
        // A chain: the first frame may not follow from the one before it, the others do.
        std::size_t end = first + 1;
        while (end < seen.size() && seen[end].follows) {
            ++end;
        }
        std::size_t commits = 0;
        std::size_t upto = first;
        for (std::size_t i = first; i < end; ++i) {
            const bool known = seen[i].follows || (seen[i].ours && end > first + 1);
            commits += known && seen[i].commit ? 1U : 0U;
            upto = known && seen[i].commit ? i + 1 : upto;
        }
        const bool as_sqlite = first == 0 && seen[0].follows;
        // The header is flushed before any frame: when it or the first frame is damaged, no power cut was it.
        if (commits >= 2 || (commits == 1 && (as_sqlite || first <= 1))) {
            for (; shown < upto; ++shown) {
                if (seen[shown].ours) {
                    frames_.push_back(seen[shown].frame);
                }
            }
            wal_torn_ = wal_torn_ || !as_sqlite;
        }
        first = end;
    }
    // A transaction that was being written when the process ended follows on the last commit, and has none.
    for (std::size_t i = shown; i < seen.size() && !seen[i].earlier; ++i) {
        wal_end_unclear_ = wal_end_unclear_ || !seen[i].follows || seen[i].commit;
    }
    for (std::size_t i = 0; i < frames_.size(); ++i) {
        latest_[frames_[i].page] = i;
    }
}

bool PageImage::in_file(std::uint32_t number, std::string& out) const {
    return file_ >= 0 && number >= 1 && number <= file_pages_ && read_at(file_, (std::uint64_t{number} - 1) * page_bytes, page_bytes, out);
}

bool PageImage::in_frame(std::size_t index, std::string& out) const {
    return index < frames_.size() && read_at(wal_, frames_[index].offset, page_bytes, out);
}

bool PageImage::newest(std::uint32_t number, std::string& out) const {
    const auto frame = latest_.find(number);
    return frame != latest_.end() ? in_frame(frame->second, out) : in_file(number, out);
}

}  // namespace surged::sqlite
