// Whole files beside the log: the series snapshot, written every few seconds. A reader sees the old file or the new one, never a
// torn or a rotten one: temporary file, CRC-32C over the content, fsync, rename, fsync of the folder. Hardest rule: 100 MB
// written here must not delay a commit of the log, so it is flushed in pieces (and by FileWriter on a thread of its own).
//
// Format: u32 magic "SRGF", u32 version 1, u64 length, u32 CRC-32C of the content, content. Little-endian.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "os/file.hpp"

namespace surged {

/// One such file in the making. Until commit() has succeeded the old file is untouched; without it no temporary file stays.
class NewFile {
public:
    explicit NewFile(std::string path);
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    /// After a failure further pieces are ignored; commit() tells the first failure.
    void add(std::string_view piece);
    /// Durable when it returns without error. Once.
    Result<void> commit();

private:
    void write(std::string_view bytes);
    void failed(const std::string& doing);

    std::string path_;
    std::string temporary_;
    Fd file_;
    std::uint64_t length_ = 0;
    std::uint64_t unflushed_ = 0;
    std::uint32_t crc_ = 0;
    std::optional<Error> problem_;
};

/// Replaces `path` by `bytes`, durable on return.
Result<void> write_file_atomically(const std::string& path, std::string_view bytes);

/// The content of a file written above; nullopt when there is no such file. A wrong magic, version, length or checksum is an
/// error.
Result<std::optional<std::string>> read_checked_file(const std::string& path);

}  // namespace surged
