#include "feed/run_queue_log.hpp"

#include <unistd.h>

#include <algorithm>
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
#include "feed/follow_queue_log.hpp"
#include "feed/queue_log_summary.hpp"

namespace surged {

namespace {

/// Sends messages when their source time has come at the given speed, on the source's time or on ours.
class Pacer {
public:
    Pacer(FeedSink& sink, const QueueLogOptions& options, bool shifts, const std::atomic<bool>& stop)
        : sink_(sink), speed_(options.speed), shifts_(shifts), stop_(stop) {}

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

int run_summary(const QueueLogOptions& options, const std::vector<std::istream*>& in, std::ostream& out, std::ostream& err) {
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

int run_replay(const QueueLogOptions& options, const std::vector<std::istream*>& in, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    const auto outputs = outputs_of(options.live);
    auto opened = outputs ? open_sinks(*outputs, out, err, stop) : tl::unexpected(outputs.error());
    if (!opened) {
        err << opened.error().message << '\n';
        return 2;
    }
    FeedSink& sink = **opened;
    Pacer pacer(sink, options, shifts_to_now(*outputs), stop);
    const auto done = queue_log_messages(in, options.feed, [&](const Message& m) { return pacer(m); });
    const bool flushed = sink.finish();
    tell_faults(done.read, err);
    tell_first_fault(done.read, err);
    err << "event=feed_done lines=" << done.read.lines << " malformed=" << done.read.malformed
        << " unknown_events=" << done.unknown_events << " backdated=" << done.oddities.backdated << " messages=" << sink.sent()
        << " flushed=" << (flushed ? "yes" : "no") << '\n';
    return (stop || sink.sent() == done.messages) && !done.read.all_unreadable() ? 0 : 1;
}

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
    std::vector<std::istream*> files;
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
    if (!options.follow) {
        return run_replay(options, files, out, err, stop);
    }
    if (standard_input) {
        err << "standard input cannot be followed: it has no name to open again\n";
        return 2;
    }
    files.resize(options.earlier.size());
    return follow_queue_log(options, files, out, err, stop);
}

}  // namespace surged
