// Bytes of a growing file -> lines. Knows only newlines, the byte-order mark and a bound; refuses to know what a line means.
// The hardest rule: a line without an end must not grow memory, so past the bound its bytes are dropped until the next newline
// and the line is handed over once, cut and marked.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace surged {

class LineSplitter {
public:
    /// Lines of exactly `limit` bytes (without the newline) still pass whole.
    explicit LineSplitter(std::size_t limit = 4096) : limit_(limit) {}

    /// Calls `each(std::string_view line, bool too_long)` for every finished line, without "\n" or "\r\n" and, on the first line,
    /// without a UTF-8 byte-order mark. The view lives until `each` returns.
    template <typename Each>
    void feed(std::string_view bytes, Each&& each) {
        while (!bytes.empty()) {
            const void* at = std::memchr(bytes.data(), '\n', bytes.size());
            if (at == nullptr) {
                keep(bytes);
                return;
            }
            const auto size = static_cast<std::size_t>(static_cast<const char*>(at) - bytes.data());
            if (partial_.empty() && !overflowed_ && size <= limit_) {
                each(trimmed(bytes.substr(0, size)), false);
            } else {
                keep(bytes.substr(0, size));
                each(trimmed(partial_), overflowed_);
                partial_.clear();
                overflowed_ = false;
            }
            first_ = false;
            bytes.remove_prefix(size + 1);
        }
    }

    /// The file has ended: hands over a last line that has no newline, if there is one.
    template <typename Each>
    void finish(Each&& each) {
        if (!partial_.empty() || overflowed_) {
            each(trimmed(partial_), overflowed_);
        }
        restart();
    }

    /// Another file begins. Returns true when a partial line was thrown away.
    bool restart() {
        const bool lost = !partial_.empty() || overflowed_;
        partial_.clear();
        overflowed_ = false;
        first_ = true;
        return lost;
    }

private:
    void keep(std::string_view bytes) {
        const auto room = limit_ - partial_.size();
        // One byte more than the limit is let through when it is the '\r' of a line that just fits.
        if (bytes.size() > room && !(bytes.size() == room + 1 && bytes.back() == '\r')) {
            overflowed_ = true;
        }
        partial_.append(bytes.substr(0, room));
    }
    std::string_view trimmed(std::string_view line) const {
        if (first_ && line.substr(0, 3) == "\xEF\xBB\xBF") {
            line.remove_prefix(3);
        }
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        return line;
    }

    std::size_t limit_;
    std::string partial_;
    bool overflowed_ = false;
    bool first_ = true;
};

}  // namespace surged
