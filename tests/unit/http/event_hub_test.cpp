#include <poll.h>

#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "io/http/event_hub.hpp"
#include "support/catch.hpp"

using namespace surged;
using State = EventHub::Subscription::State;

namespace {
std::string take(EventHub::Subscription& reader) {
    std::shared_ptr<const std::string> event;
    return reader.next(event) == State::event ? *event : "";
}

bool readable(int fd) {
    pollfd entry{fd, POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
}
}  // namespace

TEST_CASE("event hub: every reader gets every event in order, in the form of server-sent events", "[unit]") {
    EventHub hub;
    const auto one = hub.subscribe();
    const auto two = hub.subscribe();
    hub.publish(7, "incident.opened", R"({"a":1})");
    hub.publish(8, "page.queued", "{}");

    for (const auto& reader : {one, two}) {
        CHECK(take(*reader) == "id: 7\nevent: incident.opened\ndata: {\"a\":1}\n\n");
        CHECK(take(*reader) == "id: 8\nevent: page.queued\ndata: {}\n\n");
        CHECK(take(*reader).empty());
    }
    CHECK(hub.stats().published == 2);
}

TEST_CASE("event hub: a text with a line break cannot become two events", "[unit]") {
    EventHub hub;
    const auto reader = hub.subscribe();
    hub.publish(1, "x", "{}\n\nevent: forged");
    hub.publish(1, "x\rdata: forged", "{}");
    CHECK(take(*reader).empty());
    CHECK(hub.stats().published == 0);
}

TEST_CASE("event hub: as many readers as allowed, not one more, and a place is free again", "[unit]") {
    EventHub hub(EventHub::Limits{2, 10, 1000});
    const auto one = hub.subscribe();
    const auto two = hub.subscribe();
    CHECK(hub.subscribe() == nullptr);
    CHECK(hub.stats().refused == 1);
    hub.unsubscribe(one);
    CHECK(hub.subscribe() != nullptr);
    CHECK(hub.stats().subscribers == 2);
}

TEST_CASE("event hub: a reader with a full buffer is cut off and counted, the others go on", "[unit]") {
    EventHub hub(EventHub::Limits{4, 3, 100000});
    const auto slow = hub.subscribe();
    const auto quick = hub.subscribe();
    for (int i = 0; i < 3; ++i) {
        hub.publish(1, "t", "{}");
        CHECK_FALSE(take(*quick).empty());
    }
    CHECK(hub.stats().slow_dropped == 0);
    hub.publish(1, "t", "{}");

    CHECK(hub.stats().slow_dropped == 1);
    CHECK(hub.stats().subscribers == 1);
    std::shared_ptr<const std::string> event;
    CHECK(slow->next(event) == State::ended);
    CHECK_FALSE(take(*quick).empty());
}

TEST_CASE("event hub: the buffer is bounded in bytes too", "[unit]") {
    const std::size_t one = std::string("id: 1\nevent: t\ndata: \n\n").size() + 50;
    EventHub hub(EventHub::Limits{4, 1000, 2 * one});
    const auto reader = hub.subscribe();
    hub.publish(1, "t", std::string(50, 'x'));
    hub.publish(1, "t", std::string(50, 'x'));
    CHECK(hub.stats().slow_dropped == 0);
    hub.publish(1, "t", std::string(50, 'x'));
    CHECK(hub.stats().slow_dropped == 1);
}

TEST_CASE("event hub: events and the end wake the reader, who is not called any more once it said so", "[unit]") {
    EventHub hub;
    const auto reader = hub.subscribe();
    int calls = 0;
    reader->on_wake([&] { ++calls; });
    CHECK(calls == 0);
    hub.publish(1, "t", "{}");
    CHECK(calls == 1);
    int late = 0;
    reader->on_wake([&] { ++late; });
    CHECK(late == 1);  // what waits already is told at once
    reader->on_wake({});
    hub.publish(2, "t", "{}");
    reader->on_wake([&] { ++calls; });
    CHECK(late == 1);
    CHECK(calls == 2);
    hub.close();
    CHECK(calls == 3);
    std::shared_ptr<const std::string> event;
    CHECK(reader->next(event) == State::ended);
    CHECK(hub.subscribe() == nullptr);
    CHECK(hub.stats().subscribers == 0);
}

TEST_CASE("event hub: a reader that comes back gets what it missed, in order, and then what is new", "[unit]") {
    EventHub hub;
    for (std::uint64_t i = 11; i <= 15; ++i) {
        hub.publish(i, "t", "{}");
    }
    const auto back = hub.subscribe(13);
    hub.publish(16, "t", "{}");
    for (const char* id : {"id: 14\n", "id: 15\n", "id: 16\n"}) {
        CHECK(take(*back).find(id) == 0);
    }
    CHECK(take(*hub.subscribe(10)).find("id: 11\n") == 0);  // nothing before it can have been missed
    CHECK(take(*hub.subscribe(16)).empty());
    CHECK(take(*hub.subscribe()).empty());
}

TEST_CASE("event hub: a new process goes on where the one before ended: what is known of it is given, and nothing more is missed", "[unit]") {
    const std::string missed = "event: missed\n";
    const PastEvents past{12, {{11, "t", "{}"}, {12, "t", "{}"}}};
    EventHub hub(EventHub::Limits{}, past);
    CHECK(hub.stats().published == 0);
    CHECK(take(*hub.subscribe(12)).empty());
    CHECK(take(*hub.subscribe(11)).find("id: 12\n") == 0);
    CHECK(take(*hub.subscribe(10)).find("id: 11\n") == 0);
    CHECK(take(*hub.subscribe(9)).find(missed) == 0);
    CHECK(take(*hub.subscribe(13)).find(missed) == 0);
    const auto back = hub.subscribe(12);
    hub.publish(13, "t", "{}");
    CHECK(take(*back).find("id: 13\n") == 0);

    EventHub without(EventHub::Limits{}, PastEvents{12, {}});  // the log begins behind a snapshot
    CHECK(take(*without.subscribe(12)).empty());
    CHECK(take(*without.subscribe(11)).find(missed) == 0);
}

TEST_CASE("event hub: a reader that was away too long, or knows another store, is told to fetch the state", "[unit]") {
    EventHub hub(EventHub::Limits{8, 8, 100000});
    for (std::uint64_t i = 11; i <= 20; ++i) {
        hub.publish(i, "t", "{}");
    }
    const std::string missed = "event: missed\n";
    CHECK(take(*hub.subscribe(16)).find("id: 17\n") == 0);  // four are kept
    CHECK(take(*hub.subscribe(15)).find(missed) == 0);
    CHECK(take(*hub.subscribe(3)).find(missed) == 0);
    CHECK(take(*hub.subscribe(21)).find(missed) == 0);
}

TEST_CASE("event hub: what is posted makes its descriptor readable and reaches readers when it is delivered, on that thread", "[unit]") {
    EventHub hub;
    const auto reader = hub.subscribe();
    CHECK_FALSE(readable(hub.fd()));
    hub.post(1, "t", "{}");
    hub.post(2, "t", "{}");
    CHECK(readable(hub.fd()));
    CHECK(take(*reader).empty());
    CHECK(hub.stats().published == 0);
    hub.deliver();
    CHECK_FALSE(readable(hub.fd()));
    CHECK(take(*reader).find("id: 1\n") == 0);
    CHECK(take(*reader).find("id: 2\n") == 0);
    CHECK(hub.stats().published == 2);
}

TEST_CASE("event hub: whoever comes has missed nothing of what is posted and not yet handed round", "[unit]") {
    EventHub hub;
    hub.post(5, "t", "{}");
    hub.post(6, "t", "{}");
    CHECK(take(*hub.subscribe(6)).empty());
    hub.post(7, "t", "{}");
    CHECK(take(*hub.subscribe(6)).find("id: 7\n") == 0);
}

TEST_CASE("event hub: a publisher is not held up by a reader's thread that stands still with all locks in its hands", "[unit]") {
    EventHub hub;
    const auto reader = hub.subscribe();
    std::promise<void> inside;
    std::promise<void> go_on;
    reader->on_wake([&, first = true]() mutable {
        if (std::exchange(first, false)) {
            inside.set_value();
            go_on.get_future().wait();  // the hub's lock and the reader's are held here
        }
    });
    hub.post(1, "t", "{}");
    std::thread listener([&] { hub.deliver(); });
    inside.get_future().wait();
    for (std::uint64_t i = 2; i <= 100; ++i) {
        hub.post(i, "t", "{}");  // on one thread with what follows: it would stand here for ever
    }
    CHECK(readable(hub.fd()));
    go_on.set_value();
    listener.join();
    reader->on_wake({});
    hub.deliver();
    CHECK(hub.stats().published == 100);
}

TEST_CASE("event hub: when nobody delivers, what is posted is bounded, and readers are told that they missed something", "[unit]") {
    EventHub::Limits limits;
    limits.posted = 400;
    EventHub hub(limits);
    hub.publish(1, "t", "{}");
    const auto reader = hub.subscribe();
    std::uint64_t sequence = 1;
    for (int i = 0; i < 100; ++i) {
        hub.post(++sequence, "t", std::string(50, 'x'));
    }
    hub.deliver();
    CHECK(hub.stats().published < 12);
    std::shared_ptr<const std::string> event;
    CHECK(reader->next(event) == State::ended);
    const std::string missed = "event: missed\n";
    CHECK(take(*hub.subscribe(2)).find(missed) == 0);
    CHECK(take(*hub.subscribe(100)).find(missed) == 0);
    hub.publish(++sequence, "t", "{}");
    CHECK(take(*hub.subscribe(sequence - 1)).find("id: 102\n") == 0);
    CHECK(take(*hub.subscribe(100)).find(missed) == 0);
}

TEST_CASE("event hub: an event behind a hole does not hide the hole", "[unit]") {
    EventHub::Limits limits;
    limits.posted = 1;
    EventHub hub(limits);
    const auto reader = hub.subscribe();
    hub.post(1, "t", "{}");
    hub.post(2, "t", "{}");  // forgotten
    reader->on_wake([&hub, said = false]() mutable {
        if (!std::exchange(said, true)) {
            hub.post(3, "t", "{}");  // there is room again while the first one is handed round
        }
    });
    hub.deliver();
    CHECK(take(*hub.subscribe(1)).find("event: missed\n") == 0);
    CHECK(take(*hub.subscribe(2)).find("id: 3\n") == 0);
    reader->on_wake({});
}
