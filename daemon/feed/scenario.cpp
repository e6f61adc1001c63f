#include "feed/scenario.hpp"

#include <algorithm>

namespace surged {

double SimStep::strength(Span t) const {
    if (t < at) {
        return 0;
    }
    const auto into = t - at;
    if (lasts && into >= *lasts) {
        const auto past = into - *lasts;
        return past >= ramp ? 0.0 : 1.0 - seconds(past) / seconds(ramp);
    }
    return into >= ramp ? 1.0 : seconds(into) / seconds(ramp);
}

std::map<std::string, SimProfile> profiles_builtin() {
    SimProfile flat;
    flat.hours.fill(1);
    SimProfile day;
    day.hours = {.10, .06, .04, .03, .03, .05, .12, .30, .62, .90, 1.0, .95,
                 .72, .70, .85, .88, .84, .78, .66, .62, .60, .50, .34, .18};
    day.week = {1.05, 1, 1, 1, 1, .85, .8};
    return {{"flat", flat}, {"day", day}};
}

std::string_view scenario_quickstart() {
    // Calls are short so that a demonstration is: the surge overruns jinan/general within half a minute, and the people who come
    // make the difference between a backlog that stays and one that is gone a minute after the surge.
    return R"(# Two sub-centres; jinan's general queue is hit twenty seconds after the start.
seed 20260302
zone +08:00
queue centre=jinan   queue=general   group=普席 rate=1440/h agents=16 aht=30s patience=4m acw=3s breaks=0.02
queue centre=jinan   queue=complaint group=专席 rate=60/h  agents=4  aht=100s patience=6m acw=10s
queue centre=weifang queue=general   group=普席 rate=960/h  agents=12 aht=30s patience=4m acw=3s breaks=0.02
queue centre=weifang queue=data      group=专席 rate=60/h  agents=4  aht=90s patience=5m acw=10s
queue centre=weifang queue=english   group=专席 rate=12/h  agents=2  aht=90s patience=5m acw=10s
at 20s surge centre=jinan queue=general factor=3 for=70s ramp=5s
)";
}

}  // namespace surged
