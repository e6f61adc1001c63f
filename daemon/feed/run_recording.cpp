#include "feed/run_recording.hpp"

#include <fstream>
#include <iostream>
#include <numeric>
#include <optional>
#include <set>

#include "core/series/refusal_book.hpp"
#include "feed/recorder.hpp"
#include "io/zmq/ingest.hpp"
#include "wire/decode.hpp"

namespace surged {

int run_feed_record(const RecordOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    auto ingest = Ingest::open(options.ingest, options.limits);
    if (!ingest) {
        err << ingest.error().message << '\n';
        return 2;
    }
    for (const auto& endpoint : (*ingest)->endpoints()) {
        err << "event=recording endpoint=" << endpoint << std::endl;
    }
    Decoder decoder(options.limits, options.ingest.lenient);
    Recorder recorder(out);
    Message message;
    RefusalCounts refused{};
    RefusalBook book;
    bool writing = true;
    const auto wanted = [&] { return options.messages_max == 0 || recorder.written() < options.messages_max; };
    while (!stop && writing && wanted()) {
        if (!(*ingest)->wait(Span{100}).messages) {
            continue;
        }
        (*ingest)->receive(1, [&](std::string_view payload, std::string_view) {
            if (const auto reason = decoder.decode(payload, message, refused)) {
                ++refused[static_cast<std::size_t>(*reason)];
            } else {
                writing = recorder.write(message);
            }
            for (const RefusalNote& note : decoder.notes()) {
                book.add(decoder.source(), note, 1, EngineTime{});
            }
        });
    }
    for (const auto& entry : book.entries()) {
        err << "event=refused source=" << entry.source << " reason=" << to_string(entry.note.reason) << " count=" << entry.count
            << " example=\"" << entry.note.text() << "\"\n";
    }
    const auto total = std::accumulate(refused.begin(), refused.end(), std::uint64_t{0});
    err << "event=recorded messages=" << recorder.written() << " refused=" << total << '\n';
    return writing ? 0 : 1;
}

namespace {

/// Tells the author of a script what is wrong while it runs: the first of each kind at once, with the line; the rest counted,
/// once a minute.
class SendFaults {
public:
    SendFaults(std::string file, std::ostream& err) : file_(std::move(file)), err_(err) {}

    void hear(std::uint64_t line, const std::string& why, std::string_view text) {
        ++untold_;
        const auto now = steady_now_ms();
        // Of one kind: equal texts but for the value that was received.
        const auto kind = why.substr(0, why.find(": got"));
        if (told_.size() < kinds_max && told_.insert(kind).second) {
            --untold_;
            const auto hint = text.starts_with('{') && text.find('}') == std::string_view::npos
                                  ? " (one object a line, not printed over several lines)"
                                  : "";
            err_ << file_ << ':' << line << ": " << why << hint << "\n    " << printable_front(text, 120) << std::endl;
        } else if (now - counted_at_ >= 60000) {
            err_ << file_ << ':' << line << ": refused or left out since the last word: " << untold_ << "; now: " << why
                 << std::endl;
            untold_ = 0;
        } else {
            return;
        }
        counted_at_ = now;
    }

private:
    static constexpr std::size_t kinds_max = 20;
    std::string file_;
    std::ostream& err_;
    std::set<std::string> told_;
    std::uint64_t untold_ = 0;
    std::int64_t counted_at_ = 0;
};

}  // namespace

int run_feed_send(const SendOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    std::ifstream file;
    if (options.file != "-") {
        file.open(options.file);
        if (!file) {
            err << options.file << ": cannot be read\n";
            return 2;
        }
    }
    const auto outputs = all_outputs(options.output, options.more);
    const bool shifts = shifts_to_now(outputs);
    auto sink = open_sinks(outputs, out, err, stop);
    if (!sink) {
        err << sink.error().message << '\n';
        return 2;
    }
    SendFaults faults(options.file, err);
    std::optional<std::int64_t> first_source;
    const auto began = steady_now_ms();
    const auto report = message_lines(
        options.file == "-" ? std::cin : file,
        [&](const Message& line) {
            Message message = line;
            const auto ts = to_ms(message.ts);
            first_source = first_source.value_or(ts);
            if (options.speed > 0 &&
                !wait_until_ms(began + static_cast<std::int64_t>(static_cast<double>(ts - *first_source) / options.speed),
                               stop)) {
                return false;
            }
            if (shifts) {
                shift_times(message, wall_now_ms() - ts);
            }
            return (*sink)->send(message) && !stop;
        },
        {}, [&](std::uint64_t line, const std::string& why, std::string_view text) { faults.hear(line, why, text); });
    (*sink)->finish();
    err << "event=sent messages=" << (*sink)->sent() << " refused=" << report.refused_lines << " left_out=" << report.left_out()
        << std::endl;
    return report.refused_lines == 0 && report.left_out() == 0 ? 0 : 1;
}

}  // namespace surged
