#include "ctl/learner.hpp"

#include <algorithm>

namespace surged {

namespace {
constexpr std::size_t batch_rows = 1024;
constexpr std::size_t waiting_max = 64;  // batches a worker may be behind
constexpr std::uint64_t progress_rows = 1'000'000;

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

void CountLearner::bad(std::size_t line, const std::string& why) {
    ++summary_.bad_lines;
    if (summary_.told.size() < told_max) {
        summary_.told.emplace_back(line, why);
    }
}

CountLearner::Entry* CountLearner::entry_of(std::string_view centre, std::string_view queue) {
    // Files repeat their order: the queue after the last one, or the same again.
    for (const std::size_t guess : {guess_ + 1 < entries_.size() ? guess_ + 1 : 0, guess_}) {
        if (guess < entries_.size() && entries_[guess].queue == queue && entries_[guess].centre == centre) {
            guess_ = guess;
            return &entries_[guess];
        }
    }
    std::pair<std::string, std::string> name(centre, queue);
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
        guess_ = found->second;
        return &entries_[guess_];
    }
    if (entries_.size() >= plan_.queue_max) {
        return nullptr;
    }
    QueueKey key = options_.queue;
    key.centre = centre.empty() ? key.centre : std::string(centre);
    key.queue = queue.empty() ? key.queue : std::string(queue);
    guess_ = entries_.size();
    auto& entry = entries_.emplace_back();
    entry.centre = name.first;
    entry.queue = name.second;
    entry.lessons = std::make_unique<QueueLessons>(plan_, store_, std::move(key), options_.metric, options_.interval);
    entry.zone = entry.lessons->zone();
    entry.own_zone = options_.zone == nullptr || entry.zone == nullptr || entry.zone->name() == options_.zone->name();
    entry.worker = entries_.size() % workers_.size();
    by_name_[std::move(name)] = guess_;
    ++summary_.queues;
    return &entry;
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

void CountLearner::add(Entry& entry, const CsvTime& at, double count, bool readable) {
    ++summary_.rows;
    if (entry.zone == nullptr) {
        return;  // no rule wants it
    }
    const Zone& file_zone = options_.zone != nullptr ? *options_.zone : *entry.zone;
    LearnRow row{static_cast<std::int32_t>(at.day), at.second_of_day, static_cast<float>(count), !readable};
    if (at.utc_offset_s || !entry.own_zone) {
        auto civil = civil_from_days(at.day);
        civil.second_of_day = at.second_of_day;
        const auto instant = at.utc_offset_s ? wall_time((at.day * 86400 + at.second_of_day - *at.utc_offset_s) * 1000)
                                             : file_zone.first_instant(civil);
        row.set_aside = row.set_aside || (!at.utc_offset_s && twice(file_zone, at.day, at.second_of_day));
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

Result<void> CountLearner::read(const std::string& path, const Progress& progress) {
    auto csv_options = options_.csv;
    csv_options.metric = options_.metric;
    const auto csv = CsvFile::open(path, csv_options);
    if (!csv) {
        return tl::unexpected(csv.error());
    }
    if (!csv->names_queues() && options_.queue.queue.empty()) {
        return fail(path + ": a file without a column `queue` is of one queue: name it with --queue");
    }
    if (!csv->names_centres() && options_.queue.centre.empty()) {
        return fail(path + ": without a column `centre`, name it with --centre");
    }
    for (const auto& note : csv->notes()) {
        summary_.notes.push_back(path + ": " + note);
    }
    std::uint64_t next_progress = progress_rows;
    const auto row = [&](const CsvRow& in) {
        if (auto* entry = entry_of(in.centre, in.queue)) {
            add(*entry, in.time, in.count.value_or(0.0), in.count.has_value());
        } else {
            bad(in.line, "more queues than [ingest.limits] queues");
        }
        return true;
    };
    const auto wrong = [this](std::size_t line, const std::string& why) { bad(line, why); };
    return csv->each(row, wrong, [&](std::uint64_t done, std::uint64_t all) {
        if (progress && summary_.rows >= next_progress) {
            next_progress = summary_.rows + progress_rows;
            progress(done, all, summary_.rows);
        }
    });
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
