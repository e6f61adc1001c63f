#include "io/exporter/exporter.hpp"

#include <prometheus/text_serializer.h>

#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "io/exporter/coverage.hpp"
#include "io/exporter/families.hpp"
#include "wire/deflate.hpp"

namespace surged {

namespace {

/// Snapshots as families.
class Collector {
public:
    explicit Collector(Exporter::Source source) : source_(std::move(source)) {}

    std::vector<prometheus::MetricFamily> collect() {
        std::vector<prometheus::MetricFamily> families;
        // A scrape that fails is an empty scrape, seen as `up` with no surged_ready.
        try {
            const std::shared_ptr<const MetricsSnapshot> snapshot = source_();
            families = snapshot ? make_families(*snapshot, *names_of(snapshot->series)) : make_families(MetricsSnapshot{}, {});
            if (snapshot) {
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
    std::shared_ptr<const std::vector<ExposedName>> names_of(const SeriesView& series) {
        if (!names_ || generation_ != series.generation || names_->size() != series.metrics.size()) {
            names_ = std::make_shared<const std::vector<ExposedName>>(exposed_names(series.metrics, series.counter));
            generation_ = series.generation;
        }
        return names_;
    }

    Exporter::Source source_;
    double start_time_s_ = process_start_time_s();
    DutyCoverage coverage_;
    std::uint64_t generation_ = 0;
    std::shared_ptr<const std::vector<ExposedName>> names_;
};

constexpr std::chrono::milliseconds page_lives{500};

}  // namespace

struct Exporter::Impl {
    explicit Impl(Source source) : collector(std::move(source)) {}

    std::mutex mutex;
    Collector collector;
    std::string text;
    std::string packed;  ///< of `text`; made when somebody asks
    std::optional<std::chrono::steady_clock::time_point> made;
    std::chrono::steady_clock::duration cost{};  ///< of the last page
    /// A page that was cheap to make is never shown twice.
    std::chrono::steady_clock::duration lives() const { return cost < page_lives / 10 ? decltype(cost){} : page_lives; }
};

Exporter::Exporter(Source source) : impl_(std::make_unique<Impl>(std::move(source))) {}
Exporter::~Exporter() = default;

std::string Exporter::page(bool gzip) {
    const std::lock_guard lock(impl_->mutex);  // requests that come meanwhile wait and get the same page
    const auto now = std::chrono::steady_clock::now();
    if (!impl_->made || now - *impl_->made > impl_->lives()) {
        impl_->text = prometheus::TextSerializer().Serialize(impl_->collector.collect());
        impl_->packed.clear();
        impl_->made = std::chrono::steady_clock::now();
        impl_->cost = *impl_->made - now;
    }
    if (!gzip) {
        return impl_->text;
    }
    if (impl_->packed.empty()) {
        impl_->packed = gzipped(impl_->text);
    }
    return impl_->packed;
}

StandbyExporter::StandbyExporter(Source source) : source_(std::move(source)), start_time_s_(process_start_time_s()) {}

std::string StandbyExporter::page(bool gzip) const {
    std::vector<prometheus::MetricFamily> families;
    cluster_families(source_(), families);
    for (prometheus::MetricFamily& family : process_families(start_time_s_)) {
        families.push_back(std::move(family));
    }
    auto text = prometheus::TextSerializer().Serialize(families);
    return gzip ? gzipped(text) : text;
}

}  // namespace surged
