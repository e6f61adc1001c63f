// The text that Prometheus reads: prometheus-cpp's families and serializer. It asks for a snapshot and renders it on the caller's
// thread, so that serialising 100,000 gauges (0.2 s) delays no decision. It knows no socket.
//
// The hardest rule: a scrape never waits on the engine without a bound. The program's function answers within its bound or hands
// over the snapshot before; before the first one the scrape still works and says that surged is not ready.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "io/exporter/snapshot.hpp"

namespace surged {

class Exporter {
public:
    /// Called by page(), one call at a time; must return within 2 s. Null = nothing to show yet.
    using Source = std::function<std::shared_ptr<const MetricsSnapshot>()>;

    explicit Exporter(Source source);
    ~Exporter();
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;

    static constexpr const char* content_type = "text/plain; version=0.0.4; charset=utf-8";
    /// The current page, or, when pages are expensive, one that is at most half a second old. From any thread. `gzip`: compressed.
    std::string page(bool gzip);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The page of a host that stands by: what a cluster shows, and the process. From any thread.
class StandbyExporter {
public:
    /// Called by page(); thread-safe, must not wait.
    using Source = std::function<ClusterGauges()>;
    explicit StandbyExporter(Source source);
    std::string page(bool gzip) const;

private:
    Source source_;
    double start_time_s_;
};

}  // namespace surged
