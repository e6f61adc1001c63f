#include "io/history/history.hpp"

#include <algorithm>
#include <future>
#include <optional>
#include <utility>

namespace surged {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::int64_t slot_ms = history_slot_minutes * 60000;
/// Between two steps of the file's upkeep, while there is more to do; and between two looks whether there is.
constexpr std::chrono::milliseconds tidy_pause{20};
constexpr std::chrono::milliseconds tidy_every{60000};

using Read = Result<void, HistoryFailure>;

/// Work with the file, on the history's thread. It owns what it fills: whoever asked may have left.
struct ReadOrder {
    std::function<Read(HistoryFile&)> work;
    std::promise<Read> reply;
};

}  // namespace

/// Shared by the thread and its owner: a thread that hangs in the file outlives the owner.
struct History::State {
    explicit State(HistoryOptions with) : options(std::move(with)), book(options.queues_max) {}

    Read ask(std::function<Read(HistoryFile&)> work);
    void run();
    bool take_blocks();
    void write_slots();
    void answer_reads();
    void tidy();
    bool opened();
    void failed(const HistoryFailure& failure);
    void worked();

    HistoryOptions options;
    HistoryBook book;

    // under `lock`, which is never held while the file or the book works
    mutable std::mutex lock;
    std::condition_variable work;
    std::condition_variable ended;
    std::deque<std::unique_ptr<HistoryBlock>> full;
    std::vector<std::unique_ptr<HistoryBlock>> empty;
    std::size_t made = 0;
    std::deque<ReadOrder> reads;
    HistoryStats stats;
    bool stopping = false;
    bool done = false;
    bool left_behind = false;

    // the thread's own
    std::unique_ptr<HistoryFile> file;
    bool damaged = false;
    SteadyClock::time_point again_at{};
    SteadyClock::time_point tidy_at{};
    std::deque<HistorySlot> slots;
    std::int64_t slot_seen = 0;  ///< of the newest block
    std::optional<std::int64_t> own_from;  ///< the first slot that this run has written, or tried to
};

History::History(HistoryOptions options) : state_(std::make_shared<State>(std::move(options))) {
    state_->stats.file = static_cast<bool>(state_->options.open);
    thread_ = std::thread([state = state_] { state->run(); });
}

History::~History() {
    stop();
}

std::unique_ptr<HistoryBlock> History::block() {
    {
        const std::lock_guard hold(state_->lock);
        if (!state_->empty.empty()) {
            auto out = std::move(state_->empty.back());
            state_->empty.pop_back();
            return out;
        }
        if (state_->made >= blocks_max) {
            ++state_->stats.blocks_left_out;
            return nullptr;
        }
        ++state_->made;
    }
    auto out = std::make_unique<HistoryBlock>();
    out->rows.reserve(HistoryBlock::rows_max);
    return out;
}

void History::add(std::unique_ptr<HistoryBlock> block) {
    {
        const std::lock_guard hold(state_->lock);
        state_->full.push_back(std::move(block));
    }
    state_->work.notify_one();
}

void History::stop() {
    if (!thread_.joinable()) {
        return;
    }
    std::unique_lock hold(state_->lock);
    state_->stopping = true;
    state_->work.notify_one();
    const bool ended = state_->ended.wait_for(hold, stop_within, [this] { return state_->done; });
    state_->left_behind = !ended;
    hold.unlock();
    if (ended) {
        thread_.join();
    } else {
        thread_.detach();
    }
}

HistoryStats History::stats() const {
    HistoryStats out;
    {
        const std::lock_guard hold(state_->lock);
        out = state_->stats;
    }
    out.queues = state_->book.queues();
    out.refused_queues = state_->book.refused();
    out.memory_bytes = state_->book.memory_bytes();
    return out;
}

/// Waits for the history's thread, at most read_max.
Read History::State::ask(std::function<Read(HistoryFile&)> work_with) {
    const auto late = [](const char* why) { return tl::unexpected(HistoryFailure{false, why}); };
    ReadOrder order{std::move(work_with), {}};
    std::future<Read> reply = order.reply.get_future();
    {
        const std::lock_guard hold(lock);
        if (stopping || reads.size() >= reads_waiting_max) {
            return late("too many wait for it; try again");
        }
        reads.push_back(std::move(order));
    }
    work.notify_one();
    if (reply.wait_for(read_max) != std::future_status::ready) {
        return late("it did not answer in time; try again");
    }
    try {
        return reply.get();
    } catch (const std::future_error&) {  // the thread ended with the order in its hands
        return late("surged is stopping");
    }
}

HistoryReading History::read(const QueueKey& queue, const HistoryRange& range, const std::vector<const HistoryMetric*>& metrics) const {
    HistoryReading out;
    const auto remembered = state_->book.minutes(queue);
    const HistoryMinutes minutes = remembered.value_or(HistoryMinutes{});
    const std::int64_t from = to_ms(range.from) / slot_ms;
    const std::int64_t seam = remembered && !minutes.values.empty() ? history_seam(minutes) / history_slot_minutes : to_ms(range.to) / slot_ms + 1;
    HistorySlots slots;
    std::string trouble;
    if (state_->options.open && from < seam) {
        const auto found = std::make_shared<HistorySlots>();
        const auto read = state_->ask([queue, from, to = std::min(seam, to_ms(range.to) / slot_ms + 1), found](HistoryFile& file) {
            return file.read(queue, from, to, [&found](std::int64_t slot, const HistoryValues& values) { found->emplace_back(slot, values); });
        });
        slots = read ? std::move(*found) : HistorySlots{};
        trouble = read ? std::string() : "the history's file cannot be read: " + read.error().message;
    }
    if (!remembered && !trouble.empty()) {
        return {"unavailable", trouble, {}};
    }
    if (!remembered && slots.empty()) {
        return {"not_found", "nothing is known of queue " + queue.centre + "/" + queue.queue + " in this time", {}};
    }
    const std::int64_t end = minutes.values.empty() ? slots.empty() ? 0 : (slots.back().first + 1) * history_slot_minutes
                                                    : minutes.first + static_cast<std::int64_t>(minutes.values.size());
    const auto steps = history_steps(range, end, !slots.empty());
    if (!steps) {
        return {"bad_request", steps.error().message, {}};
    }
    out.answer = history_answer(queue, *steps, metrics, minutes, slots);
    out.answer.note = trouble;
    return out;
}

History::FilePart History::read_part(std::size_t part, const FileRange& range, HistoryFile::VisitQueue visit) const {
    if (!state_->options.open) {
        return {false, "no history is kept"};
    }
    const auto more = std::make_shared<bool>(false);
    const auto read = state_->ask([state = state_.get(), part, range, visit = std::move(visit), more](HistoryFile& file) -> Read {
        const auto to = range.before_this_run && state->own_from ? std::min(range.to, *state->own_from) : range.to;
        const auto there = file.read_part(part, range.from, to, range.columns, visit);
        *more = there.value_or(false);
        return there ? Read() : tl::unexpected(there.error());
    });
    return read ? FilePart{*more, {}} : FilePart{false, "the history's file cannot be read: " + read.error().message};
}

void History::State::run() {
    bool running = true;
    while (running) {
        {
            std::unique_lock hold(lock);
            const bool tries_again = options.open && (!file || !slots.empty());
            const auto until = std::min(tidy_at, tries_again ? again_at : SteadyClock::time_point::max());
            const auto something = [this] { return stopping || !full.empty() || !reads.empty(); };
            if (until == SteadyClock::time_point::max()) {
                work.wait(hold, something);
            } else {
                work.wait_until(hold, until, something);
            }
            running = !stopping;
        }
        static_cast<void>(opened());
        while (take_blocks()) {
        }
        if (!running) {
            auto last = book.take_slots(true);
            std::move(last.begin(), last.end(), std::back_inserter(slots));
            again_at = {};
        }
        write_slots();
        answer_reads();
        if (running && SteadyClock::now() >= tidy_at) {
            tidy();
        }
    }
    file.reset();
    const std::lock_guard hold(lock);
    reads.clear();
    done = true;
    ended.notify_all();
}

/// One block; false = none waits.
bool History::State::take_blocks() {
    std::unique_ptr<HistoryBlock> block;
    {
        const std::lock_guard hold(lock);
        if (full.empty()) {
            return false;
        }
        block = std::move(full.front());
        full.pop_front();
    }
    slot_seen = to_ms(block->wall) / slot_ms;
    book.add(*block);
    auto ended_slots = book.take_slots();
    std::move(ended_slots.begin(), ended_slots.end(), std::back_inserter(slots));
    block->rows.clear();
    block->names.clear();
    const std::lock_guard hold(lock);
    empty.push_back(std::move(block));
    return true;
}

bool History::State::opened() {
    if (file) {
        return true;
    }
    if (!options.open || SteadyClock::now() < again_at) {
        return false;
    }
    auto made_file = options.open(damaged);
    if (!made_file) {
        failed(made_file.error());
        return false;
    }
    file = *std::move(made_file);
    damaged = false;
    worked();
    return true;
}

void History::State::failed(const HistoryFailure& failure) {
    again_at = SteadyClock::now() + options.try_again;
    if (failure.damaged) {
        file.reset();
        damaged = true;
        again_at = {};  // a new one is begun at once
    }
    const std::string trouble = failure.message + (failure.damaged ? "; the file is set aside and a new one begun" : "");
    {
        const std::lock_guard hold(lock);
        stats.files_set_aside += failure.damaged ? 1U : 0U;
        const bool told = stats.trouble == trouble || left_behind;
        stats.trouble = trouble;
        stats.file_works = false;
        if (told) {
            return;
        }
    }
    if (options.on_trouble) {
        options.on_trouble(trouble);
    }
}

void History::State::worked() {
    {
        const std::lock_guard hold(lock);
        stats.file_works = true;
        if (std::exchange(stats.trouble, {}).empty() || left_behind) {
            return;
        }
    }
    if (options.on_trouble) {
        options.on_trouble({});
    }
}

void History::State::write_slots() {
    if (!options.open) {
        slots.clear();
        return;
    }
    while (!slots.empty() && SteadyClock::now() >= again_at && opened()) {
        own_from = std::min(own_from.value_or(slots.front().slot), slots.front().slot);
        if (const auto written = file->add(slots.front()); !written) {
            failed(written.error());
            break;
        }
        slots.pop_front();
        worked();
    }
    while (slots.size() > options.slots_waiting_max) {
        slots.pop_front();
        const std::lock_guard hold(lock);
        ++stats.slots_lost;
    }
}

void History::State::answer_reads() {
    for (;;) {
        ReadOrder order;
        {
            const std::lock_guard hold(lock);
            if (reads.empty()) {
                return;
            }
            order = std::move(reads.front());
            reads.pop_front();
        }
        if (!opened()) {
            const std::lock_guard hold(lock);
            order.reply.set_value(tl::unexpected(HistoryFailure{false, stats.trouble}));
            continue;
        }
        const auto read = order.work(*file);
        if (!read) {
            failed(read.error());
        }
        order.reply.set_value(read);
    }
}

void History::State::tidy() {
    tidy_at = SteadyClock::now() + tidy_every;
    if (slot_seen == 0 || !opened()) {
        return;
    }
    const std::int64_t oldest = slot_seen - options.keep.count() / slot_ms;
    const auto more = file->tidy(slot_seen, oldest);
    if (!more) {
        failed(more.error());
        return;
    }
    if (*more) {
        tidy_at = SteadyClock::now() + tidy_pause;
        return;
    }
    if (const auto size = file->size()) {
        const std::lock_guard hold(lock);
        stats.file_bytes = size->bytes;
        stats.file_day_bytes = size->day_bytes;
    }
}

}  // namespace surged
