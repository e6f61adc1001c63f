// The pages of a store as they lie on the disk: the database file, and over it what its write-ahead log holds. Read without SQLite, so
// that a file which SQLite refuses can still be looked into. Private to this room.
//
// Hardest rule: only pages that were committed are shown. Behind the last commit of the WAL may lie what never came to be; behind a
// damaged place in it lies what SQLite would drop silently. The two are told apart: the last transaction alone may be torn by a
// power cut, so a chain of frames that goes on over another commit was on the disk, and is shown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "io/record_log.hpp"
#include "io/store/wal_room.hpp"

namespace surged::sqlite {

class PageImage {
public:
    static constexpr std::size_t page_bytes = wal_page_bytes;

    /// What is missing is empty. Errors: a file is there that may not be read (unavailable).
    static Result<PageImage, LogFailure> open(const std::string& path);
    PageImage(PageImage&& other) noexcept;
    PageImage& operator=(PageImage&&) = delete;
    PageImage(const PageImage&) = delete;
    PageImage& operator=(const PageImage&) = delete;
    ~PageImage();

    std::uint32_t file_pages() const { return file_pages_; }  ///< a last piece counts, and reads as if zeros followed
    std::uint64_t file_bytes() const { return file_bytes_; }
    std::size_t frames() const { return frames_.size(); }
    bool wal_there() const { return wal_there_; }
    bool wal_torn() const { return wal_torn_; }  ///< SQLite would not see all of the frames
    /// What stands behind the last commit is neither the begin of another transaction nor left from earlier: it may have been one.
    bool wal_end_unclear() const { return wal_end_unclear_; }
    std::uint64_t largest_payload() const { return (std::uint64_t{file_pages_} + frames_.size()) * page_bytes; }

    /// The page as it was committed last; false = there is none, or the disk gives no answer. Pages count from 1.
    bool newest(std::uint32_t number, std::string& out) const;
    bool in_file(std::uint32_t number, std::string& out) const;
    bool in_frame(std::size_t index, std::string& out) const;  ///< committed frames only, in their order

private:
    struct Frame {
        std::uint32_t page = 0;
        std::uint64_t offset = 0;
    };
    PageImage() = default;
    void read_wal(std::uint64_t wal_bytes);

    int file_ = -1;
    int wal_ = -1;
    std::uint64_t file_bytes_ = 0;
    std::uint32_t file_pages_ = 0;
    bool wal_there_ = false;
    bool wal_torn_ = false;
    bool wal_end_unclear_ = false;
    std::vector<Frame> frames_;
    std::map<std::uint32_t, std::size_t> latest_;  // page -> index of its last frame
};

/// Big-endian numbers of SQLite's file format; `at` must be inside.
std::uint32_t big_u32(std::string_view bytes, std::size_t at);
std::uint32_t big_u16(std::string_view bytes, std::size_t at);

}  // namespace surged::sqlite
