// Rosters in tables: what Excel in several languages writes, and Microsoft Teams' export of shifts.
#include <algorithm>
#include <array>
#include <map>

#include "config/limits.hpp"
#include "core/base/text.hpp"
#include "ctl/roster_import.hpp"
#include "ctl/roster_rows.hpp"

namespace surged {
namespace {

constexpr int minutes_of_day = 1440;
constexpr std::size_t table_bytes_max = std::size_t{8} << 20U;
constexpr std::size_t table_lines_max = 20000;

std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto from = text.find_first_not_of(blanks);
    return from == std::string_view::npos ? std::string_view() : text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

std::string lower_word(std::string_view text) {
    std::string out(without_blanks(text));
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

void put_for(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

/// One row into cells; a cell in quotes may hold separators and line ends.
std::vector<std::string> cells_between(std::string_view line, char separator) {
    std::vector<std::string> out(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
            out.back() += line[++i];
        } else if (line[i] == '"') {
            quoted = !quoted;
        } else if (line[i] == separator && !quoted) {
            out.emplace_back();
        } else {
            out.back() += line[i];
        }
    }
    for (auto& cell : out) {
        cell = std::string(without_blanks(cell));
    }
    return out;
}

enum class Column : std::uint8_t { none, date, from, to, people, end_date, mail, off, shared };

/// What a column of this head holds.
Column column_of(std::string_view head) {
    static const std::map<std::string, Column> names = {
        {"date", Column::date},
        {"day", Column::date},
        {"days", Column::date},
        {"start date", Column::date},
        {"日期", Column::date},
        {"星期", Column::date},
        {"开始日期", Column::date},
        {"班次日期", Column::date},
        {"from", Column::from},
        {"start", Column::from},
        {"start time", Column::from},
        {"开始", Column::from},
        {"开始时间", Column::from},
        {"上班", Column::from},
        {"上班时间", Column::from},
        {"起", Column::from},
        {"to", Column::to},
        {"end", Column::to},
        {"until", Column::to},
        {"end time", Column::to},
        {"结束", Column::to},
        {"结束时间", Column::to},
        {"下班", Column::to},
        {"下班时间", Column::to},
        {"止", Column::to},
        {"people", Column::people},
        {"person", Column::people},
        {"name", Column::people},
        {"names", Column::people},
        {"member", Column::people},
        {"who", Column::people},
        {"人员", Column::people},
        {"姓名", Column::people},
        {"值班人", Column::people},
        {"值班人员", Column::people},
        {"成员", Column::people},
        {"end date", Column::end_date},
        {"结束日期", Column::end_date},
        {"work email", Column::mail},
        {"email", Column::mail},
        {"邮箱", Column::mail},
        {"工作电子邮件", Column::mail},
        {"time off reason", Column::off},
        {"休假原因", Column::off},
        {"shared", Column::shared},
    };
    const auto it = names.find(lower_word(head));
    return it == names.end() ? Column::none : it->second;
}

/// "08:00", "8:00", "8:00:00", "8:00 PM", "24:00", with a full-width colon too; minutes.
std::optional<int> table_clock(std::string_view cell) {
    std::string text = lower_word(cell);
    put_for(text, "：", ":");
    int noon = -1;
    if (text.ends_with("am") || text.ends_with("pm")) {
        noon = text.ends_with("pm") ? 12 : 0;
        text = lower_word(text.substr(0, text.size() - 2));
    }
    if (text.find(':') == 1) {
        text.insert(0, "0");
    }
    const auto clock = parse_clock(text);
    if (!clock || (noon >= 0 && (*clock < 60 || *clock >= 780))) {
        return std::nullopt;
    }
    return noon < 0 ? *clock : *clock % 720 + noon * 60;
}

class RosterTable {
public:
    RosterTable(const ImportOptions& options, RosterRows& rows) : options_(options), rows_(rows) {}

    /// True when this row says what the columns hold.
    bool take_head(const std::vector<std::string>& cells) {
        std::map<Column, std::size_t> found;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (const auto column = column_of(cells[i]); column != Column::none) {
                found.emplace(column, i);
            }
        }
        const bool whole = found.contains(Column::date) && found.contains(Column::from) && found.contains(Column::to) &&
                           (found.contains(Column::people) || found.contains(Column::mail));
        if (whole) {
            at_ = std::move(found);
            headed_ = true;
        }
        return whole;
    }

    void row(const std::vector<std::string>& cells, int line) {
        if (!headed_ && cells.size() < 4) {
            return rows_.error(line, "a line is date,from,to,people");
        }
        if (!cell(cells, Column::off).empty()) {
            return;  // a holiday of somebody: no shift
        }
        if (const auto shared = lower_word(cell(cells, Column::shared)); shared.starts_with("2") || shared == "not shared") {
            return rows_.note(line, "this shift is not shared with the team: left out");
        }
        const auto& from_text = cell(cells, Column::from);
        const auto& to_text = cell(cells, Column::to);
        const auto from = table_clock(from_text);
        const auto to = table_clock(to_text);
        if (!from || !to || *from == minutes_of_day) {
            const auto& bad = from && *from != minutes_of_day ? to_text : from_text;
            return rows_.error(line, "\"" + utf8_cut(bad, 40) + "\" is no time of day, as 08:00 or, as an end, 24:00");
        }
        const auto people = people_of(cells, line);
        if (!people.empty()) {
            place(cells, line, *from, *to, people);
        }
    }

private:
    const std::string& cell(const std::vector<std::string>& cells, Column column) const {
        static const std::string none;
        const auto it = at_.find(column);
        return it == at_.end() || it->second >= cells.size() ? none : cells[it->second];
    }

    std::vector<std::string> people_of(const std::vector<std::string>& cells, int line) {
        const auto& mail = cell(cells, Column::mail);
        if (!mail.empty() && options_.person) {
            if (auto id = options_.person(mail); !id.empty()) {
                return {std::move(id)};
            }
        }
        std::string names = cell(cells, Column::people);
        for (std::size_t i = 4; !headed_ && i < cells.size(); ++i) {
            names += ";" + cells[i];
        }
        return rows_.people_in(names.empty() ? mail : names, line);
    }

    /// A date in any usual form. nullopt and `problem`: one that can be read in two ways; without: none at all.
    std::optional<std::int64_t> date_of(std::string_view text, std::string& problem) const {
        std::string plain(without_blanks(text));
        put_for(plain, "年", "-");
        put_for(plain, "月", "-");
        put_for(plain, "日", "");
        std::vector<int> numbers(1);
        std::vector<std::size_t> lengths(1);
        for (const char c : plain) {
            if (c == '/' || c == '-' || c == '.') {
                numbers.push_back(0);
                lengths.push_back(0);
            } else if (c >= '0' && c <= '9' && lengths.back() < 4) {
                numbers.back() = numbers.back() * 10 + (c - '0');
                ++lengths.back();
            } else {
                return std::nullopt;
            }
        }
        if (numbers.size() != 3) {
            return std::nullopt;
        }
        const auto made = [](int year, int month, int day) -> std::optional<std::int64_t> {
            if (year < 1970 || year > 2100 || month < 1 || month > 12 || day < 1 || day > 31) {
                return std::nullopt;
            }
            const auto out = days_from_civil(year, month, day);
            return civil_from_days(out).month == month ? std::optional(out) : std::nullopt;
        };
        if (lengths[0] == 4) {
            return made(numbers[0], numbers[1], numbers[2]);
        }
        if (lengths[2] != 4) {
            return std::nullopt;
        }
        const auto month_first = made(numbers[2], numbers[0], numbers[1]);
        const auto day_first = made(numbers[2], numbers[1], numbers[0]);
        // Dots stand between day and month in every country that writes them.
        if (plain.find('.') != std::string::npos) {
            return day_first;
        }
        if (month_first && day_first && *month_first != *day_first && options_.date_format.empty() && !month_first_) {
            problem = "is a date that can be read in two ways; say which with --date-format mdy or dmy";
            return std::nullopt;
        }
        if (!options_.date_format.empty()) {
            return options_.date_format == "mdy" ? month_first : day_first;
        }
        return month_first ? month_first : day_first;
    }

    static std::optional<std::uint8_t> days_of(std::string_view text) {
        std::string plain = lower_word(text);
        for (const std::string_view join : {"至", "到", "～", "–", "—", "~"}) {
            put_for(plain, join, "-");
        }
        for (const std::string_view mark : {"、", "，", "；", ";"}) {
            put_for(plain, mark, ",");
        }
        if (plain == "每天" || plain == "每日") {
            return std::uint8_t{0x7F};
        }
        constexpr std::array<std::pair<std::string_view, std::string_view>, 8> chinese{{{"一", "mon"},
                                                                                        {"二", "tue"},
                                                                                        {"三", "wed"},
                                                                                        {"四", "thu"},
                                                                                        {"五", "fri"},
                                                                                        {"六", "sat"},
                                                                                        {"日", "sun"},
                                                                                        {"天", "sun"}}};
        if (plain == "周末") {
            plain = "sat,sun";
        }
        for (const std::string_view week : {"星期", "礼拜", "周"}) {
            put_for(plain, week, "");
        }
        for (const auto& [name, day] : chinese) {
            put_for(plain, name, day);
        }
        constexpr std::array<std::pair<std::string_view, std::string_view>, 7> english{{{"monday", "mon"},
                                                                                        {"tuesday", "tue"},
                                                                                        {"wednesday", "wed"},
                                                                                        {"thursday", "thu"},
                                                                                        {"friday", "fri"},
                                                                                        {"saturday", "sat"},
                                                                                        {"sunday", "sun"}}};
        for (const auto& [name, day] : english) {
            put_for(plain, name, day);
        }
        const auto days = parse_days(plain);
        return days ? std::optional(*days) : std::nullopt;
    }

    void place(const std::vector<std::string>& cells, int line, int from, int to, const std::vector<std::string>& people) {
        const auto& text = cell(cells, Column::date);
        std::string problem;
        const int length = to <= from ? to + minutes_of_day - from : to - from;
        const auto day = date_of(text, problem);
        if (!day) {
            const auto days = problem.empty() ? days_of(text) : std::nullopt;
            if (days) {
                return rows_.weekly(*days, from, length, people);
            }
            return rows_.error(line,
                               "\"" + utf8_cut(text, 40) + "\" " +
                                   (problem.empty() ? "is neither a date, as 2026-10-01, nor weekdays, as mon-fri" : problem));
        }
        const auto& end_text = cell(cells, Column::end_date);
        if (end_text.empty()) {
            return rows_.once({*day, from, length}, people);
        }
        const auto last = date_of(end_text, problem);
        if (!last) {
            return rows_.error(line,
                               "\"" + utf8_cut(end_text, 40) + "\" " + (problem.empty() ? "is no date, as 2026-10-01" : problem));
        }
        const auto span = (*last - *day) * minutes_of_day + to - from;
        if (span <= 0 || span > std::int64_t{62} * minutes_of_day) {
            return rows_.error(line, span <= 0 ? "this shift does not end after it begins" : "this shift is longer than 62 days");
        }
        rows_.once({*day, from, static_cast<int>(span)}, people);
    }

    const ImportOptions& options_;
    RosterRows& rows_;
    std::map<Column, std::size_t> at_{{Column::date, 0}, {Column::from, 1}, {Column::to, 2}, {Column::people, 3}};
    bool headed_ = false;

public:
    bool month_first_ = false;  ///< Teams writes 12/1/2026 for the first of December
};

/// The row up to a line end that stands in no quotes; `lines`: how many it has.
std::string_view next_row(std::string_view& text, int& lines) {
    bool quoted = false;
    std::size_t end = 0;
    lines = 1;
    for (; end < text.size() && (quoted || text[end] != '\n'); ++end) {
        quoted = text[end] == '"' ? !quoted : quoted;
        lines += text[end] == '\n' ? 1 : 0;
    }
    const auto row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return row;
}

/// Of a first row: a tab, else a semicolon when there are not three commas before people, else a comma.
char roster_separator(std::string_view row) {
    const auto commas = std::ranges::count(row, ',');
    return std::ranges::count(row, '\t') >= 3                ? '\t'
           : commas < 3 && std::ranges::count(row, ';') >= 3 ? ';'
                                                                        : ',';
}

}  // namespace

ImportedRoster import_csv(std::string_view text, const ImportOptions& options) {
    RosterRows rows(options);
    RosterTable table(options, rows);
    if (text.substr(0, 3) == "\xEF\xBB\xBF") {
        text.remove_prefix(3);
    }
    bool unusable = text.size() > table_bytes_max || std::ranges::count(text, '\n') > std::int64_t{table_lines_max};
    if (unusable) {
        rows.error(1, "more than 8 MiB or 20000 lines");
        text = {};
    }
    std::size_t events = 0;
    char separator = '\0';
    int lines = 0;
    for (int number = 1; !text.empty(); number += lines) {
        auto line = without_blanks(next_row(text, lines));
        if (line.empty() || line.front() == '#') {
            continue;
        }
        if (separator == '\0' && line.starts_with("sep=") && line.size() == 5) {
            separator = line.back();  // Excel's own line
            continue;
        }
        separator = separator == '\0' ? roster_separator(line) : separator;
        const auto cells = cells_between(line, separator);
        if (events == 0 && table.take_head(cells)) {
            const auto is = [&](const char* name) {
                return std::ranges::any_of(cells, [&](const std::string& cell) { return lower_word(cell) == name; });
            };
            table.month_first_ = is("member") && is("theme color");
            continue;
        }
        ++events;
        table.row(cells, number);
    }
    if (events == 0 && !unusable) {
        rows.error(1, "there is no line date,from,to,people in it");
    }
    auto out = rows.finish(events);
    out.unusable = unusable || (out.roster.shifts.empty() && out.roster.dates.empty());
    if (out.unusable && out.errors.empty()) {
        out.errors.push_back({1, "nobody is on duty by any line in it"});
    }
    return out;
}

}  // namespace surged
