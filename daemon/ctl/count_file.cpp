#include "ctl/count_file.hpp"

#include <cmath>
#include <fstream>
#include <map>
#include <optional>

#include "core/base/text.hpp"

namespace surged {
namespace {

struct StampRead {
    CivilTime civil;
    bool utc = false;
};

std::string_view bare(std::string_view field) {
    while (!field.empty() && (field.front() == ' ' || field.front() == '"' || field.front() == '\t')) {
        field.remove_prefix(1);
    }
    while (!field.empty() && (field.back() == ' ' || field.back() == '"' || field.back() == '\r' || field.back() == '\t')) {
        field.remove_suffix(1);
    }
    return field;
}

std::optional<StampRead> read_stamp(std::string_view text) {
    if (text.size() < 16 || text[4] != '-' || text[7] != '-') {
        return std::nullopt;
    }
    StampRead read;
    if (text.back() == 'Z') {
        read.utc = true;
        text.remove_suffix(1);
    }
    if (const auto dot = text.find('.'); dot == 19) {
        if (text.find_first_not_of("0123456789", dot + 1) != std::string_view::npos) {
            return std::nullopt;
        }
        text = text.substr(0, dot);
    }
    const auto civil = parse_civil(text);
    if (!civil) {
        return std::nullopt;
    }
    read.civil = *civil;
    return read;
}

void place(CountRow& row, const StampRead& read, const Zone* zone) {
    CivilTime civil = read.civil;
    if (zone != nullptr && read.utc) {
        const std::int64_t utc_s = days_from_civil(civil.year, civil.month, civil.day) * 86400 + civil.second_of_day;
        civil = zone->to_civil(wall_time(utc_s * 1000));
    } else if (zone != nullptr) {
        row.twice = zone->first_instant(civil) != zone->last_instant(civil);
    }
    row.day = days_from_civil(civil.year, civil.month, civil.day);
    row.second_of_day = civil.second_of_day;
}

}  // namespace

Result<CountRow> read_count_row(std::string_view line, const Zone* zone) {
    CountRow row;
    std::optional<StampRead> stamp;
    std::string_view last;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t end = std::min(line.find(',', at), line.size());
        last = bare(line.substr(at, end - at));
        if (!stamp) {
            stamp = read_stamp(last);
            if (stamp) {
                row.stamp = std::string(last);
                last = {};
            }
        }
        at = end + 1;
    }
    if (!stamp) {
        return fail("no timestamp YYYY-MM-DD[T ]HH:MM[:SS][Z]");
    }
    place(row, *stamp, zone);
    const auto count = parse_number(last);
    row.unreadable = !count || !std::isfinite(*count) || *count < 0.0 || *count > 1e9;
    row.count = row.unreadable ? 0.0 : *count;
    return row;
}

double CountFile::interval_minutes() const {
    std::map<std::int64_t, std::size_t> steps;
    for (std::size_t k = 1; k < rows.size() && k < 5000; ++k) {
        const std::int64_t minutes = (rows[k].second() - rows[k - 1].second() + 30) / 60;
        if (minutes >= 1 && minutes <= 1440) {
            ++steps[minutes];
        }
    }
    std::pair<std::int64_t, std::size_t> best{5, 0};
    for (const auto& step : steps) {
        best = step.second > best.second ? std::pair<std::int64_t, std::size_t>(step) : best;
    }
    return static_cast<double>(best.first);
}

Result<CountFile> read_counts(const std::string& path, const Zone* zone) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return fail("cannot read " + path);
    }
    CountFile file;
    const auto bad = [&file](std::size_t number, const std::string& why) {
        ++file.bad_lines;
        if (file.told.size() < CountFile::told_max) {
            file.told.emplace_back(number, why);
        }
    };
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        if (bare(line).empty()) {
            continue;
        }
        if (line.size() > CountFile::line_max) {
            bad(number, "longer than 64 KiB");
            continue;
        }
        auto row = read_count_row(line, zone);
        if (!row) {
            if (number > 1) {
                bad(number, row.error().message);
            }
            continue;
        }
        if (row->unreadable) {
            bad(number, "the last column is no count");
        }
        if (file.rows.size() == CountFile::rows_max) {
            return fail(path + ": more than 5000000 rows");
        }
        file.rows.push_back(std::move(*row));
    }
    if (file.rows.empty()) {
        return fail(path + ": no row with a timestamp");
    }
    return file;
}

}  // namespace surged
