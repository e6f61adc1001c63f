// What a configuration and `learn` add to a backtest: the calendar that tells the kinds of days, and the profile to begin with.
#pragma once

#include <cstdint>
#include <string>

#include "config/settings.hpp"
#include "core/base/result.hpp"
#include "core/forecast/calendar.hpp"
#include "core/forecast/surge_detector.hpp"

namespace surged {

struct TaughtOptions {
    std::string config;
    std::string calendar;  ///< the id of a [[calendar]] of `config`, or a file of configuration that has one
    std::string profiles;  ///< a file, "off", or empty: that of the daemon of `config`
    std::string centre;    ///< of the profile; empty = any
};

struct Taught {
    LoadedConfig config;
    const CalendarSpec* calendar = nullptr;  ///< of `config`; nullptr = none was asked for
};

/// Error: a configuration or a calendar that was named is not there.
Result<Taught> find_taught(const TaughtOptions& options);

/// Whose profile is looked for.
struct ProfileWanted {
    std::string queue;           ///< empty = any
    std::int64_t first_day = 0;  ///< of the input: what a profile knows of later days is hindsight
    bool trained = false;        ///< by --train
};

/// Takes the profile that fits the detector's interval and the queue. The detector is left as it is where there is none, and why is
/// told on stderr. Error: --profiles named a file, and it has no such profile, or several.
Result<void> take_profile(const TaughtOptions& options, const Taught& taught, const ProfileWanted& wanted, SurgeDetector& detector);

}  // namespace surged
