// Makes what a scrape shows beyond queues, alerts and incidents, on the engine thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/heartbeat.hpp"
#include "app/help_times.hpp"
#include "core/base/histogram.hpp"
#include "core/engine/engine.hpp"
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
    const HelpTimes& help;
    const PullCounts& pulls;
    const std::map<std::string, std::uint64_t>& replies;
    std::uint64_t from_texts = 0;
    WallTime policy_unreadable{};
};

/// Alerts shown in full on a scrape: with more than this, only those that are not ok are.
inline constexpr std::uint64_t scraped_alerts_max = 5000;

class MetricsMaker {
public:
    MetricsSnapshot make(const MetricsInputs& in, Stamp now);

private:
    /// Copied anew only when the configuration or an override changed.
    std::shared_ptr<const DutyFacts> duty(const Engine& engine);
    /// Made anew only when the configuration changed.
    std::shared_ptr<const std::vector<RuleLimit>> limits(const Plan& plan);

    std::shared_ptr<const std::vector<RuleLimit>> limits_;
    std::string limits_of_;  ///< version of the configuration
    std::shared_ptr<const DutyFacts> duty_;
    std::string duty_of_;  ///< version and overrides it was copied of
};

}  // namespace surged
