#include "manual/markdown_table.hpp"

#include <algorithm>
#include <cstddef>

#include "manual/markdown.hpp"
#include "manual/text_width.hpp"

namespace surged {
namespace {

constexpr std::size_t room = 70;  ///< of 80 columns, without the indent
constexpr std::size_t none = static_cast<std::size_t>(-1);

std::size_t column_named(const std::vector<std::string>& head, std::string_view name) {
    const auto found = std::find(head.begin(), head.end(), name);
    return found == head.end() ? none : static_cast<std::size_t>(found - head.begin());
}

bool fits(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], width_of_text(letters_of(read_inline(row[i]))));
        }
    }
    std::size_t all = 3 * (widths.size() - 1);
    for (const std::size_t width : widths) {
        all += width;
    }
    return all <= room;
}

void append_all(FacedText& to, const FacedText& more) {
    for (const FacedPiece& piece : more) {
        append(to, piece.face, piece.text);
    }
}

bool ends_sentence(const FacedText& text) {
    return std::string_view(".?!:").find(letters_of(text).back()) != std::string_view::npos;
}

/// A sentence of its own, with a capital letter and a full stop; names in `code` stay as they are.
void append_sentence(FacedText& to, const std::string& cell, bool capital = true) {
    if (cell.empty()) {
        return;
    }
    auto sentence = cell;
    if (capital && sentence[0] >= 'a' && sentence[0] <= 'z') {
        sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
    }
    const bool name_alone = to.empty() && sentence.find(' ') == std::string::npos;  // a path, a word
    append(to, Face::plain, to.empty() ? "" : "\n");
    append_all(to, read_inline(sentence));
    append(to, Face::plain, name_alone || ends_sentence(to) ? "" : ".");
}

/// "1s to 24h; default 5s." The cell of the default may say in words that there is none.
FacedText type_and_default(const std::string& type, const std::string& fallback) {
    FacedText out = read_inline(type);
    if (!fallback.empty()) {
        const bool words = fallback.starts_with("required") || fallback.starts_with("this or") || fallback.starts_with("one of these");
        append(out, Face::plain, std::string(type.empty() ? "" : "; ") + (words ? "" : "default "));
        append_all(out, read_inline(fallback));
        append(out, Face::plain, words && !fallback.starts_with("required") ? " is required" : "");
    }
    if (!out.empty() && !ends_sentence(out)) {
        append(out, Face::plain, ".");
    }
    return out;
}

/// Names the table, unless the heading right above did.
void add_lead(const std::string& head, std::vector<ManBlock>& out) {
    auto lead = read_inline(head);
    if (head.starts_with('`') && (out.empty() || letters_of(out.back().text) != letters_of(lead))) {
        out.emplace_back().text = std::move(lead);
    }
}

void keys_as_list(const std::vector<std::vector<std::string>>& rows, std::vector<ManBlock>& out) {
    const auto& head = rows.front();
    const auto default_column = column_named(head, "default");
    const auto type_column = std::min(column_named(head, "type") == 0 ? none : column_named(head, "type"), column_named(head, "value"));
    const auto meaning_column = column_named(head, "meaning");
    const std::size_t named = std::min({type_column, default_column, meaning_column});
    add_lead(head.front(), out);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto& row = rows[i];
        ManBlock& item = out.emplace_back();
        item.kind = ManBlock::Kind::item;
        for (std::size_t k = 0; k < named; ++k) {
            append_all(item.tag, read_inline((k > 0 ? " " : "") + row[k]));
        }
        item.text = type_and_default(type_column < row.size() ? row[type_column] : "", row[default_column]);
        append_sentence(item.text, meaning_column < row.size() ? row[meaning_column] : "");
    }
}

void as_list(const std::vector<std::vector<std::string>>& rows, std::vector<ManBlock>& out) {
    const auto& head = rows.front();
    if (head.front().find('`') != std::string::npos || (head.front().find(' ') != std::string::npos && head.size() > 1 && head[1].empty())) {
        out.emplace_back().text = read_inline(head.front() + ":");
    }
    for (std::size_t i = 1; i < rows.size(); ++i) {
        ManBlock& item = out.emplace_back();
        item.kind = ManBlock::Kind::item;
        item.tag = read_inline(rows[i].front());
        for (std::size_t k = 1; k < rows[i].size() && k < head.size(); ++k) {
            const bool last = k + 1 == head.size() || head[k].empty();
            append_sentence(item.text, rows[i][k].empty() || last ? rows[i][k] : head[k] + ": " + rows[i][k], head.size() > 2);
        }
    }
}

}  // namespace

std::vector<std::string> cells_of(std::string_view line) {
    std::vector<std::string> cells;
    std::string cell;
    bool code = false;
    const auto end_cell = [&] {
        const auto first = std::min(cell.find_first_not_of(' '), cell.size());
        cell.erase(0, first);
        cell.erase(cell.find_last_not_of(' ') + 1);
        cells.push_back(std::move(cell));
        cell.clear();
    };
    for (std::size_t i = 1; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') {
            cell += line[++i];
        } else if (line[i] == '|' && !code) {
            end_cell();
        } else {
            code = line[i] == '`' ? !code : code;
            cell += line[i];
        }
    }
    return cells;
}

void add_table(const std::vector<std::vector<std::string>>& rows, std::vector<ManBlock>& out) {
    if (rows.size() < 2) {
        return;
    }
    const auto& head = rows.front();
    const bool even = std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return row.size() == head.size(); });
    if (even && column_named(head, "default") != none && head.size() > 2) {
        return keys_as_list(rows, out);
    }
    if (!even || !fits(rows)) {
        return as_list(rows, out);
    }
    ManBlock& table = out.emplace_back();
    table.kind = ManBlock::Kind::table;
    for (const auto& row : rows) {
        auto& cells = table.rows.emplace_back();
        for (const std::string& cell : row) {
            cells.push_back(read_inline(cell));
        }
    }
}

}  // namespace surged
