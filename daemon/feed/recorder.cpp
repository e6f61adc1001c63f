#include "feed/recorder.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "feed/line_splitter.hpp"
#include "wire/decode.hpp"
#include "wire/encode_message.hpp"

namespace surged {

bool Recorder::write(const Message& message) {
    auto line = encode_json(message);
    line += '\n';
    out_.write(line.data(), static_cast<std::streamsize>(line.size()));
    out_.flush();
    written_ += out_ ? 1U : 0U;
    return static_cast<bool>(out_);
}

std::uint64_t MessageLinesReport::left_out() const {
    return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

MessageLinesReport message_lines(std::istream& in, const std::function<bool(const Message&)>& each, const IngestLimits& limits,
                                 const OnRefused& on_refused) {
    constexpr std::size_t refusals_kept = 20;
    MessageLinesReport report;
    Decoder decoder(limits);
    Message message;
    LineSplitter splitter(limits.message_bytes);
    bool go_on = true;
    const auto refuse = [&](std::string reason, std::string_view line) {
        ++report.refused_lines;
        if (on_refused) {
            on_refused(report.lines, reason, line);
        }
        if (report.first_refusals.size() < refusals_kept) {
            report.first_refusals.emplace_back(report.lines, std::move(reason));
        }
    };
    const auto take = [&](std::string_view line, bool too_long) {
        if (!go_on) {
            return;
        }
        ++report.lines;
        if (too_long) {
            refuse(std::string(to_string(Refusal::message_too_large)), line);
            return;
        }
        const auto decoded = decode_line(decoder, line, message, report.dropped);
        if (!decoded) {
            refuse(decoded.error().message, line);
        } else if (*decoded) {
            for (const RefusalNote& note : decoder.notes()) {
                if (on_refused) {
                    on_refused(report.lines, "left out: " + std::string(to_string(note.reason)) + ", " + note.text(), line);
                }
            }
            ++report.messages;
            go_on = each(message);
        }
    };
    std::vector<char> block(std::size_t{1} << 16U);
    while (in && go_on) {
        // What is there and at least one byte: the lines of a pipe must not wait until a block is full.
        in.peek();
        const auto there = std::clamp<std::streamsize>(in.rdbuf()->in_avail(), 1, static_cast<std::streamsize>(block.size()));
        in.read(block.data(), there);
        splitter.feed({block.data(), static_cast<std::size_t>(in.gcount())}, take);
    }
    splitter.finish(take);
    return report;
}

}  // namespace surged
