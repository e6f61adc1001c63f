// What a simulated contact centre is made of and what happens to it: the scenario, and its text form, read by hand.
//
// One statement a line, `#` begins a comment, words are separated by blanks, values follow `key=`:
//
//   seed 42
//   start 2026-03-02T08:00           civil time of the first second; without it the caller decides
//   zone +08:00                      civil time = UTC + zone, for the daily profile
//   profile night hours=1,.8,...     24 values, 1 = the rate as given; optional week=Mon,...,Sun (7 values)
//   queue centre=jinan queue=general rate=600/h agents=40 aht=180s
//         (one line; also: group= aht_cv=0.8 dist=lognormal|exponential patience=4m acw=15s breaks=0.05 break=10m
//          profile=day|flat|<name> overflow=<centre>/<queue> after=60s)
//   at 30s surge centre=jinan queue=general factor=3 for=5m ramp=30s   # arrivals times factor, linear over the ramps
//   at 1m drain centre=jinan queue=* agents=10 for=5m                  # agents leave, after their call, and come back
//   at 2m overflow centre=jinan queue=general to=weifang/general share=0.3 for=10m
//   at 3m aht centre=* queue=* factor=1.3 for=10m
//   at 4m outage centre=jinan for=25s                                  # the feed of a centre is silent; calls go on
//
// centre and queue of an `at` line are globs (default *); without `for` a step stays to the end. The hardest rule: every error is
// told with its line and column, all of them and not the first.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

/// Shape of a week: arrivals at an instant = rate x hours (linear between full hours) x week.
struct SimProfile {
    std::array<double, 24> hours{};
    std::array<double, 7> week{1, 1, 1, 1, 1, 1, 1};  ///< Monday first
};

struct SimQueueSpec {
    std::string centre;
    std::string queue;
    std::string group;      ///< scope of joiners; default: the queue's name
    double rate_per_h = 0;  ///< at profile value 1
    int agents = 0;
    double aht_s = 180;        ///< mean talk time
    double aht_cv = 0.8;       ///< lognormal only
    bool exponential = false;  ///< talk time is exponential (what Erlang's formulas assume)
    double patience_s = 0;     ///< mean of an exponential; 0 = nobody gives up
    double acw_s = 0;          ///< mean after-call work, exponential; 0 = none
    double breaks = 0;         ///< share of staffed time in aux, 0..0.9
    double break_s = 600;      ///< mean length of a break
    std::string profile = "flat";
    std::string overflow_centre;  ///< a caller who waited `overflow_after_s` moves there; empty = never
    std::string overflow_queue;
    double overflow_after_s = 60;
    /// Patience and talk time of a call depend on the number of the call alone, not on who was served before it: two runs that differ in
    /// their agents then have the same callers. Not in the text form.
    bool by_call = false;
    double retry = 0;          ///< share of those who gave up who call again. Not in the text form.
    double retry_after_s = 0;  ///< mean of an exponential
};

enum class SimStepKind : std::uint8_t { surge, drain, overflow, aht, outage };

struct SimStep {
    SimStepKind kind = SimStepKind::surge;
    Span at{};
    std::optional<Span> lasts{};  ///< nullopt = to the end
    Span ramp{0};
    std::string centre = "*";
    std::string queue = "*";
    double factor = 1;  ///< surge, aht
    int agents = 0;     ///< drain, of each matching queue
    double share = 0;   ///< overflow
    std::string to_centre;
    std::string to_queue;
    /// Strength at `t` after the scenario's begin: 0 before and after, 1 in between, linear on the ramps. The ramp up lies inside
    /// `lasts`, the ramp down follows it.
    double strength(Span t) const;
};

struct Scenario {
    std::uint64_t seed = 1;
    std::optional<std::int64_t> start_ms{};  ///< UTC
    int zone_s = 0;
    std::map<std::string, SimProfile> profiles;  ///< "flat" and "day" are always there
    std::vector<SimQueueSpec> queues;
    std::vector<SimStep> steps;
};

struct ScenarioError {
    int line = 0;
    int col = 0;
    std::string message;
};

/// Limits: 10,000 lines of 4 KiB, 1,000 queues, 1,000 steps, 50 errors reported, rate <= 1,000,000 an hour, 100,000 agents a
/// queue.
Result<Scenario, std::vector<ScenarioError>> parse_scenario(std::string_view text);
/// The same from a file (at most 4 MiB); errors are lines "file:line:col: message" joined by newlines.
Result<Scenario> load_scenario(const std::string& path);

/// "flat" (1 all day) and "day" (a hotline's working day, busiest hour 1, weekends lower; our choice).
std::map<std::string, SimProfile> profiles_builtin();

/// The quickstart's scenario: two centres, five queues; a surge in jinan/general after twenty seconds.
std::string_view scenario_quickstart();

}  // namespace surged
