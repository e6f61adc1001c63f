#include "config/reader.hpp"

#include <algorithm>
#include <set>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"

namespace surged {

namespace {
constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t string_bytes_max = 4096;

std::string wants(std::string_view key, std::string_view kind, const Node& got) {
    return "`" + std::string(key) + "` must be " + std::string(kind) + ", not " + std::string(to_string(got.kind));
}

/// `token`, `bot_token`, `api_key`: names that hold secrets in other programs' configurations.
bool looks_secret(std::string_view key) {
    constexpr std::array<std::string_view, 8> words{"secret",     "token",  "password",   "passwd",
                                                    "passphrase", "apikey", "credential", "credentials"};
    constexpr std::array<std::string_view, 6> keys{"api_key", "access_key", "secret_key", "private_key", "sign_key", "auth_key"};
    const auto last = key.rfind('_');
    const auto word = last == std::string_view::npos ? key : key.substr(last + 1);
    return contains(words, word) || contains(keys, key);
}

/// The nearest known key, or else all of them while they fit a line.
std::string key_hint(std::string_view key, const std::vector<std::string>& known) {
    constexpr std::size_t listed_max = 24;
    auto hint = nearest_hint(key, known);
    const std::set<std::string> names(known.begin(), known.end());  // a table may be asked for one key several times
    if (hint.empty() && !names.empty() && names.size() <= listed_max) {
        for (const auto& name : names) {
            hint += (hint.empty() ? "; known here: " : ", ") + name;
        }
    }
    return hint;
}
}  // namespace

bool metric_name_valid(std::string_view name) {
    const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    return !name.empty() && name.size() <= name_bytes_max && name[0] >= 'a' && name[0] <= 'z' &&
           std::ranges::all_of(name, good);
}

bool id_valid(std::string_view id) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    const auto good = [&](char c) { return plain(c) || c == '_' || c == '.' || c == '@' || c == '-'; };
    return !id.empty() && id.size() <= name_bytes_max && plain(id[0]) && std::ranges::all_of(id, good);
}

bool queue_name_valid(std::string_view name) {
    return !name.empty() && name.size() <= name_bytes_max &&
           std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

TableReader::TableReader(const Node& table, std::string what, Report& report)
    : table_(table), what_(std::move(what)), report_(report) {}

const Node* TableReader::any(std::string_view key) {
    known_.emplace_back(key);
    const auto* entry = table_.find(key);
    return entry != nullptr ? &entry->value : nullptr;
}

const Node* TableReader::typed(std::string_view key, Node::Kind kind) {
    const auto* node = any(key);
    if (node != nullptr && node->kind != kind) {
        report_.error(node->place, wants(key, to_string(kind), *node));
        return nullptr;
    }
    return node;
}

bool TableReader::text(std::string_view key, std::string& out) {
    const auto* node = typed(key, Node::Kind::text);
    if (node == nullptr) {
        return false;
    }
    if (node->text.size() > string_bytes_max) {
        report_.error(node->place, "`" + std::string(key) + "` is longer than 4096 bytes");
        return false;
    }
    out = node->text;
    return true;
}

bool TableReader::flag(std::string_view key, bool& out) {
    const auto* node = typed(key, Node::Kind::boolean);
    if (node == nullptr) {
        return false;
    }
    out = node->boolean;
    return true;
}

bool TableReader::number(std::string_view key, double& out, double min, double max) {
    const auto* node = any(key);
    if (node == nullptr) {
        return false;
    }
    if (node->kind != Node::Kind::integer && node->kind != Node::Kind::real) {
        report_.error(node->place, wants(key, "a number", *node));
        return false;
    }
    const double value = node->kind == Node::Kind::integer ? static_cast<double>(node->integer) : node->real;
    if (!(value >= min && value <= max)) {  // NaN fails too
        report_.error(node->place, "`" + std::string(key) + "` must be from " + format_number(min) + " to " + format_number(max));
        return false;
    }
    out = value;
    return true;
}

bool TableReader::whole(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max) {
    const auto* node = typed(key, Node::Kind::integer);
    if (node == nullptr) {
        return false;
    }
    if (node->integer < min || node->integer > max) {
        report_.error(node->place,
                      "`" + std::string(key) + "` must be from " + std::to_string(min) + " to " + std::to_string(max));
        return false;
    }
    out = node->integer;
    return true;
}

bool read_span(const Node& node, std::string_view key, Span& out, SpanBounds bounds, Report& report) {
    const std::string name = "`" + std::string(key) + "`";
    const bool bare = node.kind == Node::Kind::integer || node.kind == Node::Kind::real ||
                      (node.kind == Node::Kind::text && parse_number(node.text));
    if (bare) {
        report.error(node.place, name + ": a duration needs a unit, e.g. \"30s\"");
        return false;
    }
    if (node.kind != Node::Kind::text) {
        report.error(node.place, wants(key, "a duration such as \"30s\"", node));
        return false;
    }
    const auto span = parse_span(node.text);
    if (!span) {
        report.error(node.place, name + ": " + in_quotes(node.text) +
                                     " is no duration; write e.g. \"250ms\", \"30s\", \"2m\", \"1h30m\", \"7d\"");
        return false;
    }
    if (*span < bounds.min || *span > bounds.max) {
        report.error(node.place, name + " must be from " + format_span(bounds.min) + " to " + format_span(bounds.max));
        return false;
    }
    out = *span;
    return true;
}

bool TableReader::span(std::string_view key, Span& out, SpanBounds bounds) {
    const auto* node = any(key);
    return node != nullptr && read_span(*node, key, out, bounds, report_);
}

bool TableReader::texts(std::string_view key, std::vector<PlacedText>& out) {
    const auto* node = typed(key, Node::Kind::array);
    if (node == nullptr) {
        return false;
    }
    std::vector<PlacedText> read;
    bool good = true;
    for (const auto& item : node->items) {
        if (item.kind != Node::Kind::text) {
            report_.error(item.place, "`" + std::string(key) + "` must hold strings, not " + std::string(to_string(item.kind)));
            good = false;
        } else {
            read.push_back({item.text, item.place});
        }
    }
    if (good) {
        out = std::move(read);
    }
    return good;
}

bool TableReader::text_or_texts(std::string_view key, std::vector<PlacedText>& out) {
    const auto* entry = table_.find(key);
    if (entry == nullptr || entry->value.kind == Node::Kind::array) {
        return texts(key, out);
    }
    std::string one;
    if (!text(key, one)) {
        return false;
    }
    out = {{one, entry->value.place}};
    return true;
}

std::size_t TableReader::one_of(std::string_view key, const std::vector<std::string>& names) {
    std::string word;
    if (!text(key, word)) {
        return names.size();
    }
    const auto found = std::ranges::find(names, word);
    if (found != names.end()) {
        return static_cast<std::size_t>(found - names.begin());
    }
    std::string list;
    for (const auto& name : names) {
        list += (list.empty() ? "" : ", ") + name;
    }
    error(key,
          "`" + std::string(key) + "` must be one of " + list + "; " + in_quotes(word) + " is not" + nearest_hint(word, names));
    return names.size();
}

bool TableReader::id(std::string_view key, std::string& out) {
    if (!has(key)) {
        known_.emplace_back(key);
        require(key);
        return false;
    }
    std::string value;
    if (!text(key, value)) {
        return false;
    }
    if (!id_valid(value)) {
        error(key, in_quotes(value) + " is no id: a letter or digit, then letters, digits and _ . @ - (64 bytes at most)");
        return false;
    }
    out = std::move(value);
    return true;
}

const Node* TableReader::table(std::string_view key) {
    return typed(key, Node::Kind::table);
}

std::vector<const Node*> TableReader::tables(std::string_view key) {
    std::vector<const Node*> out;
    const auto* node = any(key);
    if (node == nullptr) {
        return out;
    }
    if (node->kind == Node::Kind::table) {
        report_.error(node->place, "`" + std::string(key) + "` is a list: write [[" + std::string(key) + "]] or [{...}]");
        return out;
    }
    if (node->kind != Node::Kind::array) {
        report_.error(node->place, wants(key, "an array of tables", *node));
        return out;
    }
    for (const auto& item : node->items) {
        if (item.kind == Node::Kind::table) {
            out.push_back(&item);
        } else {
            report_.error(item.place, "`" + std::string(key) + "` must hold tables, not " + std::string(to_string(item.kind)));
        }
    }
    return out;
}

void TableReader::require(std::string_view key) {
    if (!has(key)) {
        report_.error(table_.place, what_ + " needs `" + std::string(key) + "`");
    }
}

Place TableReader::at(std::string_view key) const {
    const auto* entry = table_.find(key);
    return entry != nullptr ? entry->value.place : table_.place;
}

void TableReader::finish() {
    const auto knows = [&](std::string_view key) { return contains(known_, key); };
    for (const auto& entry : table_.entries) {
        if (knows(entry.key)) {
            continue;
        }
        const bool has_file = knows(entry.key + "_file");
        if (has_file || looks_secret(entry.key)) {
            std::string target = entry.key + "_file";
            if (!has_file) {
                const auto any_file = std::ranges::find_if(known_, [](const std::string& k) { return k.ends_with("_file"); });
                target = any_file != known_.end() ? *any_file : std::string();
            }
            report_.error(entry.place,
                          "`" + entry.key + "`: secrets do not belong in the configuration text" +
                              (target.empty() ? std::string() : "; put it in a file and name that with `" + target + "`"));
            continue;
        }
        report_.error(entry.place, "unknown key " + in_quotes(entry.key) + " in " + what_ + key_hint(entry.key, known_));
    }
}

}  // namespace surged
