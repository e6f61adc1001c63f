#include "ctl/csv_sample.hpp"

#include <algorithm>

#include "ctl/csv_file.hpp"
#include "core/base/csv_line.hpp"

namespace surged {

namespace {
constexpr std::size_t sample_lines_max = 5000;
}  // namespace

bool csv_full_time(std::string_view field, CsvDateParts* parts) {
    CsvDateParts seen;
    const bool good = read_csv_time(field, DateOrder::unknown, &seen) || read_csv_time(field, DateOrder::dmy) ||
                      read_csv_time(field, DateOrder::mdy);
    if (good && parts != nullptr) {
        *parts = seen;
    }
    return good;
}

bool csv_date_only(std::string_view field, CsvDateParts* parts) {
    CsvDateParts seen;
    const bool good = read_csv_date(field, DateOrder::unknown, &seen) || read_csv_date(field, DateOrder::dmy) ||
                      read_csv_date(field, DateOrder::mdy);
    if (good && parts != nullptr) {
        *parts = seen;
    }
    return good;
}

CsvSample split_sample(std::string_view head, char separator) {
    CsvSample out;
    std::vector<std::string_view> fields;
    std::string unquoted;
    std::size_t number = 0;
    for (std::size_t at = 0; at < head.size() && number < sample_lines_max;) {
        const auto end = std::min(head.find('\n', at), head.size());
        auto line = head.substr(at, end - at);
        at = end + 1;
        ++number;
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        if (!csv_trim(line).empty() && line.size() <= CsvFile::line_max && csv_split(line, separator, fields, unquoted)) {
            out.push_back({number, {fields.begin(), fields.end()}});
        }
    }
    return out;
}

CsvColumnKinds::CsvColumnKinds(const CsvSample& sample) {
    for (const auto& line : sample) {
        const auto size = std::max(full.size(), line.fields.size());
        for (auto* kind : {&full, &dates, &clocks, &epochs}) {
            kind->resize(size);
        }
        for (std::size_t i = 0; i < line.fields.size(); ++i) {
            const auto& field = line.fields[i];
            full[i] += csv_full_time(field) ? 1U : 0U;
            dates[i] += csv_date_only(field) ? 1U : 0U;
            clocks[i] += read_csv_clock(field) ? 1U : 0U;
            epochs[i] += read_csv_epoch(field) ? 1U : 0U;
        }
    }
}

Result<char> separator_of(const CsvOptions& options, std::string_view head) {
    if (options.separator == "tab" || options.separator == "\\t") {
        return '\t';
    }
    if (!options.separator.empty()) {
        if (options.separator.size() != 1 || options.separator == "\"") {
            return fail("--separator wants one character, or tab");
        }
        return options.separator.front();
    }
    const auto front = head.substr(0, 65536);
    char best = ',';
    std::size_t best_score = 0;
    for (const char candidate : {',', ';', '\t', '|'}) {
        const auto sample = split_sample(front, candidate);
        std::size_t score = 0;
        for (const auto& line : sample) {
            score += line.fields.size() >= 2 && std::ranges::any_of(line.fields, [](const auto& field) {
                                                                return csv_full_time(field) || csv_date_only(field) || read_csv_epoch(field);
                                                            })
                         ? 1U
                         : 0U;
        }
        if (score > best_score) {
            best_score = score;
            best = candidate;
        }
    }
    return best;
}

}  // namespace surged
