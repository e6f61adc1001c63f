#include "ctl/recorded_input.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>

#include "feed/queue_log_feed.hpp"
#include "feed/recorder.hpp"

namespace surged {
namespace {

void tell_refusals(const MessageLinesReport& report) {
    for (const auto& [line, reason] : report.first_refusals) {
        std::fprintf(stderr, "surgectl: line %llu: %s\n", static_cast<unsigned long long>(line), reason.c_str());
    }
    for (std::size_t i = 0; i < refusal_count; ++i) {
        if (report.dropped[i] > 0) {
            std::fprintf(stderr, "surgectl: %llu parts or values refused: %s\n",
                         static_cast<unsigned long long>(report.dropped[i]),
                         std::string(to_string(static_cast<Refusal>(i))).c_str());
        }
    }
}

void tell_faults(const QueueLogReplay& replay) {
    for (const auto& [line, fault] : replay.read.first_faults) {
        std::fprintf(stderr, "surgectl: line %llu: %s\n", static_cast<unsigned long long>(line),
                     std::string(to_string(fault)).c_str());
    }
}

}  // namespace

void RecordedInput::add_options(CLI::App& command, bool required) {
    auto* input =
        command
            .add_option(required ? "--input,input" : "--input", path, "recording (JSON lines) or queue_log; - = standard input")
            ->type_name("FILE");
    if (required) {
        input->required();
    }
    command.add_option("--format", format, "jsonl or queue_log; default: by the first byte")
        ->check(CLI::IsMember({"jsonl", "queue_log"}))
        ->type_name("FORMAT");
    command.add_option("--centre", centre, "centre of a queue_log's queues")->type_name("NAME")->capture_default_str();
}

bool RecordedInput::read(Context& context, const IngestLimits& limits, const std::function<bool(const Message&)>& each) const {
    std::ifstream file;
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file) {
            context.fail(ctl_usage, "cannot read " + path);
            return false;
        }
    }
    std::istream& in = path == "-" ? std::cin : file;
    std::string form = format;
    if (form.empty()) {
        const int first = in.peek();
        form = first == '{' || first == '#' ? "jsonl" : "queue_log";
    }
    if (form == "jsonl") {
        tell_refusals(message_lines(in, each, limits));
    } else {
        QueueLogFeedOptions feed;
        feed.centre = centre;
        tell_faults(queue_log_messages(in, feed, each));
    }
    return true;
}

Result<std::optional<WallTime>> civil_instant(const std::string& text, const Zone& zone) {
    if (text.empty()) {
        return std::optional<WallTime>();
    }
    const auto civil = parse_civil(text.size() == 10 ? text + "T00:00" : text);
    if (!civil) {
        return tl::unexpected(civil.error());
    }
    return std::optional(zone.first_instant(*civil));
}

}  // namespace surged
