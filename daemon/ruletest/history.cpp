#include "ruletest/history.hpp"

#include <cmath>

#include "config/draft.hpp"
#include "config/limits.hpp"
#include "replay/lessons.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
/// SplitMix64 and Box-Muller: the standard library's distributions differ from host to host.
class Chance {
public:
    double around(double mean) {
        const double z = std::sqrt(-2.0 * std::log(uniform())) * std::cos(6.283185307179586 * uniform());
        return std::max(0.0, std::round(mean + std::sqrt(mean) * z));
    }

private:
    double uniform() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return (static_cast<double>((z ^ (z >> 31U)) >> 11U) + 0.5) / 9007199254740992.0;
    }
    std::uint64_t state_ = 1;
};
}  // namespace

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

ProfileShelf learn_histories(const Plan& plan, const std::vector<TestHistory>& histories, WallTime start) {
    ProfileShelf shelf;
    const QueueStore store(plan);
    for (const auto& history : histories) {
        QueueLessons lessons(plan, store, history.queue, history.metric, history.every);
        if (lessons.empty()) {
            continue;
        }
        const auto civil = lessons.zone()->to_civil(start);
        const auto today = days_from_civil(civil.year, civil.month, civil.day);
        const auto step = static_cast<std::int32_t>(history.every.count() / 1000);
        Chance chance;
        std::vector<LearnRow> rows;
        for (auto day = today - history.days; day < today; ++day) {
            for (std::int32_t second = 0; second < 86400; second += step) {
                const bool open = second >= history.from_min * 60 && second < history.to_min * 60;
                const double count = open ? chance.around(history.count) : 0.0;
                rows.push_back({static_cast<std::int32_t>(day), second, static_cast<float>(count), false});
            }
        }
        lessons.learn(rows);
        std::string why;
        lessons.finish(shelf, why);
    }
    return shelf;
}

}  // namespace surged
