// Makes what a scrape shows, on the engine thread, at most twice a second, into storage that is used again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/heartbeat.hpp"
#include "core/base/histogram.hpp"
#include "core/engine.hpp"
#include "io/exporter/snapshot.hpp"
#include "io/http/http_server.hpp"
#include "io/store/store_thread.hpp"

namespace surged {

/// How the last reload went; at start: well.
struct ReloadState {
    bool ok = true;
    WallTime at{};
    std::string message;
};

/// Questions to providers: channel -> "ok", "failed", and entries "ignored" -> count.
using PullCounts = std::map<std::string, std::map<std::string, std::uint64_t>>;

struct MetricsInputs {
    const Engine& engine;
    const StoreThread& store;
    const HttpServer* http;
    const ReloadState& reload;
    const Histogram& decision;
    const Histogram& page;
    const Histogram& lateness;
    const Heartbeat::State& heartbeat;
    std::uint64_t inbox_refused = 0;
    const PullCounts& pulls;
    const std::map<std::string, std::uint64_t>& replies;
};

class MetricsMaker {
public:
    static constexpr Span every{500};
    /// With more alerts than this, only those that are not ok are shown one by one: copying them all would cost milliseconds a
    /// scrape.
    static constexpr std::uint64_t alerts_max = 5000;

    /// The snapshot of now, or the last one when it is younger than `every`.
    std::shared_ptr<const MetricsSnapshot> make(const MetricsInputs& in, Stamp now);

private:
    std::shared_ptr<MetricsSnapshot> spare();
    /// Copied anew only when the configuration or an override changed.
    std::shared_ptr<const DutyFacts> duty(const Engine& engine);

    std::shared_ptr<MetricsSnapshot> last_;
    EngineTime made_{};
    std::shared_ptr<const DutyFacts> duty_;
    std::string duty_of_;  ///< version and overrides it was copied of
    std::vector<std::shared_ptr<MetricsSnapshot>> pool_;  // at most as many as scrapes at once, plus two
};

}  // namespace surged
