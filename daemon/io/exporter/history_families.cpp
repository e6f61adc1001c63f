// The history in the metrics: whether its file works, what it holds, what it left out.
#include "io/exporter/families.hpp"

namespace surged {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily history_family(const char* name, const char* help, MetricType type) {
    MetricFamily out;
    out.name = name;
    out.help = help;
    out.type = type;
    return out;
}

void add_history_value(MetricFamily& to, double value, const char* label = nullptr, const std::string& word = {}) {
    prometheus::ClientMetric metric;
    if (label != nullptr) {
        metric.label.push_back({label, word});
    }
    (to.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    to.metric.push_back(std::move(metric));
}

}  // namespace

void history_families(const HistoryFacts& history, std::vector<MetricFamily>& out) {
    const auto gauge = [&out](const char* name, const char* help, std::uint64_t value) {
        MetricFamily filled = history_family(name, help, MetricType::Gauge);
        add_history_value(filled, static_cast<double>(value));
        out.push_back(std::move(filled));
    };
    if (history.file) {
        gauge("surged_history_file_works", "1 while the history's file takes what it is given; 0 = pictures older than three hours are missing.",
              history.file_works ? 1 : 0);
        gauge("surged_history_file_bytes", "Size of the history's file.", history.file_bytes);
    }
    gauge("surged_history_memory_bytes", "Memory of the minutes of the last three hours.", history.memory_bytes);
    gauge("surged_history_queues", "Queues whose minutes are in memory.", history.queues);
    MetricFamily lost = history_family(
        "surged_history_lost_total",
        "What the history left out since start: parts of looks at the queues, slots the file did not take, queues beyond the bound, damaged files.",
        MetricType::Counter);
    for (const auto& [what, count] : history.lost) {
        add_history_value(lost, static_cast<double>(count), "what", what);
    }
    if (!lost.metric.empty()) {
        out.push_back(std::move(lost));
    }
}

}  // namespace surged
