// What is not known: no data, or no such quotient.
#pragma once

#include <limits>

namespace surged {

/// A value that nobody knows. It goes through every sum and quotient and compares with nothing; asked for by std::isnan().
inline constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

}  // namespace surged
