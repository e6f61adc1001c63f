// As much of PromQL as rules about queries need: the selectors of an expression, each with its matchers, its range and the
// function around it. Whether an expression is valid promtool says.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace surged::test {

struct Selector {
    std::string metric;
    std::map<std::string, std::string> matchers;  ///< label -> operator and value: `=~$job`
    std::string range;                            ///< "$__rate_interval"; empty = none
    std::string function;                         ///< the call or aggregation that it stands in at once; empty = none
    bool at_end = false;                          ///< "@ end()" follows it
    std::vector<std::string> around;              ///< every call and aggregation around it, the outermost first
};

std::vector<Selector> selectors_of(std::string_view expr);

}  // namespace surged::test
