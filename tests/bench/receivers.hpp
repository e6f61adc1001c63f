// What is compared in `ingest`: the same bytes taken in three ways by one thread.
//
//   floor   simdjson walks the message and reads every double; checks nothing, keeps nothing
//   bare    the least that could be called an engine: every value is looked up by "centre/queue/metric" in one hash table, pushed
//   into its
//           ring of 64 and compared with one threshold
//   surged  the real decoder and the real engine with its rules
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace surged::bench {

class Receiver {
public:
    virtual ~Receiver() = default;
    /// `payload` is followed by Stream::padding readable bytes.
    virtual void take(std::string_view payload) = 0;
    /// Values taken so far.
    virtual std::uint64_t values() const = 0;
    /// Ends the program when what was taken makes no sense (nothing decoded, an alert in a quiet stream).
    virtual void verify() const = 0;
};

std::unique_ptr<Receiver> make_floor();
std::unique_ptr<Receiver> make_bare();
/// `config`: TOML of rules; the engine runs on the stream's own recorded time.
std::unique_ptr<Receiver> make_surged(const std::string& config);
/// The same, and every baseline rule has learned a fortnight of the stream's usual traffic before it begins: it judges, as it
/// does on all days but the first ten.
std::unique_ptr<Receiver> make_surged_learned(const std::string& config, std::size_t queues);

// ---- rule sets for the stream's ten metrics
// -------------------------------------------------------------------------------------------

/// One threshold a metric, its limit raised by `factor`, id prefix `name`.
std::string threshold_rules(const std::string& name, double factor = 1.0);
/// One rate of change a metric: the last `window` against the `versus` before it. Limits that no stream reaches.
std::string rate_rules(const std::string& window, const std::string& versus);
/// Bound to every queue: a baseline on `offered` and a shortfall with patience (Erlang A), as the shipped rules have them. Limits
/// that no stream reaches.
std::string staffing_rules();
/// 1,000 rules: for every centre and metric one, a threshold for gauges and a rate of change for counters; each covers 100
/// series.
std::string thousand_rules(const std::string& window, const std::string& versus);

}  // namespace surged::bench
