#include "core/series/ring.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/check.hpp"
#include "core/base/not_known.hpp"

namespace surged {

namespace {
constexpr float nothing = std::numeric_limits<float>::quiet_NaN();
}  // namespace

void Ring::clear_cell(std::int64_t cell) {
    auto* to = at(cell);
    put(to, h_.kind == RingKind::extent || h_.kind == RingKind::first ? nothing : 0.0F);
    if (h_.kind == RingKind::mean) {
        put(to + sizeof(float), std::uint16_t{0});
    } else if (h_.kind == RingKind::extent) {
        put(to + sizeof(float), nothing);
    }
}

void Ring::reset() {
    h_.head = RingHead::none;
    h_.first_ms = RingHead::none;
    h_.sum = 0;
    h_.number = 0;
    for (std::int64_t cell = 0; cell < ring_cells; ++cell) {
        clear_cell(cell);
    }
}

/// The newest cell becomes `cell`, less than a whole turn later. A cell that has just fallen out of the sixty whole widths leaves the sums; it
/// stays as the partial tail.
template <RingKind kind>
void Ring::turn_to(std::int64_t cell) {
    constexpr bool sums = kind == RingKind::counter || kind == RingKind::mean;
    const std::size_t row_bytes = h_.row_bytes;
    double sum = h_.sum;
    auto number = h_.number;
    for (auto next = h_.head + 1; next <= cell; ++next) {
        const auto row = static_cast<std::size_t>(next) % ring_cells;
        auto* begun = cells_ + row * row_bytes;
        const auto* leaving = cells_ + (row + (ring_cells - ring_widths)) % ring_cells * row_bytes;
        if constexpr (sums) {
            sum -= static_cast<double>(a(leaving));
            put(begun, 0.0F);
        } else {
            put(begun, nothing);
        }
        if constexpr (kind == RingKind::mean) {
            number -= n(leaving);
            put(begun + sizeof(float), std::uint16_t{0});
        } else if constexpr (kind == RingKind::extent) {
            put(begun + sizeof(float), nothing);
        }
        if (sums && row == 0) {
            sum = 0;
            number = 0;
            for (std::size_t kept = ring_cells - ring_widths + 1; kept <= static_cast<std::size_t>(ring_cells); ++kept) {
                const auto* from = cells_ + kept % ring_cells * row_bytes;
                sum += static_cast<double>(a(from));
                number += kind == RingKind::mean ? n(from) : 0U;
            }
        }
    }
    h_.sum = sum;
    h_.number = number;
    h_.head = cell;
}

void Ring::advance_to(std::int64_t cell) {
    if (h_.head == RingHead::none) {
        h_.head = cell;
        return;
    }
    if (cell - h_.head >= ring_cells) {
        const auto first = h_.first_ms;
        reset();
        h_.first_ms = first;
        h_.head = cell;
        return;
    }
    switch (h_.kind) {
        case RingKind::counter: turn_to<RingKind::counter>(cell); break;
        case RingKind::mean: turn_to<RingKind::mean>(cell); break;
        case RingKind::extent: turn_to<RingKind::extent>(cell); break;
        case RingKind::first: turn_to<RingKind::first>(cell); break;
    }
}

/// Half-open on the left: what arrived exactly on a border belongs to the cell it begins.
void Ring::spread(std::int64_t width, const RingPlace& place, std::int64_t from_ms, std::int64_t to_ms, double amount) {
    from_ms = std::min(from_ms, to_ms);
    const auto oldest = h_.head - (ring_cells - 1);
    const auto outside = h_.head - ring_widths;  // of the whole widths
    const double per_ms = from_ms < to_ms ? amount / static_cast<double>(to_ms - from_ms) : 0;
    double left = amount;
    double sum = h_.sum;
    auto begin = place.start;
    for (auto cell = place.cell; cell >= oldest; --cell, begin -= width) {
        const bool rest = per_ms == 0 || begin <= from_ms;
        const double part = rest ? left : per_ms * static_cast<double>(std::min(to_ms, begin + width) - begin);
        add(at(cell), static_cast<float>(part));
        sum += cell > outside ? part : 0;
        left -= part;
        if (rest) {
            break;
        }
    }
    h_.sum = sum;
}

void Ring::add_reading(const RingPlace& place, SourceTime ts, double value) {
    roll(place);
    const auto cell = place.cell;
    if (cell <= h_.head - (ring_cells - 1)) {
        return;
    }
    if (h_.first_ms == RingHead::none) {
        h_.first_ms = to_ms(ts);
    }
    auto* to = at(cell);
    const auto reading = static_cast<float>(value);
    switch (h_.kind) {
        case RingKind::mean:
            if (n(to) == std::numeric_limits<std::uint16_t>::max()) {
                return;  // 65,535 readings in one cell already give its mean
            }
            add(to, reading);
            put(to + sizeof(float), static_cast<std::uint16_t>(n(to) + 1U));
            if (cell > h_.head - ring_widths) {
                h_.sum += static_cast<double>(reading);
                ++h_.number;
            }
            break;
        case RingKind::extent:
            put(to, std::isnan(a(to)) ? reading : std::min(a(to), reading));
            put(to + sizeof(float), std::isnan(b(to)) ? reading : std::max(b(to), reading));
            break;
        case RingKind::first:
            if (std::isnan(a(to))) {
                put(to, reading);
            }
            break;
        case RingKind::counter: break;
    }
}

double Ring::sum(const RingPlace& place) {
    roll(place);
    const double total = h_.sum + tail_of(place) * static_cast<double>(a(at(h_.head - ring_widths)));
    // Cells have single precision: 20 calls spread over two cells must still be 20 for a guard that says ">= 20".
    constexpr double whole_max = 1e15;
    if (!(total > 0)) {
        return 0;
    }
    const double whole = total < whole_max ? static_cast<double>(static_cast<std::int64_t>(total + 0.5)) : total;
    return std::abs(total - whole) < 1e-5 * std::max(1.0, whole) ? whole : total;
}

void Ring::totals(const RingPlace& place, double& sum, double& number) {
    roll(place);
    const auto part = tail_of(place);
    const auto* tail = at(h_.head - ring_widths);
    number = static_cast<double>(h_.number) + part * static_cast<double>(n(tail));
    sum = h_.sum + part * static_cast<double>(a(tail));
}

double Ring::mean(const RingPlace& place) {
    double sum = 0;
    double number = 0;
    totals(place, sum, number);
    return number > 1e-9 ? sum / number : not_known;
}

std::size_t Ring::points(const RingPlace& place, std::int64_t width, std::array<RingPoint, ring_cells>& out) {
    roll(place);
    std::size_t count = 0;
    for (auto cell = h_.head - ring_widths + 1; cell <= h_.head; ++cell) {
        const auto* here = at(cell);
        if (n(here) != 0) {
            out[count++] = {cell * width + width / 2, static_cast<double>(a(here)) / static_cast<double>(n(here))};
        }
    }
    return count;
}

double Ring::minimum(const RingPlace& place) {
    roll(place);
    double best = not_known;
    for (auto cell = h_.head - (tail_of(place) > 0 ? ring_widths : ring_widths - 1); cell <= h_.head; ++cell) {
        best = std::fmin(best, static_cast<double>(a(at(cell))));
    }
    return best;
}

double Ring::maximum(const RingPlace& place) {
    roll(place);
    double best = not_known;
    for (auto cell = h_.head - (tail_of(place) > 0 ? ring_widths : ring_widths - 1); cell <= h_.head; ++cell) {
        best = std::fmax(best, static_cast<double>(b(at(cell))));
    }
    return best;
}

double Ring::oldest(const RingPlace& place) {
    roll(place);
    for (auto cell = h_.head - ring_widths; cell <= h_.head; ++cell) {
        const auto value = a(at(cell));
        if (!std::isnan(value)) {
            return static_cast<double>(value);
        }
    }
    return not_known;
}

std::int64_t Ring::covered_ms(std::int64_t width, SourceTime ts) const {
    if (h_.first_ms == RingHead::none) {
        return 0;
    }
    return std::clamp<std::int64_t>(to_ms(ts) - h_.first_ms, 0, width * ring_widths);
}

void Ring::copy_from(const Ring& other) {
    SURGED_CHECK(h_.kind == other.h_.kind);
    h_.head = other.h_.head;
    h_.first_ms = other.h_.first_ms;
    h_.sum = other.h_.sum;
    h_.number = other.h_.number;
    for (std::int64_t cell = 0; cell < ring_cells; ++cell) {
        std::memcpy(at(cell), other.at(cell), cell_bytes(h_.kind));
    }
}

// An image is what a ring was in memory when all of it lay in one place: head, first ms, sum, number, kind, then the first halves of all
// cells and the second halves.
void Ring::save(ByteWriter& out) const {
    out.put(h_.head);
    out.put(h_.first_ms);
    out.put(h_.sum);
    out.put(static_cast<double>(h_.number));
    out.put(static_cast<std::uint64_t>(h_.kind));
    std::array<std::byte, ring_cells * cell_bytes(RingKind::extent)> halves{};
    const auto second = cell_bytes(h_.kind) - sizeof(float);
    for (std::int64_t cell = 0; cell < ring_cells; ++cell) {
        const auto i = static_cast<std::size_t>(cell);
        std::memcpy(halves.data() + i * sizeof(float), at(cell), sizeof(float));
        std::memcpy(halves.data() + ring_cells * sizeof(float) + i * second, at(cell) + sizeof(float), second);
    }
    out.put_raw(halves.data(), ring_cells * cell_bytes(h_.kind));
}

bool Ring::load(std::string_view image) {
    if (image.size() != ring_image_bytes(h_.kind)) {
        return false;
    }
    ByteReader in(image);
    const auto head = in.get<std::int64_t>();
    const auto first_ms = in.get<std::int64_t>();
    const auto sum = in.get<double>();
    (void)in.get<double>();  // the number of readings stands in the cells
    const auto kind = in.get<std::uint64_t>() & 0xFFU;
    // Spoiled bytes may name any moment: within these bounds a difference of two overflows nothing.
    constexpr std::int64_t far = std::int64_t{1} << 60U;
    const auto near = [](std::int64_t x) { return x == RingHead::none || (x > -far && x < far); };
    if (kind != static_cast<std::uint64_t>(h_.kind) || !near(head) || !near(first_ms)) {
        return false;
    }
    h_.head = head;
    h_.first_ms = first_ms;
    h_.sum = sum;
    const auto second = cell_bytes(h_.kind) - sizeof(float);
    const auto* halves = image.data() + (image.size() - ring_cells * cell_bytes(h_.kind));
    for (std::int64_t cell = 0; cell < ring_cells; ++cell) {
        const auto i = static_cast<std::size_t>(cell);
        std::memcpy(at(cell), halves + i * sizeof(float), sizeof(float));
        std::memcpy(at(cell) + sizeof(float), halves + ring_cells * sizeof(float) + i * second, second);
    }
    h_.number = 0;
    if (h_.kind == RingKind::mean && head != RingHead::none) {
        for (auto kept = head - ring_widths + 1; kept <= head; ++kept) {
            h_.number += n(at(kept));
        }
    }
    return true;
}

}  // namespace surged
