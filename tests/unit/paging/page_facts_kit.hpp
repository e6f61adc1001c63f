// The facts of one page, as tests of its text begin with them.
#pragma once

#include "core/paging/text.hpp"

namespace surged::test {

inline PageFacts surge() {
    PageFacts f;
    f.incident = "0-17";
    f.place = "济南/普席";
    f.level = Level::red;
    f.rule = "oldest-wait";
    f.summary = "排队最长";
    f.metric = "oldest_wait_s";
    f.value = 100;
    f.raise = Limit{Comparison::above, 90};
    f.form.metric = MetricUnit::seconds;
    f.evidence = "63 calls in 2m, usual 31.5";
    f.need = 6;
    f.joined = 2;
    return f;
}

}  // namespace surged::test
