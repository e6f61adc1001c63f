// A queue_log in a few characters: "0 c1 q - ENTERQUEUE ||1" stands for a line `0` seconds after the kit's epoch.
#pragma once

#include <sstream>
#include <string>

#include "feed/queue_log_state.hpp"

namespace surged::test {

inline constexpr std::int64_t log_epoch_s = 1'700'000'000;

/// "<seconds> <callid> <queue> <agent> <EVENT> <p1|p2|...>" -> a line of queue_log.
inline std::string log_line(const std::string& brief) {
    std::istringstream in(brief);
    std::int64_t at = 0;
    std::string call, queue, agent, event, params;
    in >> at >> call >> queue >> agent >> event >> params;
    return std::to_string(log_epoch_s + at) + "|" + call + "|" + queue + "|" + (agent == "-" ? "NONE" : agent) + "|" + event +
           "|" + params;
}
inline void fold(QueueLogState& state, const std::string& brief) {
    const auto text = log_line(brief);
    state.apply(*parse_queue_log_line(text));
}
inline std::string log_text(std::initializer_list<const char*> lines) {
    std::string out;
    for (const auto* line : lines) {
        out += log_line(line) + "\n";
    }
    return out;
}
inline std::int64_t log_ms(std::int64_t s) {
    return (log_epoch_s + s) * 1000;
}

}  // namespace surged::test
