#include "app/descriptors.hpp"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>

#include "io/courier/courier.hpp"

namespace surged {

namespace {
/// Store, courier, exec channels, files of libraries, and the API with its readers.
std::size_t reserve_of(std::size_t limit) {
    constexpr std::size_t own = 64;
    constexpr std::size_t api_max = 192;
    return own + std::min(limit / 4, api_max);
}

std::size_t wanted_by(const Settings& settings) {
    constexpr std::size_t reserve_max = 256;
    const std::size_t subscribers = settings.publish.bind.empty() ? 0 : settings.publish.connections;
    const std::size_t watchers = settings.ingest.report.empty() ? 0 : settings.ingest.report_connections;
    return reserve_max + descriptors_a_connection * (settings.ingest.connections + subscribers + watchers);
}
}  // namespace

DescriptorCheck fit_descriptors(Settings& settings, std::size_t limit) {
    if (limit < descriptors_least) {
        return {false, "the limit of open files is " + std::to_string(limit) + "; at least " + std::to_string(descriptors_least) +
                           " are needed (ulimit -n, LimitNOFILE=)"};
    }
    const std::size_t wanted = wanted_by(settings);
    if (limit >= wanted) {
        return {};
    }
    const std::size_t room = (limit - reserve_of(limit)) / descriptors_a_connection;
    const std::size_t subscribers = settings.publish.bind.empty() ? 0 : std::min(settings.publish.connections, std::max<std::size_t>(room / 4, 2));
    settings.publish.connections = settings.publish.bind.empty() ? settings.publish.connections : subscribers;
    std::size_t watchers = 0;
    if (!settings.ingest.report.empty()) {
        watchers = settings.ingest.report_connections = std::min(settings.ingest.report_connections, std::max<std::size_t>(room / 8, 1));
    }
    settings.ingest.connections = std::min(settings.ingest.connections, room - subscribers - watchers);
    return {true, "the limit of open files is " + std::to_string(limit) + ", " + std::to_string(wanted) +
                      " are wanted: at most " + std::to_string(settings.ingest.connections) + " feeders and " +
                      std::to_string(subscribers) + " subscribers are let in"};
}

std::string address_space_shortage() {
    constexpr rlim_t least = rlim_t{1} << 30U;  // mostly stacks of threads, which are mapped and hardly touched
    rlimit limit{};
    if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur >= least) {
        return {};
    }
    return "the limit of address space is " + std::to_string(limit.rlim_cur >> 20U) + " MiB; at least " +
           std::to_string(least >> 20U) + " are needed (ulimit -v, LimitAS=)";
}

void return_large_blocks() {
#ifdef __GLIBC__
    constexpr int large = 256 * 1024;
    ::mallopt(M_MMAP_THRESHOLD, large);  // fixed: else it grows with the largest block that was ever freed
#endif
}

DescriptorCheck fit_descriptors(Settings& settings) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return {};
    }
    const rlim_t pages_under_way = CourierOptions{}.in_flight_max;  // taken where it can be had
    const auto wanted = rlim_t{wanted_by(settings)} + pages_under_way;
    if (limit.rlim_cur < wanted && limit.rlim_cur < limit.rlim_max) {
        rlimit raised = limit;
        raised.rlim_cur = std::min(wanted, limit.rlim_max);
        limit = ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised : limit;
    }
    return fit_descriptors(settings, std::size_t{limit.rlim_cur == RLIM_INFINITY ? wanted : limit.rlim_cur});
}

}  // namespace surged
