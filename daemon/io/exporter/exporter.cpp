#include "io/exporter/exporter.hpp"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>

#include <exception>
#include <mutex>
#include <utility>
#include <vector>

#include "io/exporter/coverage.hpp"
#include "io/exporter/families.hpp"

namespace surged {

namespace {

class SnapshotCollectable final : public prometheus::Collectable {
public:
    explicit SnapshotCollectable(Exporter::Source source) : source_(std::move(source)) {}

    std::vector<prometheus::MetricFamily> Collect() const override {
        std::vector<prometheus::MetricFamily> families;
        // The library's threads would end the process on an exception of ours; a scrape that fails is an empty scrape, seen as
        // `up` with no surged_ready.
        try {
            const std::shared_ptr<const MetricsSnapshot> snapshot = source_();
            families = snapshot ? make_families(*snapshot, *names_of(snapshot->series)) : make_families(MetricsSnapshot{}, {});
            if (snapshot) {
                const std::lock_guard lock(mutex_);
                const auto& covered = coverage_.families(snapshot->duty, snapshot->wall);
                families.insert(families.end(), covered.begin(), covered.end());
            }
            for (prometheus::MetricFamily& family : process_families(start_time_s_)) {
                families.push_back(std::move(family));
            }
        } catch (const std::exception&) {
            families.clear();
        }
        return families;
    }

private:
    /// Names are made once a generation of metrics, not once a scrape.
    std::shared_ptr<const std::vector<ExposedName>> names_of(const SeriesView& series) const {
        const std::lock_guard lock(mutex_);
        if (!names_ || generation_ != series.generation || names_->size() != series.metrics.size()) {
            names_ = std::make_shared<const std::vector<ExposedName>>(exposed_names(series.metrics, series.counter));
            generation_ = series.generation;
        }
        return names_;
    }

    Exporter::Source source_;
    double start_time_s_ = process_start_time_s();
    mutable std::mutex mutex_;
    mutable Coverage coverage_;
    mutable std::uint64_t generation_ = 0;
    mutable std::shared_ptr<const std::vector<ExposedName>> names_;
};

}  // namespace

struct Exporter::Impl {
    std::shared_ptr<SnapshotCollectable> collectable;  // before the exposer: it must outlive the exposer's threads
    std::unique_ptr<prometheus::Exposer> exposer;
    int port = 0;
};

Exporter::Exporter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Exporter::~Exporter() {
    impl_->exposer.reset();
}

Result<std::unique_ptr<Exporter>> Exporter::start(const std::string& host, int port, Source source) {
    const bool v6 = host.find(':') != std::string::npos;
    const std::string numeric = host == "localhost" ? "127.0.0.1" : host;
    const std::string listening = (v6 ? "[" + numeric + "]" : numeric) + ":" + std::to_string(port);
    auto impl = std::make_unique<Impl>();
    impl->collectable = std::make_shared<SnapshotCollectable>(std::move(source));
    try {
        // Without these limits a peer that sends nothing would hold one of the library's two threads for ever.
        const std::vector<std::string> options = {"listening_ports",       listening, "num_threads",       "4",
                                                  "request_timeout_ms",    "5000",    "enable_keep_alive", "yes",
                                                  "keep_alive_timeout_ms", "10000",   "tcp_nodelay",       "1"};
        impl->exposer = std::make_unique<prometheus::Exposer>(options);
        impl->exposer->RegisterCollectable(impl->collectable);
        const std::vector<int> ports = impl->exposer->GetListeningPorts();
        impl->port = ports.empty() ? port : ports.front();
    } catch (const std::exception& e) {
        return fail("metrics: cannot listen on " + listening + ": " + e.what() + " (is the port in use?)");
    }
    return std::unique_ptr<Exporter>(new Exporter(std::move(impl)));
}

int Exporter::port() const {
    return impl_->port;
}

}  // namespace surged
