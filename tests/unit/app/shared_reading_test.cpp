#include "app/shared_reading.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

TEST_CASE("shared reading: who comes while a text is made and nothing was decided gets that text, and it is made once", "[unit]") {
    Pulse pulse;
    SharedReading reading(pulse);
    std::atomic<int> made{0};
    const auto make = [&]() -> ApiResult<std::string> {
        ++made;
        std::this_thread::sleep_for(50ms);
        return std::string("text");
    };
    std::vector<std::thread> readers;
    std::vector<SharedText> got(8);
    for (std::size_t i = 0; i < got.size(); ++i) {
        readers.emplace_back([&, i] { got[i] = reading.get(make).value(); });
    }
    for (std::thread& reader : readers) {
        reader.join();
    }
    CHECK(made == 1);
    for (const SharedText& text : got) {
        CHECK(text == got[0]);
    }
    CHECK(reading.counts().made == 1);
    CHECK(reading.counts().shared == 7);
}

TEST_CASE("shared reading: a text begun before a decision is not shown to who has heard of it", "[unit]") {
    Pulse pulse;
    pulse.decided(7);
    SharedReading reading(pulse);
    int made = 0;
    const auto make = [&]() -> ApiResult<std::string> { return std::to_string(++made); };
    CHECK(*reading.get(make).value() == "1");
    CHECK(*reading.get(make).value() == "1");
    pulse.decided(8);
    CHECK(*reading.get(make).value() == "2");

    // Decided while it is made: for who came before, it is as good as any; for who comes now it is too old.
    pulse.decided(9);
    std::atomic<bool> begun{false};
    std::atomic<bool> go{false};
    SharedText before;
    std::thread first([&] {
        before = reading
                     .get([&]() -> ApiResult<std::string> {
                         begun = true;
                         while (!go) {
                             std::this_thread::sleep_for(1ms);
                         }
                         return std::string("slow");
                     })
                     .value();
    });
    while (!begun) {
        std::this_thread::sleep_for(1ms);
    }
    pulse.decided(10);
    SharedText after;
    std::thread second([&] { after = reading.get(make).value(); });
    std::this_thread::sleep_for(20ms);
    go = true;
    first.join();
    second.join();
    CHECK(*before == "slow");
    CHECK(*after == "3");
}

TEST_CASE("shared reading: values older than a moment are taken anew, although nothing was decided", "[unit]") {
    Pulse pulse;
    SharedReading reading(pulse);
    int made = 0;
    const auto make = [&]() -> ApiResult<std::string> { return std::to_string(++made); };
    CHECK(*reading.get(make).value() == "1");
    std::this_thread::sleep_for(SharedReading::fresh + 20ms);
    CHECK(*reading.get(make).value() == "2");
}

TEST_CASE("shared reading: what could not be made is said and not kept, and the next one tries", "[unit]") {
    Pulse pulse;
    SharedReading reading(pulse);
    const auto fails = []() -> ApiResult<std::string> { return tl::unexpected<ApiError>(ApiError{"unavailable", "no"}); };
    CHECK(reading.get(fails).error().code == "unavailable");
    CHECK(reading.get([]() -> ApiResult<std::string> { throw std::bad_alloc(); }).error().code == "internal");
    CHECK(*reading.get([]() -> ApiResult<std::string> { return std::string("yes"); }).value() == "yes");
    CHECK(reading.counts().made == 1);
}

TEST_CASE("shared reading: a text that nobody may share any more is let go of", "[unit]") {
    Pulse pulse;
    SharedReading reading(pulse);
    std::weak_ptr<const std::string> kept = reading.get([]() -> ApiResult<std::string> { return std::string("text"); }).value();
    reading.tidy();
    CHECK_FALSE(kept.expired());
    std::this_thread::sleep_for(SharedReading::fresh + 20ms);
    reading.tidy();
    CHECK(kept.expired());
}
