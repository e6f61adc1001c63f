#include "app/inbox.hpp"

#include <poll.h>

#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {

struct Engine {
    std::vector<int> seen;
};

bool readable(int fd) {
    pollfd entry{fd, POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
}

Job<Engine> note(int value) {
    return [value](Engine& engine) { engine.seen.push_back(value); };
}

}  // namespace

TEST_CASE("inbox: jobs run in order, on the thread that drains", "[unit]") {
    Inbox<Engine> inbox;
    Engine engine;
    inbox.push(note(1));
    inbox.offer(note(2));
    inbox.push(note(3));

    CHECK(inbox.drain(engine) == 3);

    CHECK(engine.seen == std::vector{1, 2, 3});
    CHECK(inbox.drain(engine) == 0);
}

TEST_CASE("inbox: its descriptor is readable while jobs wait, and until the engine has woken", "[unit]") {
    Inbox<Engine> inbox;
    Engine engine;
    CHECK_FALSE(readable(inbox.fd()));
    inbox.push(note(1));
    inbox.push(note(2));
    CHECK(readable(inbox.fd()));
    inbox.woken();
    CHECK_FALSE(readable(inbox.fd()));
    CHECK(inbox.drain(engine, 1) == 1);
    CHECK(readable(inbox.fd()));  // one was left
    inbox.woken();
    CHECK(inbox.drain(engine) == 1);
    CHECK_FALSE(readable(inbox.fd()));
    inbox.push(note(3));
    CHECK(readable(inbox.fd()));
}

TEST_CASE("inbox: of jobs from many threads none is lost, none waits unseen, and those of one thread keep their order", "[unit]") {
    constexpr int each = 20000;
    constexpr int senders = 4;
    Inbox<Engine> inbox(each * senders);
    Engine engine;
    std::vector<std::thread> threads;
    for (int sender = 0; sender < senders; ++sender) {
        threads.emplace_back([&inbox, sender] {
            for (int i = 0; i < each; ++i) {
                sender % 2 == 0 ? inbox.push(note(sender * each + i)) : void(inbox.offer(note(sender * each + i)));
            }
        });
    }
    while (engine.seen.size() < std::size_t{each} * senders) {
        pollfd entry{inbox.fd(), POLLIN, 0};
        REQUIRE(::poll(&entry, 1, 10000) == 1);  // a signal lost would end here
        inbox.woken();
        inbox.drain(engine, 7);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    std::vector<int> next(senders);
    bool in_order = true;
    for (const int value : engine.seen) {
        in_order = in_order && value % each == next[static_cast<std::size_t>(value / each)]++;
    }
    CHECK(in_order);
    CHECK(inbox.drain(engine) == 0);
    CHECK(inbox.refused() == 0);
}

TEST_CASE("inbox: outsiders fill it up to the bound and not beyond; our own threads always get in", "[unit]") {
    Inbox<Engine> inbox(2);
    Engine engine;
    CHECK(inbox.offer(note(1)));
    CHECK(inbox.offer(note(2)));
    CHECK_FALSE(inbox.offer(note(3)));
    CHECK(inbox.refused() == 1);
    inbox.push(note(4));

    inbox.drain(engine);

    CHECK(engine.seen == std::vector{1, 2, 4});
    CHECK(inbox.offer(note(5)));  // room again
}

TEST_CASE("inbox: after close what waits still runs, and nobody from outside gets in", "[unit]") {
    Inbox<Engine> inbox;
    Engine engine;
    CHECK(inbox.offer(note(1)));
    inbox.close();
    CHECK_FALSE(inbox.offer(note(2)));
    inbox.push(note(3));
    inbox.drain(engine);
    CHECK(engine.seen == std::vector{1, 3});
}

TEST_CASE("inbox: ask gives the result of another thread", "[unit]") {
    Inbox<Engine> inbox;
    Engine engine;
    std::optional<std::size_t> answer;
    std::thread asker([&] { answer = inbox.ask([](Engine& e) { return e.seen.size(); }, 10s); });
    while (inbox.drain(engine) == 0) {
        pollfd entry{inbox.fd(), POLLIN, 0};
        ::poll(&entry, 1, 1000);
    }
    asker.join();
    CHECK(answer == std::size_t{0});
}

TEST_CASE("inbox: ask gives up after its limit, and at once when closed", "[unit]") {
    Inbox<Engine> inbox;
    CHECK_FALSE(inbox.ask([](Engine&) { return 1; }, 1ms));
    inbox.close();
    CHECK_FALSE(inbox.ask([](Engine&) { return 1; }, 1h));
}

TEST_CASE("inbox: a job dropped unrun wakes who waits for it", "[unit]") {
    std::promise<int> promise;
    auto future = promise.get_future();
    {
        Inbox<Engine> inbox;
        inbox.push([promise = std::move(promise)](Engine&) mutable { promise.set_value(1); });
    }
    CHECK_FALSE(wait_for(future, 1h));
}

TEST_CASE("inbox: no job begins when its time is over, one does in any case, and the rest is still told of", "[unit]") {
    Inbox<Engine> inbox;
    Engine engine;
    for (int i = 1; i <= 3; ++i) {
        inbox.push([i](Engine& e) {
            std::this_thread::sleep_for(3ms);
            e.seen.push_back(i);
        });
    }
    inbox.woken();
    CHECK(inbox.drain(engine, 1024, 0ms) == 1);
    CHECK(readable(inbox.fd()));
    inbox.woken();
    CHECK(inbox.drain(engine, 1024, 1ms) == 1);
    CHECK(readable(inbox.fd()));
    inbox.woken();
    CHECK(inbox.drain(engine, 1024, 1000ms) == 1);
    CHECK(engine.seen == std::vector{1, 2, 3});
    CHECK_FALSE(readable(inbox.fd()));
}
