#include "io/http/page_hub.hpp"

#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;
using State = PageHub::Reader::State;

namespace {

PageEvent page_event(const std::string& text) {
    return {std::make_shared<const std::string>(text), std::make_shared<const std::string>("z" + text)};
}

std::string next_of(PageHub::Reader& reader) {
    std::shared_ptr<const std::string> out;
    return reader.next(out) == State::event ? *out : std::string();
}

}  // namespace

TEST_CASE("page hub: a reader gets a snapshot first, and what is published after it", "[unit]") {
    PageHub hub;
    const auto plain = hub.subscribe(false);
    const auto packed = hub.subscribe(true);
    hub.publish(page_event("early"));
    CHECK(next_of(*plain).empty());
    CHECK_FALSE(hub.wanted().any());
    CHECK(hub.wanted_snapshot().plain);
    CHECK(hub.wanted_snapshot().packed);
    hub.give_snapshot(page_event("all"));
    CHECK_FALSE(hub.wanted_snapshot().any());
    hub.publish(page_event("more"));
    CHECK(next_of(*plain) == "all");
    CHECK(next_of(*plain) == "more");
    CHECK(next_of(*packed) == "zall");
    CHECK(next_of(*packed) == "zmore");
    CHECK(hub.stats().snapshots == 2);
}

TEST_CASE("page hub: a snapshot that is not there in a reader's form leaves it waiting", "[unit]") {
    PageHub hub;
    const auto packed = hub.subscribe(true);
    hub.give_snapshot({std::make_shared<const std::string>("all"), nullptr});
    CHECK(hub.wanted_snapshot().packed);
    CHECK(next_of(*packed).empty());
}

TEST_CASE("page hub: a reader that lags loses what waited and is given a new snapshot; the others notice nothing", "[unit]") {
    PageHub hub({.readers = 8, .events = 3, .bytes = 1000});
    const auto slow = hub.subscribe(false);
    const auto quick = hub.subscribe(false);
    hub.give_snapshot(page_event("all"));
    CHECK(next_of(*quick) == "all");
    for (int i = 0; i < 3; ++i) {
        hub.publish(page_event("d" + std::to_string(i)));
        CHECK(next_of(*quick) == "d" + std::to_string(i));
    }
    CHECK(hub.stats().lagged == 1);
    CHECK(next_of(*slow).empty());
    CHECK(hub.wanted_snapshot().plain);
    hub.publish(page_event("d3"));
    CHECK(next_of(*slow).empty());
    hub.give_snapshot(page_event("all again"));
    CHECK(next_of(*slow) == "all again");
    CHECK(next_of(*quick) == "d3");
    CHECK(next_of(*quick).empty());
}

TEST_CASE("page hub: what waits for a reader is bounded in bytes beyond its first event", "[unit]") {
    PageHub hub({.readers = 8, .events = 100, .bytes = 10});
    const auto reader = hub.subscribe(false);
    hub.give_snapshot(page_event(std::string(500, 'a')));  // a snapshot is as large as it is
    hub.publish(page_event("b"));
    CHECK(hub.stats().lagged == 1);
    CHECK(next_of(*reader).empty());
}

TEST_CASE("page hub: one reader too many is refused, and closing ends all", "[unit]") {
    PageHub hub({.readers = 1, .events = 3, .bytes = 1000});
    const auto first = hub.subscribe(false);
    CHECK(hub.subscribe(false) == nullptr);
    CHECK(hub.stats().refused == 1);
    hub.unsubscribe(first);
    const auto second = hub.subscribe(false);
    REQUIRE(second);
    hub.close();
    std::shared_ptr<const std::string> out;
    CHECK(second->next(out) == State::ended);
    CHECK(hub.subscribe(false) == nullptr);
    CHECK_FALSE(hub.wait(PageHub::Clock::now() + 10s));
}

TEST_CASE("page hub: a new reader ends the wait, one that lags does not", "[unit]") {
    PageHub hub;
    const auto reader = hub.subscribe(false);
    const auto begun = PageHub::Clock::now();
    CHECK(hub.wait(begun + 5s));
    CHECK(PageHub::Clock::now() - begun < 4s);
    const auto again = PageHub::Clock::now();
    CHECK(hub.wait(again + 50ms));
    CHECK(PageHub::Clock::now() - again >= 50ms);
}
