#include "io/exporter/exporter.hpp"

#include <prometheus/text_serializer.h>
#include <zlib.h>

#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "io/exporter/coverage.hpp"
#include "io/exporter/families.hpp"

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

std::string gzipped(const std::string& text) {
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {  // NOLINT: zlib's macro
        return text;
    }
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));  // NOLINT: zlib only reads it
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return whole ? out : text;
}

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

}  // namespace surged
