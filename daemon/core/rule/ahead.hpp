// Memory of the queue that comes next, asked for in portions while this one is judged.
//
// With many queues memory is the limit: a queue's lines are far away, and the processor can wait for some dozens of lines at once. Asked for
// all together they hold up whoever asks; a few between two values cost nothing. It knows addresses only; a wrong guess costs bandwidth.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace surged {

class Ahead {
public:
    /// All lines that these bytes touch. What finds no room is asked for at once.
    void add(const void* from, std::size_t bytes) {
        const auto begin = reinterpret_cast<std::uintptr_t>(from) / line;
        const auto end = (reinterpret_cast<std::uintptr_t>(from) + bytes + line - 1) / line;
        if (bytes == 0) {
            return;
        }
        lines_ += end - begin;
        if (count_ == ranges_.size()) {
            ask(lines_);
        }
        ranges_[count_++] = {begin, end};
    }
    /// Asks for the next `lines`.
    void ask(std::size_t lines) {
        while (lines > 0 && at_ < count_) {
            auto& range = ranges_[at_];
            const auto end = std::min(range.end, range.begin + lines);
            lines -= end - range.begin;
            for (; range.begin < end; ++range.begin) {
                __builtin_prefetch(reinterpret_cast<const void*>(range.begin * line));  // NOLINT: a line's address
            }
            at_ += end == range.end ? 1U : 0U;
        }
        if (at_ == count_) {
            count_ = at_ = lines_ = 0;
        }
    }
    void ask_all() { ask(lines_); }
    /// Lines that were added, until all of them are asked for.
    std::size_t lines() const { return lines_; }

private:
    struct Range {
        std::uintptr_t begin = 0;  ///< in lines
        std::uintptr_t end = 0;
    };
    static constexpr std::uintptr_t line = 64;

    std::array<Range, 32> ranges_;
    std::size_t count_ = 0;
    std::size_t at_ = 0;
    std::size_t lines_ = 0;
};

}  // namespace surged
