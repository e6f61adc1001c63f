#include "feed/sim_queue.hpp"

#include <random>

#include "support/catch.hpp"

using namespace surged;

namespace {
constexpr SimTime second = 1000000;

bool balanced(const SimQueue& q) {
    const auto& c = q.counters();
    return c.offered == c.answered + c.abandoned + c.overflow_out + q.waiting() && (q.waiting() == 0 || q.available() == 0) &&
           q.staffed() == q.available() + q.on_call() + q.wrapup() + q.aux() && q.available() >= 0 && q.on_call() >= 0 &&
           q.wrapup() >= 0 && q.aux() >= 0;
}
}  // namespace

TEST_CASE("sim queue: first come, first served, with exact waits", "[unit]") {
    SimQueue q(1);
    CHECK(q.arrive(0, false));
    CHECK_FALSE(q.arrive(5 * second, false));
    CHECK_FALSE(q.arrive(9 * second, false));
    CHECK(q.waiting() == 2);
    CHECK(q.oldest_wait(10 * second) == 5 * second);

    q.end_talk(20 * second);
    CHECK(q.end_wrapup(0, 25 * second) == SimQueue::Next::answers);
    CHECK(q.counters().answered == 2);
    CHECK(q.counters().wait_answered_us == 20 * second);
    CHECK(q.counters().answered_in_15 == 1);
    CHECK(q.counters().answered_in_20 == 2);
    CHECK(q.oldest_wait(30 * second) == 21 * second);
    CHECK(q.counters().handled == 1);
    CHECK(balanced(q));
}

TEST_CASE("sim queue: who gives up in the middle is gone and is not answered", "[unit]") {
    SimQueue q(0);
    q.arrive(0, false);
    const auto first = q.last_caller();
    q.arrive(1 * second, false);
    const auto middle = q.last_caller();
    q.arrive(2 * second, false);

    CHECK(q.abandon(middle, 21 * second));
    CHECK_FALSE(q.abandon(middle, 22 * second));
    CHECK(q.counters().abandoned_in_20 == 1);
    CHECK(q.abandon(first, 23 * second));
    CHECK(q.oldest_wait(24 * second) == 22 * second);
    CHECK(q.add_agents(2, 30 * second) == 1);
    CHECK(q.available() == 1);
    CHECK_FALSE(q.abandon(first, 40 * second));
    CHECK(q.oldest_wait(40 * second) == 0);
    CHECK(balanced(q));
}

TEST_CASE("sim queue: agents who go finish their call first", "[unit]") {
    SimQueue q(3);
    q.arrive(0, false);
    q.arrive(0, false);
    CHECK(q.remove_agents(2) == 2);
    CHECK(q.staffed() == 2);
    q.end_talk(second);
    CHECK(q.end_wrapup(0, second) == SimQueue::Next::leaves);
    CHECK(q.staffed() == 1);
    q.end_talk(second);
    CHECK(q.end_wrapup(0, second) == SimQueue::Next::idle);
    CHECK(q.staffed() == 1);
    CHECK(q.remove_agents(5) == 1);
    CHECK(q.staffed() == 0);
    CHECK(balanced(q));
}

TEST_CASE("sim queue: an agent called back before leaving stays", "[unit]") {
    SimQueue q(1);
    q.arrive(0, false);
    q.remove_agents(1);
    CHECK(q.add_agents(1, second) == 0);
    q.end_talk(second);
    CHECK(q.end_wrapup(0, second) == SimQueue::Next::idle);
    CHECK(q.staffed() == 1);
}

TEST_CASE("sim queue: a break waits for the end of a call and ends in work", "[unit]") {
    SimQueue q(1);
    q.arrive(0, false);
    CHECK_FALSE(q.start_break());
    CHECK_FALSE(q.start_break());
    q.arrive(1, false);
    q.end_talk(second);
    CHECK(q.end_wrapup(0, second) == SimQueue::Next::breaks);
    CHECK(q.aux() == 1);
    CHECK(q.end_break(2 * second) == SimQueue::Next::answers);
    q.end_talk(second);
    CHECK(q.end_wrapup(0, 3 * second) == SimQueue::Next::idle);
    CHECK(balanced(q));
}

TEST_CASE("sim queue: the books balance whatever happens", "[unit]") {
    std::mt19937_64 random(11);
    SimQueue q(3);
    SimTime now = 0;
    std::vector<std::uint64_t> callers;
    for (int i = 0; i < 200000; ++i) {
        now += static_cast<SimTime>(random() % second);
        switch (random() % 9) {
            case 0:
            case 1:
                if (!q.arrive(now, random() % 2 == 0)) {
                    callers.push_back(q.last_caller());
                }
                break;
            case 2:
                if (q.on_call() > 0) {
                    q.end_talk(1);
                }
                break;
            case 3:
            case 4:
                if (q.wrapup() > 0) {
                    q.end_wrapup(1, now);
                }
                break;
            case 5: q.end_break(now); break;
            case 6: q.start_break(); break;
            case 7:
                if (!callers.empty()) {
                    const auto who = callers[random() % callers.size()];
                    random() % 2 == 0 ? q.abandon(who, now) : q.overflow(who);
                }
                break;
            default:
                random() % 2 == 0 ? q.add_agents(static_cast<int>(random() % 3), now)
                                  : q.remove_agents(static_cast<int>(random() % 3));
        }
        REQUIRE(balanced(q));
        REQUIRE((q.oldest_wait(now) == 0) == (q.waiting() == 0));
    }
    CHECK(q.counters().offered > 10000);
}
