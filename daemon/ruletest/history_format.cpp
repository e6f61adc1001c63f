#include "ruletest/history.hpp"

#include "config/draft.hpp"
#include "config/limits.hpp"

namespace surged {

using namespace std::chrono_literals;

void read_test_history(TableReader& in, TestHistory& history) {
    in.text("metric", history.metric);
    in.integer("days", history.days, 1, 1000);
    in.require("count");
    in.number("count", history.count, 0, 1e9);
    if (in.span("every", history.every, {1min, 60min}) && Span{24h}.count() % history.every.count() != 0) {
        in.error("every", "a day must be a whole number of these");
    }
    std::string hours;
    if (!in.text("hours", hours)) {
        return;
    }
    const auto dash = hours.find('-');
    const auto from = parse_clock(std::string_view(hours).substr(0, dash));
    const auto to = dash == std::string::npos ? from : parse_clock(std::string_view(hours).substr(dash + 1));
    if (dash == std::string::npos || !from || !to || *to <= *from) {
        in.error("hours", "hours are written \"08:00-20:00\"");
        return;
    }
    history.from_min = *from;
    history.to_min = *to;
}

}  // namespace surged
