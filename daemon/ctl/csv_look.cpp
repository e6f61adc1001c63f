#include "ctl/csv_look.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "ctl/csv_file.hpp"
#include "core/base/csv_line.hpp"
#include "ctl/csv_sample.hpp"

namespace surged {
namespace {

/// An interval's label looks like an offset; real files know two offsets, summer's and winter's.
constexpr std::size_t offsets_max = 3;

/// What exports call their columns, without case, blanks and marks.
constexpr std::array time_names{
    "timestamp", "time",     "datetime", "date", "start",       "startinterval", "intervalstart", "starttime",  "begin",
    "ts",        "interval", "from",     "时间", "开始时间",    "日期时间",      "日期",          "时段",       "统计时间",
    "zeit",      "datum",    "beginn",   "von",  "zeitstempel", "heure",         "fecha",         "datetimeutc"};
constexpr std::array queue_names{"queue", "queuename", "skill",  "skillname", "skillgroup",    "splitskill", "split", "vdn",
                                 "队列",  "队列名称",  "技能组", "技能",      "warteschlange", "cola",       "fila"};
constexpr std::array centre_names{"centre", "center", "callcentre", "callcenter", "site",
                                  "分中心", "中心",   "话务中心",   "standort"};
constexpr std::array count_names{"count",  "counts", "calls",  "value",  "volume", "anrufe",
                                 "话务量", "呼入量", "来电量", "来话量", "数量"};

std::string plain_name(std::string_view name) {
    std::string out;
    for (const char c : csv_trim(name)) {
        if (c >= 'A' && c <= 'Z') {
            out.push_back(static_cast<char>(c - 'A' + 'a'));
        } else if (c != ' ' && c != '_' && c != '-' && c != '/' && c != '.') {
            out.push_back(c);
        }
    }
    return out;
}

template <std::size_t N>
bool is_one_of(const std::string& name, const std::array<const char*, N>& names) {
    return contains(names, name);
}

std::string header_text(const CsvLook& look, const CsvSample& sample) {
    std::string out;
    const auto& fields = !look.header.empty() ? look.header : sample.front().fields;
    for (std::size_t i = 0; i < fields.size() && i < 20; ++i) {
        out += (i == 0 ? "" : ", ") + std::to_string(i + 1) + " " + utf8_cut(fields[i], 30);
    }
    return (look.header.empty() ? "the first row is: " : "the header is: ") + out;
}

class Looker {
public:
    Looker(std::string_view head, const CsvOptions& options, char separator)
        : options_(options), sample_(split_sample(head, separator)), kinds_(sample_) {
        look_.separator = separator;
    }

    Result<CsvLook> look() {
        if (sample_.empty()) {
            return fail("it is empty");
        }
        for (const auto step :
             {&Looker::find_time, &Looker::find_names, &Looker::find_count, &Looker::find_order, &Looker::find_direction}) {
            if (auto found = (this->*step)(); !found) {
                return tl::unexpected(found.error());
            }
        }
        return look_;
    }

private:
    /// A column as a person names it: by its header without regard to case, else by its number.
    Result<std::size_t> named(const std::string& option, const std::string& name) const {
        for (std::size_t i = 0; i < look_.header.size(); ++i) {
            if (plain_name(look_.header[i]) == plain_name(name)) {
                return i;
            }
        }
        std::size_t number = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error == std::errc{} && end == name.data() + name.size() && number >= 1 && number <= look_.columns) {
            return number - 1;
        }
        return fail(option + " " + name + ": no such column; " + header_text(look_, sample_));
    }

    /// The header is the last line before the first row of data, when nothing in it is a number; what stands above is not of the
    /// table.
    void take_header(std::size_t first_data) {
        look_.columns = sample_[first_data].fields.size();
        if (first_data == 0) {
            return;
        }
        const auto& line = sample_[first_data - 1];
        const bool words = std::ranges::none_of(line.fields, [](const std::string& field) {
            return !field.empty() && field.find_first_not_of("0123456789.,:-/ +%") == std::string::npos;
        });
        if (!words || line.fields.size() < 2) {
            return;
        }
        look_.header = line.fields;
        look_.header_line = line.number;
        // Rows may end in one separator more than the header; else its number of columns is the file's.
        look_.columns = line.fields.size();
    }

    std::optional<std::size_t> first_line_with(std::size_t column, bool (*is)(std::string_view)) const {
        for (std::size_t i = 0; i < sample_.size(); ++i) {
            if (column < sample_[i].fields.size() && is(sample_[i].fields[column])) {
                return i;
            }
        }
        return std::nullopt;
    }

    /// The column that holds most of a kind; of several with about as many the first.
    static std::optional<std::size_t> fullest(const std::vector<std::size_t>& kind) {
        const auto most = std::ranges::max_element(kind);
        if (most == kind.end() || *most == 0) {
            return std::nullopt;
        }
        return static_cast<std::size_t>(
            std::ranges::find_if(kind, [&](std::size_t n) { return n * 10 >= *most * 9; }) - kind.begin());
    }

    Result<void> find_time() {
        const auto is_epoch = [](std::string_view field) { return read_csv_epoch(field).has_value(); };
        const auto is_full = [](std::string_view field) { return csv_full_time(field); };
        const auto is_date = [](std::string_view field) { return csv_date_only(field); };
        const auto full = fullest(kinds_.full);
        const auto date = fullest(kinds_.dates);
        const auto clock = fullest(kinds_.clocks);
        const auto epoch = fullest(kinds_.epochs);
        const bool told = !options_.time_column.empty();
        std::optional<std::size_t> first;
        if (full && (!date || kinds_.full[*full] >= kinds_.dates[*date])) {
            look_.time = *full;
            first = first_line_with(*full, is_full);
        } else if (date && clock) {
            look_.time = *date;
            look_.clock = *clock;
            first = first_line_with(*date, is_date);
        } else if (epoch && (told || *epoch == 0 || kinds_.epochs[*epoch] * 10 >= sample_.size() * 9)) {
            look_.time = *epoch;
            look_.epoch = true;
            first = first_line_with(*epoch, is_epoch);
        } else if (date) {
            return fail("its dates have no time of day; rows of a day are no use to a forecast of minutes");
        }
        if (!first) {
            const auto& line = sample_.front();
            return fail("no row with a time; wanted YYYY-MM-DD HH:MM, d.m.Y HH:MM, m/d/Y HH:MM or seconds since 1970; line " +
                        std::to_string(line.number) + " is: " + utf8_cut(joined(line), 80));
        }
        first_data_ = *first;
        take_header(*first);
        if (!told) {
            prefer_named_time();
            return {};
        }
        const auto column = named("--time-column", options_.time_column);
        if (!column) {
            return tl::unexpected(column.error());
        }
        look_.clock.reset();
        look_.time = *column;
        look_.epoch = *column < kinds_.epochs.size() && kinds_.epochs[*column] > kinds_.full[*column];
        if (!look_.epoch && kinds_.full[*column] == 0) {
            if (kinds_.dates[*column] == 0 || !clock) {
                return fail("--time-column " + options_.time_column + " holds no times");
            }
            look_.clock = *clock;
        }
        return {};
    }

    std::string joined(const CsvSampleLine& line) const {
        std::string out;
        for (const auto& field : line.fields) {
            out += (out.empty() ? "" : std::string(1, look_.separator)) + field;
        }
        return out;
    }

    /// Of an interval's begin and end the begin is meant, wherever it stands.
    void prefer_named_time() {
        for (std::size_t i = 0; i < look_.header.size() && !look_.clock && !look_.epoch; ++i) {
            if (i < kinds_.full.size() && kinds_.full[i] * 10 >= kinds_.full[look_.time] * 9 &&
                is_one_of(plain_name(look_.header[i]), time_names)) {
                look_.time = i;
                return;
            }
        }
    }

    Result<void> find_names() {
        const auto find = [&](const std::string& option, const std::string& told, const auto& names,
                              std::optional<std::size_t>& out) -> Result<void> {
            if (!told.empty()) {
                const auto column = named(option, told);
                if (!column) {
                    return tl::unexpected(column.error());
                }
                out = *column;
                return {};
            }
            for (std::size_t i = 0; i < look_.header.size() && !out; ++i) {
                if (is_one_of(plain_name(look_.header[i]), names)) {
                    out = i;
                }
            }
            return {};
        };
        auto found = find("--queue-column", options_.queue_column, queue_names, look_.queue);
        return found ? find("--centre-column", options_.centre_column, centre_names, look_.centre) : found;
    }

    bool is_time_like(std::size_t column) const {
        return column == look_.time || (look_.clock && column == *look_.clock) ||
               (column < kinds_.full.size() && kinds_.full[column] > 0) ||
               (column < kinds_.dates.size() && kinds_.dates[column] > 0);
    }

    Result<void> find_count() {
        if (!options_.column.empty()) {
            const auto column = named("--column", options_.column);
            if (!column) {
                return tl::unexpected(column.error());
            }
            look_.count = *column;
        } else {
            std::vector<std::size_t> possible;
            std::vector<std::size_t> by_name;
            std::vector<std::size_t> by_metric;
            for (std::size_t i = 0; i < look_.columns; ++i) {
                if (is_time_like(i) || (look_.queue && i == *look_.queue) || (look_.centre && i == *look_.centre)) {
                    continue;
                }
                possible.push_back(i);
                const auto name = i < look_.header.size() ? plain_name(look_.header[i]) : std::string();
                if (is_one_of(name, count_names)) {
                    by_name.push_back(i);
                }
                if (!options_.metric.empty() && name == plain_name(options_.metric)) {
                    by_metric.push_back(i);
                }
            }
            const auto& chosen = possible.size() == 1 ? possible : by_metric.size() == 1 ? by_metric : by_name;
            if (possible.empty()) {
                return fail("no column of counts; " + header_text(look_, sample_));
            }
            if (chosen.size() != 1) {
                return fail(std::to_string(possible.size()) + " columns could be the count: name one with --column; " +
                            header_text(look_, sample_));
            }
            look_.count = chosen.front();
        }
        DecimalMark told = DecimalMark::unknown;
        if (!options_.decimal.empty()) {
            if (options_.decimal != "point" && options_.decimal != "comma") {
                return fail("--decimal wants point or comma");
            }
            told = options_.decimal == "point" ? DecimalMark::point : DecimalMark::comma;
        }
        look_.numbers = CsvNumbers(told);
        for (std::size_t i = first_data_; i < sample_.size(); ++i) {
            if (sample_[i].fields.size() == look_.columns) {
                look_.numbers.sample(sample_[i].fields[look_.count]);
            }
        }
        if (auto twofold = look_.numbers.settle(look_.separator)) {
            return fail(*twofold);
        }
        return {};
    }

    Result<void> find_order() {
        if (!options_.date_format.empty()) {
            const auto order = parse_date_order(options_.date_format);
            if (!order) {
                return fail("--date-format wants an order of d, m and Y, as d.m.Y or m/d/Y");
            }
            look_.order = *order;
            return {};
        }
        bool day_first = false;
        bool month_first = false;
        bool year_last = false;
        bool points = false;
        std::string example;
        for (std::size_t i = first_data_; i < sample_.size(); ++i) {
            CsvDateParts parts;
            if (look_.time >= sample_[i].fields.size()) {
                continue;
            }
            const auto& field = sample_[i].fields[look_.time];
            if (!(look_.clock ? csv_date_only(field, &parts) : csv_full_time(field, &parts)) || !parts.year_last) {
                continue;
            }
            year_last = true;
            points = points || parts.separator == '.';
            day_first = day_first || parts.first > 12;
            month_first = month_first || parts.second > 12;
            example = example.empty() ? field : example;
        }
        if (!year_last) {
            look_.order = DateOrder::ymd;
        } else if (day_first != month_first) {
            look_.order = day_first ? DateOrder::dmy : DateOrder::mdy;
        } else if (points && !month_first) {
            look_.order = DateOrder::dmy;  // with points the day comes first wherever points are written
        } else {
            return fail("dates as " + example + " can be read in two ways: say --date-format d/m/Y or --date-format m/d/Y");
        }
        return {};
    }

    Result<void> find_direction() {
        std::set<std::int32_t> offsets;
        std::optional<std::int64_t> before;
        std::size_t forth = 0;
        std::size_t back = 0;
        for (std::size_t i = first_data_; i < sample_.size(); ++i) {
            const auto& fields = sample_[i].fields;
            if (look_.time >= fields.size() || (look_.clock && *look_.clock >= fields.size())) {
                continue;
            }
            std::optional<CsvTime> time;
            if (look_.epoch) {
                time = read_csv_epoch(fields[look_.time]);
            } else if (look_.clock) {
                const auto day = read_csv_date(fields[look_.time], look_.order);
                time = day ? read_csv_clock(fields[*look_.clock]) : std::nullopt;
                if (time) {
                    time->day = *day;
                }
            } else {
                time = read_csv_time(fields[look_.time], look_.order);
            }
            if (!time) {
                continue;
            }
            if (time->utc_offset_s) {
                offsets.insert(*time->utc_offset_s);
            }
            const auto at = time->day * 86400 + time->second_of_day;
            forth += before && at > *before ? 1U : 0U;
            back += before && at < *before ? 1U : 0U;
            before = at;
        }
        look_.labels = offsets.size() > offsets_max;
        // Newest first steps back with every row; a file of one queue after the other steps back once a queue.
        look_.newest_first = back > forth;
        return {};
    }

    const CsvOptions& options_;
    CsvSample sample_;
    CsvColumnKinds kinds_;
    CsvLook look_;
    std::size_t first_data_ = 0;
};

}  // namespace

bool CsvLook::looks_like_time(std::string_view field) {
    return csv_full_time(field) || csv_date_only(field);
}

Result<CsvLook> look_at_csv(std::string_view head, const CsvOptions& options) {
    const auto separator = separator_of(options, head);
    if (!separator) {
        return tl::unexpected(separator.error());
    }
    return Looker(head, options, *separator).look();
}

}  // namespace surged
