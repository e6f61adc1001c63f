#include "feed/run_send.hpp"

#include <fstream>
#include <iostream>
#include <optional>

#include "feed/recorder.hpp"

namespace surged {

int run_feed_send(const SendOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>& stop) {
    std::ifstream file;
    if (options.file != "-") {
        file.open(options.file);
        if (!file) {
            err << options.file << ": can not be read\n";
            return 2;
        }
    }
    auto sink = open_sink(options.output, out, err, stop);
    if (!sink) {
        err << sink.error().message << '\n';
        return 2;
    }
    std::optional<std::int64_t> first_source;
    const auto began = steady_now_ms();
    const auto report = message_lines(options.file == "-" ? std::cin : file, [&](const Message& line) {
        Message message = line;
        const auto ts = to_ms(message.ts);
        first_source = first_source.value_or(ts);
        if (options.speed > 0 &&
            !wait_until_ms(began + static_cast<std::int64_t>(static_cast<double>(ts - *first_source) / options.speed), stop)) {
            return false;
        }
        if (options.output.shifts()) {
            shift_times(message, wall_now_ms() - ts);
        }
        return (*sink)->send(message) && !stop;
    });
    (*sink)->finish();
    for (const auto& [line, reason] : report.first_refusals) {
        err << options.file << ':' << line << ": refused: " << reason << '\n';
    }
    err << "event=sent messages=" << (*sink)->sent() << " refused=" << report.refused_lines << '\n';
    return report.refused_lines == 0 ? 0 : 1;
}

}  // namespace surged
