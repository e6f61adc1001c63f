#include "io/store/rescue_findings.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>

#include "io/store/rescue_files.hpp"

namespace surged::rescue {
namespace {

/// For people: what a file seems to be that is not ours.
std::string look_of(std::string_view head, bool all_zeros) {
    if (head.empty()) {
        return "an empty file";
    }
    if (all_zeros) {
        return "a file of zeros, with nothing beside it that tells of a store";
    }
    constexpr std::array<std::pair<std::string_view, const char*>, 9> known = {
        {{"SQLite format 3\0", "an SQLite database of another program"},
         {"\x1f\x8b", "gzip data"},
         {"PK\x03\x04", "a ZIP archive"},
         {"\x7f"
          "ELF",
          "a program"},
         {"%PDF", "a PDF document"},
         {"\x89PNG", "a PNG picture"},
         {"\xfd"
          "7zXZ",
          "xz data"},
         {"\x28\xb5\x2f\xfd", "zstd data"},
         {"BZh", "bzip2 data"}}};
    for (const auto& [begin, what] : known) {
        if (head.starts_with(begin)) {
            return what;
        }
    }
    const bool text = std::ranges::all_of(head, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 32 || byte == '\n' || byte == '\r' || byte == '\t';
    });
    return text ? "a text file" : "data of an unknown kind";
}

struct PagesSeen {
    std::string head;       ///< of the first page
    bool all_zeros = true;  ///< of those that the disk gives
};

PagesSeen look_at_pages(const sqlite::PageImage& image, StoreFindings& out) {
    PagesSeen seen;
    std::string page;
    out.pages = image.file_pages();
    for (std::uint32_t number = 1; number <= image.file_pages(); ++number) {
        if (!image.in_file(number, page)) {
            ++out.silent;
            continue;
        }
        const bool zero = page.find_first_not_of('\0') == std::string::npos;
        out.zeroed += zero ? 1U : 0U;
        seen.all_zeros = seen.all_zeros && zero;
        if (number == 1) {
            seen.head = page.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(512, image.file_bytes())));
        }
    }
    return seen;
}

/// The value of `key` in the table of names; empty = it was not found.
std::string meta(const std::map<std::string, std::string>& names, const char* key) {
    const auto found = names.find(key);
    return found == names.end() ? std::string() : found->second;
}

/// The holes between the records that were read back, and behind the last of them.
Result<void, LogFailure> find_holes(sqlite::NewStore& rows, StoreFindings& out) {
    std::optional<std::int64_t> before_ms;
    std::uint64_t expected = 0;
    const auto walked = rows.each(0, [&](const StoredRecord& record) {
        if (expected == 0 && record.seq > 1) {
            out.before = RecordRange{1, record.seq - 1, {}, record.wall_ms};
        } else if (expected != 0 && record.seq != expected) {
            out.lost.push_back({expected, record.seq - 1, before_ms, record.wall_ms});
        }
        expected = record.seq + 1;
        before_ms = record.wall_ms;
        return true;
    });
    if (!walked) {
        return walked;
    }
    if (const auto last = rows.last(); last < out.head) {
        out.lost.push_back({last + 1, out.head, before_ms, {}});
    }
    return {};
}

}  // namespace

bool find_whose(Evidence& evidence, StoreFindings& out) {
    const PagesSeen seen = look_at_pages(evidence.image, out);
    const auto mark = read_store_mark(evidence.path);
    const auto schema = meta(evidence.names, "schema");
    out.records = evidence.rows.records();
    out.snapshots = evidence.rows.snapshots();
    constexpr std::size_t id_at = 68;
    const bool ours_by_header =
        seen.head.size() > id_at + 4 && seen.head.starts_with("SQLite format 3") && seen.head.compare(id_at, 4, "SRGD") == 0;
    const std::string seems = look_of(seen.head, seen.all_zeros);
    const bool nondescript = seen.head.empty() || seen.all_zeros || seems == "data of an unknown kind";
    out.ours = out.records > 0 || !out.snapshots.empty() || ours_by_header || evidence.salvage.tables_are_ours() ||
               (mark && nondescript) || (nondescript && evidence.names.contains("schema"));
    out.newer = !schema.empty() && std::stoull(schema) > 1;
    if (!out.ours || out.newer) {
        out.looks_like = out.newer ? "a store of format " + schema : seems;
        return false;
    }
    return true;
}

Result<void, LogFailure> find_missing(Evidence& evidence, StoreFindings& out) {
    const auto mark = read_store_mark(evidence.path);
    const std::uint64_t last = evidence.rows.last();
    std::uint64_t in_tree = 0;
    const bool tree = evidence.salvage.tree_is_whole(in_tree);
    const std::uint64_t newest_state = out.snapshots.empty() ? 0 : out.snapshots.front();
    const std::string installation = meta(evidence.names, "installation");
    const bool same_store = mark && (installation.empty() || mark->installation == installation);
    out.head = std::max({last, newest_state, mark ? mark->head : std::uint64_t{0}});
    out.installation = !installation.empty() ? installation : mark ? mark->installation : std::string();
    const auto term_text = meta(evidence.names, "term");
    const std::uint64_t term = term_text.empty() ? 0 : std::stoull(term_text);
    evidence.rows.term = mark && mark->term > 0 ? std::max(term, static_cast<std::uint64_t>(mark->term)) : term;
    if (auto walked = find_holes(evidence.rows, out); !walked) {
        return walked;
    }
    const bool shm_alone = file_there(evidence.path + "-shm") && !evidence.image.wal_there();
    const bool covered =
        !out.before || std::ranges::any_of(out.snapshots, [&](auto seq) { return seq >= out.before->to; });
    out.doubt = evidence.rows.contradicted()       ? "two different records stand for one number"
                : !out.lost.empty()                ? "records are missing"
                : !covered                         ? "the first records are missing, and no snapshot covers them"
                : evidence.image.wal_torn()        ? "the write-ahead log is damaged"
                : evidence.image.wal_end_unclear() ? "the end of the write-ahead log is torn: its last transaction may be lost"
                : shm_alone                        ? "the write-ahead log is gone"
                : !tree                            ? "the table of the records is damaged: there may have been later ones"
                : in_tree != last                  ? "the table of the records does not know all of them"
                : mark && !same_store              ? "the mark beside the store is of another one"
                                                   : "";
    return {};
}

}  // namespace surged::rescue
