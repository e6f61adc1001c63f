// `surgectl feed check`: what surged will make of a feeder's messages, for the person who writes the feeder. Each message is
// judged: accepted, or field, got, want; then what is accepted and yet odd: sequences, clocks, counters that fall, names near one
// of surged's own.
//
// Knows messages; refuses to know where they come from and what rules want. Hardest rule: a stream of any size, hostile or
// broken, costs fixed memory: queues, metrics and kinds of oddities are bounded.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/series/message.hpp"
#include "core/series/queue_key.hpp"
#include "wire/decode.hpp"

namespace surged {

class FeedChecker {
public:
    static constexpr std::size_t queues_max = 4096;
    static constexpr std::size_t oddities_max = 200;

    /// `on_verdict`: a line for each message: "message 3 of acd-1: accepted, 2 queues, 9 values".
    /// `lenient`: as [ingest] lenient.
    explicit FeedChecker(std::function<void(const std::string& line)> on_verdict, const IngestLimits& limits = {}, bool lenient = false);

    /// One payload. `now_ms`: its arrival; nullopt where messages come from a file, whose times are compared with each other
    /// only.
    void take(std::string_view payload, std::optional<std::int64_t> now_ms);

    struct Oddity {
        std::string text;         ///< "offered of jinan/general fell from 120 to 7: ..."
        std::uint64_t count = 0;  ///< of its kind
        std::uint64_t first = 0;  ///< message
    };
    const std::vector<Oddity>& oddities() const { return oddities_; }
    const std::map<QueueKey, std::set<std::string>>& queues() const { return queues_; }
    std::uint64_t messages() const { return messages_; }
    std::uint64_t refused() const { return refused_; }
    std::uint64_t left_out() const { return left_out_; }

private:
    struct Source {
        std::uint64_t epoch = 0;
        std::uint64_t seq = 0;
        std::int64_t ts_ms = 0;
        std::map<QueueKey, std::map<std::string, double, std::less<>>> counters;
        std::set<QueueKey> last;
    };
    /// `kind`: what is told once, with how often it came.
    void odd(const std::string& kind, const std::string& text);
    void judge(const Message& message, std::optional<std::int64_t> now_ms);
    void judge_sequence(const Message& message, Source& source);
    void judge_values(const Message& message, Source& source);
    void judge_name(std::string_view name);
    void judge_value(const QueueKey& key, const MetricValue& value, Source& source);

    std::function<void(const std::string&)> on_verdict_;
    IngestLimits limits_;
    Decoder decoder_;
    Message message_;
    std::map<std::string, Source, std::less<>> sources_;
    std::map<QueueKey, std::set<std::string>> queues_;
    std::map<std::string, std::size_t> kinds_;
    std::vector<Oddity> oddities_;
    std::set<std::string, std::less<>> names_;
    std::uint64_t messages_ = 0;
    std::uint64_t refused_ = 0;
    std::uint64_t left_out_ = 0;
};

/// The metric of surged that a feeder's name looks like: "callsWaiting", "Calls-Waiting", "call_waiting" -> "calls_waiting".
/// nullopt: none, or it is one.
std::optional<std::string> metric_meant_by(std::string_view name);

}  // namespace surged
