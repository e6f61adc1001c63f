// The Prometheus listener: prometheus-cpp's Exposer and one collectable. It asks for a snapshot and renders it on the exposer's
// own threads, so that serialising 100,000 gauges (0.2 s) delays no decision.
//
// The hardest rule: a scrape never waits on the engine without a bound. The program's function answers within its bound or hands
// over the snapshot before; before the first one the scrape still works and says that surged is not ready.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "io/exporter/snapshot.hpp"

namespace surged {

class Exporter {
public:
    /// Called on the exposer's threads, perhaps at once from several; must return within 2 s. Null = nothing to show yet.
    using Source = std::function<std::shared_ptr<const MetricsSnapshot>()>;

    /// Serves GET /metrics on host:port (0 = any free port). Errors: the address is in use or not ours.
    static Result<std::unique_ptr<Exporter>> start(const std::string& host, int port, Source source);
    ~Exporter();
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;

    int port() const;

private:
    struct Impl;
    explicit Exporter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace surged
