// The committed figures: instructions a unit of each case, for each build they were taken in; and what a new count means beside them.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace surged::bench {

/// Instructions a unit by case.
using GuardCounts = std::map<std::string, double, std::less<>>;

/// Lines "BUILD | CASE | INSTRUCTIONS"; empty lines and those that begin with # are comments. Lines of another form are left out.
std::map<std::string, GuardCounts, std::less<>> read_figures(std::string_view text);
/// The text with the figures of this build in it: in their place, or at the end.
std::string with_figures(std::string_view text, const std::string& build, const GuardCounts& counts);

enum class GuardVerdict {
    same,        ///< within the bound
    better,      ///< below it by more than the bound: the committed figure should follow
    worse,       ///< above it by more than the bound
    other_build  ///< there is no figure of this build, or its reference differs: nothing can be said
};
/// A count may differ from its figure by so much, either way.
inline constexpr double guard_bound = 0.03;
/// The reference never changes: where it differs by more than this, the compiler or its library is another one.
inline constexpr double reference_bound = 0.005;

/// `committed`: of this build; null = none. `counted` holds the reference.
GuardVerdict judge_count(const GuardCounts* committed, const GuardCounts& counted, std::string_view key);

/// Work whose cost a unit must not rise with the number of units: one case does ten times as many as the other.
struct GuardGrowth {
    std::string_view few;
    std::string_view many;
    double most = 0;  ///< of `many` over `few`, a unit
};
/// How much dearer a unit is among many; 0 = one of them was not counted. It needs no committed figure.
double growth_of(const GuardCounts& counted, const GuardGrowth& growth);

}  // namespace surged::bench
