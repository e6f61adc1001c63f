#include "ctl/csv_file.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/base/text.hpp"
#include "core/base/csv_line.hpp"
#include "ctl/csv_look.hpp"
#include "ctl/text_file.hpp"
#include "os/file.hpp"

namespace surged {
namespace {

constexpr std::size_t head_bytes = std::size_t{1} << 20U;
constexpr std::size_t csv_block_bytes = std::size_t{1} << 20U;

bool two_digits(const char* at, int& out) {
    const int tens = at[0] - '0';
    const int ones = at[1] - '0';
    out = tens * 10 + ones;
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
}

std::string field_shown(std::string_view field) {
    return "\"" + utf8_cut(field, 40) + "\"";
}

}  // namespace

Result<CsvFile> CsvFile::open(const std::string& path, const CsvOptions& options) {
    CsvFile out;
    out.path_ = path;
    std::string head;
    if (path != "-") {
        auto front = read_file(path, head_bytes);
        if (!front) {
            return fail("cannot read " + path + ": " + std::strerror(front.error()));
        }
        head = std::move(*front);
    }
    const auto hold = [&]() -> Result<void> {
        auto bytes = read_text_file(path, memory_max);
        if (!bytes) {
            return tl::unexpected(bytes.error());
        }
        auto text = text_to_utf8(*bytes);
        if (!text) {
            return fail(path + ": " + text.error().message);
        }
        out.text_ = std::make_shared<const std::string>(std::move(*text));
        return {};
    };
    if (path == "-" || !is_plain_text(head, head.size() < head_bytes)) {
        if (auto held = hold(); !held) {
            return tl::unexpected(held.error());
        }
        head = out.text_->substr(0, head_bytes);
    }
    auto look = look_at_csv(head, options);
    if (!look) {
        return fail(path + ": " + look.error().message);
    }
    out.separator_ = look->separator;
    out.header_ = std::move(look->header);
    out.header_line_ = look->header_line;
    out.columns_ = look->columns;
    out.time_ = look->time;
    out.clock_ = look->clock;
    out.centre_ = look->centre;
    out.queue_ = look->queue;
    out.count_ = look->count;
    out.epoch_ = look->epoch;
    out.labels_ = look->labels;
    out.order_ = look->order;
    out.numbers_ = look->numbers;
    out.newest_first_ = look->newest_first;
    if (out.newest_first_) {
        out.notes_.emplace_back("the newest row is first: it is read backwards");
        if (!out.text_) {
            if (auto held = hold(); !held) {
                return tl::unexpected(held.error());
            }
        }
    }
    return out;
}

std::string CsvFile::column_name(std::size_t column) const {
    return "column " + std::to_string(column + 1) + (column < header_.size() ? " (" + utf8_cut(header_[column], 40) + ")" : "");
}

bool CsvFile::read_time(std::string_view text, std::string_view clock, CsvRow& row) const {
    if (epoch_) {
        const auto time = read_csv_epoch(text);
        row.time = time.value_or(CsvTime{});
        return time.has_value();
    }
    if (clock_) {
        const auto day = read_csv_date(text, order_);
        auto time = day ? read_csv_clock(clock) : std::nullopt;
        if (time) {
            time->day = *day;
            row.time = *time;
        }
        return time.has_value();
    }
    // Almost every row of almost every file: the date of the row before, HH:MM or HH:MM:SS.
    if ((text.size() == 16 || text.size() == 19) && text.substr(0, 10) == last_date_ && text[13] == ':') {
        int hour = 0;
        int minute = 0;
        int second = 0;
        if (two_digits(text.data() + 11, hour) && two_digits(text.data() + 14, minute) && hour < 24 && minute < 60 &&
            (text.size() == 16 || (text[16] == ':' && two_digits(text.data() + 17, second) && second < 60))) {
            row.time = {last_day_, hour * 3600 + minute * 60 + second, std::nullopt};
            return true;
        }
    }
    const auto time = read_csv_time(text, order_);
    if (!time) {
        return false;
    }
    row.time = *time;
    if (labels_) {
        row.time.utc_offset_s.reset();
    }
    if (text.size() >= 16 && (text[10] == ' ' || text[10] == 'T')) {
        last_date_.assign(text.substr(0, 10));
        last_day_ = time->day;
    }
    return true;
}

std::optional<CsvRow> CsvFile::row(std::string_view line, std::size_t number, const OnBad& on_bad) const {
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    if (number == header_line_ || csv_trim(line).empty()) {
        return std::nullopt;
    }
    const auto bad = [&](const std::string& why) {
        on_bad(number, why);
        return std::nullopt;
    };
    if (line.size() > line_max) {
        return bad("longer than 64 KiB");
    }
    if (!csv_split(line, separator_, fields_, unquoted_)) {
        return bad("a quote is not closed");
    }
    const auto needed = std::max({time_, count_, clock_.value_or(0), centre_.value_or(0), queue_.value_or(0)}) + 1;
    const bool trailing = fields_.size() == columns_ + 1 && fields_.back().empty();
    if (fields_.size() < needed || (fields_.size() != columns_ && !trailing)) {
        // "Total;;9050" and other lines about the file, not of it.
        if (fields_.size() <= time_ || !CsvLook::looks_like_time(fields_[time_])) {
            return bad("no time in " + column_name(time_));
        }
        return bad(std::to_string(fields_.size()) + " fields where " +
                   (header_.empty() ? "other rows have " : "the header has ") + std::to_string(columns_) +
                   (fields_.size() > columns_ && separator_ == ',' ? " (a comma inside a number is to be quoted)" : ""));
    }
    CsvRow out;
    out.line = number;
    out.stamp = fields_[time_];
    if (!read_time(fields_[time_], clock_ ? fields_[*clock_] : std::string_view(), out)) {
        return bad(column_name(time_) + ": " + field_shown(fields_[time_]) + " is no time" +
                   (clock_ ? " with " + field_shown(fields_[*clock_]) : std::string()));
    }
    if (clock_) {
        stamp_.assign(fields_[time_]).append(" ").append(fields_[*clock_]);
        out.stamp = stamp_;
    }
    if (centre_) {
        out.centre = fields_[*centre_];
    }
    if (queue_) {
        out.queue = fields_[*queue_];
        if (out.queue.empty() || !utf8_valid(out.queue)) {
            return bad(column_name(*queue_) + (out.queue.empty() ? ": no queue" : ": is not UTF-8"));
        }
    }
    std::string why;
    out.count = numbers_.read(fields_[count_], why);
    if (!out.count) {
        on_bad(number, column_name(count_) + ": " + field_shown(fields_[count_]) + " " + why);
    }
    return out;
}

Result<void> CsvFile::each_in_memory(const OnRow& on_row, const OnBad& on_bad) const {
    const std::string_view text(*text_);
    std::vector<std::size_t> starts;
    for (std::size_t at = 0; at < text.size();) {
        starts.push_back(at);
        const auto end = text.find('\n', at);
        at = end == std::string_view::npos ? text.size() : end + 1;
    }
    const auto give = [&](std::size_t i) {
        const auto end = i + 1 < starts.size() ? starts[i + 1] - 1 : text.size() - (text.ends_with('\n') ? 1U : 0U);
        const auto found = row(text.substr(starts[i], end - starts[i]), i + 1, on_bad);
        return !found || on_row(*found);
    };
    for (std::size_t i = 0; i < starts.size(); ++i) {
        if (!give(newest_first_ ? starts.size() - 1 - i : i)) {
            break;
        }
    }
    return {};
}

Result<void> CsvFile::each_streamed(const OnRow& on_row, const OnBad& on_bad, const Progress& progress) const {
    std::ifstream in(path_, std::ios::binary);  // block by block: the file may be larger than memory
    if (!in) {
        return fail("cannot read " + path_);
    }
    std::error_code ignored;
    const auto size = std::filesystem::file_size(path_, ignored);
    std::string block(csv_block_bytes + line_max + 1, '\0');
    std::size_t kept = 0;
    std::size_t number = 0;
    std::uint64_t done = 0;
    bool more = true;
    bool in_long_line = false;
    const auto give = [&](std::string_view line) {
        const auto found = row(line, ++number, on_bad);
        more = !found || on_row(*found);
    };
    while (in && more) {
        in.read(block.data() + kept, static_cast<std::streamsize>(csv_block_bytes));
        const auto got = static_cast<std::size_t>(in.gcount());
        done += got;
        const std::string_view text(block.data(), kept + got);
        std::size_t at = 0;
        for (auto end = text.find('\n'); end != std::string_view::npos && more; end = text.find('\n', at)) {
            if (in_long_line) {
                in_long_line = false;  // its end
            } else {
                give(text.substr(at, end - at));
            }
            at = end + 1;
        }
        kept = text.size() - at;
        if (kept > line_max && more) {
            if (!in_long_line) {
                give(text.substr(at));
            }
            in_long_line = true;
            kept = 0;
        }
        std::memmove(block.data(), block.data() + at, kept);
        if (progress) {
            progress(done, size);
        }
    }
    if (kept > 0 && more && !in_long_line) {
        give(std::string_view(block.data(), kept));
    }
    return in.bad() ? Result<void>(fail(path_ + ": cannot be read to its end")) : Result<void>();
}

Result<void> CsvFile::each(const OnRow& on_row, const OnBad& on_bad, const Progress& progress) const {
    return text_ ? each_in_memory(on_row, on_bad) : each_streamed(on_row, on_bad, progress);
}

}  // namespace surged
