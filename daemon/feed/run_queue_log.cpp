#include "feed/run_queue_log.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "core/base/bytes.hpp"
#include "core/base/text.hpp"
#include "feed/compressed.hpp"
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

using Files = std::vector<std::istream*>;

int run_summary(const QueueLogOptions& options, const Files& in, std::ostream& out, std::ostream& err) {
    const auto summary = summarize_queue_log(in, options.feed.limits);
    if (options.json) {
        out << summary_json(summary) << '\n';
        tell_faults(summary.read, err);
        tell_first_fault(summary.read, err);
    } else {
        out << summary_text(summary);
    }
    out.flush();
    return out && !summary.read.all_unreadable() ? 0 : 1;
}

int run_replay(const QueueLogOptions& options, const Files& in, FeedSink& sink, std::ostream& err,
               const std::atomic<bool>& stop) {
    Pacer pacer(sink, options, stop);
    const auto done = queue_log_messages(in, options.feed, [&](const Message& m) { return pacer(m); });
    const bool flushed = sink.finish();
    tell_faults(done.read, err);
    tell_first_fault(done.read, err);
    err << "event=feed_done lines=" << done.read.lines << " malformed=" << done.read.malformed
        << " unknown_events=" << done.unknown_events << " backdated=" << done.oddities.backdated << " messages=" << sink.sent()
        << " flushed=" << (flushed ? "yes" : "no") << '\n';
    return (stop || sink.sent() == done.messages) && !done.read.all_unreadable() ? 0 : 1;
}

/// A live log: the history is read without sending, then one message every period of our own clock.
class Follower {
public:
    Follower(const QueueLogOptions& options, FeedSink& sink, std::ostream& err, const std::atomic<bool>& stop)
        : options_(options), sink_(sink), err_(err), stop_(stop), tail_(options.file), feed_(feed_options(options)) {}

    int run(const Files& earlier) {
        read_earlier(earlier);
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
                tell_unusable();
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
        return stop_ && !reader_.stats().all_unreadable() ? 0 : 1;
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
            if (line.ts_ms > wall_now_ms() + ahead_max_ms) {
                if (ahead_++ == 0) {
                    err_ << "event=line_ahead line=" << reader_.stats().lines << " time_ms=" << line.ts_ms
                         << " want=\"a time at most a day ahead of this host's clock\"" << std::endl;
                }
                return true;
            }
            // The last counts of an epoch leave before it ends.
            if (line.event == QueueEvent::start && live_) {
                static_cast<void>(emit());
            }
            feed_.history(line);
            return true;
        });
        if (!told_first_ && reader_.stats().malformed > 0) {
            told_first_ = true;
            tell_first_fault(reader_.stats(), err_);
        }
    }
    void read_earlier(const Files& earlier) {
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
    /// Once a minute, while there are any: the first was told at once.
    void tell_unusable() {
        if (steady_now_ms() < next_tally_ms_) {
            return;
        }
        next_tally_ms_ = steady_now_ms() + 60000;
        const auto bad = reader_.stats().malformed + ahead_;
        if (bad > told_bad_ && bad > 1) {
            err_ << "event=lines_unusable bad=" << bad - told_bad_ << " of=" << reader_.stats().lines - told_lines_ << std::endl;
        }
        told_bad_ = bad;
        told_lines_ = reader_.stats().lines;
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
    static constexpr std::int64_t ahead_max_ms = 86400000;
    bool live_ = false;  ///< the history is read, messages flow
    bool told_first_ = false;
    std::uint64_t ahead_ = 0;  ///< lines from the future
    std::uint64_t told_bad_ = 0;
    std::uint64_t told_lines_ = 0;
    std::int64_t next_tally_ms_ = 0;
};

/// Files that were opened, and what they say first.
struct Opened {
    std::vector<std::unique_ptr<std::ifstream>> files;
    std::string error;
};

/// Time of the first line that can be used, of the first 64 KiB; 0 = none.
std::int64_t first_time_ms(std::istream& in) {
    std::string head(1U << 16U, '\0');
    in.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(in.gcount()));
    in.clear();
    in.seekg(0);
    std::int64_t found = 0;
    QueueLogReader reader;
    reader.feed(head, [&](const QueueLogLine& line) {
        found = line.ts_ms;
        return false;
    });
    return found;
}

/// Opens one and looks whether it is text, and not older than the file before it. Empty = well.
std::string open_log(const std::string& name, std::int64_t& not_before_ms, std::ifstream& file) {
    file.open(name, std::ios::binary);
    // A directory opens and fails at the first read.
    if (!file || (file.peek() == std::ifstream::traits_type::eof() && file.bad())) {
        return name + ": " + std::strerror(errno);
    }
    file.clear();
    std::array<char, 4> head{};
    file.read(head.data(), head.size());
    const auto unpacker = unpacker_of({head.data(), static_cast<std::size_t>(file.gcount())});
    file.clear();
    file.seekg(0);
    if (!unpacker.empty()) {
        return name + ": is compressed: " + std::string(unpacker) + " '" + name + "' | surgectl feed queue-log -";
    }
    const auto first = first_time_ms(file);
    if (first != 0 && first < not_before_ms) {
        return name + ": begins before the file named in front of it: give the oldest first";
    }
    not_before_ms = std::max(not_before_ms, first);
    return {};
}

Opened open_logs(const QueueLogOptions& options) {
    Opened out;
    auto names = options.earlier;
    names.push_back(options.file);
    std::int64_t not_before_ms = 0;
    for (std::size_t i = 0; i < names.size() && out.error.empty(); ++i) {
        const bool last = i + 1 == names.size();
        if (last && names[i] == "-") {
            continue;
        }
        auto file = std::make_unique<std::ifstream>();
        out.error = open_log(names[i], not_before_ms, *file);
        // The one that is followed may come later, and the tail says what is wrong with it.
        if (last && options.follow && !options.summary && !file->is_open()) {
            out.error.clear();
            continue;
        }
        out.files.push_back(std::move(file));
    }
    return out;
}

}  // namespace

std::string default_source(const std::string& file, const std::string& centre) {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0 || host[0] == '\0') {
        host = {'h', 'o', 's', 't'};
    }
    std::error_code ignored;
    // "- < FILE" is that file's too; a pipe has no name.
    const auto input = file == "-" ? std::filesystem::read_symlink("/proc/self/fd/0", ignored) : std::filesystem::path(file);
    const bool pipe = file == "-" && (!input.is_absolute() || input.string().rfind("/dev/", 0) == 0);
    const auto whole = pipe ? std::filesystem::path("-") : std::filesystem::weakly_canonical(input, ignored);
    const std::string path = whole.empty() ? file : whole.string();
    const std::string base = file == "-" ? "stdin" : std::filesystem::path(path).filename().string();
    static constexpr std::string_view hex = "0123456789abcdef";
    const auto sum = crc32c(std::string(host.data()) + '\0' + path + '\0' + centre);
    std::string out = wire_name(std::string(host.data()).substr(0, 24)) + "-" + wire_name(base).substr(0, 24) + "-";
    // A cut in the middle of a character is no name.
    while (!utf8_valid(out)) {
        out.erase(out.size() - 2, 1);
    }
    for (unsigned shift = 32; shift > 0; shift -= 4) {
        out += hex[(sum >> (shift - 4)) & 15U];
    }
    return out;
}

int run_feed_queue_log(const QueueLogOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    const bool standard_input = options.file == "-";
    const auto opened = open_logs(options);
    if (!opened.error.empty()) {
        err << opened.error << '\n';
        return 2;
    }
    Files files;
    for (const auto& file : opened.files) {
        files.push_back(file.get());
    }
    if (standard_input) {
        if (std::cin.peek() == 0x1F) {
            err << "standard input is compressed: zcat FILE | surgectl feed queue-log -\n";
            return 2;
        }
        files.push_back(&std::cin);
    }
    if (options.summary) {
        return run_summary(options, files, out, err);
    }
    auto sink = open_sink(options.output, out, err, stop);
    if (!sink) {
        err << sink.error().message << '\n';
        return 2;
    }
    if (!options.follow) {
        return run_replay(options, files, **sink, err, stop);
    }
    if (standard_input) {
        err << "standard input cannot be followed: it has no name to open again\n";
        return 2;
    }
    files.resize(options.earlier.size());
    return Follower(options, **sink, err, stop).run(files);
}

}  // namespace surged
