// Stands in for app/no_steps.cpp: counts every step between a decision and its outcome, over all threads, and dies at number
// $SURGED_CRASH_AT as a power cut would have it: no handler, no flush, no goodbye.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "app/parts.hpp"

namespace surged {

Steps steps_hook() {
    const char* at = std::getenv("SURGED_CRASH_AT");  // NOLINT: before any thread
    const long last = at == nullptr ? 0 : std::strtol(at, nullptr, 10);
    auto count = std::make_shared<std::atomic<long>>(0);
    return [last, count](const char*) {
        if (++*count == last) {
            std::raise(SIGKILL);
        }
    };
}

}  // namespace surged
