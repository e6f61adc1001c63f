// The file in which a polling feeder keeps its book over a restart. Hardest rule: a torn or foreign file is told, put aside and
// begun anew, and never makes a wrong number.
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "feed/poll_book.hpp"
#include "os/file.hpp"

namespace surged {

class PollStateFile {
public:
    /// "" = no file: nothing is kept. Error: the file is another feeder's, or cannot be written.
    static Result<PollStateFile> open(const std::string& path);

    /// The book as it was left. `told` says what could not be used of the file; empty = all was well.
    PollBook read(const std::string& source, Span resume_within, std::int64_t now_ms, std::string& told) const;
    /// Atomically, and on the disk when it returns. Error: the disk's.
    Result<void> write(const PollBook& book) const;

private:
    std::string path_;
    Fd lock_;
};

}  // namespace surged
