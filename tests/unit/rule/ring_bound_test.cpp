// Cells are short. Beside them runs a model that keeps every cell in full, and the windows of both differ by no more than ring.hpp says.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "core/series/ring_copy.hpp"
#include "support/catch.hpp"
#include "support/feed_kit.hpp"

using namespace surged;
using namespace surged::test;

namespace {
constexpr Span window{600000};
const auto width = Ring::width_ms(window);
constexpr double part = 1.0 / 512;  ///< what a closed cell may hand on to the next

/// Cells of a window in full.
struct Model {
    struct Cell {
        double sum = 0;
        double size = 0;  ///< sum of magnitudes
        double number = 0;
    };
    std::map<std::int64_t, Cell> cells;

    Cell at(std::int64_t cell) const {
        const auto found = cells.find(cell);
        return found != cells.end() ? found->second : Cell{};
    }
    void read(const RingPlace& place, double value) {
        auto& cell = cells[place.cell];
        cell.sum += value;
        cell.size += std::abs(value);
        cell.number += 1;
    }
    void spread(std::int64_t from, std::int64_t to, double amount) {
        auto left = amount;
        for (auto begin = from; begin < to;) {
            const auto cell = begin / width;
            const auto end = std::min(to, (cell + 1) * width);
            const auto one = end == to ? left : amount * static_cast<double>(end - begin) / static_cast<double>(to - from);
            cells[cell].sum += one;
            left -= one;
            begin = end;
        }
        cells[to / width].sum += from >= to ? amount : 0;
    }
    Cell over(const RingPlace& place) const {
        Cell out;
        for (auto cell = place.cell - ring_widths; cell <= place.cell; ++cell) {
            const auto share = cell == place.cell - ring_widths ? place.tail : 1.0;
            out.sum += share * at(cell).sum;
            out.size += share * at(cell).size;
            out.number += share * at(cell).number;
        }
        return out;
    }
    /// What cells at the window's end may have handed on, of their `what`: into the whole widths, and into the partial cell before them.
    double handed(const RingPlace& place, double Cell::* what, double share) const {
        double into_partial = 0;
        for (std::int64_t back = 4; back >= 1; --back) {
            into_partial = (into_partial + at(place.cell - ring_widths - back).*what) * share;
        }
        return into_partial + (into_partial + at(place.cell - ring_widths).*what) * share;
    }
};

RingPlace at_ms(std::int64_t ms) {
    return RingPlace::of(width, source_time(ms));
}
std::string image_of(const Ring& ring) {
    ByteWriter out;
    ring.save(out);
    return out.take();
}
}  // namespace

TEST_CASE("ring: a sum is that of whole cells, but for 1/512 of the cells at its end") {
    const bool ahead = GENERATE(false, true);  // a reader is ahead of the data now and then: cells are filled after they were closed
    const auto share = ahead ? 2 * part : part;
    std::mt19937 random(7);
    const auto any = [&](std::int64_t from, std::int64_t to) { return std::uniform_int_distribution<std::int64_t>(from, to)(random); };
    RingCopy ring(RingKind::counter);
    Model model;
    auto now = to_ms(ts_s(0));
    double most = 0;
    for (int i = 0; i < 60000; ++i) {
        const auto before = now;
        const auto kind = any(0, 99);
        now += kind < 80 ? any(1000, 9000) : kind < 98 ? any(1, 25000) : any(100000, 900000);
        auto amount = static_cast<double>(any(0, 40)) / (kind % 3 == 0 ? 7.0 : 1.0);
        amount *= kind == 17 ? 5000 : 1;
        amount = kind % 11 == 0 ? 0 : amount;
        if (ahead && kind % 10 == 2) {
            (void)ring->sum(at_ms(now - 1));
        }
        ring->add_spread(width, at_ms(now), source_time(before), source_time(now), amount);
        model.spread(before, now, amount);
        const auto exact = model.over(at_ms(now)).sum;
        const auto off = std::abs(ring->sum(at_ms(now)) - exact);
        most = std::max(most, off);
        REQUIRE(off <= model.handed(at_ms(now), &Model::Cell::sum, share) + 2e-5 * std::max(1.0, exact));
        model.cells.erase(model.cells.begin(), model.cells.lower_bound(now / width - 70));
    }
    CHECK(most > 0.01);  // the cells are short indeed
}

TEST_CASE("ring: nothing that was added is lost while all of it is inside") {
    RingCopy ring(RingKind::counter);
    double total = 0;
    auto now = to_ms(ts_s(0));
    for (int i = 0; i < 100; ++i) {
        const double amount = i % 13 == 0 ? 70001 : 0.3 + i;
        ring->add_spread(width, at_ms(now + 5999), source_time(now), source_time(now + 5999), amount);
        now += 5999;
        total += amount;
        REQUIRE(ring->sum(at_ms(now)) == Approx(total).epsilon(2e-5));
    }
}

TEST_CASE("ring: of a burst that left the last 1/512 goes one width later, and nothing is left after four") {
    RingCopy ring(RingKind::counter);
    const auto start = to_ms(ts_s(0)) / width * width;
    ring->add_spread(width, at_ms(start), source_time(start), source_time(start), 5003.3);

    CHECK(ring->sum(at_ms(start + 59 * width)) == Approx(5003.3));
    const double one_later = ring->sum(at_ms(start + 61 * width));
    CHECK(one_later > 0);
    CHECK(one_later <= 5003.3 * part);
    CHECK(ring->sum(at_ms(start + 62 * width)) <= 5003.3 * part * part);
    CHECK(ring->sum(at_ms(start + 65 * width)) == 0);
}

TEST_CASE("ring: a mean is that of whole cells, but for 1/512 of the cells at its end and of those that late readings fill") {
    std::mt19937 random(11);
    const auto any = [&](std::int64_t from, std::int64_t to) { return std::uniform_int_distribution<std::int64_t>(from, to)(random); };
    RingCopy ring(RingKind::mean);
    Model model;
    auto now = to_ms(ts_s(0));
    double most = 0;
    auto head = at_ms(now).cell;
    std::map<std::int64_t, double> late_rests;  // by the cell that was the newest then
    for (int i = 0; i < 60000; ++i) {
        const auto kind = any(0, 99);
        now += kind < 95 ? any(700, 6000) : any(10000, 200000);
        const auto late = kind == 96 ? any(0, 300000) : 0;
        const auto value = (static_cast<double>(any(-2000, 9000)) / 7.0) * (kind == 17 ? 4e4 : 1);
        const auto then = at_ms(now - late);
        head = std::max(head, then.cell);
        ring->add_reading(then, source_time(now - late), value);
        if (then.cell > head - (ring_cells - 1)) {
            model.read(then, value);
            late_rests[at_ms(now).cell] += late > 0 ? model.at(then.cell).size * part : 0;
        }
        late_rests.erase(late_rests.begin(), late_rests.lower_bound(at_ms(now).cell - ring_cells));
        const auto exact = model.over(at_ms(now));
        const auto mean = ring->mean(at_ms(now));
        head = at_ms(now).cell;
        REQUIRE(std::isnan(mean) == (exact.number < 1e-9));
        if (exact.number > 0) {
            const auto off = std::abs(mean - exact.sum / exact.number);
            most = std::max(most, off);
            auto handed = model.handed(at_ms(now), &Model::Cell::size, part) + 1e-6 * exact.size;
            for (const auto& rest : late_rests) {
                handed += rest.second;
            }
            REQUIRE(off <= handed / exact.number);
        }
        model.cells.erase(model.cells.begin(), model.cells.lower_bound(now / width - 70));
    }
    CHECK(most > 0.001);
}

TEST_CASE("ring: of more than 15 readings in a cell up to an eighth counts in the next, with the mean it had") {
    std::mt19937 random(13);
    const auto any = [&](std::int64_t from, std::int64_t to) { return std::uniform_int_distribution<std::int64_t>(from, to)(random); };
    RingCopy ring(RingKind::mean);
    Model model;
    auto now = to_ms(ts_s(0));
    for (int i = 0; i < 60000; ++i) {
        now += any(10, 400);
        const auto value = static_cast<double>(any(100, 200));
        ring->add_reading(at_ms(now), source_time(now), value);
        model.read(at_ms(now), value);
        const auto exact = model.over(at_ms(now));
        const auto readings = model.handed(at_ms(now), &Model::Cell::number, 1.0 / 8);
        const auto handed = readings * 100 + model.handed(at_ms(now), &Model::Cell::size, part) + 1e-6 * exact.size;
        REQUIRE(std::abs(ring->mean(at_ms(now)) - exact.sum / exact.number) <= handed / (exact.number - readings));
        std::array<RingPoint, ring_cells> points{};
        const auto count = ring->points(at_ms(now), width, points);
        REQUIRE(std::all_of(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(count),
                            [](const RingPoint& point) { return point.value > 98 && point.value < 202; }));
        model.cells.erase(model.cells.begin(), model.cells.lower_bound(now / width - 70));
    }
}

TEST_CASE("ring: four widths after a reading beyond all measure left, nothing tells of it") {
    RingCopy ring(RingKind::mean);
    const auto start = to_ms(ts_s(0)) / width * width;
    const auto outlier = GENERATE(1e9, 1e300, -1e300);
    for (std::int64_t t = 0; t <= 66 * width; t += 5000) {
        const bool out = t == width + 5000;
        ring->add_reading(at_ms(start + t), source_time(start + t), out ? outlier : 33.7);
    }

    const auto left = 3 * std::abs(std::clamp(outlier, -1e19, 1e19)) * std::pow(part, 5);
    CHECK(std::abs(ring->mean(at_ms(start + 66 * width)) - 33.7) <= left / 120 + 1e-3);
    CHECK(std::isfinite(ring->mean(at_ms(start + 66 * width))));
}

TEST_CASE("ring: what today writes is read to the last bit") {
    const auto kind = GENERATE(RingKind::counter, RingKind::mean, RingKind::extent, RingKind::first);
    std::mt19937 random(17);
    RingCopy ring(kind);
    RingCopy again(kind);
    auto now = to_ms(ts_s(0));
    for (int i = 0; i < 3000; ++i) {
        const auto before = now;
        now += std::uniform_int_distribution<std::int64_t>(1, 30000)(random);
        const auto value = std::uniform_real_distribution<double>(0, 300)(random);
        const auto each = [&](Ring& one) {
            if (kind == RingKind::counter) {
                one.add_spread(width, at_ms(now), source_time(before), source_time(now), value);
            } else {
                one.add_reading(at_ms(now), source_time(now), value);
            }
        };
        each(*ring);
        if (i % 7 == 0) {
            REQUIRE(again->load(image_of(*ring)));
        } else {
            each(*again);
        }
        REQUIRE(image_of(*again) == image_of(*ring));
    }
}

TEST_CASE("ring: an image of the first versions, of floats, is read within the same bound") {
    const auto kind = GENERATE(RingKind::counter, RingKind::mean);
    std::mt19937 random(19);
    const auto head = to_ms(ts_s(0)) / width;
    Model model;
    std::array<float, ring_cells> sums{};
    std::array<std::uint16_t, ring_cells> numbers{};
    for (auto cell = head - 63; cell <= head; ++cell) {
        const auto row = static_cast<std::size_t>(cell) % ring_cells;
        numbers[row] = static_cast<std::uint16_t>(std::uniform_int_distribution<int>(0, 15)(random));
        sums[row] = numbers[row] == 0 ? 0.0F : std::uniform_real_distribution<float>(0, 1234)(random);
        const auto sum = static_cast<double>(sums[row]);
        model.cells[cell] = {sum, sum, static_cast<double>(numbers[row])};
    }
    ByteWriter image;
    image.put(head);
    image.put((head - 63) * width);
    image.put(1.0);
    image.put(1.0);
    image.put(static_cast<std::uint64_t>(kind));
    image.put_raw(sums.data(), sizeof(sums));
    if (kind == RingKind::mean) {
        image.put_raw(numbers.data(), sizeof(numbers));
    }
    RingCopy ring(kind);

    REQUIRE(ring->load(image.bytes()));
    const auto here = at_ms(head * width + 4000);
    const auto exact = model.over(here);
    const auto handed = model.handed(here, &Model::Cell::sum, part) + 2e-5 * exact.sum;
    if (kind == RingKind::counter) {
        CHECK(std::abs(ring->sum(here) - exact.sum) <= handed);
    } else {
        CHECK(std::abs(ring->mean(here) - exact.sum / exact.number) <= handed / exact.number);
    }
    CHECK(ring->covered_ms(width, source_time(head * width)) == window.count());
}

TEST_CASE("ring: an image with cells that are no numbers is read, and its sums are some") {
    const auto kind = GENERATE(RingKind::counter, RingKind::mean);
    const auto spoiled = GENERATE(std::nanf(""), HUGE_VALF, -HUGE_VALF, 3e38F, -3e38F, -1.0F);
    RingCopy ring(kind);
    const auto now = to_ms(ts_s(0));
    if (kind == RingKind::counter) {
        ring->add_spread(width, at_ms(now), source_time(now), source_time(now), 5);
    } else {
        ring->add_reading(at_ms(now), source_time(now), 5);
    }
    auto image = image_of(*ring);
    for (std::size_t cell = 0; cell < static_cast<std::size_t>(ring_cells); ++cell) {
        image.replace(40 + cell * sizeof(float), sizeof(float), reinterpret_cast<const char*>(&spoiled), sizeof(float));
    }

    REQUIRE(ring->load(image));
    for (std::int64_t turn = 0; turn < 130; ++turn) {
        const auto here = at_ms(now + turn * width);
        CHECK(std::isfinite(kind == RingKind::counter ? ring->sum(here) : ring->mean(here)) == (kind == RingKind::counter || turn <= 60));
    }
}
