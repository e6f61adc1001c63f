#include "ruletest/times.hpp"

#include "core/base/clock_text.hpp"
#include "core/base/text.hpp"

namespace surged {

using namespace std::chrono_literals;

namespace {
constexpr Span time_max = 24h * 400;  ///< of one test: a year and a holiday

/// "03:15" or "03:15:20" on the day of the start, or on the next when that is over.
std::optional<CivilTime> time_of_day(const std::string& text, const CivilTime& start) {
    auto civil = parse_civil(date_text(start) + "T" + text);
    if (!civil) {
        return std::nullopt;
    }
    if (civil->second_of_day < start.second_of_day) {
        const auto next = civil_from_days(days_from_civil(start.year, start.month, start.day) + 1);
        civil->year = next.year;
        civil->month = next.month;
        civil->day = next.day;
    }
    return *civil;
}
}  // namespace

bool TestClock::read(const Node& node, std::string_view key, Span& out, Report& report) const {
    const bool civil = node.kind == Node::Kind::text && node.text.find(':') != std::string::npos;
    if (!civil) {
        return read_span(node, key, out, {Span{0}, time_max}, report);
    }
    std::optional<CivilTime> wanted;
    if (node.text.size() <= 8) {
        wanted = time_of_day(node.text, start);
    } else if (const auto whole = parse_civil(node.text)) {
        wanted = *whole;
    }
    const std::string name = "`" + std::string(key) + "`";
    if (!wanted) {
        report.error(node.place, name + ": " + in_quotes(node.text) + " is neither a duration nor a civil time");
        return false;
    }
    const Span after = zone.first_instant(*wanted) - zone.first_instant(start);
    if (after < Span{0} || after > time_max) {
        report.error(node.place, name + ": " + in_quotes(node.text) + " is before the start, or more than 400 days after it");
        return false;
    }
    out = after;
    return true;
}

void TestClock::at(TableReader& in, Span& out) const {
    in.require("at");
    if (const Node* node = in.any("at")) {
        read(*node, "at", out, in.report());
    }
}

void TestClock::between(TableReader& in, Span& from, Span& until) const {
    in.require("between");
    const Node* node = in.any("between");
    if (node == nullptr) {
        return;
    }
    if (node->kind != Node::Kind::array || node->items.size() != 2) {
        return in.error("between", "`between` must be two durations: [\"1m\", \"1m30s\"]");
    }
    if (read(node->items[0], "between", from, in.report()) && read(node->items[1], "between", until, in.report()) &&
        until < from) {
        in.error("between", "`between` ends before it starts");
    }
}

}  // namespace surged
