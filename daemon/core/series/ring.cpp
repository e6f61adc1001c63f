#include "core/series/ring.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/not_known.hpp"

namespace surged {

namespace {
constexpr float nothing = std::numeric_limits<float>::quiet_NaN();

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    const auto q = a / b;
    return a % b < 0 ? q - 1 : q;
}
}  // namespace

void Ring::clear_cell(std::int64_t cell) {
    const auto i = at(cell);
    a_[i] = kind_ == RingKind::extent || kind_ == RingKind::first ? nothing : 0.0F;
    if (kind_ == RingKind::mean) {
        n_[i] = 0;
    } else if (kind_ == RingKind::extent) {
        b_[i] = nothing;
    }
}

void Ring::reset() {
    head_ = none;
    first_ms_ = none;
    sum_a_ = sum_b_ = 0;
    for (std::int64_t cell = 0; cell < ring_cells; ++cell) {
        clear_cell(cell);
    }
}

/// The cell that has just fallen out of the sixty whole widths leaves the sums; it stays as the partial tail.
void Ring::step_head(std::int64_t cell) {
    const auto leaving = at(cell - ring_widths);
    if (kind_ == RingKind::counter || kind_ == RingKind::mean) {
        sum_a_ -= static_cast<double>(a_[leaving]);
        if (kind_ == RingKind::mean) {
            sum_b_ -= static_cast<double>(n_[leaving]);
        }
    }
    clear_cell(cell);
    if ((cell & (ring_cells - 1)) == 0 && (kind_ == RingKind::counter || kind_ == RingKind::mean)) {
        sum_a_ = sum_b_ = 0;
        for (auto kept = cell - ring_widths + 1; kept <= cell; ++kept) {
            sum_a_ += static_cast<double>(a_[at(kept)]);
            if (kind_ == RingKind::mean) {
                sum_b_ += static_cast<double>(n_[at(kept)]);
            }
        }
    }
}

void Ring::advance_to(std::int64_t cell) {
    if (head_ == none) {
        head_ = cell;
        return;
    }
    if (cell - head_ >= ring_cells) {
        const auto first = first_ms_;
        reset();
        first_ms_ = first;
        head_ = cell;
        return;
    }
    while (head_ < cell) {
        step_head(++head_);
    }
}

/// Half-open on the left: what arrived exactly on a border belongs to the cell it begins.
void Ring::spread(std::int64_t width, const RingPlace& place, std::int64_t from_ms, std::int64_t to_ms, double amount) {
    from_ms = std::min(from_ms, to_ms);
    const auto first = std::max(floor_div(from_ms, width), head_ - (ring_cells - 1));
    const double per_ms = from_ms < to_ms ? amount / static_cast<double>(to_ms - from_ms) : 0;
    double left = amount;
    for (auto cell = place.cell; cell >= first; --cell) {
        const auto begin = cell * width;
        const bool rest = per_ms == 0 || begin <= from_ms;
        const double part = rest ? left : per_ms * static_cast<double>(std::min(to_ms, begin + width) - begin);
        a_[at(cell)] += static_cast<float>(part);
        if (cell > head_ - ring_widths) {
            sum_a_ += part;
        }
        left -= part;
        if (rest) {
            break;
        }
    }
}

void Ring::add_reading(RingKind kind, const RingPlace& place, SourceTime ts, double value) {
    roll(place);
    const auto cell = place.cell;
    if (cell <= head_ - (ring_cells - 1)) {
        return;
    }
    if (first_ms_ == none) {
        first_ms_ = to_ms(ts);
    }
    const auto i = at(cell);
    const auto reading = static_cast<float>(value);
    switch (kind) {
        case RingKind::mean:
            if (n_[i] == std::numeric_limits<std::uint16_t>::max()) {
                return;  // 65,535 readings in one cell already give its mean
            }
            a_[i] += reading;
            ++n_[i];
            if (cell > head_ - ring_widths) {
                sum_a_ += static_cast<double>(reading);
                sum_b_ += 1.0;
            }
            break;
        case RingKind::extent:
            a_[i] = std::isnan(a_[i]) ? reading : std::min(a_[i], reading);
            b_[i] = std::isnan(b_[i]) ? reading : std::max(b_[i], reading);
            break;
        case RingKind::first:
            if (std::isnan(a_[i])) {
                a_[i] = reading;
            }
            break;
        case RingKind::counter: break;
    }
}

double Ring::sum(const RingPlace& place) {
    roll(place);
    const double total = sum_a_ + tail_of(place) * static_cast<double>(a_[at(head_ - ring_widths)]);
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
    const auto tail = at(head_ - ring_widths);
    number = sum_b_ + part * static_cast<double>(n_[tail]);
    sum = sum_a_ + part * static_cast<double>(a_[tail]);
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
    for (auto cell = head_ - ring_widths + 1; cell <= head_; ++cell) {
        const auto i = at(cell);
        if (n_[i] != 0) {
            out[count++] = {cell * width + width / 2, static_cast<double>(a_[i]) / static_cast<double>(n_[i])};
        }
    }
    return count;
}

double Ring::minimum(const RingPlace& place) {
    roll(place);
    double best = not_known;
    for (auto cell = head_ - (tail_of(place) > 0 ? ring_widths : ring_widths - 1); cell <= head_; ++cell) {
        best = std::fmin(best, static_cast<double>(a_[at(cell)]));
    }
    return best;
}

double Ring::maximum(const RingPlace& place) {
    roll(place);
    double best = not_known;
    for (auto cell = head_ - (tail_of(place) > 0 ? ring_widths : ring_widths - 1); cell <= head_; ++cell) {
        best = std::fmax(best, static_cast<double>(b_[at(cell)]));
    }
    return best;
}

double Ring::oldest(const RingPlace& place) {
    roll(place);
    for (auto cell = head_ - ring_widths; cell <= head_; ++cell) {
        const auto value = a_[at(cell)];
        if (!std::isnan(value)) {
            return static_cast<double>(value);
        }
    }
    return not_known;
}

std::int64_t Ring::covered_ms(std::int64_t width, SourceTime ts) const {
    if (first_ms_ == none) {
        return 0;
    }
    return std::clamp<std::int64_t>(to_ms(ts) - first_ms_, 0, width * ring_widths);
}

}  // namespace surged
