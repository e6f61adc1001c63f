// The drawings of an after-action report: lines over the time of the incident.
#include "ctl/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ctl/report_words.hpp"
#include "replay/timeline.hpp"
#include "wire/html_text.hpp"

namespace surged {

namespace {

// The drawing's measures, in its own units.
constexpr double left = 40, top = 16, wide = 700, high = 180;

struct Dot {
    WallTime at{};
    double value = 0;
};
struct Line {
    std::string name;
    std::string colour;
    bool dashed = false;
    std::vector<Dot> dots;
};

struct Chart {
    std::string title;
    WallTime from{};
    WallTime until{};
    std::vector<Line> lines;
};

/// 1, 2 or 5 times a power of ten, so that about five of them reach `most`.
double tick_of(double most) {
    const double rough = std::max(most / 5, 1e-9);
    const double power = std::pow(10, std::floor(std::log10(rough)));
    for (const double step : {1.0, 2.0, 5.0}) {
        if (power * step >= rough) {
            return power * step;
        }
    }
    return power * 10;
}

class Pen {
public:
    Pen(const Chart& chart, const Zone& zone, bool whole) : chart_(chart), zone_(zone) {
        for (const auto& line : chart.lines) {
            for (const auto& dot : line.dots) {
                most_ = std::max(most_, dot.value);
            }
        }
        tick_ = whole ? std::max(1.0, std::ceil(tick_of(most_))) : tick_of(most_);
    }
    std::string draw() const {
        std::string out =
            fmt::format("<svg viewBox=\"0 0 760 240\" role=\"img\" aria-label=\"{}\" xmlns=\"http://www.w3.org/2000/svg\">\n",
                        escape_html(chart_.title));
        for (double value = 0; value <= most_ * (1 + 1e-9); value += tick_) {
            out += fmt::format(
                "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#ddd\"/>"
                "<text x=\"34\" y=\"{3:.1f}\" font-size=\"11\" text-anchor=\"end\">{4:g}</text>\n",
                left, left + wide, y(value), y(value) + 4, value);
        }
        const auto length = chart_.until - chart_.from;
        for (int i = 0; i <= 4; ++i) {
            const auto at = chart_.from + length * i / 4;
            const auto* anchor = i == 0 ? "start" : i == 4 ? "end" : "middle";
            out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" font-size=\"11\" text-anchor=\"{}\">{}</text>\n", x(at), top + high + 16,
                               anchor, civil_text(at, zone_).substr(11));
        }
        double legend = left;
        for (const auto& line : chart_.lines) {
            std::string points;
            for (const auto& dot : line.dots) {
                points += fmt::format("{}{:.1f},{:.1f}", points.empty() ? "" : " ", x(dot.at), y(dot.value));
            }
            out += fmt::format("<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{} points=\"{}\"/>\n", line.colour,
                               line.dashed ? " stroke-dasharray=\"6 3\"" : "", points);
            out += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"12\" fill=\"{}\">{} {}</text>\n", legend, top + high + 36, line.colour,
                               line.dashed ? "- -" : "—", escape_html(line.name));
            legend += 160;
        }
        return out + "</svg>\n";
    }

private:
    double x(WallTime at) const {
        const auto length = static_cast<double>((chart_.until - chart_.from).count());
        return left + wide * static_cast<double>((at - chart_.from).count()) / length;
    }
    double y(double value) const { return top + high * (1 - value / most_); }

    const Chart& chart_;
    const Zone& zone_;
    double most_ = 1;
    double tick_ = 1;
};

/// A value stands until the next point, the last one until `end`.
std::vector<Dot> steps(const std::vector<SeatPoint>& seats, WallTime end, int SeatPoint::*value) {
    std::vector<Dot> out;
    for (std::size_t i = 0; i < seats.size(); ++i) {
        out.push_back({seats[i].at, static_cast<double>(seats[i].*value)});
        out.push_back({i + 1 < seats.size() ? seats[i + 1].at : end, static_cast<double>(seats[i].*value)});
    }
    return out;
}

std::vector<Dot> dots(const std::vector<LoadPoint>& points, std::optional<double> LoadPoint::*value) {
    std::vector<Dot> out;
    for (const auto& point : points) {
        if (point.*value) {
            out.push_back({point.at, *(point.*value)});
        }
    }
    return out;
}

}  // namespace

std::string seats_svg(const AfterAction& report, Language language, const Zone& zone) {
    if (report.timeline.empty() || report.seats.empty()) {
        return {};
    }
    Chart chart;
    chart.title = ReportSay{language}("seats_over_time");
    chart.from = report.seats.front().at;
    const auto end = report.resolved.value_or(std::max(report.timeline.back().wall, report.seats.back().at));
    chart.until = std::max(end, report.seats.back().at);
    if (chart.until <= chart.from) {
        return {};
    }
    chart.lines = {
        {ReportSay{language}("line_taken"), "#1565c0", false, steps(report.seats, chart.until, &SeatPoint::taken)},
        {ReportSay{language}("line_wanted"), "#c62828", true, steps(report.seats, chart.until, &SeatPoint::need)}};
    return Pen(chart, zone, true).draw();
}

std::string load_svg(const AfterAction& report, Language language, const Zone& zone) {
    const auto& points = report.load.points();
    if (points.size() < 2 || points.back().at <= points.front().at) {
        return {};
    }
    Chart chart;
    chart.title = ReportSay{language}("chart_calls");
    chart.from = points.front().at;
    chart.until = points.back().at;
    const auto add = [&](std::string name, const char* colour, bool dashed, std::optional<double> LoadPoint::*value) {
        if (auto found = dots(points, value); found.size() >= 2) {
            chart.lines.push_back({std::move(name), colour, dashed, std::move(found)});
        }
    };
    add(ReportSay{language}("line_offered"), "#1565c0", false, &LoadPoint::load_per_min);
    add(ReportSay{language}("line_forecast"), "#6d6d6d", true, &LoadPoint::forecast_per_min);
    add(ReportSay{language}("line_capacity"), "#2e7d32", false, &LoadPoint::capacity_per_min);
    return chart.lines.empty() ? std::string() : Pen(chart, zone, false).draw();
}

}  // namespace surged
