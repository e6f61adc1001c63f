// Finds rows of the log in the pages of a damaged store, wherever they lie: not by the tables' trees, which may be broken, but by what a
// row looks like. Its checksum says whether it is one. Private to this room.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "io/record_log.hpp"
#include "io/store/page_image.hpp"

namespace surged::sqlite {

struct FoundRow {
    StoredRecord record;
    std::int64_t crc = 0;
};

class Salvage {
public:
    explicit Salvage(const PageImage& image) : image_(image) {}

    /// Every record whose checksum is right, newest pages first; the same one may come often. The snapshots likewise.
    void rows(const std::function<void(const FoundRow&)>& each_record, const std::function<void(const StoredSnapshot&)>& each_snapshot);
    /// The little table of names and values. It has no checksum: only values of a form that makes sense are taken.
    std::map<std::string, std::string> names();
    /// Walks the tree of the records from its root: true when nothing of it is missing or damaged, so that there were no other
    /// records than those in it. `last`: the last one, 0 = none.
    bool tree_is_whole(std::uint64_t& last);
    /// The first page still holds the text that made our tables.
    bool tables_are_ours();

private:
    struct Cell {
        std::uint64_t payload = 0;  ///< bytes
        std::int64_t row = 0;
        std::size_t at = 0;     ///< where the payload begins
        std::size_t local = 0;  ///< how much of it is on this page
        std::size_t end = 0;
        std::uint32_t overflow = 0;
    };
    /// Bytes of a page, `to` not among them.
    struct Stretch {
        std::size_t from;
        std::size_t to;
    };
    struct Child {
        std::uint32_t page;
        std::int64_t upto;
    };
    bool cell_at(std::string_view page, std::size_t offset, Cell& out) const;
    bool record_at(std::string_view page, const Cell& cell, bool from_file, FoundRow& out);
    bool snapshot_at(std::string_view page, const Cell& cell, bool from_file, StoredSnapshot& out);
    bool assemble(std::string_view page, const Cell& cell, bool from_file, std::string& out);
    void look_through(std::string_view page, const std::function<void(const FoundRow&)>& each_record,
                      const std::function<void(const StoredSnapshot&)>& each_snapshot);
    static bool free_blocks(std::string_view page, std::size_t content, std::vector<Stretch>& used);
    static bool fills_page(std::string_view page, std::size_t content, std::vector<Stretch>& used);
    bool cells_of(std::string_view page, std::size_t content, std::int64_t& above, std::int64_t upto, std::vector<Child>& children,
                  std::vector<Stretch>& used);
    bool walk(std::uint32_t number, int depth, std::int64_t above, std::int64_t upto, std::map<std::uint32_t, bool>& visited,
              std::int64_t& last);

    const PageImage& image_;
    std::string payload_;
    std::string next_;
};

}  // namespace surged::sqlite
