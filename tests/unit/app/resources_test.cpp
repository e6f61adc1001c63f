// What the host gives a process, and the engine's sign of life.
#include <thread>

#include "app/descriptors.hpp"
#include "app/pulse.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

TEST_CASE("descriptors: connections are lowered to what the limit leaves beside the reserve", "[unit]") {
    for (const std::size_t limit : {128U, 256U, 1024U, 3000U}) {
        Settings settings;
        settings.publish.bind = {"tcp://127.0.0.1:5557"};
        settings.ingest.report = {"tcp://127.0.0.1:5558"};
        const auto check = fit_descriptors(settings, limit);
        CAPTURE(limit, check.remark);
        CHECK(check.enough);
        CHECK_FALSE(check.remark.empty());
        CHECK(settings.ingest.connections > 0);
        CHECK(settings.publish.connections > 0);
        CHECK(settings.ingest.report_connections > 0);
        const auto taken =
            descriptors_a_connection * (settings.ingest.connections + settings.publish.connections + settings.ingest.report_connections);
        CHECK(taken + 64 + std::min<std::size_t>(limit / 4, 192) <= limit);
    }
    Settings settings;
    CHECK(fit_descriptors(settings, 3256).remark.empty());  // nothing is published: feeders only
    CHECK(settings.ingest.connections == 1000);
    CHECK_FALSE(fit_descriptors(settings, 3255).remark.empty());
    CHECK(settings.ingest.connections < 1000);
    CHECK(fit_descriptors(settings, descriptors_least).enough);
    CHECK_FALSE(fit_descriptors(settings, descriptors_least - 1).enough);
}

TEST_CASE("pulse: its age is that of the engine's last turn", "[unit]") {
    Pulse pulse;
    std::this_thread::sleep_for(30ms);
    CHECK(pulse.age() >= 29ms);
    pulse.turned();
    CHECK(pulse.age() < 20ms);
    CHECK_FALSE(pulse.is_behind());
    pulse.behind(true);
    CHECK(pulse.is_behind());
}
