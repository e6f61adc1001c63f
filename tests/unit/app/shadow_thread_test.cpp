// The thread that makes snapshots of the records: what it saves is the engine's state; what does not fit is given up and told.
#include "app/shadow_thread.hpp"

#include <chrono>
#include <future>
#include <utility>

#include "core/engine/engine.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {

Stamp at_ms(std::int64_t ms) {
    return {engine_time(1'780'000'000'000 + ms), wall_time(1'780'000'000'000 + ms)};
}

/// An engine that decides a note whenever it is asked to, and what its shadow saved.
struct Rig {
    explicit Rig(ShadowThread::Options options = {}) : thread(save(), options) { thread.begin(engine.shared_plan(), engine.snapshot()); }

    ShadowThread::Save save() {
        return [this](std::uint64_t sequence, std::string bytes) {
            const std::lock_guard hold(lock);
            saved.emplace_back(sequence, std::move(bytes));
            came.notify_all();
        };
    }
    std::vector<Record> decide(int notes) {
        for (int i = 0; i < notes; ++i) {
            ++made;
            engine.note("note", std::to_string(made), at_ms(made));
        }
        Decisions out;
        engine.take(out);
        return std::move(out.records);
    }
    /// True: so many were saved in time.
    bool wait_for(std::size_t count) {
        std::unique_lock hold(lock);
        return came.wait_for(hold, 20s, [&] { return saved.size() >= count; });
    }

    Engine engine{std::make_unique<const Plan>()};
    int made = 0;
    std::mutex lock;
    std::condition_variable came;
    std::vector<std::pair<std::uint64_t, std::string>> saved;
    ShadowThread thread;  ///< last: it ends before what it calls goes
};

}  // namespace

TEST_CASE("shadow thread: what it saves is the engine's state at the moment it was asked", "[unit]") {
    Rig rig;
    rig.thread.add(rig.decide(700), 7000);
    const auto first = rig.engine.snapshot();
    rig.thread.save();
    rig.thread.add(rig.decide(3), 30);
    const auto second = rig.engine.snapshot();
    rig.thread.save();
    rig.thread.add(rig.decide(5), 50);
    REQUIRE(rig.wait_for(2));
    const std::lock_guard hold(rig.lock);
    CHECK(rig.saved[0] == std::pair(std::uint64_t{700}, first));
    CHECK(rig.saved[1] == std::pair(std::uint64_t{703}, second));
    CHECK_FALSE(rig.thread.behind());
}

TEST_CASE("shadow thread: what was decided before it began and comes afterwards is in its state once", "[unit]") {
    Rig rig;
    const auto early = rig.decide(4);
    rig.thread.begin(rig.engine.shared_plan(), rig.engine.snapshot());
    rig.thread.add(early, 40);
    rig.thread.add(rig.decide(2), 20);
    rig.thread.save();
    REQUIRE(rig.wait_for(1));
    const std::lock_guard hold(rig.lock);
    CHECK(rig.saved[0].second == rig.engine.snapshot());
}

TEST_CASE("shadow thread: at the limit of records or of bytes it goes on, one beyond it is behind, and begins anew", "[unit]") {
    const bool by_bytes = GENERATE(false, true);
    // Nobody takes what waits: the thread sits in a save until the test lets it go.
    std::promise<void> let_go;
    std::promise<void> sits;
    auto go = let_go.get_future().share();
    Engine engine(std::make_unique<const Plan>());
    std::atomic<int> saves{0};
    std::string last;
    {
        ShadowThread thread(
            [&](std::uint64_t, std::string bytes) {
                if (saves++ == 0) {
                    sits.set_value();
                    go.wait();
                }
                last = std::move(bytes);
            },
            {by_bytes ? std::size_t{1000} : std::size_t{10}, by_bytes ? std::size_t{100} : std::size_t{10000}, 256});
        thread.begin(engine.shared_plan(), engine.snapshot());
        thread.save();
        sits.get_future().wait();
        const auto decide = [&](int notes) {
            for (int i = 0; i < notes; ++i) {
                engine.note("note", "x", at_ms(i));
            }
            Decisions out;
            engine.take(out);
            return std::move(out.records);
        };
        thread.add(decide(10), 100);
        CHECK_FALSE(thread.behind());
        CHECK(thread.saving());
        thread.add(decide(1), 1);
        CHECK(thread.behind());
        CHECK_FALSE(thread.saving());
        thread.save();  // says nothing of a state with holes
        CHECK_FALSE(thread.saving());
        thread.begin(engine.shared_plan(), engine.snapshot());
        CHECK_FALSE(thread.behind());
        thread.add(decide(2), 2);
        thread.save();
        let_go.set_value();
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (thread.saving() && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
        CHECK_FALSE(thread.saving());
    }
    CHECK(saves == 2);
    CHECK(last == engine.snapshot());
}

TEST_CASE("shadow thread: a state that it cannot read, and a hole in what it gets, leave it behind", "[unit]") {
    Rig rig;
    const auto behind_in_time = [&] {
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (!rig.thread.behind() && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
        return rig.thread.behind();
    };
    rig.thread.begin(rig.engine.shared_plan(), "no state");
    CHECK(behind_in_time());
    rig.thread.begin(rig.engine.shared_plan(), rig.engine.snapshot());
    CHECK_FALSE(rig.thread.behind());
    static_cast<void>(rig.decide(1));
    rig.thread.add(rig.decide(300), 300);
    CHECK(behind_in_time());
    CHECK(rig.saved.empty());
}

TEST_CASE("shadow thread: it goes by the configuration that the records were decided by", "[unit]") {
    Rig rig;
    rig.thread.add(rig.decide(3), 3);
    for (int i = 0; i < 3; ++i) {
        auto plan = std::make_unique<Plan>();
        plan->version = std::to_string(i);
        const auto report = rig.engine.reload(std::move(plan), at_ms(1000 + i));
        CHECK(report.after + 1 == rig.engine.sequence());
        rig.thread.adopt(rig.engine.shared_plan(), report.after);
    }
    rig.thread.add(rig.decide(1), 1);
    rig.thread.save();
    REQUIRE(rig.wait_for(1));
    const std::lock_guard hold(rig.lock);
    CHECK(rig.saved[0].second == rig.engine.snapshot());
}
