#include "ctl/history_curves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/base/clock_text.hpp"
#include "core/base/text.hpp"
#include "ctl/api_json.hpp"
#include "ctl/context.hpp"

namespace surged {
namespace {

/// As the daemon lists them; what is not among them comes after.
constexpr std::array metric_order{"calls_waiting",    "oldest_wait_s", "offered", "answered",         "abandoned",    "agents_staffed", "agents_on_call",
                                  "agents_available", "aht_s",         "handled", "handling_s",       "level",   "forecast_offered", "forecast_low", "forecast_high",  "required_agents",
                                  "productive_agents"};

std::size_t order_of(const std::string& metric) {
    return static_cast<std::size_t>(std::find(metric_order.begin(), metric_order.end(), metric) - metric_order.begin());
}

std::string value_text(const std::optional<double>& value) {
    return value ? format_rounded(*value, 2) : "-";
}

std::string utc_text(WallTime at) {
    std::string text = civil_text(at, Zone{});
    text[text.find(' ')] = 'T';
    return text + "Z";
}

}  // namespace

bool HistoryCurve::known() const {
    return std::any_of(values.begin(), values.end(), [](const auto& value) { return value.has_value(); });
}

std::size_t HistoryCurves::steps() const {
    return curves.empty() ? 0 : curves.front().values.size();
}

Result<HistoryCurves> read_history(std::string_view text) {
    const auto json = parse_json(text, {std::size_t{64} << 20U, 16, 4000000});
    const auto step = json ? parse_span(json->text_or("step", "")) : std::nullopt;
    const auto from = json ? integer_of(*json, "from") : std::nullopt;
    const auto to = json ? integer_of(*json, "to") : std::nullopt;
    if (!step || *step <= Span{0} || !from || !to) {
        return fail("what answers is not surged");
    }
    HistoryCurves out;
    out.queue = {json->text_or("centre", ""), json->text_or("queue", ""), json->text_or("channel", voice_channel)};
    out.from = wall_time(*from);
    out.to = wall_time(*to);
    out.step = *step;
    out.note = json->text_or("note", "");
    for (const auto& [metric, body] : members_of(*json, "metrics")) {
        HistoryCurve curve{metric, body.text_or("unit", ""), {}};
        for (const JsonValue& point : list_of(body, "points")) {
            const auto* pair = point.array();
            if (pair == nullptr || pair->size() != 2) {
                return fail("what answers is not surged");
            }
            curve.values.push_back((*pair)[1].number());
        }
        out.curves.push_back(std::move(curve));
    }
    std::stable_sort(out.curves.begin(), out.curves.end(),
                     [](const HistoryCurve& a, const HistoryCurve& b) { return order_of(a.metric) < order_of(b.metric); });
    const bool even = std::all_of(out.curves.begin(), out.curves.end(),
                                  [&](const HistoryCurve& curve) { return curve.values.size() == out.steps(); });
    return even ? Result<HistoryCurves>(std::move(out)) : fail("what answers is not surged");
}

std::string spark_line(const HistoryCurve& curve, std::size_t width) {
    constexpr std::array blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const std::size_t columns = std::min(width, curve.values.size());
    std::vector<std::optional<double>> most(columns);
    double low = 0;
    double high = 0;
    for (std::size_t i = 0; i < curve.values.size(); ++i) {
        auto& cell = most[i * columns / curve.values.size()];
        if (curve.values[i]) {
            cell = std::max(cell.value_or(*curve.values[i]), *curve.values[i]);
            low = std::min(low, *curve.values[i]);
            high = std::max(high, *curve.values[i]);
        }
    }
    std::string out;
    for (const auto& value : most) {
        const double share = value && high > low ? (*value - low) / (high - low) : 0;
        out += value ? blocks[static_cast<std::size_t>(std::lround(share * (blocks.size() - 1)))] : " ";
    }
    return out;
}

std::string history_lines(const HistoryCurves& curves, const Zone& zone, std::size_t width) {
    TextTable table({"metric", "", "least", "mean", "most", "last", "unit"});
    for (const HistoryCurve& curve : curves.curves) {
        if (!curve.known()) {
            continue;
        }
        std::optional<double> least;
        std::optional<double> most;
        std::optional<double> last;
        double sum = 0;
        double count = 0;
        for (const auto& value : curve.values) {
            if (value) {
                least = std::min(least.value_or(*value), *value);
                most = std::max(most.value_or(*value), *value);
                last = value;
                sum += *value;
                count += 1;
            }
        }
        table.add({curve.metric, spark_line(curve, width), value_text(least), value_text(sum / count), value_text(most), value_text(last), curve.unit});
    }
    return fmt::format("{}/{} from {} to {}, a step is {}\n{}{}\n", curves.queue.centre, curves.queue.queue, civil_text(curves.from, zone),
                       civil_text(curves.to, zone), format_span(curves.step), table.text(), zone_note(zone));
}

std::string history_table(const HistoryCurves& curves, const Zone& zone) {
    std::vector<std::string> head{"time"};
    for (const HistoryCurve& curve : curves.curves) {
        if (curve.known()) {
            head.push_back(curve.metric);
        }
    }
    TextTable table(std::move(head));
    for (std::size_t i = 0; i < curves.steps(); ++i) {
        std::vector<std::string> row{civil_text(curves.at(i), zone)};
        for (const HistoryCurve& curve : curves.curves) {
            if (curve.known()) {
                row.push_back(value_text(curve.values[i]));
            }
        }
        table.add(std::move(row));
    }
    return table.text() + zone_note(zone) + "\n";
}

std::string history_csv(const HistoryCurves& curves) {
    std::string out = "time";
    for (const HistoryCurve& curve : curves.curves) {
        out += "," + curve.metric;
    }
    out += "\n";
    for (std::size_t i = 0; i < curves.steps(); ++i) {
        out += utc_text(curves.at(i));
        for (const HistoryCurve& curve : curves.curves) {
            out += "," + (curve.values[i] ? format_number(*curve.values[i]) : std::string());
        }
        out += "\n";
    }
    return out;
}

std::string history_at(const HistoryCurves& curves, WallTime at) {
    std::string out;
    if (at < curves.from || at >= curves.from + curves.step * static_cast<std::int64_t>(curves.steps())) {
        return out;
    }
    const auto i = static_cast<std::size_t>((at - curves.from) / curves.step);
    for (const HistoryCurve& curve : curves.curves) {
        if (curve.values[i]) {
            out += (out.empty() ? "" : ", ") + curve.metric + " " + value_text(curve.values[i]) + (curve.unit.empty() || curve.unit == "level" ? "" : " " + curve.unit);
        }
    }
    return out;
}

}  // namespace surged
