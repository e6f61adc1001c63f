#include "app/history_cost.hpp"

#include "core/base/text.hpp"
#include "io/history/book.hpp"

namespace surged {
namespace {

/// Measured on busy days of all columns (tests/unit/history: "a busy day ..."); a quiet queue takes a tenth.
constexpr double packed_day_bytes = 4000;
/// The same for the slots of a day that is not over.
constexpr double fresh_day_bytes = 8800;

std::string bytes_text(double bytes) {
    constexpr double unit = 1024;
    return bytes < unit * unit          ? format_rounded(bytes / unit, 1) + " KiB"
           : bytes < unit * unit * unit ? format_rounded(bytes / unit / unit, 1) + " MiB"
                                        : format_rounded(bytes / unit / unit / unit, 1) + " GiB";
}

}  // namespace

std::string history_cost(const LoadedConfig& config) {
    const double memory = static_cast<double>(HistoryBook::queue_bytes_max());
    const double days = static_cast<double>(config.settings.history.keep.count()) / 86400000.0;
    std::string out = "history: at most " + bytes_text(memory) + " a queue in memory";
    double queue = 0;
    if (days > 0) {
        queue = packed_day_bytes * days + 2 * fresh_day_bytes;
        out += ", " + bytes_text(packed_day_bytes) + " a queue and day on disk, " + bytes_text(queue) + " a queue in " +
               format_span(config.settings.history.keep);
    } else {
        out += ", nothing on disk";
    }
    if (const auto expected = static_cast<double>(config.plan->expects.size()); expected > 0) {
        out += "; the " + format_number(expected) + " expected queues: " + bytes_text(memory * expected) + " in memory";
        out += days > 0 ? ", " + bytes_text(queue * expected) + " on disk" : "";
    }
    return out;
}

}  // namespace surged
