// Whole files beside the log: the series snapshot, written every few seconds. A reader sees the old file or the new one, never a
// torn or a rotten one: temporary file, CRC-32C over the content, fsync, rename, fsync of the folder. Hardest rule: 100 MB
// written here must not delay a commit of the log, so it is flushed in pieces and on a thread of its own.
//
// Format: u32 magic "SRGF", u32 version 1, u64 length, u32 CRC-32C of the content, content. Little-endian.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "core/base/result.hpp"

namespace surged {

/// Replaces `path` by `bytes`, durable on return. On an error the old file is untouched and no temporary file stays.
Result<void> write_file_atomically(const std::string& path, std::string_view bytes);

/// The content of a file written above; nullopt when there is no such file. A wrong magic, version, length or checksum is an
/// error.
Result<std::optional<std::string>> read_checked_file(const std::string& path);

/// Writes side files on its own thread; the newest content for a path replaces one that still waits.
class FileWriter {
public:
    using After = std::function<void(const Result<void>&)>;
    FileWriter();
    ~FileWriter();  ///< writes what waits, then ends
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;

    /// Never waits for the disk. `after` runs on the writer's thread. Content that was replaced before its turn is dropped with
    /// its `after`.
    void write(std::string path, std::string bytes, After after = {});
    /// True while something waits or is being written: a caller may skip a turn instead of making another big snapshot.
    bool busy() const;

private:
    struct Order {
        std::string bytes;
        After after;
    };
    void loop();

    mutable std::mutex lock_;
    std::condition_variable work_;
    std::map<std::string, Order> waiting_;  // by path; as many as the caller has paths
    bool writing_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace surged
