// The band of a forecast: between which counts a baseline rule is not surprised.
#pragma once

#include "core/rule/baseline.hpp"

namespace surged {

/// Calls in one row; all NaN when nothing is expected.
struct ForecastBand {
    double expected = std::numeric_limits<double>::quiet_NaN();
    double low = std::numeric_limits<double>::quiet_NaN();   ///< so rare below as `high` is above
    double high = std::numeric_limits<double>::quiet_NaN();  ///< where the lowest level of the rule is raised
};

/// Some tens of microseconds.
ForecastBand forecast_band(const BaselineBand& rule);

}  // namespace surged
