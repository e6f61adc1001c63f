// Why something is away, told once each: the first reason is often "timed out", and the one that helps comes behind it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/ranges.hpp"

namespace surged {

class OutageReasons {
public:
    static constexpr std::size_t most = 8;  ///< reasons of one outage; more are more of the same

    /// This reason was not told in this outage. Numbers do not tell two reasons apart: how long somebody waited is in many of them.
    bool is_new(std::string_view why) {
        std::string kind;
        for (const char c : why) {
            if (c < '0' || c > '9') {
                kind += c;
            }
        }
        if (told_.size() >= most || contains(told_, kind)) {
            return false;
        }
        told_.push_back(std::move(kind));
        return true;
    }
    /// The outage is over.
    void over() { told_.clear(); }

private:
    std::vector<std::string> told_;
};

}  // namespace surged
