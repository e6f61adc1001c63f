#include "core/series/ring.hpp"

#include <cmath>

#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {
constexpr Span window{600000};
const auto width = Ring::width_ms(window);

Ring made(RingKind kind) {
    Ring ring;
    ring.prepare(kind);
    return ring;
}
RingPlace place(double s) {
    return RingPlace::of(width, ts_s(s));
}
void spread(Ring& ring, double from, double to, double amount) {
    ring.add_spread(width, place(to), ts_s(from), ts_s(to), amount);
}
void read(Ring& ring, RingKind kind, double s, double value) {
    ring.add_reading(kind, place(s), ts_s(s), value);
}
}  // namespace

TEST_CASE("ring: a window holds exactly what rose inside it") {
    auto ring = made(RingKind::counter);
    for (int s = 0; s <= 3600; s += 5) {
        spread(ring, s - 5, s, 1);
    }

    CHECK(ring.sum(place(3600)) == Approx(120).epsilon(0.001));
}

TEST_CASE("ring: whole numbers stay whole when they are spread over cells") {
    auto ring = made(RingKind::counter);
    for (int s = 0; s < 100; s += 7) {
        spread(ring, s, s + 7, 3);
    }

    CHECK(ring.sum(place(105)) == 45.0);
}

TEST_CASE("ring: a burst leaves over one width and is gone after it") {
    auto ring = made(RingKind::counter);
    spread(ring, 0, 0, 50);

    CHECK(ring.sum(place(590)) == 50);
    CHECK(ring.sum(place(612)) == 0);
}

TEST_CASE("ring: an increment over a long gap is spread over it and is no spike") {
    auto ring = made(RingKind::counter);
    spread(ring, 0, 5, 1);
    spread(ring, 5, 3605, 3600);

    CHECK(ring.sum(place(3605)) == Approx(600).epsilon(0.01));
}

TEST_CASE("ring: a jump in time beyond the window empties it") {
    auto ring = made(RingKind::counter);
    spread(ring, 0, 5, 100);

    CHECK(ring.sum(place(100000)) == 0);
}

TEST_CASE("ring: time never goes back, a late reading counts in its own cell") {
    auto ring = made(RingKind::mean);
    read(ring, RingKind::mean, 100, 10);
    read(ring, RingKind::mean, 40, 20);

    CHECK(ring.mean(place(100)) == Approx(15));
    read(ring, RingKind::mean, -100000, 1e9);
    CHECK(ring.mean(place(100)) == Approx(15));
}

TEST_CASE("ring: mean and extent of nothing are unknown, not zero") {
    auto mean = made(RingKind::mean);
    auto extent = made(RingKind::extent);
    auto first = made(RingKind::first);

    CHECK(std::isnan(mean.mean(place(0))));
    CHECK(std::isnan(extent.minimum(place(0))));
    CHECK(std::isnan(extent.maximum(place(0))));
    CHECK(std::isnan(first.oldest(place(0))));
}

TEST_CASE("ring: extent forgets what left the window") {
    auto ring = made(RingKind::extent);
    read(ring, RingKind::extent, 0, 99);
    read(ring, RingKind::extent, 300, 5);
    CHECK(ring.maximum(place(590)) == 99);
    CHECK(ring.minimum(place(590)) == 5);

    CHECK(ring.maximum(place(620)) == 5);
}

TEST_CASE("ring: sums do not drift over a year of turns") {
    auto ring = made(RingKind::counter);
    std::int64_t s = 0;
    for (int i = 0; i < 1000000; ++i, s += 31) {
        spread(ring, static_cast<double>(s - 31), static_cast<double>(s), 0.1 + (i % 7));
    }

    CHECK(ring.sum(place(static_cast<double>(s - 31))) == Approx(600.0 / 31.0 * 3.1).epsilon(0.05));
    CHECK(ring.sum(place(static_cast<double>(s + 1200))) == 0);
}
