#include "io/store/salvage.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "io/record_crc.hpp"
#include "io/store/sqlite_schema.hpp"

namespace surged::sqlite {
namespace {

constexpr std::size_t page_size = PageImage::page_bytes;
constexpr std::uint32_t records_root = 2;  // the first table that the schema makes
constexpr unsigned char leaf_of_table = 0x0D;
constexpr unsigned char inside_of_table = 0x05;
constexpr unsigned char leaf_of_index = 0x0A;
constexpr int depth_max = 20;

/// SQLite's number of one to nine bytes; 0 = it does not fit.
std::size_t varint(std::string_view bytes, std::size_t at, std::uint64_t& out) {
    out = 0;
    for (std::size_t i = 0; i < 9 && at + i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[at + i]);
        if (i == 8) {
            out = (out << 8U) | byte;
            return 9;
        }
        out = (out << 7U) | (byte & 0x7FU);
        if ((byte & 0x80U) == 0) {
            return i + 1;
        }
    }
    return 0;
}

/// Bytes that a column of this serial type takes; SIZE_MAX for the two that are reserved.
std::uint64_t size_of_type(std::uint64_t type) {
    constexpr std::array<std::uint64_t, 12> sizes = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, SIZE_MAX, SIZE_MAX};
    return type < sizes.size() ? sizes[type] : (type - 12) / 2;
}
bool is_integer(std::uint64_t type) {
    return (type >= 1 && type <= 6) || type == 8 || type == 9;
}
bool is_text(std::uint64_t type) {
    return type >= 13 && type % 2 == 1;
}

std::int64_t integer_of(std::string_view bytes, std::uint64_t type) {
    if (type == 8 || type == 9) {
        return type == 9 ? 1 : 0;
    }
    std::uint64_t value = !bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0x80U) != 0 ? UINT64_MAX : 0;
    for (const char c : bytes) {
        value = (value << 8U) | static_cast<unsigned char>(c);
    }
    return static_cast<std::int64_t>(value);
}

/// The header of a row of exactly N columns; false when it is none, or when its columns do not make up `total` bytes.
template <std::size_t N>
bool columns_of(std::string_view payload, std::uint64_t total, std::array<std::uint64_t, N>& types, std::array<std::uint64_t, N>& offsets) {
    std::uint64_t header = 0;
    std::size_t at = varint(payload, 0, header);
    if (at == 0 || header > payload.size()) {
        return false;
    }
    std::uint64_t offset = header;
    for (std::size_t i = 0; i < N; ++i) {
        const auto used = varint(payload, at, types[i]);
        const auto size = used == 0 ? SIZE_MAX : size_of_type(types[i]);
        if (size > total || offset > total) {
            return false;
        }
        offsets[i] = offset;
        offset += size;
        at += used;
    }
    return at == header && offset == total;
}

bool only(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

bool Salvage::cell_at(std::string_view page, std::size_t offset, Cell& out) const {
    std::uint64_t row = 0;
    const auto first = varint(page, offset, out.payload);
    const auto second = first == 0 ? 0 : varint(page, offset + first, row);
    if (second == 0 || out.payload < 4 || out.payload > image_.largest_payload()) {
        return false;
    }
    out.row = static_cast<std::int64_t>(row);
    out.at = offset + first + second;
    constexpr std::size_t most = page_size - 35;
    constexpr std::size_t least = (page_size - 12) * 32 / 255 - 23;
    out.local = out.payload;
    if (out.payload > most) {
        const auto some = least + (out.payload - least) % (page_size - 4);
        out.local = some <= most ? some : least;
    }
    const bool spills = out.payload > most;
    out.end = out.at + out.local + (spills ? 4U : 0U);
    if (out.end > page.size()) {
        return false;
    }
    out.overflow = spills ? big_u32(page, out.at + out.local) : 0;
    return true;
}

/// The whole payload, over the pages that it spills to.
bool Salvage::assemble(std::string_view page, const Cell& cell, bool from_file, std::string& out) {
    out.assign(page.substr(cell.at, cell.local));
    for (auto number = cell.overflow; out.size() < cell.payload;) {
        if (number == 0 || !(from_file ? image_.in_file(number, next_) : image_.newest(number, next_))) {
            return false;
        }
        out.append(next_, 4, std::min<std::size_t>(page_size - 4, cell.payload - out.size()));
        number = big_u32(next_, 0);
    }
    return true;
}

bool Salvage::record_at(std::string_view page, const Cell& cell, bool from_file, FoundRow& out) {
    std::array<std::uint64_t, 6> types{};
    std::array<std::uint64_t, 6> offsets{};
    const bool fits = columns_of(page.substr(cell.at, cell.local), cell.payload, types, offsets) && cell.row > 0 && types[0] == 0 &&
                      is_integer(types[1]) && is_text(types[2]) && is_text(types[3]) && is_text(types[4]) && is_integer(types[5]);
    if (!fits || !assemble(page, cell, from_file, payload_)) {
        return false;
    }
    const auto column = [&](std::size_t i) {
        return std::string_view(payload_).substr(offsets[i], size_of_type(types[i]));
    };
    out.record.seq = static_cast<std::uint64_t>(cell.row);
    out.record.wall_ms = integer_of(column(1), types[1]);
    out.record.type = column(2);
    out.record.incident = column(3);
    out.record.bytes = column(4);
    out.crc = integer_of(column(5), types[5]);
    return out.crc == record_crc(cell.row, out.record.wall_ms, out.record.type, out.record.incident, out.record.bytes);
}

bool Salvage::snapshot_at(std::string_view page, const Cell& cell, bool from_file, StoredSnapshot& out) {
    std::array<std::uint64_t, 3> types{};
    std::array<std::uint64_t, 3> offsets{};
    const bool fits = columns_of(page.substr(cell.at, cell.local), cell.payload, types, offsets) && cell.row > 0 && types[0] == 0 &&
                      types[1] > 12 && types[1] % 2 == 0 && is_integer(types[2]);
    if (!fits || !assemble(page, cell, from_file, payload_)) {
        return false;
    }
    const std::string_view all = payload_;
    const auto bytes = all.substr(offsets[1], size_of_type(types[1]));
    if (crc32c(bytes) != integer_of(all.substr(offsets[2]), types[2])) {
        return false;
    }
    out.seq = static_cast<std::uint64_t>(cell.row);
    out.bytes = bytes;
    return true;
}

void Salvage::look_through(std::string_view page, const std::function<void(const FoundRow&)>& each_record,
                           const std::function<void(const StoredSnapshot&)>& each_snapshot) {
    FoundRow row;
    StoredSnapshot snapshot;
    for (std::size_t offset = 0; offset + 6 < page.size(); ++offset) {
        Cell cell;
        // A row of ours begins with the length of its header, in one byte, and a column that is NULL, for it is the row's number.
        if (!cell_at(page, offset, cell) || cell.local < 4 || page[cell.at + 1] != 0 || page[cell.at] < 4 || page[cell.at] > 64) {
            continue;
        }
        for (const bool from_file : {false, true}) {
            if (record_at(page, cell, from_file, row)) {
                each_record(row);
                break;
            }
            if (snapshot_at(page, cell, from_file, snapshot)) {
                each_snapshot(snapshot);
                break;
            }
            if (cell.overflow == 0) {
                break;
            }
        }
    }
}

void Salvage::rows(const std::function<void(const FoundRow&)>& each_record, const std::function<void(const StoredSnapshot&)>& each_snapshot) {
    std::string page;
    for (std::size_t i = image_.frames(); i > 0; --i) {
        if (image_.in_frame(i - 1, page)) {
            look_through(page, each_record, each_snapshot);
        }
    }
    for (std::uint32_t number = 1; number <= image_.file_pages(); ++number) {
        if (image_.in_file(number, page)) {
            look_through(page, each_record, each_snapshot);
        }
    }
}

std::map<std::string, std::string> Salvage::names() {
    std::map<std::string, std::string> out;
    std::string page;
    const auto look = [&] {
        if (static_cast<unsigned char>(page[0]) != leaf_of_index) {
            return;
        }
        const auto cells = std::min<std::size_t>(big_u16(page, 3), 64);
        for (std::size_t i = 0; i < cells; ++i) {
            const auto at = static_cast<std::size_t>(big_u16(page, 8 + 2 * i));
            std::uint64_t size = 0;
            const auto used = at < page.size() ? varint(page, at, size) : 0;
            std::array<std::uint64_t, 2> types{};
            std::array<std::uint64_t, 2> offsets{};
            if (used == 0 || size > 256 || at + used + size > page.size()) {
                continue;
            }
            const auto payload = std::string_view(page).substr(at + used, size);
            if (!columns_of(payload, size, types, offsets) || !is_text(types[0]) || !is_text(types[1])) {
                continue;
            }
            const std::string key(payload.substr(offsets[0], size_of_type(types[0])));
            const std::string value(payload.substr(offsets[1]));
            const bool number = only(value, "0123456789") && value.size() <= 18;
            const bool sense = key == "installation" ? value.size() == 16 && only(value, "0123456789abcdef")
                                                     : (key == "term" || key == "schema") && number;
            if (sense) {
                out.try_emplace(key, value);
            }
        }
    };
    for (std::size_t i = image_.frames(); i > 0; --i) {
        if (image_.in_frame(i - 1, page)) {
            look();
        }
    }
    for (std::uint32_t number = 1; number <= image_.file_pages(); ++number) {
        if (image_.in_file(number, page)) {
            look();
        }
    }
    return out;
}

bool Salvage::tree_is_whole(std::uint64_t& last) {
    std::map<std::uint32_t, bool> visited;
    std::int64_t seen = 0;
    const bool whole = walk(records_root, 0, 0, INT64_MAX, visited, seen);
    last = static_cast<std::uint64_t>(seen);
    return whole;
}

/// The blocks of a page that are free, by their chain; false when the chain leaves the page or goes back.
bool Salvage::free_blocks(std::string_view page, std::size_t content, std::vector<Stretch>& used) {
    for (std::size_t block = big_u16(page, 1), before = 0; block != 0; before = block, block = big_u16(page, block)) {
        if (block <= before || block < content || block + 4 > page_size || block + big_u16(page, block + 2) > page_size) {
            return false;
        }
        used.push_back({block, block + big_u16(page, block + 2)});
    }
    return true;
}

/// The stretches take up all from `content` on but for the loose bytes that the page counts, and none meets another.
bool Salvage::fills_page(std::string_view page, std::size_t content, std::vector<Stretch>& used) {
    std::ranges::sort(used, {}, [](const Stretch& stretch) { return std::pair(stretch.from, stretch.to); });
    std::size_t end = content;
    std::size_t loose = 0;
    for (const auto& [from, to] : used) {
        if (from < end) {
            return false;
        }
        loose += from - end;
        end = to;
    }
    loose += page_size - end;
    return loose == static_cast<unsigned char>(page[7]);
}

/// The rows of a leaf or the children of an inner page, in rising order within (above, upto]. `above` becomes the last of them.
bool Salvage::cells_of(std::string_view page, std::size_t content, std::int64_t& above, std::int64_t upto, std::vector<Child>& children,
                       std::vector<Stretch>& used) {
    const bool leaf = static_cast<unsigned char>(page[0]) == leaf_of_table;
    const std::size_t header = leaf ? 8 : 12;
    const std::size_t cells = big_u16(page, 3);
    for (std::size_t i = 0; i < cells; ++i) {
        const std::size_t offset = big_u16(page, header + 2 * i);
        if (offset < content || offset + 4 > page_size) {
            return false;
        }
        if (leaf) {
            Cell cell;
            FoundRow row;
            if (!cell_at(page, offset, cell) || !record_at(page, cell, false, row) || cell.row <= above || cell.row > upto) {
                return false;
            }
            above = cell.row;
            used.push_back({offset, std::max(cell.end, offset + 4)});
        } else {
            std::uint64_t key = 0;
            const auto length = varint(page, offset + 4, key);
            if (length == 0 || static_cast<std::int64_t>(key) <= above || static_cast<std::int64_t>(key) > upto) {
                return false;
            }
            above = static_cast<std::int64_t>(key);
            children.push_back({big_u32(page, offset), above});
            used.push_back({offset, offset + 4 + length});
        }
    }
    return true;
}

/// A page is whole when its cells, its free blocks and its loose bytes take up all of it, without a gap and without meeting twice: a
/// count of cells that became smaller would hide rows otherwise.
bool Salvage::walk(std::uint32_t number, int depth, std::int64_t above, std::int64_t upto, std::map<std::uint32_t, bool>& visited,
                   std::int64_t& last) {
    std::string page;
    if (depth > depth_max || !visited.emplace(number, true).second || !image_.newest(number, page)) {
        return false;
    }
    const auto kind = static_cast<unsigned char>(page[0]);
    const std::size_t header = kind == inside_of_table ? 12 : 8;
    if (kind != leaf_of_table && kind != inside_of_table) {
        return false;
    }
    const std::size_t cells = big_u16(page, 3);
    const std::size_t content = big_u16(page, 5) == 0 ? 65536 : big_u16(page, 5);
    if (header + 2 * cells > content || content > page_size) {
        return false;
    }
    std::vector<Stretch> used;
    std::vector<Child> children;
    std::int64_t at_row = above;
    if (!free_blocks(page, content, used) || !cells_of(page, content, at_row, upto, children, used) || !fills_page(page, content, used) ||
        (depth > 0 && cells == 0 && kind == leaf_of_table)) {
        return false;
    }
    if (kind == leaf_of_table) {
        last = std::max(last, at_row);
        return true;
    }
    children.push_back({big_u32(page, 8), upto});
    std::int64_t low = above;
    for (const Child& child : children) {
        if (!walk(child.page, depth + 1, low, child.upto, visited, last)) {
            return false;
        }
        low = child.upto;
    }
    return true;
}

bool Salvage::tables_are_ours() {
    std::string page;
    return image_.newest(1, page) && page.find("CREATE TABLE records(seq INTEGER PRIMARY KEY, wall_ms INTEGER NOT NULL") != std::string::npos;
}

}  // namespace surged::sqlite
