#include "feed/feed_checker.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/rule/spec.hpp"

namespace surged {
namespace {

constexpr std::size_t sources_max = 64;
constexpr std::size_t metrics_seen_max = 1000;
constexpr double wait_suspect_s = 86400;  // a day: more likely milliseconds

const MetricSpec* canonical(std::string_view name) {
    const auto& all = canonical_metrics();
    const auto found = std::find_if(all.begin(), all.end(), [&](const MetricSpec& spec) { return spec.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::string queue_name(const QueueKey& key) {
    return shown_safely(key.centre + "/" + key.queue + (key.channel == "voice" ? "" : "/" + key.channel));
}

/// "callsWaiting", "Calls Waiting" -> "calls_waiting".
std::string snake_case(std::string_view name) {
    std::string out;
    for (const char c : name) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (upper && !out.empty() && out.back() != '_' &&
            name.find_first_of("abcdefghijklmnopqrstuvwxyz") != std::string_view::npos) {
            out += '_';
        }
        if (upper) {
            out += static_cast<char>(c - 'A' + 'a');
        } else if (word) {
            out += c;
        } else if (!out.empty() && out.back() != '_') {
            out += '_';
        }
    }
    return out;
}

}  // namespace

std::optional<std::string> metric_meant_by(std::string_view name) {
    if (name.size() > 128 || canonical(name) != nullptr) {
        return std::nullopt;
    }
    const auto snake = snake_case(name);
    if (canonical(snake) != nullptr) {
        return snake;
    }
    std::vector<std::string> names;
    for (const auto& spec : canonical_metrics()) {
        names.push_back(spec.name);
    }
    return nearest_name(snake, names);
}

FeedChecker::FeedChecker(std::function<void(const std::string&)> on_verdict, const IngestLimits& limits, bool lenient)
    : on_verdict_(std::move(on_verdict)), limits_(limits), decoder_(limits, lenient) {}

void FeedChecker::take(std::string_view payload, std::optional<std::int64_t> now_ms) {
    ++messages_;
    RefusalCounts dropped{};
    const auto refusal = decoder_.decode(payload, message_, dropped);
    std::string line =
        "message " + std::to_string(messages_) + " of " + shown_safely(refusal ? decoder_.source() : message_.source) + ": ";
    if (refusal) {
        ++refused_;
        line += "refused (" + std::string(to_string(*refusal)) + ")";
    } else {
        line += "accepted, " + std::to_string(message_.parts.size()) + " queues, " + std::to_string(message_.values.size()) +
                " values";
    }
    if (const auto texts = decoder_.take_lenient(); texts > 0) {
        line += ", " + std::to_string(texts) + " of them numbers in texts";
    }
    for (const auto& note : decoder_.notes()) {
        left_out_ += refusal ? 0U : 1U;
        line += "; " + std::string(refusal ? "" : "left out: ") + note.text();
        if (const auto meant = note.reason == Refusal::bad_name ? metric_meant_by(note.got) : std::nullopt) {
            line += " (is " + *meant + " meant?)";
        }
    }
    on_verdict_(line);
    if (!refusal) {
        judge(message_, now_ms);
    }
}

void FeedChecker::odd(const std::string& kind, const std::string& text) {
    const auto known = kinds_.find(kind);
    if (known != kinds_.end()) {
        ++oddities_[known->second].count;
    } else if (oddities_.size() < oddities_max) {
        kinds_[kind] = oddities_.size();
        oddities_.push_back({text, 1, messages_});
    }
}

void FeedChecker::judge(const Message& message, std::optional<std::int64_t> now_ms) {
    const auto ts_ms = to_ms(message.ts);
    const auto skew_s = limits_.skew.count() / 1000;
    if (now_ms && std::abs(ts_ms - *now_ms) > limits_.skew.count()) {
        odd("skew", "ts is " + std::to_string(std::abs(ts_ms - *now_ms) / 1000) + " s " +
                        (ts_ms > *now_ms ? "ahead of" : "behind") + " this host's clock: surged refuses more than " +
                        std::to_string(skew_s) + " s");
    } else if (ts_ms < 1'000'000'000'000) {
        odd("seconds", "ts " + std::to_string(ts_ms) + " is a time in 1970 when it is read as milliseconds: are seconds sent?");
    }
    auto found = sources_.find(message.source);
    if (found == sources_.end()) {
        if (sources_.size() >= sources_max) {
            return odd("sources",
                       "more than 64 names of sources: is a process id or a time part of the name? A feeder keeps its name over "
                       "a restart");
        }
        found = sources_.emplace(std::string(message.source), Source{}).first;
        found->second.epoch = message.epoch;
    } else {
        judge_sequence(message, found->second);
    }
    found->second.seq = message.seq;
    found->second.ts_ms = ts_ms;
    judge_values(message, found->second);
}

void FeedChecker::judge_sequence(const Message& message, Source& source) {
    const std::string who = "source " + shown_safely(message.source) + ": ";
    if (source.epoch != message.epoch) {
        source.epoch = message.epoch;
        source.counters.clear();
        return;
    }
    if (message.seq <= source.seq) {
        odd("repeat:" + std::string(message.source), who + "seq " + std::to_string(message.seq) + " after " +
                                                         std::to_string(source.seq) +
                                                         ": surged drops a number that it has seen. It rises by one with every "
                                                         "message, also over a restart, unless `epoch` changes");
    } else if (message.seq != source.seq + 1) {
        odd("hole:" + std::string(message.source), who + "seq " + std::to_string(message.seq) + " after " +
                                                       std::to_string(source.seq) + ": a hole, shown as lost messages");
    }
    if (to_ms(message.ts) < source.ts_ms) {
        odd("back:" + std::string(message.source),
            who + "ts goes back by " + std::to_string(source.ts_ms - to_ms(message.ts)) + " ms");
    }
}

void FeedChecker::judge_values(const Message& message, Source& source) {
    std::set<QueueKey> here;
    for (const auto& part : message.parts) {
        const QueueKey key{std::string(part.centre), std::string(part.queue), std::string(part.channel)};
        if (queues_.size() >= queues_max && !queues_.contains(key)) {
            odd("queues", "more than 4096 queues: is each call sent as a queue of its own?");
            continue;
        }
        here.insert(key);
        auto& metrics = queues_[key];
        for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
            judge_value(key, message.values[i], source);
            if (metrics.size() < limits_.metrics_per_queue) {
                metrics.emplace(message.values[i].name);
            }
        }
    }
    for (const auto& key : source.last) {
        if (!here.contains(key)) {
            odd("gone", "queue " + queue_name(key) +
                            " is not in every message of its source: while it is left out surged knows nothing of it and it goes "
                            "stale; one that is idle is sent with zeros");
        }
    }
    if (!here.empty()) {
        source.last = std::move(here);
    }
}

void FeedChecker::judge_name(std::string_view name) {
    if (names_.contains(name) || names_.size() >= metrics_seen_max) {
        return;
    }
    names_.emplace(name);
    if (canonical(name) != nullptr) {
        return;
    }
    const auto meant = metric_meant_by(name);
    odd("name:" + std::string(name),
        "metric " + std::string(name) + " is none that surged knows" +
            (meant ? ": is " + *meant + " meant?"
                   : ": it is taken as a gauge unless a [[metric]] of the configuration says counter"));
}

void FeedChecker::judge_value(const QueueKey& key, const MetricValue& value, Source& source) {
    judge_name(value.name);
    const std::string name(value.name);
    const auto* known = canonical(value.name);
    if (value.value < 0) {
        return odd("negative:" + name,
                   name + " of " + queue_name(key) + " is " + format_number(value.value) + ": what is not known is left out");
    }
    if (known == nullptr) {
        return;
    }
    if (known->kind == MetricKind::counter) {
        auto& counters = source.counters[key];
        const auto before = counters.find(value.name);
        if (before != counters.end() && value.value < before->second) {
            odd("falls:" + name, name + " of " + queue_name(key) + " fell from " + format_number(before->second) + " to " +
                                     format_number(value.value) +
                                     ": a counter only rises within an epoch (is it a count of an interval? add it up; did it "
                                     "begin anew? change `epoch`)");
        }
        counters[name] = value.value;
    } else if (name == "oldest_wait_s" && value.value > wait_suspect_s) {
        odd("unit:" + name,
            name + " of " + queue_name(key) + " is " + format_number(value.value) + ": it is in seconds; are milliseconds sent?");
    }
}

}  // namespace surged
