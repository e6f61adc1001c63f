// The end: five seconds, in an order that loses nothing that can be kept. What is not finished then is said.
#include "app/loop.hpp"
#include "app/version.hpp"

namespace surged {
namespace {

using std::chrono::milliseconds;

// Together below Loop::stop_within; the store has its own bound (StoreOptions::stop_within), set in main.
constexpr milliseconds commit_within{800};
constexpr milliseconds courier_within{1500};

}  // namespace

void Loop::stop() {
    parts_.log.notice("stopping");
    parts_.notifier.stopping();
    // Nothing more from outside. What waits is answered; samples stay with their feeders (PULL) until the next start.
    parts_.inbox.close();
    parts_.inbox.drain(*this);
    hear();
    parts_.engine.note("stopped", std::string("surged ") + version, now());
    settle();

    // Orders reach the courier only after their commit; then it may finish what is under way.
    std::promise<void> committed;
    std::future<void> done = committed.get_future();
    auto kept = std::make_shared<std::promise<void>>(std::move(committed));
    parts_.store.append({}, [kept](bool) { kept->set_value(); });
    done.wait_for(commit_within);
    const std::size_t pages_left = parts_.courier.stop(courier_within);
    parts_.inbox.drain(*this);  // their outcomes
    settle();

    parts_.snapshots.last(now());
    const StoreThread::StopReport store = parts_.store.stop();
    parts_.inbox.drain(*this);  // last events to readers
    if (pages_left > 0 || !store.drained) {
        parts_.log.warning(
            "stopped", {{"pages_under_way", pages_left}, {"records_not_durable", store.records_left}, {"store", store.message}});
    } else {
        parts_.log.notice("stopped", {{"records", parts_.engine.sequence()}});
    }
}

}  // namespace surged
