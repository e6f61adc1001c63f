// Refusals by source, each with an example, so that the author of a feeder can find out what is wrong with it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/series/message.hpp"

namespace surged {

/// One refusal: which field, what stood there, what was wanted.
struct RefusalNote {
    static constexpr std::size_t text_max = 48;  ///< bytes kept of what stood there

    Refusal reason = Refusal::malformed;
    std::string field;
    std::string got;  ///< cut to text_max, printable
    std::string want;

    /// "ts: got 1795330800.5x, wanted milliseconds since 1970".
    std::string text() const;
};

/// The beginning of untrusted bytes, safe for a terminal and a log: cut, anything but printable ASCII as ?.
std::string printable_front(std::string_view bytes, std::size_t limit = RefusalNote::text_max);

/// The latest refusals by source and reason. Bounded: the entry that was silent longest is dropped.
class RefusalBook {
public:
    static constexpr std::size_t entries_max = 256;

    struct Entry {
        std::string source;  ///< "?" where the message did not tell
        RefusalNote note;    ///< of the latest
        std::uint64_t count = 0;
        EngineTime first{};
        EngineTime last{};
        template <typename V>
        void fields(V& v) const {
            v("source", source), v("reason", note.reason), v("count", count), v("field", note.field), v("got", note.got);
            v("want", note.want), v("first", first), v("last", last);
        }
    };

    void add(std::string_view source, RefusalNote note, std::uint64_t count, EngineTime now);
    const std::vector<Entry>& entries() const { return entries_; }
    /// Changes with every add().
    std::uint64_t generation() const { return generation_; }

private:
    std::vector<Entry> entries_;
    std::uint64_t generation_ = 0;
};

}  // namespace surged
