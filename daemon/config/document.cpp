#include "config/document.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "core/base/text.hpp"

namespace surged {

namespace {
constexpr int key_depth_max = 64;
constexpr int nesting_max = 64;

Place place_of(const SourceFile& file, const toml::source_region& region) {
    return {&file, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

bool before(const Place& a, const Place& b) {
    return a.line != b.line ? a.line < b.line : a.col < b.col;
}

template <typename Value>
std::string iso_text(const Value& value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

/// The recursion is as deep as the text is nested, which refuse_depth() and toml++ itself have bounded.
Node convert(const SourceFile& file, const toml::node& from) {
    Node to;
    to.place = place_of(file, from.source());
    switch (from.type()) {
        case toml::node_type::table:
            to.kind = Node::Kind::table;
            for (const auto& [key, value] : *from.as_table()) {
                to.entries.push_back({std::string(key.str()), place_of(file, key.source()), convert(file, value)});
            }
            // toml++ sorts by name; people read from the top.
            std::ranges::stable_sort(to.entries, [](const Entry& a, const Entry& b) { return before(a.place, b.place); });
            break;
        case toml::node_type::array:
            to.kind = Node::Kind::array;
            for (const auto& item : *from.as_array()) {
                to.items.push_back(convert(file, item));
            }
            break;
        case toml::node_type::string:
            to.kind = Node::Kind::text;
            to.text = from.as_string()->get();
            break;
        case toml::node_type::integer:
            to.kind = Node::Kind::integer;
            to.integer = from.as_integer()->get();
            break;
        case toml::node_type::floating_point:
            to.kind = Node::Kind::real;
            to.real = from.as_floating_point()->get();
            break;
        case toml::node_type::boolean:
            to.kind = Node::Kind::boolean;
            to.boolean = from.as_boolean()->get();
            break;
        case toml::node_type::date:
            to.kind = Node::Kind::date;
            to.text = iso_text(from.as_date()->get());
            break;
        case toml::node_type::time:
            to.kind = Node::Kind::date;
            to.text = iso_text(from.as_time()->get());
            break;
        case toml::node_type::date_time:
            to.kind = Node::Kind::date;
            to.text = iso_text(from.as_date_time()->get());
            break;
        case toml::node_type::none: break;
    }
    return to;
}

/// Index after the string literal that opens at `at`; the end of the text (or line, for a one-line literal) when it is never
/// closed.
std::size_t skip_literal(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const bool block = at + 2 < text.size() && text[at + 1] == quote && text[at + 2] == quote;
    for (at += block ? 3 : 1; at < text.size(); ++at) {
        if (text[at] == '\\' && quote == '"') {
            ++at;
        } else if (!block && text[at] == '\n') {
            return at;
        } else if (text[at] == quote && !block) {
            return at + 1;
        } else if (block && text.substr(at, 3) == std::string(3, quote)) {
            return at + 3;
        }
    }
    return text.size();
}

/// toml++ bounds values in values but not dotted keys, whose tables are freed by recursion: both are counted here, literals
/// aside.
Result<void, SyntaxError> refuse_depth(std::string_view text) {
    int line = 1;
    int dots = 0;
    int nesting = 0;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '"' || c == '\'') {
            const auto end = skip_literal(text, i);
            line += static_cast<int>(
                std::count(text.begin() + static_cast<std::ptrdiff_t>(i), text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
            i = end;
            continue;
        }
        if (c == '#') {
            i = std::min(text.find('\n', i), text.size());
            continue;
        }
        switch (c) {
            case '\n':
                ++line;
                dots = 0;
                break;
            case ',': dots = 0; break;
            case '.': ++dots; break;
            case '[':
            case '{': ++nesting; break;
            case ']':
            case '}': nesting = std::max(0, nesting - 1); break;
            default: break;
        }
        if (dots > key_depth_max || nesting > nesting_max) {
            return tl::unexpected(SyntaxError{line, 1, "nested too deeply (64 keys or brackets at most)"});
        }
        ++i;
    }
    return {};
}
}  // namespace

std::string Place::text() const {
    const std::string name = file != nullptr ? file->name : std::string();
    return line == 0 ? name : name + ":" + std::to_string(line) + ":" + std::to_string(col);
}

const Entry* Node::find(std::string_view key) const {
    const auto found = std::ranges::find(entries, key, &Entry::key);
    return found == entries.end() ? nullptr : &*found;
}

std::string_view to_string(Node::Kind kind) {
    switch (kind) {
        case Node::Kind::table: return "a table";
        case Node::Kind::array: return "an array";
        case Node::Kind::text: return "a string";
        case Node::Kind::integer: return "a whole number";
        case Node::Kind::real: return "a number";
        case Node::Kind::boolean: return "true or false";
        case Node::Kind::date: return "a date or time";
    }
    return "";
}

Result<Node, SyntaxError> parse_document(const SourceFile& file) {
    if (file.text.size() > text_bytes_max) {
        return tl::unexpected(SyntaxError{0, 0, "larger than 4 MiB"});
    }
    if (auto shallow = refuse_depth(file.text); !shallow) {
        return tl::unexpected(shallow.error());
    }
    try {
        const toml::table root = toml::parse(std::string_view(file.text), std::string_view(file.name));
        return convert(file, root);
    } catch (const toml::parse_error& error) {
        const auto at = error.source().begin;
        return tl::unexpected(
            SyntaxError{static_cast<int>(at.line), static_cast<int>(at.column), "not TOML: " + std::string(error.description())});
    }
}

namespace {
/// Steps over one code point of valid UTF-8.
std::size_t step_of(std::string_view text, std::size_t at) {
    std::size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0U) == 0x80U) {
        ++next;
    }
    return next - at;
}

std::size_t byte_of(std::string_view text, int line, int col) {
    std::size_t at = 0;
    for (int l = 1; l < line; ++l) {
        const auto end = text.find('\n', at);
        if (end == std::string_view::npos) {
            return text.size();
        }
        at = end + 1;
    }
    for (int c = 1; c < col && at < text.size(); ++c) {
        at += step_of(text, at);
    }
    return at;
}

/// Bytes in the value made by the piece of literal at `at`, and bytes of the literal it takes.
struct Piece {
    std::size_t value;
    std::size_t literal;
};
Piece piece_at(std::string_view text, std::size_t at, bool escapes) {
    if (!escapes || text[at] != '\\' || at + 1 >= text.size()) {
        const auto bytes = step_of(text, at);
        return {bytes, bytes};
    }
    const char kind = text[at + 1];
    if (kind == 'u' || kind == 'U') {
        const std::size_t digits = kind == 'u' ? 4 : 8;
        const auto hex = text.substr(at + 2, digits);
        std::uint32_t code = 0;
        std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
        return {code < 0x80 ? 1U : code < 0x800 ? 2U : code < 0x10000 ? 3U : 4U, 2 + digits};
    }
    if (kind == '\n' || kind == '\r' || kind == ' ' || kind == '\t') {  // a line's end that is not part of the value
        const auto stop = text.find_first_not_of(" \t\r\n", at + 1);
        return {0, (stop == std::string_view::npos ? text.size() : stop) - at};
    }
    return {1, 2};
}
}  // namespace

Place place_in_text(const Node& node, std::size_t offset) {
    if (node.kind != Node::Kind::text || node.place.file == nullptr) {
        return node.place;
    }
    const std::string_view text = node.place.file->text;
    const std::size_t open = byte_of(text, node.place.line, node.place.col);
    if (open >= text.size() || (text[open] != '"' && text[open] != '\'')) {
        return node.place;
    }
    const char quote = text[open];
    const bool block = text.substr(open, 3) == std::string(3, quote);
    std::size_t at = open + (block ? 3 : 1);
    if (block && at < text.size() && text[at] == '\r') {
        ++at;
    }
    if (block && at < text.size() && text[at] == '\n') {
        ++at;  // TOML drops a line's end right after the opening quotes
    }
    std::size_t value = 0;
    while (at < text.size()) {
        const auto piece = piece_at(text, at, quote == '"');
        // An empty piece (a dropped line's end) belongs to what comes after it.
        if (piece.value != 0 && value + piece.value > offset) {
            break;
        }
        if (value >= offset && piece.value != 0) {
            break;
        }
        if (value >= offset && text[at] == quote) {
            break;
        }
        value += piece.value;
        at += piece.literal;
    }
    Place place = node.place;
    for (std::size_t i = open; i < at && i < text.size(); i += step_of(text, i)) {
        if (text[i] == '\n') {
            ++place.line;
            place.col = 1;
        } else {
            ++place.col;
        }
    }
    return place;
}

}  // namespace surged
