#include "core/series/ring_copy.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {
constexpr Span window{600000};
const auto width = Ring::width_ms(window);

/// One that stands alone, to be asked like a ring of a queue.
class Made {
public:
    explicit Made(RingKind kind) : own_(kind) {}
    operator Ring&() { return *own_; }  // NOLINT: it is one
    double sum(const RingPlace& at) { return own_->sum(at); }
    double mean(const RingPlace& at) { return own_->mean(at); }
    double minimum(const RingPlace& at) { return own_->minimum(at); }
    double maximum(const RingPlace& at) { return own_->maximum(at); }
    double oldest(const RingPlace& at) { return own_->oldest(at); }

private:
    RingCopy own_;
};
Made made(RingKind kind) {
    return Made(kind);
}
RingPlace place(double s) {
    return RingPlace::of(width, ts_s(s));
}
void spread(Ring& ring, double from, double to, double amount) {
    ring.add_spread(width, place(to), ts_s(from), ts_s(to), amount);
}
void read(Ring& ring, double s, double value) {
    ring.add_reading(place(s), ts_s(s), value);
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
    read(ring, 100, 10);
    read(ring, 40, 20);

    CHECK(ring.mean(place(100)) == Approx(15));
    read(ring, -100000, 1e9);
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
    read(ring, 0, 99);
    read(ring, 300, 5);
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

namespace {
/// Three rings of one shape side by side in the cells of a queue, as QueueStore lays them out.
struct Row {
    explicit Row(RingKind kind) : row_bytes(3 * cell_bytes(kind)), cells(static_cast<std::size_t>(ring_cells) * row_bytes) {
        for (std::size_t i = 0; i < 3; ++i) {
            heads.emplace_back(kind, static_cast<std::uint32_t>(i * cell_bytes(kind)), row_bytes);
            ring(i).reset();
        }
    }
    Ring ring(std::size_t i) { return {heads[i], cells.data()}; }

    std::size_t row_bytes;
    std::vector<std::byte> cells;
    std::vector<MeanHead> heads;  ///< of any kind
};

std::string image_of(const Ring& ring) {
    ByteWriter out;
    ring.save(out);
    return out.take();
}
}  // namespace

TEST_CASE("ring: side by side, each is to the last bit what it is alone") {
    const auto kind = GENERATE(RingKind::counter, RingKind::mean, RingKind::extent, RingKind::first);
    Row row(kind);
    std::array<RingCopy, 3> alone{RingCopy(kind), RingCopy(kind), RingCopy(kind)};
    double s = 0;
    for (int i = 0; i < 4000; ++i) {
        const auto one = static_cast<std::size_t>(i * 7 % 3);
        const double before = s;
        s += i % 997 == 0 ? 900.0 : 0.1 * (i % 61);
        const auto each = [&](Ring ring) {
            if (kind == RingKind::counter) {
                ring.add_spread(width, place(s), ts_s(before), ts_s(s), 0.3 + i % 11);
            } else {
                ring.add_reading(place(s), ts_s(s), std::sin(i) * 1e3);
            }
        };
        each(row.ring(one));
        each(*alone[one]);
    }
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(image_of(row.ring(i)) == image_of(*alone[i]));
    }
}

TEST_CASE("ring: an image has the form of the first versions, and goes on where it was") {
    RingCopy ring(RingKind::mean);
    read(*ring, 100, 10);
    read(*ring, 100, 12);
    read(*ring, 131, 5);
    const auto image = image_of(*ring);
    REQUIRE(image.size() == 40 + 64 * (4 + 2));
    ByteReader in(image);
    const auto here = place(131).cell;
    CHECK(in.get<std::int64_t>() == here);
    CHECK(in.get<std::int64_t>() == to_ms(ts_s(100)));
    CHECK(in.get<double>() == 27.0);
    CHECK(in.get<double>() == 3.0);
    CHECK(in.get<std::uint64_t>() == static_cast<std::uint64_t>(RingKind::mean));
    std::array<float, 64> sums{};
    std::array<std::uint16_t, 64> numbers{};
    REQUIRE(in.get_raw(sums.data(), sizeof(sums)));
    REQUIRE(in.get_raw(numbers.data(), sizeof(numbers)));
    CHECK(sums[static_cast<std::size_t>(here) % 64] == 5.0F);
    CHECK(numbers[static_cast<std::size_t>(place(100).cell) % 64] == 2);

    RingCopy again(RingKind::mean);
    REQUIRE(again->load(image));
    CHECK(image_of(*again) == image);
    read(*ring, 650, 7);
    read(*again, 650, 7);
    CHECK(again->mean(place(705)) == ring->mean(place(705)));
}

TEST_CASE("ring: bytes that are no image of its kind change nothing") {
    RingCopy ring(RingKind::counter);
    spread(*ring, 0, 5, 3);
    const auto before = image_of(*ring);
    auto other_kind = before;
    other_kind[32] = 3;
    auto far = before;
    far[7] = 0x7F;

    CHECK_FALSE(ring->load(before.substr(1)));
    CHECK_FALSE(ring->load(other_kind));
    CHECK_FALSE(ring->load(far));
    CHECK(image_of(*ring) == before);
}

TEST_CASE("ring: the number of readings is that of its cells, whatever an image says") {
    RingCopy ring(RingKind::mean);
    read(*ring, 100, 10);
    auto image = image_of(*ring);
    image[30] = 0x40;  // of the number

    RingCopy again(RingKind::mean);
    REQUIRE(again->load(image));
    CHECK(again->mean(place(100)) == 10.0);
}
