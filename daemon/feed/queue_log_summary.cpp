#include "feed/queue_log_summary.hpp"

#include <array>
#include <vector>

#include "core/base/text.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {

double summary_seconds(std::int64_t ms) {
    return static_cast<double>(ms) / 1000.0;
}

/// Cells in columns, the first to the left and the others to the right.
std::string table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> width;
    for (const auto& row : rows) {
        width.resize(std::max(width.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            width[i] = std::max(width[i], utf8_length(row[i]));
        }
    }
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string pad(width[i] - utf8_length(row[i]), ' ');
            out += i == 0 ? row[i] + pad : "  " + pad + row[i];
        }
        out += '\n';
    }
    return out;
}

struct NamedOddity {
    std::string_view key;
    std::string_view text;
    std::uint64_t count;
};

std::array<NamedOddity, 13> named(const QueueLogOddities& odd) {
    return {{
        {"backward", "older than the line before", odd.backward},
        {"backdated", "callers backdated by more than a minute, not counted as waiting", odd.backdated},
        {"bad_params", "with a time that is no number", odd.bad_params},
        {"matched_by_time", "callers matched by time", odd.ghosts_matched},
        {"transfers_matched", "transfers matched by agent", odd.transfers_matched},
        {"unmatched_exits", "exits without an entry", odd.unmatched_exits},
        {"repeated_exits", "exits logged twice", odd.repeated_exits},
        {"exits_by_others", "exits without a line of their own", odd.exits_by_others},
        {"lost_at_restart", "lost at a restart", odd.lost_at_restart},
        {"expired", "expired", odd.expired},
        {"replaced", "entered twice", odd.replaced},
        {"talks_capped", "talks capped", odd.talks_capped},
        {"over_limit", "over a limit", odd.over_limit},
    }};
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? "-" : format_rounded(100.0 * static_cast<double>(part) / static_cast<double>(whole), 2);
}

}  // namespace

QueueLogSummary summarize_queue_log(std::istream& in, const QueueLogLimits& limits) {
    return summarize_queue_log(std::vector<std::istream*>{&in}, limits);
}

QueueLogSummary summarize_queue_log(const std::vector<std::istream*>& files, const QueueLogLimits& limits) {
    QueueLogState state(limits);
    QueueLogReader reader;
    const auto each = [&](const QueueLogLine& line) {
        state.apply(line);
        return true;
    };
    std::vector<char> block(1U << 16U);
    for (std::istream* in : files) {
        while (*in) {
            in->read(block.data(), static_cast<std::streamsize>(block.size()));
            reader.feed({block.data(), static_cast<std::size_t>(in->gcount())}, each);
        }
        reader.finish(each);
    }
    state.advance(state.clock_ms());
    return {std::move(state), reader.stats()};
}

std::string oddities_text(const QueueLogReadStats& read, const QueueLogOddities& odd, std::uint64_t unknown_events) {
    std::string out;
    const auto add = [&](std::string_view what, std::uint64_t count) {
        if (count > 0) {
            out += ", " + std::to_string(count) + " " + std::string(what);
        }
    };
    add("of unknown events", unknown_events);
    add("malformed", read.malformed);
    for (const auto& one : named(odd)) {
        add(one.text, one.count);
    }
    return out;
}

void write_sums(JsonWriter& json, const QueueLogCounters& sum, std::uint64_t waiting) {
    json.field("offered", sum.offered).field("answered", sum.answered).field("abandoned", sum.abandoned);
    json.field("timeouts", sum.timeouts).field("waiting_at_end", waiting);
    json.key("asa_s");
    if (sum.answered == 0) {
        json.null();
    } else {
        json.value(summary_seconds(sum.wait_answered_ms) / static_cast<double>(sum.answered));
    }
    json.field("answered_in_20", sum.answered_in_20).field("talk_s_sum", summary_seconds(sum.talk_ms));
    json.field("overflow_out", sum.overflow_out).field("callbacks_requested", sum.callbacks_requested);
    json.field("blocked", sum.blocked);
}

std::string summary_json(const QueueLogSummary& summary) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("queues").begin_object();
    for (const auto& [raw, queue] : summary.state.queues()) {
        json.key(queue.name).begin_object();
        write_sums(json, queue.total(), queue.waiting());
        json.end_object();
    }
    json.end_object();
    json.field("lines", summary.read.lines).field("unknown_events", summary.state.unknown_events());
    json.field("malformed", summary.read.malformed).key("oddities").begin_object();
    for (const auto& odd : named(summary.state.oddities())) {
        json.field(odd.key, odd.count);
    }
    json.end_object().end_object();
    return out;
}

std::string summary_text(const QueueLogSummary& summary) {
    std::vector<std::vector<std::string>> rows{{"queue", "offered", "answered", "abandoned", "timeouts", "overflow", "callbacks",
                                                "waiting", "asa s", "answered %", "in 20 s %", "talk s"}};
    bool blocked = false;
    for (const auto& [key, queue] : summary.state.queues()) {
        blocked = blocked || queue.total().blocked > 0;
    }
    if (blocked) {
        rows[0].push_back("blocked");
    }
    for (const auto& [raw, queue] : summary.state.queues()) {
        const auto sum = queue.total();
        const auto count = [](std::uint64_t n) { return std::to_string(n); };
        const auto asa = summary_seconds(sum.wait_answered_ms) / static_cast<double>(sum.answered);
        rows.push_back({queue.name, count(sum.offered), count(sum.answered), count(sum.abandoned), count(sum.timeouts),
                        count(sum.overflow_out), count(sum.callbacks_requested), count(queue.waiting()),
                        sum.answered == 0 ? "-" : format_rounded(asa, 3), percent(sum.answered, sum.offered),
                        percent(sum.answered_in_20, sum.offered), format_rounded(summary_seconds(sum.talk_ms), 0)});
        if (blocked) {
            rows.back().push_back(count(sum.blocked));
        }
    }
    std::string out = table(rows);
    out += std::to_string(summary.read.lines) + " lines";
    out += oddities_text(summary.read, summary.state.oddities(), summary.state.unknown_events());
    out += '\n';
    for (const auto& [line, fault] : summary.read.first_faults) {
        out += "line " + std::to_string(line) + ": skipped: wanted " + std::string(wanted(fault)) + '\n';
    }
    if (summary.read.malformed > 0) {
        out += "the first of them: \"" + summary.read.first_text + "\"\n";
    }
    return out;
}

}  // namespace surged
