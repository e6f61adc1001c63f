// A TOML text as a tree of our own: every key and value with its place, tables in the order of the text.
//
// It knows TOML and nothing of surged. Only document.cpp includes toml++. Its hardest rule: hostile text (torn, nested a million
// deep, not UTF-8) ends in one diagnostic, never in an exception or a crash, so the tree is bounded before toml++ sees the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace surged {

/// One file's text. Places point to it; it must outlive them.
struct SourceFile {
    std::string name;
    std::string text;
    int order = 0;  ///< reading order, for sorting diagnostics
};

/// Where something stands. Columns count code points; both start at 1; line 0 = the whole file.
struct Place {
    const SourceFile* file = nullptr;
    int line = 0;
    int col = 0;
    /// "file:line:col"
    std::string text() const;
};

struct Entry;

struct Node {
    enum class Kind : std::uint8_t { table, array, text, integer, real, boolean, date };
    Kind kind = Kind::table;
    Place place;
    std::string text;  ///< of text; of date in ISO 8601
    std::int64_t integer = 0;
    double real = 0;
    bool boolean = false;
    std::vector<Entry> entries;  ///< of a table, in the order of the text
    std::vector<Node> items;     ///< of an array

    const Entry* find(std::string_view key) const;
};
struct Entry {
    std::string key;
    Place place;
    Node value;
};

/// What the kind is called in diagnostics: "a string", "a table".
std::string_view to_string(Node::Kind kind);

struct SyntaxError {
    int line = 0;
    int col = 0;
    std::string message;
};

inline constexpr std::size_t text_bytes_max = 4U << 20U;

/// Bounds: 4 MiB a text, 64 keys deep, 64 arrays deep. `file` must outlive the tree.
Result<Node, SyntaxError> parse_document(const SourceFile& file);

/// The place of byte `offset` of a text node's value, found by walking the literal with its quotes and escapes.
Place place_in_text(const Node& node, std::size_t offset);

}  // namespace surged
