// The tables of keys in rules/README.md, and how each table of a configuration is written, for tests that hold the one against the reader.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace surged::test {

struct DocumentedKey {
    std::string bounds, fallback;
};
/// Key -> its row.
using DocumentedTable = std::map<std::string, DocumentedKey>;

/// A file of the repository as text.
std::string repository_text(const std::string& path);

/// Every "word" of the sources of config that could be a key.
std::set<std::string> words_of_config();

/// The texts in backticks.
std::vector<std::string> ticked(const std::string& cell);

/// First cell of the table's head, as written -> its rows.
std::map<std::string, DocumentedTable> tables_of_readme();

/// How a table is written: what stands before it, its head and the keys that it cannot do without.
struct WrittenTable {
    std::string documented;  ///< head of its table in rules/README.md
    std::string before;
    std::string head;
    std::map<std::string, std::string> needs;
    std::map<std::string, std::string> companions{};  ///< key -> what it may only stand beside
};

std::vector<WrittenTable> all_written_tables();

/// The table with these keys in the place of, or beside, those it needs.
std::string text_of(const WrittenTable& table, const std::map<std::string, std::string>& keys);

/// Those of `candidates` that the reader knows in this table, and those it needs.
std::set<std::string> known_keys(const WrittenTable& table, const std::set<std::string>& candidates);

}  // namespace surged::test
