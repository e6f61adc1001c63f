#include "ctl/learner.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/base/text.hpp"
#include "ctl/count_file.hpp"
#include "ctl/lessons.hpp"

namespace surged {

namespace {
constexpr std::size_t batch_rows = 1024;
constexpr std::size_t waiting_max = 64;  // batches a worker may be behind
constexpr std::size_t block_bytes = std::size_t{1} << 20U;
constexpr std::size_t line_max = 64U << 10U;
constexpr std::uint64_t progress_rows = 1'000'000;

std::string_view bare(std::string_view field) {
    while (!field.empty() && (field.front() == ' ' || field.front() == '"' || field.front() == '\t')) {
        field.remove_prefix(1);
    }
    while (!field.empty() && (field.back() == ' ' || field.back() == '"' || field.back() == '\r' || field.back() == '\t')) {
        field.remove_suffix(1);
    }
    return field;
}

std::vector<std::string> columns_of(std::string_view header) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at <= header.size();) {
        const auto end = std::min(header.find(',', at), header.size());
        out.emplace_back(bare(header.substr(at, end - at)));
        at = end + 1;
    }
    return out;
}

bool two_digits(const char* at, int& out) {
    const int tens = at[0] - '0';
    const int ones = at[1] - '0';
    out = tens * 10 + ones;
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
}

/// A count as almost every file has it; anything else takes the slow way.
std::optional<double> count_of(std::string_view text) {
    std::uint32_t whole = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error == std::errc{} && end == text.data() + text.size() && !text.empty()) {
        return whole <= 1'000'000'000 ? std::optional<double>(whole) : std::nullopt;
    }
    const auto number = parse_number(text);
    return number && std::isfinite(*number) && *number >= 0 && *number <= 1e9 ? number : std::nullopt;
}
}  // namespace

CountLearner::CountLearner(const Plan& plan, LearnOptions options, std::size_t threads)
    : plan_(plan), options_(std::move(options)), store_(plan) {
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) {
        workers_.push_back(std::make_unique<Worker>());
    }
    for (auto& worker : workers_) {
        worker->thread = std::thread([this, &worker = *worker] { work(worker); });
    }
}

CountLearner::~CountLearner() {
    for (auto& worker : workers_) {
        {
            const std::lock_guard lock(worker->mutex);
            worker->ending = true;
        }
        worker->changed.notify_all();
        if (worker->thread.joinable()) {
            worker->thread.join();
        }
    }
}

void CountLearner::work(Worker& worker) {
    std::unique_lock lock(worker.mutex);
    for (;;) {
        worker.changed.wait(lock, [&] { return worker.ending || !worker.waiting.empty(); });
        if (worker.waiting.empty()) {
            return;
        }
        auto batch = std::move(worker.waiting.front());
        worker.waiting.pop_front();
        lock.unlock();
        worker.changed.notify_all();
        batch.lessons->learn(batch.rows);
        batch.rows.clear();
        lock.lock();
        worker.spare.push_back(std::move(batch.rows));
    }
}

void CountLearner::flush(Entry& entry) {
    if (entry.rows.empty()) {
        return;
    }
    auto& worker = *workers_[entry.worker];
    std::unique_lock lock(worker.mutex);
    worker.changed.wait(lock, [&] { return worker.waiting.size() < waiting_max; });
    worker.waiting.push_back({entry.lessons.get(), std::move(entry.rows)});
    entry.rows = {};
    if (!worker.spare.empty()) {
        entry.rows = std::move(worker.spare.back());
        worker.spare.pop_back();
    }
    lock.unlock();
    worker.changed.notify_all();
}

void CountLearner::bad(const std::string& why) {
    ++summary_.bad_lines;
    if (summary_.told.size() < told_max) {
        summary_.told.emplace_back(line_number_, why);
    }
}

CountLearner::Entry& CountLearner::make_entry(std::string text, QueueKey key) {
    auto& entry = entries_.emplace_back();
    entry.text = std::move(text);
    entry.lessons = std::make_unique<QueueLessons>(plan_, store_, std::move(key), options_.metric, options_.interval);
    entry.zone = entry.lessons->zone();
    entry.own_zone = options_.zone == nullptr || entry.zone == nullptr || entry.zone->name() == options_.zone->name();
    entry.worker = entries_.size() % workers_.size();
    by_text_[entry.text] = entries_.size() - 1;
    ++summary_.queues;
    return entry;
}

CountLearner::Entry& CountLearner::entry_of(std::string_view names) {
    // Files repeat their order: the queue after the last one, or the same again.
    for (const std::size_t guess : {guess_ + 1 < entries_.size() ? guess_ + 1 : 0, guess_}) {
        if (guess < entries_.size() && entries_[guess].text == names) {
            guess_ = guess;
            return entries_[guess];
        }
    }
    if (const auto found = by_text_.find(std::string(names)); found != by_text_.end()) {
        guess_ = found->second;
        return entries_[guess_];
    }
    std::string raw(names);  // as this file writes it: blanks and quotes and all
    QueueKey key = options_.queue;
    if (with_centre_) {
        const auto comma = names.find(',');
        key.centre = std::string(bare(names.substr(0, comma)));
        names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
    }
    key.queue = std::string(bare(names));
    guess_ = entries_.size();
    return make_entry(std::move(raw), std::move(key));
}

bool CountLearner::stamp(std::string_view text, Stamp& out) {
    if (text.size() < 16 || (text[10] != ' ' && text[10] != 'T') || text[13] != ':') {
        return false;
    }
    if (text.substr(0, 10) != last_date_) {
        const auto day = parse_date(text.substr(0, 10));
        if (!day) {
            return false;
        }
        last_date_ = std::string(text.substr(0, 10));
        last_day_ = *day;
    }
    int hour = 0;
    int minute = 0;
    int second = 0;
    const bool good = two_digits(text.data() + 11, hour) && two_digits(text.data() + 14, minute) && hour < 24 && minute < 60 &&
                      (text.size() < 19 || (text[16] == ':' && two_digits(text.data() + 17, second) && second < 60));
    out = {last_day_, hour * 3600 + minute * 60 + second, text.back() == 'Z'};
    return good;
}

/// Whether the civil time comes twice. Looked up once a day: on most days no clock changes.
bool CountLearner::twice(const Zone& zone, std::int64_t day, std::int32_t second) {
    if (day != changing_day_ || &zone != changing_zone_) {
        changing_day_ = day;
        changing_zone_ = &zone;
        const auto utc = [](std::int64_t s) { return wall_time(s * 1000); };
        changing_ = zone.offset_s(utc((day - 1) * 86400)) != zone.offset_s(utc((day + 2) * 86400));
    }
    if (!changing_) {
        return false;
    }
    auto civil = civil_from_days(day);
    civil.second_of_day = second;
    return zone.first_instant(civil) != zone.last_instant(civil);
}

void CountLearner::add(Entry& entry, const Stamp& at, double count, bool readable) {
    ++summary_.rows;
    if (entry.zone == nullptr) {
        return;  // no rule wants it
    }
    const Zone& file_zone = options_.zone != nullptr ? *options_.zone : *entry.zone;
    LearnRow row{static_cast<std::int32_t>(at.day), at.second, static_cast<float>(count), !readable};
    if (at.utc || !entry.own_zone) {
        auto civil = civil_from_days(at.day);
        civil.second_of_day = at.second;
        const auto instant = at.utc ? wall_time((at.day * 86400 + at.second) * 1000) : file_zone.first_instant(civil);
        row.set_aside = row.set_aside || (!at.utc && twice(file_zone, at.day, at.second));
        civil = entry.zone->to_civil(instant);
        row.day = static_cast<std::int32_t>(days_from_civil(civil.year, civil.month, civil.day));
        row.second = civil.second_of_day;
    }
    row.set_aside = row.set_aside || twice(*entry.zone, row.day, row.second);
    if (entry.rows.capacity() == 0) {
        entry.rows.reserve(batch_rows);
    }
    entry.rows.push_back(row);
    if (entry.rows.size() >= batch_rows) {
        flush(entry);
    }
}

void CountLearner::line(std::string_view text) {
    ++line_number_;
    if (!text.empty() && text.back() == '\r') {
        text.remove_suffix(1);
    }
    if (text.empty()) {
        return;
    }
    const auto first = text.find(',');
    const auto last = text.rfind(',');
    Stamp at;
    if (text.size() > line_max || first == std::string_view::npos || last <= first + 1 ||
        !stamp(bare(text.substr(0, first)), at)) {
        return bad(text.size() > line_max ? "longer than 64 KiB" : "no timestamp, queue and count");
    }
    const auto names = text.substr(first + 1, last - first - 1);
    const auto queue = bare(with_centre_ ? names.substr(std::min(names.find(','), names.size() - 1) + 1) : names);
    if (queue.empty() || (entries_.size() >= plan_.queue_max && !by_text_.contains(std::string(names)))) {
        return bad(queue.empty() ? "no queue" : "more queues than [ingest.limits] queues");
    }
    const auto count = count_of(bare(text.substr(last + 1)));
    if (!count) {
        bad("the last column is no count");
    }
    add(entry_of(names), at, count.value_or(0), count.has_value());
}

Result<void> CountLearner::read_many(const std::string& path, const std::string& header, const Progress& progress) {
    std::ifstream in(path, std::ios::binary);
    std::error_code ignored;
    const auto size = std::filesystem::file_size(path, ignored);
    in.seekg(static_cast<std::streamoff>(header.size() + 1));
    std::uint64_t done = header.size() + 1;
    std::uint64_t next_progress = progress_rows;
    line_number_ = 1;
    std::string block(block_bytes + line_max, '\0');
    std::size_t kept = 0;
    while (in) {
        in.read(block.data() + kept, static_cast<std::streamsize>(block_bytes));
        const auto got = static_cast<std::size_t>(in.gcount());
        done += got;
        const std::string_view text(block.data(), kept + got);
        std::size_t at = 0;
        for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', at)) {
            line(text.substr(at, end - at));
            at = end + 1;
        }
        kept = text.size() - at;
        if (kept > line_max || got == 0) {
            line(text.substr(at));
            kept = 0;
        }
        std::memmove(block.data(), block.data() + at, kept);
        if (progress && summary_.rows >= next_progress) {
            next_progress = summary_.rows + progress_rows;
            progress(done, size, summary_.rows);
        }
    }
    if (kept > 0) {
        line(std::string_view(block.data(), kept));
    }
    return in.bad() ? Result<void>(fail(path + ": cannot be read to its end")) : Result<void>();
}

Result<void> CountLearner::read_one(const std::string& path) {
    if (options_.queue.queue.empty()) {
        return fail(path + ": a file without a column `queue` is of one queue: name it with --queue");
    }
    auto file = read_counts(path, nullptr);
    if (!file) {
        return tl::unexpected(file.error());
    }
    summary_.bad_lines += file->bad_lines;
    summary_.told.insert(summary_.told.end(), file->told.begin(), file->told.end());
    const auto text = options_.queue.centre + "," + options_.queue.queue;
    const auto found = by_text_.find(text);
    auto& entry = found != by_text_.end() ? entries_[found->second] : make_entry(text, options_.queue);
    for (const auto& row : file->rows) {
        add(entry, {row.day, row.second_of_day, row.stamp.back() == 'Z'}, row.count, !row.unreadable);
    }
    return {};
}

Result<void> CountLearner::read(const std::string& path, const Progress& progress) {
    std::ifstream in(path, std::ios::binary);
    std::string header;
    if (!in || !std::getline(in, header)) {
        return fail("cannot read " + path);
    }
    const auto columns = columns_of(header);
    const auto has = [&](std::string_view name) { return std::find(columns.begin(), columns.end(), name) != columns.end(); };
    if (!has("queue")) {
        return read_one(path);
    }
    with_centre_ = has("centre");
    const std::size_t wanted = with_centre_ ? 4 : 3;
    if (columns.size() != wanted || columns[wanted - 2] != "queue" || (with_centre_ && columns[1] != "centre")) {
        return fail(path + ": the columns must be timestamp,queue,count or timestamp,centre,queue,count");
    }
    if (!with_centre_ && options_.queue.centre.empty()) {
        return fail(path + ": without a column `centre`, name it with --centre");
    }
    return read_many(path, header, progress);
}

ProfileShelf CountLearner::finish() {
    for (auto& entry : entries_) {
        flush(entry);
    }
    for (auto& worker : workers_) {
        {
            const std::lock_guard lock(worker->mutex);
            worker->ending = true;
        }
        worker->changed.notify_all();
        worker->thread.join();
    }
    ProfileShelf shelf;
    for (auto& entry : entries_) {
        std::string why;
        entry.lessons->finish(shelf, why);
        if (!why.empty()) {
            ++summary_.not_learned_count;
            if (summary_.not_learned.size() < told_max) {
                summary_.not_learned.push_back(entry.lessons->key().centre + "/" + entry.lessons->key().queue + ": " + why);
            }
        }
    }
    return shelf;
}

}  // namespace surged
