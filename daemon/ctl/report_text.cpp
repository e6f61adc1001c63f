#include "ctl/report.hpp"

#include <fmt/format.h>

#include <array>

#include "core/base/text.hpp"
#include "ctl/report_words.hpp"
#include "replay/timeline.hpp"
#include "wire/html_text.hpp"

namespace surged {

namespace {

struct Table {
    std::vector<std::string> head;
    std::vector<std::vector<std::string>> rows;
};
struct Section {
    std::string title;
    std::vector<std::string> lines;
    Table table;
    std::string (*plot)(const AfterAction&, Language, const Zone&) = nullptr;
};

class Writer {
public:
    Writer(const AfterAction& report, Language language, const Zone& zone) : r_(report), language_(language), zone_(zone), say(language) {}

    std::string title() const { return say("title") + r_.incident; }
    std::vector<Section> sections() const { return {summary(), seats(), load(), pages(), people(), alerts(), timeline()}; }

private:
    std::string word(std::string_view text) const { return engine_word(text, language_); }
    std::string time(WallTime at) const { return civil_text(at, zone_); }
    std::string time(const std::optional<WallTime>& at) const { return at ? time(*at) : "-"; }
    std::string span(const std::optional<Span>& span) const {
        if (!span) {
            return say("never");
        }
        return format_span(*span >= Span{10000} ? std::chrono::floor<std::chrono::seconds>(*span) : *span);
    }

    /// "by hand by duty-desk (moved), still red"; empty when it recovered by itself.
    std::string ending() const {
        if (!r_.resolved) {
            return {};
        }
        std::string out;
        if (r_.ended_why == reason_max_age) {
            out = say("closed_by_age");
        } else if (!r_.ended_by.empty() && r_.ended_by != by_engine) {
            out = say("by_hand_by") + r_.ended_by + (r_.ended_why.empty() ? "" : " (" + r_.ended_why + ")");
        }
        if (r_.still != Level::none) {
            out += (out.empty() ? "" : ", ") + say("still") + word(to_string(r_.still));
        }
        return out;
    }

    Section summary() const {
        Section out;
        out.title = say("summary");
        out.table.head = {say("what"), say("value")};
        const auto add = [&](std::string name, std::string value) {
            out.table.rows.push_back({std::move(name), std::move(value)});
        };
        add(say("policy_and_scope"), r_.policy + " " + scope_text(r_.scope));
        add(say("worst_level"), word(to_string(r_.worst)));
        add(say("state"), word(r_.state));
        add(say("opened"), time(r_.opened));
        const bool recovered = !r_.resolved || r_.still == Level::none;
        add(recovered ? say("resolved") : say("closed_not_recovered"),
            r_.resolved ? time(r_.resolved) : say("not_yet"));
        if (const auto how = ending(); !how.empty()) {
            add(say("how_it_ended"), how);
        }
        add(say("first_accepted"), span(r_.since_opened(r_.first_accepted)));
        add(say("time_to_acknowledge"), span(r_.since_opened(r_.first_answer)));
        add(say("time_to_quorum"), span(r_.since_opened(r_.quorum)));
        add(recovered ? say("time_to_resolve") : say("time_to_closing"),
            span(r_.since_opened(r_.resolved)));
        add(say("seats_wanted_at_most"), std::to_string(r_.need_max));
        add(say("tiers_called"), std::to_string(r_.tier_max));
        add(say("no_shows"), std::to_string(r_.noshows()));
        add_load(add);
        if (r_.reopened > 0) {
            add(say("opened_again"), std::to_string(r_.reopened));
        }
        if (r_.exhausted) {
            out.lines.push_back(say("exhausted"));
        }
        if (r_.cut) {
            out.lines.push_back(say("cut"));
        }
        return out;
    }
    Section seats() const {
        Section out;
        out.title = say("seats_over_time");
        out.plot = seats_svg;
        out.table.head = {say("time"), say("seats_taken"), say("seats_wanted")};
        for (const SeatPoint& point : r_.seats) {
            out.table.rows.push_back({time(point.at), std::to_string(point.taken), std::to_string(point.need)});
        }
        return out;
    }
    template <typename Add>
    void add_load(const Add& add) const {
        const auto count = [&](const std::optional<double>& value) {
            return value ? format_rounded(*value, 0) : say("not_known");
        };
        add(say("calls_offered"), count(r_.load.offered()));
        add(say("calls_lost"), count(r_.load.abandoned()));
        const auto worth = r_.load.worth();
        if (worth && !worth->counted) {
            add(say("fluid_model"), say("fluid_uncounted"));
        } else if (worth && !worth->explains()) {
            add(say("fluid_model"),
                say("fluid_unexplained", {{"explained", count(worth->lost_with)}, {"lost", count(worth->counted)}}));
        } else if (worth) {
            add(say("fluid_explains"),
                say("so_many_of", {{"explained", count(worth->lost_with)}, {"lost", count(worth->counted)}}));
            add(say("fluid_lost"), fmt::format("{} / {}", count(worth->lost_with), count(worth->lost_without)));
            add(say("fluid_waiting"),
                fmt::format("{} / {}", count(worth->longest_with), count(worth->longest_without)));
        }
    }
    Section load() const {
        Section out;
        out.title = say("load");
        out.plot = load_svg;
        out.table.head = {say("time"),           say("offered_a_minute"),
                          say("forecast"),       say("capacity"),
                          say("agents_at_work"), say("agents_needed"),
                          say("waiting"),        say("abandoned"),
                          say("joined"),         say("arrived_by_then")};
        const auto cell = [](const std::optional<double>& value) { return value ? format_rounded(*value, 1) : std::string("-"); };
        for (const LoadPoint& point : r_.load.points()) {
            out.table.rows.push_back({time(point.at), cell(point.load_per_min), cell(point.forecast_per_min),
                                      cell(point.capacity_per_min), cell(point.productive), cell(point.required), cell(point.waiting),
                                      cell(point.abandoned), std::to_string(point.joined), std::to_string(point.arrived)});
        }
        return out;
    }
    Section pages() const {
        Section out;
        out.title = say("pages_by_channel");
        out.table.head = {say("channel"), say("outcome"), say("pages")};
        for (const auto& [channel, outcomes] : r_.pages) {
            for (const auto& [outcome, count] : outcomes) {
                out.table.rows.push_back({channel, word(outcome), std::to_string(count)});
            }
        }
        return out;
    }
    Section people() const {
        Section out;
        out.title = say("people");
        out.table.head = {say("person"),       say("tier"),  say("asked"),
                          say("first_answer"), say("after"), say("arrived"),
                          say("in_the_end")};
        for (const PersonPart& part : r_.people) {
            const bool named = !part.name.empty() && part.name != part.person;
            const auto answer =
                part.answered ? fmt::format("{} {} ({})", time(part.answered), word(part.answer), part.way) : std::string("-");
            const auto after = part.answered && part.asked ? span(std::max(Span{0}, *part.answered - *part.asked)) : "-";
            auto state = word(part.state);
            state += part.noshow && part.state != "noshow" ? ", " + word("noshow") : "";
            state += part.successor.empty() ? "" : say("named") + part.successor;
            out.table.rows.push_back({named ? part.name + " (" + part.person + ")" : part.person, std::to_string(part.tier),
                                      time(part.asked), answer, after, time(part.arrived), state});
        }
        return out;
    }
    Section alerts() const {
        Section out;
        out.title = say("alerts");
        out.table.head = {say("rule"),        say("queue"), say("worst_level"),
                          say("worst_value"), say("limit"), say("time_of_alert"),
                          say("evidence")};
        for (const AlertPart& alert : r_.alerts) {
            out.table.rows.push_back({alert.rule, queue_text(alert.queue), word(to_string(alert.worst)),
                                      format_rounded(alert.value, 2), alert.limit, time(alert.at), alert.evidence});
        }
        return out;
    }
    Section timeline() const {
        Section out;
        out.title = say("timeline");
        out.table.head = {say("time"), say("event"), say("detail")};
        for (const Record& record : r_.timeline) {
            if (is_load(record)) {
                continue;  // has a table of its own
            }
            const Told told = narrate(record, zone_);
            const auto dot = told.type.find('.');
            const auto shown = language_ == Language::zh && dot != std::string::npos
                                   ? word(told.type.substr(0, dot)) + "：" + word(told.type.substr(dot + 1))
                                   : word(told.type);
            out.table.rows.push_back({told.time, shown, told.text});
        }
        return out;
    }

    const AfterAction& r_;
    Language language_;
    const Zone& zone_;
    ReportSay say;
};

/// A cell: nothing in it ends the cell, the line, or becomes a tag, a link or emphasis.
std::string escape_markdown(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '\n':
            case '\r': out += ' '; break;
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '|':
            case '\\':
            case '`':
            case '*':
            case '_':
            case '[':
            case ']': out += '\\'; [[fallthrough]];
            default: out += c;
        }
    }
    return out;
}

std::string markdown_row(const std::vector<std::string>& cells) {
    std::string out = "|";
    for (const auto& cell : cells) {
        out += " " + escape_markdown(cell) + " |";
    }
    return out + "\n";
}

std::string html_row(const std::vector<std::string>& cells, std::string_view tag) {
    std::string out = "<tr>";
    for (const auto& cell : cells) {
        out += fmt::format("<{0}>{1}</{0}>", tag, escape_html(cell));
    }
    return out + "</tr>\n";
}

constexpr std::string_view page_style =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#1b1b1b}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #ccc;padding:.25em .5em;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}th{background:#f2f2f2}svg{width:100%;height:auto}"
    "@media print{body{margin:0;max-width:none}}";

}  // namespace

std::string report_markdown(const AfterAction& report, Language language, const Zone& zone) {
    const Writer writer(report, language, zone);
    std::string out = "# " + escape_markdown(writer.title()) + "\n";
    for (const Section& section : writer.sections()) {
        out += "\n## " + section.title + "\n\n";
        for (const auto& line : section.lines) {
            out += line + "\n\n";
        }
        if (section.table.rows.empty()) {
            out += ReportSay{language}("none") + "\n";
            continue;
        }
        out += markdown_row(section.table.head) + "|";
        for (std::size_t i = 0; i < section.table.head.size(); ++i) {
            out += " --- |";
        }
        out += "\n";
        for (const auto& row : section.table.rows) {
            out += markdown_row(row);
        }
    }
    return out + "\n" + ReportSay{language}("times_are_of") + zone.name() + "\n";
}

std::string report_html(const AfterAction& report, Language language, const Zone& zone) {
    const Writer writer(report, language, zone);
    std::string out = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<meta name=\"viewport\" "
        "content=\"width=device-width\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<h1>{}</h1>\n",
        language == Language::zh ? "zh" : "en", escape_html(writer.title()), page_style, escape_html(writer.title()));
    for (const Section& section : writer.sections()) {
        out += "<h2>" + section.title + "</h2>\n";
        for (const auto& line : section.lines) {
            out += "<p>" + line + "</p>\n";
        }
        out += section.plot != nullptr ? section.plot(report, language, zone) : "";
        if (section.table.rows.empty()) {
            out += "<p>" + ReportSay{language}("none") + "</p>\n";
            continue;
        }
        out += "<table>\n<thead>" + html_row(section.table.head, "th") + "</thead>\n<tbody>\n";
        for (const auto& row : section.table.rows) {
            out += html_row(row, "td");
        }
        out += "</tbody>\n</table>\n";
    }
    return out + "<p>" + ReportSay{language}("times_are_of") + escape_html(zone.name()) + "</p>\n</body>\n</html>\n";
}

}  // namespace surged
