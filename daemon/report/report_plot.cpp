// The drawings of an after-action report: lines over the time of the incident.
#include "report/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <vector>

#include "core/base/clock_text.hpp"
#include "core/base/text.hpp"
#include "report/report_sections.hpp"
#include "report/report_words.hpp"
#include "wire/html_text.hpp"

namespace surged {

namespace {

// The drawing's measures, in its own units: 760 of them are as wide as the text of an A4 page.
constexpr double left = 44, top = 46, wide = 700, high = 180;
constexpr double letter = 6.3;  // about the width of a letter of 11 units; Chinese ones take two

struct Dot {
    WallTime at{};
    std::optional<double> value;  ///< nullopt = not known: the line has a hole
};
struct Line {
    std::string name;
    const char* colour = "";
    const char* dash = "";
    std::vector<Dot> dots;
};
struct Mark {
    WallTime at{};
    std::string name;
};

struct Chart {
    std::string title;
    WallTime from{};
    WallTime until{};
    std::vector<Line> lines;
    std::vector<Mark> marks;
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

/// So that at most eight of them stand below the drawing.
std::chrono::seconds time_step(Span length) {
    using namespace std::chrono_literals;
    for (const std::chrono::seconds step : {10s, 30s, 60s, 120s, 300s, 600s, 900s, 1800s, 3600s, 7200s, 10800s, 21600s, 43200s}) {
        if (length / step <= 8) {
            return step;
        }
    }
    constexpr std::chrono::seconds day{86400};
    return day * (1 + length / (day * 8));
}

class Pen {
public:
    Pen(const Chart& chart, const Zone& zone, bool whole) : chart_(chart), zone_(zone) {
        for (const auto& line : chart.lines) {
            for (const auto& dot : line.dots) {
                most_ = std::max(most_, dot.value.value_or(0));
            }
        }
        tick_ = whole ? std::max(1.0, std::ceil(tick_of(most_))) : tick_of(most_);
        most_ = tick_ * std::ceil(most_ / tick_ - 1e-9);
    }
    std::string draw() const {
        std::string out =
            fmt::format("<svg viewBox=\"0 0 760 284\" role=\"img\" aria-label=\"{}\" xmlns=\"http://www.w3.org/2000/svg\" font-size=\"11\">\n",
                        escape_html(chart_.title));
        for (double value = 0; value <= most_ * (1 + 1e-9); value += tick_) {
            out += fmt::format(
                "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"#ddd\"/>"
                "<text x=\"38\" y=\"{3:.1f}\" text-anchor=\"end\">{4:g}</text>\n",
                left, left + wide, y(value), y(value) + 4, value);
        }
        return out + times() + marks() + lines() + "</svg>\n";
    }

private:
    std::string times() const {
        std::string out;
        const auto step = time_step(chart_.until - chart_.from);
        const bool days = chart_.until - chart_.from > std::chrono::hours{24};
        // Ticks stand on whole multiples of the step of the zone's own clock.
        const auto offset = std::chrono::seconds{zone_.offset_s(chart_.from)};
        const auto shown = chart_.from.time_since_epoch() + offset;
        auto at = chart_.from + (step - shown % step) % step;
        for (; at <= chart_.until; at += step) {
            const auto text = civil_text(at, zone_);
            const bool seconds = step < std::chrono::seconds{60};
            const auto label = days ? text.substr(5, 11) : text.substr(11, seconds ? 8 : 5);
            out += fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"#777\"/>", x(at), top + high, top + high + 4);
            out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"{}\">{}</text>\n", x(at), top + high + 16,
                               x(at) < left + 20 ? "start" : x(at) > left + wide - 20 ? "end" : "middle", label);
        }
        return out;
    }
    /// Three rows of words above the drawing: a word stands at its line, in the first row where it meets none before it.
    std::string marks() const {
        std::string out;
        std::array<double, 3> ends{0, 0, 0};
        for (const Mark& mark : chart_.marks) {
            if (mark.at < chart_.from || mark.at > chart_.until) {
                continue;
            }
            constexpr double apart = 6;
            const double width = letter * static_cast<double>(display_width(mark.name));
            const double wanted = std::min(x(mark.at), left + wide - width);
            const auto free = std::ranges::find_if(ends, [&](double end) { return wanted > end + apart; });
            const auto row = free != ends.end() ? free : std::ranges::min_element(ends);
            const double from = std::max(wanted, *row == 0 ? wanted : *row + apart);
            *row = from + width;
            const double base = 11 + 13 * static_cast<double>(row - ends.begin());
            out += fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"#1b1b1b\" stroke-dasharray=\"1 3\"/>", x(mark.at),
                               base + 3, top + high);
            out += fmt::format("<text x=\"{:.1f}\" y=\"{}\">{}</text>\n", from, base, escape_html(mark.name));
        }
        return out;
    }
    std::string lines() const {
        std::string out;
        double legend = left;
        for (const auto& line : chart_.lines) {
            const auto style = fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{}", line.colour,
                                           *line.dash == 0 ? "" : fmt::format(" stroke-dasharray=\"{}\"", line.dash));
            std::string points;
            const auto stroke = [&] {
                out += points.empty() ? "" : fmt::format("<polyline {} points=\"{}\"/>\n", style, points);
                points.clear();
            };
            for (const auto& dot : line.dots) {
                if (dot.value) {
                    points += fmt::format("{}{:.1f},{:.1f}", points.empty() ? "" : " ", x(dot.at), y(*dot.value));
                } else {
                    stroke();
                }
            }
            stroke();
            out += fmt::format("<polyline {0} points=\"{1:.1f},{2} {3:.1f},{2}\"/><text x=\"{4:.1f}\" y=\"{5}\" font-size=\"12\">{6}</text>\n", style, legend,
                               top + high + 36, legend + 34, legend + 40, top + high + 40, escape_html(line.name));
            legend += 70 + 1.1 * letter * static_cast<double>(display_width(line.name));
        }
        return out;
    }
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
std::vector<Dot> stairs(const std::vector<SeatPoint>& seats, WallTime end, int SeatPoint::*value) {
    std::vector<Dot> out;
    for (std::size_t i = 0; i < seats.size(); ++i) {
        out.push_back({seats[i].at, static_cast<double>(seats[i].*value)});
        out.push_back({i + 1 < seats.size() ? seats[i + 1].at : end, static_cast<double>(seats[i].*value)});
    }
    return out;
}

/// What is known of every minute that has a record.
std::vector<Dot> dots(const std::vector<LoadPoint>& points, std::optional<double> LoadPoint::*value) {
    std::vector<Dot> out;
    for (const auto& point : points) {
        if (point.*value) {
            out.push_back({point.at, point.*value});
        }
    }
    return out;
}

/// A step's value stands in its middle.
std::vector<Dot> dots(const LoadCurve& curve, const std::vector<std::optional<double>>& values) {
    std::vector<Dot> out;
    for (std::size_t i = 0; i < values.size(); ++i) {
        out.push_back({curve.at(i) + curve.step / 2, values[i]});
    }
    return out;
}

bool drawable(const std::vector<Dot>& dots) {
    return std::ranges::count_if(dots, [](const Dot& dot) { return dot.value.has_value(); }) >= 2;
}

std::vector<Mark> marks_of(const AfterAction& report, const ReportSay& say) {
    std::vector<Mark> out{{report.opened, say("mark.opened")}};
    const auto add = [&](const std::optional<WallTime>& at, std::string name) {
        if (at) {
            out.push_back({*at, std::move(name)});
        }
    };
    if (report.half != report.quorum) {
        add(report.half, say("mark.half"));
    }
    add(report.quorum, say("mark.full"));
    add(report.resolved, say("mark.over"));
    std::ranges::stable_sort(out, std::ranges::less{}, &Mark::at);
    return out;
}

constexpr const char* blue = "#1565c0";
constexpr const char* red = "#b3261e";
constexpr const char* grey = "#555555";
constexpr const char* green = "#2e7d32";

}  // namespace

std::string seats_svg(const AfterAction& report, Language language, const Zone& zone) {
    if (report.timeline.empty() || report.seats.empty()) {
        return {};
    }
    const ReportSay say{language};
    Chart chart;
    chart.title = say("seats_over_time");
    chart.from = report.seats.front().at;
    const auto end = report.resolved.value_or(std::max(report.timeline.back().wall, report.seats.back().at));
    chart.until = std::max(end, report.seats.back().at);
    if (chart.until <= chart.from) {
        return {};
    }
    chart.marks = marks_of(report, say);
    chart.lines = {{say("line_taken"), blue, "", stairs(report.seats, chart.until, &SeatPoint::taken)},
                   {say("line_wanted"), red, "6 3", stairs(report.seats, chart.until, &SeatPoint::need)}};
    return Pen(chart, zone, true).draw();
}

std::string load_svg(const AfterAction& report, Language language, const Zone& zone) {
    const ReportSay say{language};
    Chart chart;
    chart.title = say("chart_calls");
    const auto add = [&](std::string name, const char* colour, const char* dash, std::vector<Dot> found) {
        if (drawable(found)) {
            chart.lines.push_back({std::move(name), colour, dash, std::move(found)});
        }
    };
    const auto& points = report.load.points();
    if (report.curve.known()) {
        const LoadCurve& curve = report.curve;
        chart.from = curve.from;
        chart.until = curve.at(curve.load.size());
        add(say("line_offered"), blue, "", dots(curve, curve.load));
        add(say("line_forecast"), grey, "6 3", dots(curve, curve.forecast));
        add(say("line_capacity"), green, "9 3 2 3", dots(curve, curve.capacity));
    } else if (points.size() >= 2 && points.back().at > points.front().at) {
        chart.from = points.front().at;
        chart.until = points.back().at;
        add(say("line_offered"), blue, "", dots(points, &LoadPoint::load_per_min));
        add(say("line_forecast"), grey, "6 3", dots(points, &LoadPoint::forecast_per_min));
        add(say("line_capacity"), green, "9 3 2 3", dots(points, &LoadPoint::capacity_per_min));
    }
    chart.marks = marks_of(report, say);
    return chart.lines.empty() ? std::string() : Pen(chart, zone, false).draw();
}

}  // namespace surged
