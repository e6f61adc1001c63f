// FNV-1a, 64 bit: content hashes that are equal on every host and in every release. Not for secrets, not against malice.
#pragma once

#include <cstdint>
#include <string_view>

namespace surged {

/// Fields are fed with their length, so that ("ab","c") and ("a","bc") differ.
class ContentHash {
public:
    void text(std::string_view value);
    void number(double value);
    void whole(std::int64_t value);
    std::uint64_t value() const { return state_; }
    /// FNV-1a over the bytes alone. Vector: "a" -> 0xaf63dc4c8601ec8c.
    void bytes(std::string_view value);

private:
    std::uint64_t state_ = 0xcbf29ce484222325U;
};

}  // namespace surged
