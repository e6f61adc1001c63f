#include "core/series/refusal_book.hpp"

#include <algorithm>

namespace surged {

std::string RefusalNote::text() const {
    std::string out = field;
    if (!got.empty()) {
        out += ": got " + got;
    }
    if (!want.empty()) {
        out += (got.empty() ? ": wanted " : ", wanted ") + want;
    }
    return out;
}

std::string printable_front(std::string_view bytes, std::size_t limit) {
    std::string out;
    for (const char c : bytes.substr(0, limit)) {
        out.push_back(c >= 0x20 && c < 0x7F ? c : '?');
    }
    return bytes.size() > limit ? out + "..." : out;
}

void RefusalBook::add(std::string_view source, RefusalNote note, std::uint64_t count, EngineTime now) {
    ++generation_;
    auto found = std::find_if(entries_.begin(), entries_.end(),
                              [&](const Entry& entry) { return entry.note.reason == note.reason && entry.source == source; });
    if (found == entries_.end()) {
        if (entries_.size() >= entries_max) {
            found = std::min_element(entries_.begin(), entries_.end(),
                                     [](const Entry& a, const Entry& b) { return a.last < b.last; });
            *found = Entry{};
        } else {
            found = entries_.insert(entries_.end(), Entry{});
        }
        found->source = std::string(source);
        found->first = now;
    }
    found->note = std::move(note);
    found->count += count;
    found->last = now;
}

}  // namespace surged
