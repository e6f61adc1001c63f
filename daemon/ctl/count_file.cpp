#include "ctl/count_file.hpp"

#include <algorithm>
#include <map>

#include "core/base/ranges.hpp"

namespace surged {
namespace {

constexpr std::size_t queues_named_max = 10;

std::string some_of(const std::vector<std::string>& names) {
    std::string out;
    for (std::size_t i = 0; i < names.size() && i < queues_named_max; ++i) {
        out += (i == 0 ? "" : ", ") + names[i];
    }
    return out + (names.size() > queues_named_max ? ", ..." : "");
}

}  // namespace

void place_in_zone(CountRow& row, const CsvTime& time, const Zone* zone) {
    row.day = time.day;
    row.second_of_day = time.second_of_day;
    row.utc_offset_s = time.utc_offset_s;
    if (zone == nullptr) {
        return;
    }
    if (time.utc_offset_s) {
        const auto civil = zone->to_civil(wall_time((row.second() - *time.utc_offset_s) * 1000));
        row.day = days_from_civil(civil.year, civil.month, civil.day);
        row.second_of_day = civil.second_of_day;
        row.utc_offset_s.reset();
        return;
    }
    auto civil = civil_from_days(row.day);
    civil.second_of_day = row.second_of_day;
    row.twice = zone->first_instant(civil) != zone->last_instant(civil);
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

Result<CountFile> read_counts(const std::string& path, const Zone* zone, const CsvOptions& options, const std::string& queue) {
    const auto csv = CsvFile::open(path, options);
    if (!csv) {
        return tl::unexpected(csv.error());
    }
    CountFile file;
    file.notes = csv->notes();
    const auto bad = [&file](std::size_t number, const std::string& why) {
        ++file.bad_lines;
        if (file.told.size() < CountFile::told_max) {
            file.told.emplace_back(number, why);
        }
    };
    std::vector<std::string> queues;
    std::size_t wanted = 0;  // rows of the queue asked for
    bool full = false;
    const auto row = [&](const CsvRow& in) {
        if (csv->names_queues() && (queues.empty() || queues.back() != in.queue) && !contains(queues, in.queue) &&
            queues.size() <= 1000) {
            queues.emplace_back(in.queue);
        }
        const bool mine = !csv->names_queues() || queue.empty() || in.queue == queue;
        wanted += mine ? 1U : 0U;
        if (!mine && wanted > 0) {
            return true;
        }
        full = file.rows.size() == CountFile::rows_max;
        if (full) {
            return false;
        }
        if (mine && wanted == 1) {
            file.rows.clear();  // what came before the first of the wanted queue was kept only in case there is no such queue
        }
        CountRow out;
        out.stamp = std::string(in.stamp);
        place_in_zone(out, in.time, zone);
        out.count = in.count.value_or(0.0);
        out.unreadable = !in.count;
        file.rows.push_back(std::move(out));
        return true;
    };
    if (auto read = csv->each(row, bad, {}); !read) {
        return tl::unexpected(read.error());
    }
    if (full) {
        return fail(path + ": more than 5000000 rows");
    }
    if (file.rows.empty()) {
        return fail(path + ": no row that could be read" +
                    (file.told.empty() ? "" : "; line " + std::to_string(file.told[0].first) + ": " + file.told[0].second));
    }
    if (queues.size() > 1 && (queue.empty() || wanted == 0)) {
        return fail(path + ": holds the counts of " + std::to_string(queues.size()) + " queues" +
                    (queue.empty() ? "" : ", none of them " + queue) + ": name one with --queue, of " + some_of(queues));
    }
    file.queue = queues.empty() ? "" : wanted > 0 && !queue.empty() ? queue : queues.front();
    return file;
}

}  // namespace surged
