// Which levels of which rules were ever raised by a test. A rule that no test raises is a rule nobody knows.
//
// Knows rule ids, their content and levels. A rule of one content is one rule, in whatever files it is tested.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/team/plan.hpp"

namespace surged {

class Coverage {
public:
    /// Every level of every rule of this plan should be raised by some test. `name`: of its file, for people.
    void expect(const Plan& plan, const std::string& name);
    void add(const Plan& plan, const std::set<std::pair<std::string, Level>>& raised);

    struct Gap {
        std::string file;
        std::string rule;
        Level level = Level::none;
    };
    /// In order of file, rule and level.
    std::vector<Gap> missing() const;
    struct Counts {
        std::size_t rules = 0;
        std::size_t levels = 0;  ///< of all rules
        std::size_t raised = 0;  ///< of these
    };
    Counts counts() const;

private:
    struct Known {
        std::string file;
        std::string rule;
        std::map<Level, bool> levels;  ///< raised?
    };

    std::map<std::uint64_t, Known> rules_;  ///< by content
};

}  // namespace surged
