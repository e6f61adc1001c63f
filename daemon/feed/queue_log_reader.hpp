// Bytes of a queue_log -> folded state, with an account of what was skipped. Knows lines and faults; refuses to know messages and
// files.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feed/line_splitter.hpp"
#include "feed/queue_log_line.hpp"

namespace surged {

/// Counts of what was read. Every line is counted in `lines`; blank ones are in no other count.
struct QueueLogReadStats {
    std::uint64_t lines = 0;
    std::uint64_t malformed = 0;
    std::uint64_t blank = 0;
    std::vector<std::pair<std::uint64_t, LineFault>> first_faults;  ///< line number (from 1) and reason of the first 20
    std::string first_text;                                         ///< printable, of the first of them
    /// There was something, and nothing of it could be used.
    bool all_unreadable() const { return malformed > 0 && malformed + blank == lines; }
};

class QueueLogReader {
public:
    static constexpr std::size_t line_max = 4096;  ///< bytes; an Asterisk line stays below 1 KiB
    static constexpr std::size_t faults_kept = 20;

    /// Calls `each(const QueueLogLine&)` for every sound line; returns false as soon as `each` does.
    template <typename Each>
    bool feed(std::string_view bytes, Each&& each) {
        bool go_on = true;
        splitter_.feed(bytes, [&](std::string_view line, bool too_long) { go_on = go_on && take(line, too_long, each); });
        return go_on;
    }
    /// The end of the file: a last line without newline counts.
    template <typename Each>
    void finish(Each&& each) {
        splitter_.finish([&](std::string_view line, bool too_long) { take(line, too_long, each); });
    }
    /// The file was replaced or cut short under us; a half line is lost and counted.
    void restart() {
        if (splitter_.restart()) {
            ++stats_.lines;
            fault(LineFault::fields, "(half a line, cut off by a rotation)");
        }
    }
    const QueueLogReadStats& stats() const { return stats_; }

private:
    template <typename Each>
    bool take(std::string_view line, bool too_long, Each&& each) {
        ++stats_.lines;
        if (too_long) {
            fault(LineFault::too_long, line);
            return true;
        }
        const auto parsed = parse_queue_log_line(line);
        if (parsed) {
            return each(*parsed);
        }
        if (parsed.error() != LineFault::blank) {
            fault(parsed.error(), line);
        } else {
            ++stats_.blank;
        }
        return true;
    }
    void fault(LineFault what, std::string_view line) {
        if (stats_.malformed++ == 0) {
            stats_.first_text = printable(line);
        }
        if (stats_.first_faults.size() < faults_kept) {
            stats_.first_faults.emplace_back(stats_.lines, what);
        }
    }

    LineSplitter splitter_{line_max};
    QueueLogReadStats stats_;
};

}  // namespace surged
