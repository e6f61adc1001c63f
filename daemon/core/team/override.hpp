// A roster override set at run time: which people are taken out and put in, from when to when.
#pragma once

#include <string>

#include "core/base/time.hpp"

namespace surged {

/// `override`: a record, too. Times are wall clock, already resolved in the roster's zone.
struct OverrideChange {
    std::string id;
    std::string roster;
    WallTime from{};
    WallTime until{};
    std::string out;
    std::string in;
    std::string by;
    std::string reason;
    bool removed = false;
    template <typename V>
    void fields(V& v) {
        v("id", id), v("roster", roster), v("from", from), v("until", until), v("out", out), v("in", in), v("by", by),
            v("reason", reason), v("removed", removed);
    }
    /// Of one that is not over at `now`.
    template <typename V>
    void fields(V& v, WallTime now) const {
        v.maybe("id", id), v("roster", roster), v("from", from), v("until", until), v("out", out), v("in", in), v("by", by);
        v("reason", reason), v("active", from <= now);
    }
};

}  // namespace surged
