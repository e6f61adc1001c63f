// Where each feeder stands, over a restart of ours (D7).
#include <limits>
#include <random>

#include "source_feeder.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {
SourceTracker busy_tracker() {
    SourceTracker tracker(8);
    for (std::uint64_t i = 1; i <= 200; ++i) {
        const auto ms = static_cast<std::int64_t>(i) * 100;
        tracker.accept(i % 3 == 0 ? "a" : "b", i % 3 == 0, i / 50, i % 7 == 0 ? i + 3 : i, at(ms), arrival(ms), skew);
        tracker.add_samples(0, 3);
    }
    return tracker;
}
}  // namespace

TEST_CASE("source: positions resume after a restart of ours (D7)", "[unit]") {
    auto before = busy_tracker();
    ByteWriter out;
    before.write(out);
    SourceTracker after(8);
    ByteReader in(out.bytes());
    REQUIRE(after.read(in));
    CHECK(in.at_end());

    ByteWriter again;
    after.write(again);
    CHECK(again.bytes() == out.bytes());

    // The same messages get the same verdicts from both.
    std::mt19937_64 random(47);
    for (int i = 0; i < 2000; ++i) {
        const auto ms = 20000 + i * 10 - static_cast<std::int64_t>(random() % 500);
        const auto* name = random() % 2 == 0 ? "a" : "b";
        const auto seq = 150 + random() % 200;
        const bool has_epoch = random() % 4 == 0;
        const auto epoch = random() % 6;
        const auto x = before.accept(name, has_epoch, epoch, seq, at(ms), arrival(20000 + i * 10), skew);
        const auto y = after.accept(name, has_epoch, epoch, seq, at(ms), arrival(20000 + i * 10), skew);
        if (x.refusal != y.refusal || x.gap != y.gap || x.new_epoch != y.new_epoch || x.incarnation != y.incarnation) {
            FAIL("verdicts differ at " << i);
        }
    }
}

TEST_CASE("source: what was sent while we were down is a gap", "[unit]") {
    Feeder feeder;
    feeder.send(7, 100, 0);
    ByteWriter out;
    feeder.tracker.write(out);

    Feeder later;
    ByteReader in(out.bytes());
    REQUIRE(later.tracker.read(in));
    const auto verdict = later.send(7, 113, 13000);
    CHECK(verdict.gap == 12);
    CHECK_FALSE(verdict.new_epoch);
}

TEST_CASE("source: a torn snapshot changes nothing", "[unit]") {
    const auto tracker = busy_tracker();
    ByteWriter out;
    tracker.write(out);
    for (std::size_t size = 0; size < out.bytes().size(); ++size) {
        Feeder feeder;
        feeder.send(1, 0);
        ByteReader in(std::string_view(out.bytes()).substr(0, size));
        CHECK_FALSE(feeder.tracker.read(in));
        CHECK(feeder.tracker.sources().size() == 1);
        CHECK(feeder.send(2, 1000).gap == 0);
    }
}

TEST_CASE("source: a snapshot with a wild count or a name twice is refused", "[unit]") {
    ByteWriter wild;
    wild.put(std::uint32_t{1});
    wild.put(std::numeric_limits<std::uint32_t>::max());
    wild.put(std::uint64_t{0});
    SourceTracker tracker(8);
    ByteReader in(wild.bytes());
    CHECK_FALSE(tracker.read(in));

    Feeder feeder;
    feeder.send(1, 0);
    ByteWriter once;
    feeder.tracker.write(once);
    std::string twice = once.bytes();
    twice[4] = 2;
    twice += once.bytes().substr(8);
    ByteReader doubled(twice);
    CHECK_FALSE(tracker.read(doubled));
    CHECK(tracker.sources().empty());
}

TEST_CASE("source: a snapshot of more sources than are allowed now keeps the first", "[unit]") {
    SourceTracker many(5);
    for (const char* name : {"a", "b", "c", "d"}) {
        many.accept(name, false, 0, 9, at(0), arrival(0), skew);
    }
    ByteWriter out;
    many.write(out);
    SourceTracker few(2);
    ByteReader in(out.bytes());
    REQUIRE(few.read(in));
    CHECK(few.sources().size() == 2);
    CHECK(few.accept("b", false, 0, 10, at(1000), arrival(1000), skew).accepted());
    // The longest silent gives its place: a full table of before refuses nobody.
    CHECK(few.accept("c", false, 0, 10, at(1000), arrival(1000), skew).accepted());
    CHECK(few.sources()[0].name == "c");
}
