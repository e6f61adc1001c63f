// Hashes of what the configuration says, by FNV-1a: equal on every host and in every release.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/hash.hpp"

namespace surged {

/// Fields are fed with their length, so that ("ab","c") and ("a","bc") differ.
class ContentHash {
public:
    void text(std::string_view value);
    void number(double value);
    void whole(std::int64_t value);
    std::uint64_t value() const { return state_; }
    void bytes(std::string_view value) { state_ = fnv1a(value, state_); }

private:
    std::uint64_t state_ = fnv1a_basis;
};

}  // namespace surged
