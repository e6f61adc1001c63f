// Everything there is to say about one rule on one queue: the detector's part and the desk's.
#pragma once

#include "core/base/time.hpp"
#include "core/desk/why.hpp"
#include "core/rule/explain.hpp"

namespace surged {

struct Explanation {
    Stamp now{};  ///< the moment it is about
    RuleExplanation rule;
    AlertPaging paging;

    template <typename V>
    void fields(V& v) const {
        v("now", now.wall), rule.fields(v, paging.silences), v("paging", paging);
    }
};

}  // namespace surged
