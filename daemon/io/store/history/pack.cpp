#include "io/store/history/pack.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/base/hash.hpp"

namespace surged {
namespace {

constexpr std::uint8_t pack_version = 1;
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t group = 16;      ///< steps with one width
constexpr unsigned width_bits = 6;     ///< a width is 0..48
constexpr unsigned width_max = 48;
constexpr double whole_max = 1e12;     ///< larger values are cut: they are none of a call centre

std::int64_t whole_of(float value, std::size_t column) {
    const double whole = std::round(static_cast<double>(value) / history_columns[column].grain);
    return static_cast<std::int64_t>(std::clamp(whole, -whole_max, whole_max));
}
float value_of(std::int64_t whole, std::size_t column) {
    return static_cast<float>(static_cast<double>(whole) * history_columns[column].grain);
}
constexpr std::uint64_t zigzag(std::int64_t v) {
    return (static_cast<std::uint64_t>(v) << 1U) ^ static_cast<std::uint64_t>(v >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t v) {
    return static_cast<std::int64_t>(v >> 1U) ^ -static_cast<std::int64_t>(v & 1U);
}

class BitWriter {
public:
    void put(std::uint64_t value, unsigned bits) {
        for (unsigned i = 0; i < bits; ++i) {
            if (used_ == 0) {
                bytes_.push_back('\0');
            }
            const auto bit = static_cast<unsigned>((value >> i) & 1U) << used_;
            bytes_.back() = static_cast<char>(static_cast<unsigned char>(bytes_.back()) | bit);
            used_ = (used_ + 1) % 8;
        }
    }
    /// Five bits at a time, least first, with a bit that says whether more follow.
    void put_number(std::uint64_t value) {
        constexpr unsigned piece = 5;
        do {
            put(value & 31U, piece);
            value >>= piece;
            put(value != 0 ? 1 : 0, 1);
        } while (value != 0);
    }
    std::string take() {
        const auto sum = static_cast<std::uint32_t>(fnv1a(bytes_));
        for (unsigned i = 0; i < checksum_bytes; ++i) {
            bytes_.push_back(static_cast<char>((sum >> (8 * i)) & 0xFFU));
        }
        return std::move(bytes_);
    }

private:
    std::string bytes_;
    unsigned used_ = 0;
};

class BitReader {
public:
    explicit BitReader(std::string_view bytes) {
        if (bytes.size() < checksum_bytes) {
            return;
        }
        bytes_ = bytes.substr(0, bytes.size() - checksum_bytes);
        std::uint32_t sum = 0;
        for (unsigned i = 0; i < checksum_bytes; ++i) {
            sum |= std::uint32_t{static_cast<unsigned char>(bytes[bytes_.size() + i])} << (8 * i);
        }
        ok_ = sum == static_cast<std::uint32_t>(fnv1a(bytes_));
    }
    /// At most 57 bits: as many as a word has from any bit of its first byte on.
    std::uint64_t get(unsigned bits) {
        if (at_ + bits > bytes_.size() * 8) {
            ok_ = false;
            return 0;
        }
        std::uint64_t word = 0;
        const std::size_t first = at_ / 8;
        if (const std::size_t there = bytes_.size() - first; there >= sizeof word) {
            std::memcpy(&word, bytes_.data() + first, sizeof word);
        } else {
            std::memcpy(&word, bytes_.data() + first, there);
        }
        const std::uint64_t out = (little(word) >> (at_ % 8)) & ((std::uint64_t{1} << bits) - 1);
        at_ += bits;
        return out;
    }
    void pass(std::size_t bits) {
        ok_ = ok_ && at_ + bits <= bytes_.size() * 8;
        at_ += ok_ ? bits : 0;
    }
    std::uint64_t get_number() {
        constexpr unsigned piece = 5;
        std::uint64_t out = 0;
        for (unsigned shift = 0; shift < 64; shift += piece) {
            out |= get(piece) << shift;
            if (get(1) == 0 || !ok_) {
                return out;
            }
        }
        ok_ = false;
        return 0;
    }
    bool ok() const { return ok_; }

private:
    static constexpr std::uint64_t little(std::uint64_t word) {
        if constexpr (std::endian::native == std::endian::big) {
            word = __builtin_bswap64(word);
        }
        return word;
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    bool ok_ = false;
};

void pack_column(BitWriter& out, const HistoryDay& day, std::size_t column) {
    std::vector<std::int64_t> wholes;
    for (const HistoryValues& slot : day) {
        if (!std::isnan(slot[column])) {
            wholes.push_back(whole_of(slot[column], column));
        }
    }
    out.put(wholes.empty() ? 0 : 1, 1);
    if (wholes.empty()) {
        return;
    }
    const bool all = wholes.size() == day.size();
    out.put(all ? 1 : 0, 1);
    for (std::size_t i = 0; i < day.size() && !all; ++i) {
        out.put(std::isnan(day[i][column]) ? 0 : 1, 1);
    }
    out.put_number(zigzag(wholes.front()));
    for (std::size_t i = 1; i < wholes.size(); i += group) {
        const std::size_t end = std::min(i + group, wholes.size());
        std::uint64_t widest = 0;
        for (std::size_t k = i; k < end; ++k) {
            widest |= zigzag(wholes[k] - wholes[k - 1]);
        }
        const auto width = static_cast<unsigned>(std::bit_width(widest));
        out.put(width, width_bits);
        for (std::size_t k = i; k < end; ++k) {
            out.put(zigzag(wholes[k] - wholes[k - 1]), width);
        }
    }
}

bool unpack_column(BitReader& in, HistoryDay& day, std::size_t column, bool wanted) {
    if (in.get(1) == 0) {
        return in.ok();
    }
    std::array<std::size_t, static_cast<std::size_t>(slots_a_day)> known{};
    std::size_t count = 0;
    const bool all = in.get(1) == 1;
    for (std::size_t i = 0; i < day.size(); ++i) {
        if (all || in.get(1) == 1) {
            known[count++] = i;
        }
    }
    if (count == 0 || !in.ok()) {
        return false;
    }
    std::int64_t whole = unzigzag(in.get_number());
    if (wanted) {
        day[known[0]][column] = value_of(whole, column);
    }
    for (std::size_t i = 1; i < count; i += group) {
        const auto width = static_cast<unsigned>(in.get(width_bits));
        if (width > width_max || !in.ok()) {
            return false;
        }
        const std::size_t end = std::min(i + group, count);
        if (!wanted) {
            in.pass((end - i) * width);
            continue;
        }
        for (std::size_t k = i; k < end; ++k) {
            whole = static_cast<std::int64_t>(static_cast<std::uint64_t>(whole) + static_cast<std::uint64_t>(unzigzag(in.get(width))));
            day[known[k]][column] = value_of(whole, column);
        }
    }
    return in.ok();
}

}  // namespace

HistoryValues folded(const HistoryValues& a, double weight_a, const HistoryValues& b, double weight_b) {
    HistoryValues out;
    for (std::size_t c = 0; c < column_count; ++c) {
        HistoryFolder folder;
        folder.add(history_columns[c].fold, static_cast<double>(a[c]), weight_a);
        folder.add(history_columns[c].fold, static_cast<double>(b[c]), weight_b);
        out[c] = static_cast<float>(folder.value(history_columns[c].fold));
    }
    return out;
}

std::string pack_slot(const std::vector<PlacedValues>& queues) {
    BitWriter out;
    out.put(pack_version, 8);
    out.put(column_count, 8);
    out.put_number(queues.size());
    for (const PlacedValues& queue : queues) {
        out.put(queue.place, 8);
        for (std::size_t c = 0; c < column_count; ++c) {
            out.put(std::isnan(queue.values[c]) ? 0 : 1, 1);
        }
        for (std::size_t c = 0; c < column_count; ++c) {
            if (!std::isnan(queue.values[c])) {
                out.put_number(zigzag(whole_of(queue.values[c], c)));
            }
        }
    }
    return out.take();
}

std::optional<std::vector<PlacedValues>> unpack_slot(std::string_view bytes) {
    BitReader in(bytes);
    std::vector<PlacedValues> out;
    if (!in.ok() || in.get(8) != pack_version) {
        return std::nullopt;
    }
    const std::uint64_t columns = in.get(8);
    constexpr std::uint64_t places = 256;
    const std::uint64_t count = in.get_number();
    if (count > places || columns > column_count) {
        return std::nullopt;
    }
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        PlacedValues queue;
        queue.place = static_cast<std::uint8_t>(in.get(8));
        const std::uint64_t known = in.get(static_cast<unsigned>(columns));
        for (std::size_t c = 0; c < columns; ++c) {
            if ((known >> c & 1U) != 0) {
                queue.values[c] = value_of(unzigzag(in.get_number()), c);
            }
        }
        out.push_back(queue);
    }
    return in.ok() ? std::optional(std::move(out)) : std::nullopt;
}

std::string pack_day(const HistoryDay& day) {
    return pack_day_of(day, column_count);
}

std::string pack_day_of(const HistoryDay& day, std::size_t columns) {
    BitWriter out;
    out.put(pack_version, 8);
    out.put(columns, 8);
    for (std::size_t c = 0; c < columns; ++c) {
        pack_column(out, day, c);
    }
    return out.take();
}

std::optional<HistoryDay> unpack_day(std::string_view bytes, HistoryColumns wanted) {
    BitReader in(bytes);
    if (!in.ok() || in.get(8) != pack_version) {
        return std::nullopt;
    }
    // Of an older version of the program there are fewer columns; of a newer one more than are known here.
    const std::uint64_t columns = std::min<std::uint64_t>(in.get(8), column_count);
    HistoryDay day;
    day.fill(no_history_values());
    for (std::size_t c = 0; c < columns; ++c) {
        if (!unpack_column(in, day, c, wanted[c])) {
            return std::nullopt;
        }
    }
    return day;
}

}  // namespace surged
