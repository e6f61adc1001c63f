#include "ctl/recorded_input.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>

#include "ctl/command_line.hpp"
#include "ctl/history_messages.hpp"
#include "feed/compressed.hpp"
#include "feed/queue_log_feed.hpp"
#include "feed/recorder.hpp"
#include "os/file.hpp"

namespace surged {

namespace {
constexpr std::size_t first_line_bytes_max = std::size_t{64} << 10U;  // what decides stands at the front of a line
}

void tell_refusals(const std::string& path, const MessageLinesReport& report) {
    for (const auto& [line, reason] : report.first_refusals) {
        std::fprintf(stderr, "surgectl: %s:%llu: %s\n", path.c_str(), static_cast<unsigned long long>(line), reason.c_str());
    }
    if (report.refused_lines > report.first_refusals.size()) {
        std::fprintf(stderr, "surgectl: %s: %llu lines could not be used in all\n", path.c_str(),
                     static_cast<unsigned long long>(report.refused_lines));
    }
    for (std::size_t i = 0; i < refusal_count; ++i) {
        if (report.dropped[i] > 0) {
            std::fprintf(stderr, "surgectl: %llu parts or values refused: %s\n",
                         static_cast<unsigned long long>(report.dropped[i]),
                         std::string(to_string(static_cast<Refusal>(i))).c_str());
        }
    }
}

void tell_faults(const std::string& path, const QueueLogReplay& replay) {
    for (const auto& [line, fault] : replay.read.first_faults) {
        std::fprintf(stderr, "surgectl: %s:%llu: no line of a queue_log, wanted %s\n", path.c_str(), static_cast<unsigned long long>(line),
                     std::string(wanted(fault)).c_str());
    }
    if (!replay.read.first_faults.empty()) {
        std::fprintf(stderr, "surgectl: %s: %llu of %llu lines could not be used; the first was \"%s\"\n", path.c_str(),
                     static_cast<unsigned long long>(replay.read.malformed), static_cast<unsigned long long>(replay.read.lines),
                     replay.read.first_text.c_str());
    }
    if (replay.oddities.backdated > 0) {
        std::fprintf(stderr,
                     "surgectl: %llu callers entered with a time more than a minute before the line above: counted, but not as "
                     "waiting, as live\n",
                     static_cast<unsigned long long>(replay.oddities.backdated));
    }
}

void add_members(CliCommand command, MembersFrom& members) {
    const auto read = [&members](const std::string& text) -> std::optional<std::string> {
        if (text != "auto" && text != "log" && text != "unknown") {
            return "'" + text + "' is none of auto, log, unknown";
        }
        members = text == "auto" ? MembersFrom::inferred : text == "log" ? MembersFrom::log : MembersFrom::nowhere;
        return std::nullopt;
    };
    command
        .option_read_by("--members", read,
                        "who serves a queue of a queue_log, which never names the members of queues.conf: log = all members are "
                        "dynamic (AddQueueMember, or log-ins), the log names every one; unknown = never send agents_staffed, "
                        "_available and _aux; auto = as log while everybody at work was added before, else unknown [auto]")
        .type("auto|log|unknown");
}

void RecordedInput::add_options(CliCommand command, bool required, bool with_csv) {
    const auto input =
        command
            .option(required ? "--input,--from-history,input" : "--input", path,
                    "recording (JSON lines), queue_log, csv, or the history that the daemon keeps (<store>.history); - = standard input")
            .type("FILE");
    if (required) {
        input.required();
    }
    std::vector<std::string> formats{"jsonl", "queue_log", "history"};
    if (with_csv) {
        formats.emplace_back("csv");
        column.add_options(command);
    }
    command
        .option("--format", format,
                std::string("jsonl (messages as on the wire)") + (with_csv ? ", csv (timestamp,count)" : "") +
                    ", queue_log (Asterisk) or history; default: jsonl, queue_log or history, by the first bytes")
        .one_of(formats)
        .type("FORMAT");
    add_members(command, members);
    command.option("--centre", centre, "centre of the queues, when the file names none; default asterisk").type("NAME");
}

bool RecordedInput::prepare(Context& context, std::unique_ptr<const Plan>& plan) {
    format = format.empty() && path != "-" && is_history_file(path) ? "history" : format;
    if (format == "history") {
        plan = patient_for_history(*plan);
    }
    if (format != "csv") {
        return true;
    }
    if (!counts) {
        auto read = CountInput::read(path, centre, column, *plan);
        if (!read) {
            context.fail(ctl_usage, read.error().message);
            return false;
        }
        counts = std::move(*read);
    }
    plan = counts->patient(*plan);
    return true;
}

bool RecordedInput::read(Context& context, const IngestLimits& limits, const std::function<bool(const Message&)>& each) const {
    if (counts) {
        counts->each(each);
        return true;
    }
    if (format == "history" || (format.empty() && path != "-" && is_history_file(path))) {
        const auto told = history_file_messages(path, each);
        if (!told) {
            context.fail(ctl_usage, told.error().message);
        }
        return told.has_value();
    }
    std::ifstream file;  // message by message, to its end or to the end of a pipe: never held whole
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file) {
            context.fail(ctl_usage, "cannot read " + path);
            return false;
        }
    }
    std::istream& in = path == "-" ? std::cin : file;
    std::string head(4, '\0');
    if (path != "-") {
        file.read(head.data(), 4);
        head.resize(static_cast<std::size_t>(file.gcount()));
        file.clear();
        file.seekg(0);
        if (const auto unpacker = unpacker_of(head); !unpacker.empty()) {
            context.fail(ctl_usage,
                         path + " is compressed: " + std::string(unpacker) + " '" + path + "' | surgectl ... --input -");
            return false;
        }
    }
    std::string form = format;
    if (form.empty()) {
        const int first = in.peek();
        form = first == '{' || first == '#' ? "jsonl" : "queue_log";
    }
    if (form == "jsonl") {
        tell_refusals(path, message_lines(in, each, limits));
    } else {
        QueueLogFeedOptions feed;
        feed.centre = centre.empty() ? "asterisk" : centre;
        feed.limits.members = members;
        tell_faults(path, queue_log_messages(in, feed, each));
    }
    return true;
}

std::string format_of_file(const std::string& path) {
    if (is_history_file(path)) {
        return "history";
    }
    const auto front = read_file(path, first_line_bytes_max).value_or("");
    const std::string_view first = std::string_view(front).substr(0, front.find('\n'));
    if (first.starts_with('{') || first.starts_with('#')) {
        return "jsonl";
    }
    // A line of a queue_log begins with a time in seconds and a bar.
    const bool log = first.find('|') != std::string::npos && first.find('|') <= first.find_first_not_of("0123456789.");
    return log ? "queue_log" : "csv";
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
