// Service level by name: what each of the trade's variants is in terms of counters. A name becomes the text of a formula, which
// is parsed in its place, so that a service level is made of the same inputs, windows and unknowns as everything else.
//
//   outcomes(10m)               O = A + B + timeouts + overflow_out      calls that ended in the window, one way or another
//   sl_positive(20s, 10m)       (AT + BT) / O      callers who gave up in time are no failure
//   sl_answered_only(20s, 10m)  AT / A             flatters a surge: callers who gave up vanish
//   sl_negative(20s, 10m)       AT / O             the strict form, N-second connection rate (recommended)
//   sl_ignore(20s, 10m)         AT / (O - BT)      callers who gave up in time are left out
//   sl_live(20s, 10m)           AT / (O + P)       and everybody who waits longer than T by now is missed already
//   sl_burn(20s, 80, 5m, 1h)    the smaller of (1 - sl_negative) / (1 - 80 %) over both windows: misses as a multiple of what is
//   allowed
//
// A answered, AT answered within T, B abandoned, BT abandoned within T, all in the window; the metrics are answered,
// answered_in_20, abandoned, abandoned_in_20. Abandoned, timeouts and overflow_out count as none where nobody sends them. What ended
// is divided by what ended: divided by what came, a rate passes 100 % when a queue empties, and hides what is lost meanwhile. P, those
// who wait longer than T, is not reported by switches: when the oldest has waited longer, all who wait have but those who came in the
// last T, and at least one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace surged::detail {

/// What a name wants between its parentheses; empty when it is no service level.
std::string_view service_level_usage(std::string_view name);
/// All names.
const std::vector<std::string>& service_level_names();

struct ServiceLevelArguments {
    Span threshold{0};   ///< whole seconds
    std::string target;  ///< sl_burn: percent, as written
    std::string window;  ///< as written: "10m"; sl_burn: the short one
    std::string longer;  ///< sl_burn
};
/// The formula's text. Precondition: the name is a service level.
std::string service_level_formula(std::string_view name, const ServiceLevelArguments& arguments);

}  // namespace surged::detail
