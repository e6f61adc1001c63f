#include "core/series/ring.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/check.hpp"
#include "core/base/not_known.hpp"

namespace surged {

namespace {
constexpr float nothing = std::numeric_limits<float>::quiet_NaN();
/// A mean ring's cell: the magnitude of the sum, then the sum's sign and the number of readings.
constexpr std::uint8_t negative = 0x80;
constexpr std::uint8_t number_bits = 0x7F;
/// What a cell's sum may be in a snapshot: as many readings as are counted, each as large as may be.
constexpr float sum_max = 65535 * Ring::reading_max;
static_assert(sum_max < cell::largest / 1.5F, "what a cell and a rest hold together has a code");
/// Sums of cells are exact as long as these are less than 2^43 apart. So they are made anew when a cell this large leaves (2^30), and beside
/// that once in sixteen turns.
constexpr std::uint16_t large = 78U << 9U;
bool far_apart(std::int64_t before, std::int64_t cell) {
    constexpr int turns_bits = 10;
    return before >> turns_bits != cell >> turns_bits;
}
constexpr std::uint32_t number_max = std::numeric_limits<std::uint16_t>::max();
}  // namespace

template <RingKind kind>
inline Ring::Amount Ring::closed(const std::byte* from) {
    const auto sum = cell::magnitude(get<std::uint16_t>(from));
    if constexpr (kind == RingKind::counter) {
        return {sum, 0};
    } else {
        const auto more = get<std::uint8_t>(from + sizeof(std::uint16_t));
        return {(more & negative) != 0 ? -sum : sum, cell::number(more & number_bits)};
    }
}

/// The cell takes what it can hold, which is given back; `amount` becomes the rest. Rests of counters are never below zero: no cell can make
/// good for one that was rounded up, when nothing comes any more. A rest of readings has their mean, about.
template <RingKind kind>
inline Ring::Amount Ring::close(std::byte* to, Amount& amount) {
    if constexpr (kind == RingKind::counter) {
        const auto kept = cell::keep(amount.sum);
        put(to, kept.code);
        amount.sum -= kept.magnitude;
        return {kept.magnitude, 0};
    } else {
        auto number = amount.number;
        auto code = static_cast<std::uint8_t>(number);
        auto part = amount.sum;
        if (number >= cell::number_exact) [[unlikely]] {
            code = cell::number_code(number);
            number = cell::number(code);
            part *= static_cast<float>(number) / static_cast<float>(amount.number);
        }
        const auto kept = cell::keep(std::abs(part), cell::nearest);
        const auto sum = std::copysign(kept.magnitude, part);
        put(to, kept.code);
        put(to + sizeof(kept.code), static_cast<std::uint8_t>(code | (std::signbit(part) ? negative : 0U)));
        amount.sum -= sum;
        amount.number -= number;
        return {sum, number};
    }
}

void Ring::clear_cells() {
    const auto bytes = cell_bytes(h_.kind());
    for (std::int64_t cell = 0; cell < ring_cells; ++cell) {
        auto* to = at(cell);
        if (sums()) {
            std::memset(to, 0, bytes);
        } else {
            put(to, nothing);
            if (h_.kind() == RingKind::extent) {
                put(to + sizeof(float), nothing);
            }
        }
    }
    h_.sum = 0;
    h_.newest = 0;
    if (h_.kind() == RingKind::mean) {
        mean_head().number = 0;
        mean_head().newest_number = 0;
    }
}

void Ring::reset() {
    h_.head = RingHead::none;
    h_.set_first(RingHead::none);
    clear_cells();
}

template <RingKind kind>
void Ring::sum_again() {
    double sum = 0;
    std::uint32_t number = 0;
    const auto row_bytes = h_.row_bytes();
    const auto first = static_cast<std::size_t>(h_.head - (ring_widths - 1));
    for (std::size_t i = 0; i + 1 < ring_widths; ++i) {
        const auto one = closed<kind>(cells_ + (first + i) % ring_cells * row_bytes);
        sum += static_cast<double>(one.sum);
        number += one.number;
    }
    h_.sum = sum;
    if constexpr (kind == RingKind::mean) {
        mean_head().number = number;
    }
}

/// The newest cell becomes `cell`, less than a whole turn later; `each` comes into every cell between. A cell that has just fallen out of the
/// sixty whole widths leaves the sums; it stays as the partial tail.
void Ring::turn_counter(std::int64_t cell, float each) {
    const auto row_bytes = h_.row_bytes();
    double sum = h_.sum;
    Amount newest{h_.newest, 0};
    bool again = far_apart(h_.head, cell);
    for (auto next = h_.head + 1; next <= cell; ++next) {
        const auto row = static_cast<std::size_t>(next);
        if (const auto leaving = get<std::uint16_t>(cells_ + (row + (ring_cells - ring_widths)) % ring_cells * row_bytes); leaving != 0) {
            sum -= static_cast<double>(cell::magnitude(leaving));
            again = again || leaving >= large;
        }
        sum += static_cast<double>(close<RingKind::counter>(cells_ + (row + (ring_cells - 1)) % ring_cells * row_bytes, newest).sum);
        if (next < cell) {
            newest.sum += each;
        }
    }
    h_.head = cell;
    h_.sum = sum;
    h_.newest = newest.sum;
    if (again) {
        sum_again<RingKind::counter>();
    }
}

void Ring::turn_mean(std::int64_t cell) {
    auto& head = mean_head();
    const auto row_bytes = head.row_bytes();
    double sum = head.sum;
    auto number = head.number;
    Amount newest{head.newest, head.newest_number};
    bool again = far_apart(head.head, cell);
    for (auto next = head.head + 1; next <= cell; ++next) {
        const auto row = static_cast<std::size_t>(next);
        const auto* from = cells_ + (row + (ring_cells - ring_widths)) % ring_cells * row_bytes;
        auto* to = cells_ + (row + (ring_cells - 1)) % ring_cells * row_bytes;
        if (get<std::uint16_t>(from) != 0 || get<std::uint8_t>(from + sizeof(std::uint16_t)) != 0) {
            const auto leaving = closed<RingKind::mean>(from);
            sum -= static_cast<double>(leaving.sum);
            number -= leaving.number;
            again = again || get<std::uint16_t>(from) >= large;
        }
        if (newest.number == 0 && newest.sum == 0) {
            put(to, std::uint16_t{0});
            put(to + sizeof(std::uint16_t), std::uint8_t{0});
        } else {
            const auto kept = close<RingKind::mean>(to, newest);
            sum += static_cast<double>(kept.sum);
            number += kept.number;
        }
    }
    head.head = cell;
    head.sum = sum;
    head.number = number;
    head.newest = newest.sum;
    head.newest_number = static_cast<std::uint16_t>(newest.number);
    if (again) {
        sum_again<RingKind::mean>();
    }
}

/// The same where cells hold readings as they came: the newest is one of them.
template <RingKind kind>
void Ring::turn_readings(std::int64_t cell) {
    for (auto next = h_.head + 1; next <= cell; ++next) {
        put(at(next), nothing);
        if constexpr (kind == RingKind::extent) {
            put(at(next) + sizeof(float), nothing);
        }
    }
    h_.head = cell;
}

void Ring::advance_to(std::int64_t cell) {
    if (h_.head == RingHead::none) {
        h_.head = cell;
        return;
    }
    if (cell - h_.head >= ring_cells) {
        clear_cells();
        h_.head = cell;
        return;
    }
    switch (h_.kind()) {
        case RingKind::counter: turn_counter(cell, 0); break;
        case RingKind::mean: turn_mean(cell); break;
        case RingKind::extent: turn_readings<RingKind::extent>(cell); break;
        case RingKind::first: turn_readings<RingKind::first>(cell); break;
    }
}

void Ring::add_to_newest(Amount amount) {
    h_.newest += amount.sum;
    if (h_.kind() == RingKind::mean) {
        auto& number = mean_head().newest_number;
        number = static_cast<std::uint16_t>(std::min(number + amount.number, number_max));
    }
}

/// Into a cell before the newest. Gives back what it cannot hold.
template <RingKind kind>
Ring::Amount Ring::add_closed(std::int64_t cell, Amount amount) {
    auto* to = at(cell);
    const auto before = closed<kind>(to);
    amount.sum += before.sum;
    amount.number += before.number;
    const auto kept = close<kind>(to, amount);
    if (cell > h_.head - ring_widths) {
        h_.sum += static_cast<double>(kept.sum) - static_cast<double>(before.sum);
        if constexpr (kind == RingKind::mean) {
            mean_head().number += kept.number - before.number;
        }
    }
    return amount;
}

/// Half-open on the left: what arrived exactly on a border belongs to the cell it begins. Most often it began in the newest cell, when the
/// reading before this one came: then cells are filled as they are closed.
void Ring::spread(std::int64_t width, const RingPlace& place, std::int64_t from_ms, std::int64_t to_ms, double amount) {
    // Without a sign, so that there are far too many of them where the ring is empty or ahead.
    const auto turns = static_cast<std::uint64_t>(place.cell) - static_cast<std::uint64_t>(h_.head);
    const bool follows = turns - 1 < ring_cells - 1;
    const auto begun = place.start - static_cast<std::int64_t>(follows ? turns : 0) * width;
    if (amount == 0) {
        roll(place);
    } else if (follows && from_ms >= begun && from_ms < begun + width) {
        const double per_ms = amount / static_cast<double>(to_ms - from_ms);
        const auto first = static_cast<float>(per_ms * static_cast<double>(begun + width - from_ms));
        const auto each = static_cast<float>(per_ms * static_cast<double>(width));
        h_.newest += first;
        turn_counter(place.cell, each);
        const double left = amount - static_cast<double>(first) - static_cast<double>(each) * static_cast<double>(turns - 1);
        h_.newest += static_cast<float>(std::max(left, 0.0));
    } else {
        roll(place);
        spread_back(width, place, from_ms, to_ms, amount);
    }
}

/// Into cells of which most were closed before: somebody who reads was ahead of the data, or they lie a window apart.
void Ring::spread_back(std::int64_t width, const RingPlace& place, std::int64_t from_ms, std::int64_t to_ms, double amount) {
    from_ms = std::min(from_ms, to_ms);
    const double per_ms = from_ms < to_ms ? amount / static_cast<double>(to_ms - from_ms) : 0;
    const auto oldest = h_.head - (ring_cells - 1);
    if (place.cell < oldest) {
        return;
    }
    const auto before = std::max<std::int64_t>(0, (place.start - from_ms + width - 1) / width);  // cells that it reaches back
    const auto back = per_ms == 0 ? 0 : std::min(before, place.cell - oldest);
    auto begin = place.start - back * width;
    Amount rest;
    double left = amount - per_ms * static_cast<double>(std::max<std::int64_t>(0, begin - from_ms));
    for (auto cell = place.cell - back; cell <= place.cell; ++cell, begin += width) {
        const double part = cell == place.cell ? left : per_ms * static_cast<double>(begin + width - std::max(begin, from_ms));
        left -= part;
        rest.sum += static_cast<float>(part);
        if (cell < h_.head) {
            rest = add_closed<RingKind::counter>(cell, rest);
        }
    }
    add_to_newest(rest);
}

void Ring::add_reading(const RingPlace& place, SourceTime ts, double value) {
    roll(place);
    const auto cell = place.cell;
    const bool late = cell < h_.head;
    if (late && cell <= h_.head - (ring_cells - 1)) {
        return;
    }
    if (!h_.has_first()) {
        h_.set_first(to_ms(ts));
    }
    auto reading = static_cast<float>(value);
    if (h_.kind() == RingKind::mean) {
        auto& head = mean_head();
        reading = std::max(std::min(reading, reading_max), -reading_max);
        if (late) {
            add_to_newest(add_closed<RingKind::mean>(cell, {reading, 1}));
        } else if (head.newest_number < number_max) {  // as many already give the mean of a cell
            head.newest += reading;
            ++head.newest_number;
        }
        return;
    }
    auto* to = at(cell);
    if (h_.kind() == RingKind::extent) {
        put(to, std::isnan(a(to)) ? reading : std::min(a(to), reading));
        put(to + sizeof(float), std::isnan(b(to)) ? reading : std::max(b(to), reading));
    } else if (h_.kind() == RingKind::first && std::isnan(a(to))) {
        put(to, reading);
    }
}

double Ring::sum(const RingPlace& place) {
    roll(place);
    const auto tail = closed<RingKind::counter>(at(h_.head - ring_widths));
    const double total = h_.sum + static_cast<double>(h_.newest) + tail_of(place) * static_cast<double>(tail.sum);
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
    const auto tail = closed<RingKind::mean>(at(h_.head - ring_widths));
    const auto& head = mean_head();
    number = static_cast<double>(head.number + head.newest_number) + part * static_cast<double>(tail.number);
    sum = h_.sum + static_cast<double>(h_.newest) + part * static_cast<double>(tail.sum);
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
    std::uint32_t before = 0;
    for (auto cell = h_.head - ring_widths + 1; cell <= h_.head; ++cell) {
        const auto here = amount_at(cell);
        // Of many readings up to an eighth was handed on to the newest cell, and says little until others join it.
        const bool begins = cell == h_.head && before >= cell::number_exact && here.number < before / 8;
        before = here.number;
        if (here.number != 0 && !begins) {
            out[count++] = {cell * width + width / 2, static_cast<double>(here.sum) / static_cast<double>(here.number)};
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

Ring::Amount Ring::amount_at(std::int64_t cell) const {
    const bool mean = h_.kind() == RingKind::mean;
    if (cell == h_.head) {
        return {h_.newest, mean ? mean_head().newest_number : 0U};
    }
    return mean ? closed<RingKind::mean>(at(cell)) : closed<RingKind::counter>(at(cell));
}

void Ring::copy_from(const Ring& other) {
    SURGED_CHECK(h_.kind() == other.h_.kind());
    h_.head = other.h_.head;
    h_.set_first(other.h_.first_ms());
    h_.sum = other.h_.sum;
    h_.newest = other.h_.newest;
    if (h_.kind() == RingKind::mean) {
        mean_head().number = other.mean_head().number;
        mean_head().newest_number = other.mean_head().newest_number;
    }
    for (std::int64_t cell = 0; cell < ring_cells; ++cell) {
        std::memcpy(at(cell), other.at(cell), cell_bytes(h_.kind()));
    }
}

// An image is what a ring of the first versions was in memory: head, first ms, sum, number, kind, then the first halves of all cells and the
// second halves: floats, and 16 bits for the number of readings. Today's cells are among these numbers, so that an image of today is read
// to the last bit; cells of the first versions are closed one after the other, as if they had just been filled.
void Ring::save(ByteWriter& out) const {
    const bool mean = h_.kind() == RingKind::mean;
    const auto number = mean ? mean_head().number + mean_head().newest_number : 0U;
    out.put(h_.head);
    out.put(h_.first_ms());
    out.put(h_.sum + static_cast<double>(h_.newest));
    out.put(static_cast<double>(number));
    out.put(static_cast<std::uint64_t>(h_.kind()));
    std::array<std::byte, ring_cells * cell_image_bytes(RingKind::extent)> halves{};
    const auto second = cell_image_bytes(h_.kind()) - sizeof(float);
    const auto last = h_.head == RingHead::none ? ring_cells - 1 : h_.head;
    for (auto cell = last - (ring_cells - 1); cell <= last; ++cell) {
        const auto row = static_cast<std::size_t>(cell & (ring_cells - 1));
        auto* one = halves.data() + row * sizeof(float);
        auto* other = halves.data() + ring_cells * sizeof(float) + row * second;
        if (sums()) {
            const auto amount = amount_at(cell);
            const auto readings = static_cast<std::uint16_t>(amount.number);
            std::memcpy(one, &amount.sum, sizeof(float));
            std::memcpy(other, &readings, second);
        } else {
            std::memcpy(one, at(cell), sizeof(float));
            std::memcpy(other, at(cell) + sizeof(float), second);
        }
    }
    out.put_raw(halves.data(), ring_cells * cell_image_bytes(h_.kind()));
}

/// The cells that end at `head`, by row: each takes what it can hold.
template <RingKind kind>
void Ring::put_amounts(const std::array<Amount, ring_cells>& amounts) {
    Amount rest;
    for (auto cell = h_.head - (ring_cells - 1); cell < h_.head; ++cell) {
        const auto& one = amounts[static_cast<std::size_t>(cell & (ring_cells - 1))];
        rest.sum += one.sum;
        rest.number += one.number;
        if (rest.sum != 0 || rest.number != 0) {
            close<kind>(at(cell), rest);
        }
    }
    const auto& newest = amounts[static_cast<std::size_t>(h_.head & (ring_cells - 1))];
    add_to_newest(rest);
    add_to_newest(newest);
    sum_again<kind>();
}

bool Ring::load(std::string_view image) {
    const auto is = h_.kind();
    if (image.size() != ring_image_bytes(is)) {
        return false;
    }
    ByteReader in(image);
    const auto head = in.get<std::int64_t>();
    const auto first_ms = in.get<std::int64_t>();
    (void)in.get<double>();  // both sums stand in the cells
    (void)in.get<double>();
    const auto kind = in.get<std::uint64_t>() & 0xFFU;
    // Spoiled bytes may name any moment: within these bounds a difference of two overflows nothing.
    constexpr std::int64_t far = std::int64_t{1} << 60U;
    const auto near = [](std::int64_t x, std::int64_t most) { return x == RingHead::none || (x > -most && x < most); };
    if (kind != static_cast<std::uint64_t>(is) || !near(head, far) || !near(first_ms, RingHead::first_max)) {
        return false;
    }
    if (h_.head != RingHead::none) {  // else they are empty: advance_to() rests on it, too
        clear_cells();
    }
    h_.head = head;
    h_.set_first(first_ms);
    if (head == RingHead::none) {
        return true;
    }
    const auto second = cell_image_bytes(is) - sizeof(float);
    const auto* halves = image.data() + (image.size() - ring_cells * cell_image_bytes(is));
    std::array<Amount, ring_cells> amounts{};
    for (std::size_t row = 0; row < amounts.size(); ++row) {
        const auto* one = halves + row * sizeof(float);
        const auto* other = halves + ring_cells * sizeof(float) + row * second;
        if (sums()) {
            auto& amount = amounts[row];
            std::memcpy(&amount.sum, one, sizeof(float));
            std::memcpy(&amount.number, other, second);  // of its four bytes the lower two
            const auto least = is == RingKind::counter ? 0.0F : -sum_max;
            amount.sum = std::isfinite(amount.sum) ? std::clamp(amount.sum, least, sum_max) : 0.0F;
        } else {
            std::memcpy(at(static_cast<std::int64_t>(row)), one, sizeof(float));
            std::memcpy(at(static_cast<std::int64_t>(row)) + sizeof(float), other, second);
        }
    }
    if (is == RingKind::counter) {
        put_amounts<RingKind::counter>(amounts);
    } else if (is == RingKind::mean) {
        put_amounts<RingKind::mean>(amounts);
    }
    return true;
}

}  // namespace surged
