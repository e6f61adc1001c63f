#include "feed/follow_queue_log.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "feed/tail.hpp"

namespace surged {

namespace {

QueueLogFeedOptions live_feed_options(const QueueLogOptions& options) {
    auto feed = options.feed;
    if (!options.live.source.empty()) {
        feed.source = options.live.source;
    }
    if (!feed.epoch) {
        feed.epoch = static_cast<std::uint64_t>(wall_now_ms());
    }
    return feed;
}

/// The history is read without sending, then one message every period of our own clock.
class Follower {
public:
    Follower(const QueueLogOptions& options, LiveFeed& live, std::ostream& err, const std::atomic<bool>& stop)
        : file_("file=" + TroubleLog::quoted(options.file)),
          period_(options.feed.period.count()),
          live_(live),
          err_(err),
          stop_(stop),
          tail_(options.file),
          feed_(live_feed_options(options)) {}

    int run(const std::vector<std::istream*>& earlier);

private:
    static constexpr std::int64_t look_every_ms = 200;
    static constexpr std::int64_t ahead_max_ms = 86400000;
    static constexpr std::int64_t tally_every_ms = 60000;

    void read_earlier(const std::vector<std::istream*>& earlier);
    /// What is new. False: the file could never be opened, and waiting does not help.
    bool look();
    bool emit();
    void take(std::string_view bytes);
    bool line(const QueueLogLine& line);
    void tell(Tail::Note note);
    void tell_unusable();
    void tell_health();

    std::string file_;  // for the log
    std::int64_t period_;
    LiveFeed& live_;
    std::ostream& err_;
    const std::atomic<bool>& stop_;
    Tail tail_;
    QueueLogReader reader_;
    QueueLogFeed feed_;
    bool opened_ = false;    ///< the log was there once
    bool live_now_ = false;  ///< the history is read, messages flow
    bool output_failed_ = false;
    bool told_first_ = false;
    std::uint64_t bytes_ = 0;
    std::uint64_t rotations_ = 0;
    std::uint64_t ahead_ = 0;  ///< lines from the future
    std::uint64_t over_limit_ = 0;
    std::uint64_t told_bad_ = 0;
    std::uint64_t told_lines_ = 0;
    std::int64_t next_tally_ms_ = 0;
};

int Follower::run(const std::vector<std::istream*>& earlier) {
    read_earlier(earlier);
    auto due = steady_now_ms();
    while (!stop_ && !output_failed_) {
        if (!look()) {
            return 2;
        }
        if (steady_now_ms() >= due) {
            // After a stall (a suspended host) the missed periods are not made up for.
            due = std::max(due + period_, steady_now_ms());
            live_now_ = true;
            tell_unusable();
            output_failed_ = !emit() || output_failed_;
            tell_health();
        }
        wait_until_ms(std::min(due, steady_now_ms() + look_every_ms), stop_);
    }
    const bool flushed = live_.sink->finish();
    tell_faults(reader_.stats(), err_);
    live_.log.note("feed_done", "lines=" + std::to_string(reader_.stats().lines) + " malformed=" + std::to_string(reader_.stats().malformed) +
                                    " messages=" + std::to_string(live_.sink->sent()) + " flushed=" + (flushed ? "yes" : "no"));
    return output_failed_ || reader_.stats().all_unreadable() ? 1 : 0;
}

void Follower::read_earlier(const std::vector<std::istream*>& earlier) {
    std::vector<char> block(1U << 16U);
    for (std::istream* in : earlier) {
        while (*in && !stop_) {
            in->read(block.data(), static_cast<std::streamsize>(block.size()));
            take({block.data(), static_cast<std::size_t>(in->gcount())});
        }
        take("\n");  // a last line without its end; else a blank one
        reader_.restart();
    }
}

bool Follower::look() {
    const Tail::Sink into{[this](std::string_view bytes) { take(bytes); }, [this](Tail::Note note) { tell(note); }};
    while (tail_.poll(into) > 0 && !stop_) {
    }
    if (tail_.error() == 0) {
        return true;
    }
    const std::string why = "error=" + TroubleLog::quoted(std::strerror(tail_.error()));
    if (!opened_) {
        live_.log.note("feed_failed", file_ + " " + why);
        return false;
    }
    live_.health.healthy(false, "log_unreadable " + file_ + " " + why);
    live_.log.trouble("log_unreadable", file_ + " " + why, steady_now_ms());
    return true;
}

bool Follower::emit() {
    const auto now = steady_now_ms();
    return feed_.emit(wall_now_ms(), [&](const Message& message) { return live_.sink->send(message, now); });
}

void Follower::take(std::string_view bytes) {
    bytes_ += bytes.size();
    reader_.feed(bytes, [this](const QueueLogLine& one) { return line(one); });
    if (!told_first_ && reader_.stats().malformed > 0) {
        told_first_ = true;
        tell_first_fault(reader_.stats(), err_);
    }
}

bool Follower::line(const QueueLogLine& line) {
    // A line from the future (a broken clock) would hide its waiter's age for ever.
    if (line.ts_ms > wall_now_ms() + ahead_max_ms) {
        if (ahead_++ == 0) {
            live_.log.note("line_ahead", "line=" + std::to_string(reader_.stats().lines) + " time_ms=" + std::to_string(line.ts_ms) +
                                             " want=\"a time at most a day ahead of this host's clock\"");
        }
        return true;
    }
    // The last counts of an epoch leave before it ends.
    if (line.event == QueueEvent::start && live_now_) {
        output_failed_ = !emit() || output_failed_;
    }
    feed_.history(line);
    return true;
}

void Follower::tell(Tail::Note note) {
    const auto now = steady_now_ms();
    if (note == Tail::Note::missing) {
        live_.health.set("connected", 0);
        live_.health.healthy(false, "log_missing " + file_);
        live_.log.trouble("log_missing", file_, now);
        return;
    }
    if (note != Tail::Note::opened) {
        reader_.restart();
        rotations_ += note == Tail::Note::rotated ? 1U : 0U;
    }
    opened_ = true;
    live_.health.set("connected", 1);
    live_.health.healthy(true, "reads " + file_);
    live_.log.news(note == Tail::Note::opened ? "log_opened" : note == Tail::Note::rotated ? "log_rotated" : "log_truncated", file_, now);
    live_.log.ended(std::vector<std::string>{"log_missing", "log_unreadable"}, "log_back " + file_, now);
}

/// Once a minute, while there are any: the first was told at once.
void Follower::tell_unusable() {
    if (steady_now_ms() < next_tally_ms_) {
        return;
    }
    next_tally_ms_ = steady_now_ms() + tally_every_ms;
    const auto bad = reader_.stats().malformed + ahead_;
    if (bad > told_bad_ && bad > 1) {
        live_.log.note("lines_unusable",
                       "bad=" + std::to_string(bad - told_bad_) + " of=" + std::to_string(reader_.stats().lines - told_lines_));
    }
    told_bad_ = bad;
    told_lines_ = reader_.stats().lines;
}

void Follower::tell_health() {
    const auto& read = reader_.stats();
    const auto& state = feed_.state();
    const auto& odd = state.oddities();
    auto& health = live_.health;
    health.total("received_bytes_total", bytes_);
    health.total("lines_total", read.lines);
    health.total("lines_bad_total", read.malformed);
    health.total("lines_ahead_total", ahead_);
    health.total("rotations_total", rotations_);
    health.total("unknown_events_total", state.unknown_events());
    health.total("unmatched_exits_total", odd.unmatched_exits);
    health.total("expired_total", odd.expired);
    health.total("over_limit_total", odd.over_limit);
    health.total("epochs_total", state.restarts());
    health.set("queues", static_cast<double>(state.queues().size()));
    health.set("calls_waiting", static_cast<double>(state.waiting()));
    if (odd.over_limit > over_limit_) {
        over_limit_ = odd.over_limit;
        live_.log.trouble("queue_log_over_limit", "refused=" + std::to_string(odd.over_limit), steady_now_ms());
    }
}

}  // namespace

void tell_first_fault(const QueueLogReadStats& read, std::ostream& err) {
    if (!read.first_faults.empty()) {
        const auto [line, fault] = read.first_faults.front();
        err << "event=line_unusable line=" << line << " reason=" << to_string(fault) << " got=\"" << read.first_text
            << "\" want=\"" << wanted(fault) << '"' << std::endl;
    }
}

void tell_faults(const QueueLogReadStats& read, std::ostream& err) {
    for (const auto& [line, fault] : read.first_faults) {
        err << "event=line_skipped line=" << line << " reason=" << to_string(fault) << '\n';
    }
}

int follow_queue_log(const QueueLogOptions& options, const std::vector<std::istream*>& earlier, std::ostream& out, std::ostream& err,
                     const std::atomic<bool>& stop) {
    LiveFeed live("queue_log", options.live, err);
    if (auto opened = live.open(options.live, out); !opened) {
        err << opened.error().message << '\n';
        return 2;
    }
    return Follower(options, live, err, stop).run(earlier);
}

}  // namespace surged
