#include "feed/run_queue_log.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "core/base/text.hpp"
#include "feed/queue_log_summary.hpp"
#include "feed/tail.hpp"

namespace surged {

namespace {

/// Sends messages when their source time has come at the given speed, on the source's time or on ours.
class Pacer {
public:
    Pacer(FeedSink& sink, const QueueLogOptions& options, const std::atomic<bool>& stop)
        : sink_(sink), speed_(options.speed), shifts_(options.output.shifts()), stop_(stop) {}

    bool operator()(const Message& message) {
        const auto source_ms = to_ms(message.ts);
        if (!begun_) {
            begun_ = true;
            source_begin_ms_ = source_ms;
            steady_begin_ms_ = steady_now_ms();
        }
        if (speed_ > 0) {
            const double due = static_cast<double>(source_ms - source_begin_ms_) / speed_;
            if (!wait_until_ms(steady_begin_ms_ + static_cast<std::int64_t>(due), stop_)) {
                return false;
            }
        }
        if (!shifts_) {
            return sink_.send(message);
        }
        copy_ = message;
        shift_times(copy_, wall_now_ms() - source_ms);
        return sink_.send(copy_);
    }

private:
    FeedSink& sink_;
    double speed_;
    bool shifts_;
    const std::atomic<bool>& stop_;
    bool begun_ = false;
    std::int64_t source_begin_ms_ = 0;
    std::int64_t steady_begin_ms_ = 0;
    Message copy_;
};

void tell_faults(const QueueLogReadStats& read, std::ostream& err) {
    for (const auto& [line, fault] : read.first_faults) {
        err << "event=line_skipped line=" << line << " reason=" << to_string(fault) << '\n';
    }
}

int run_summary(const QueueLogOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
    const auto summary = summarize_queue_log(in, options.feed.limits);
    if (options.json) {
        out << summary_json(summary) << '\n';
        tell_faults(summary.read, err);
    } else {
        out << summary_text(summary);
    }
    out.flush();
    return out ? 0 : 1;
}

int run_replay(const QueueLogOptions& options, std::istream& in, FeedSink& sink, std::ostream& err,
               const std::atomic<bool>& stop) {
    Pacer pacer(sink, options, stop);
    const auto done = queue_log_messages(in, options.feed, [&](const Message& m) { return pacer(m); });
    const bool flushed = sink.finish();
    tell_faults(done.read, err);
    err << "event=feed_done lines=" << done.read.lines << " malformed=" << done.read.malformed
        << " unknown_events=" << done.unknown_events << " messages=" << sink.sent() << " flushed=" << (flushed ? "yes" : "no")
        << '\n';
    return stop || sink.sent() == done.messages ? 0 : 1;
}

/// A live log: the history is folded in silence, then one message every period of our own clock.
class Follower {
public:
    Follower(const QueueLogOptions& options, FeedSink& sink, std::ostream& err, const std::atomic<bool>& stop)
        : options_(options), sink_(sink), err_(err), stop_(stop), tail_(options.file), feed_(feed_options(options)) {}

    int run() {
        const Tail::Sink into{[this](std::string_view bytes) { take(bytes); }, [this](Tail::Note note) { tell(note); }};
        const auto period = feed_options(options_).period.count();
        auto due = steady_now_ms();
        while (!stop_) {
            while (tail_.poll(into) > 0 && !stop_) {
            }
            if (tail_.error() != 0) {
                err_ << "event=feed_failed file=\"" << options_.file << "\" error=\"" << std::strerror(tail_.error()) << "\"\n";
                return 2;
            }
            if (steady_now_ms() >= due) {
                // After a stall (a suspended host, a daemon that was away) the missed periods are not made up for.
                due = std::max(due + period, steady_now_ms());
                live_ = true;
                if (!emit()) {
                    break;
                }
            }
            wait_until_ms(std::min(due, steady_now_ms() + 200), stop_);
        }
        const bool flushed = sink_.finish();
        tell_faults(reader_.stats(), err_);
        err_ << "event=feed_done lines=" << reader_.stats().lines << " malformed=" << reader_.stats().malformed
             << " messages=" << sink_.sent() << " flushed=" << (flushed ? "yes" : "no") << '\n';
        return stop_ ? 0 : 1;
    }

private:
    static QueueLogFeedOptions feed_options(const QueueLogOptions& options) {
        auto feed = options.feed;
        if (!feed.epoch) {
            feed.epoch = static_cast<std::uint64_t>(wall_now_ms());
        }
        return feed;
    }
    bool emit() {
        return feed_.emit(wall_now_ms(), [this](const Message& m) { return sink_.send(m); });
    }
    void take(std::string_view bytes) {
        reader_.feed(bytes, [this](const QueueLogLine& line) {
            // A line from the future (a broken clock) would hide its waiter's age for ever.
            if (line.ts_ms > wall_now_ms() + 86400000) {
                return true;
            }
            // The last counts of an epoch leave before it ends.
            if (line.event == QueueEvent::start && live_) {
                static_cast<void>(emit());
            }
            feed_.history(line);
            return true;
        });
    }
    void tell(Tail::Note note) {
        if (note == Tail::Note::rotated || note == Tail::Note::truncated) {
            reader_.restart();
        }
        const char* what = note == Tail::Note::opened    ? "opened"
                           : note == Tail::Note::rotated ? "rotated"
                           : note == Tail::Note::missing ? "missing"
                                                         : "truncated";
        err_ << "event=log_" << what << " file=\"" << options_.file << "\"" << std::endl;
    }

    const QueueLogOptions& options_;
    FeedSink& sink_;
    std::ostream& err_;
    const std::atomic<bool>& stop_;
    Tail tail_;
    QueueLogReader reader_;
    QueueLogFeed feed_;
    bool live_ = false;  ///< the history is read, messages flow
};

}  // namespace

int run_feed_queue_log(const QueueLogOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    const bool standard_input = options.file == "-";
    std::ifstream file;
    if (!standard_input && (!options.follow || options.summary)) {
        file.open(options.file, std::ios::binary);
        // A directory opens and fails at the first read.
        if (!file || (file.peek() == std::ifstream::traits_type::eof() && file.bad())) {
            err << options.file << ": " << std::strerror(errno) << '\n';
            return 2;
        }
        file.clear();
    }
    std::istream& in = standard_input ? std::cin : file;
    if (options.summary) {
        return run_summary(options, in, out, err);
    }
    auto sink = open_sink(options.output, out, err, stop);
    if (!sink) {
        err << sink.error().message << '\n';
        return 2;
    }
    if (options.follow && standard_input) {
        err << "standard input can not be followed: it has no name to open again\n";
        return 2;
    }
    return options.follow ? Follower(options, **sink, err, stop).run() : run_replay(options, in, **sink, err, stop);
}

}  // namespace surged
