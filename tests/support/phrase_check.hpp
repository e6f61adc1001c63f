// Checks that every table of texts in two languages must pass.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "core/base/phrase.hpp"
#include "core/base/text.hpp"
#include "support/catch.hpp"

namespace surged {

/// "{n}" and "{who}" of a text, sorted; a brace without its partner comes out as the rest of the text.
inline std::multiset<std::string> placeholders(std::string_view text) {
    std::multiset<std::string> out;
    for (auto open = text.find_first_of("{}"); open != std::string_view::npos; open = text.find_first_of("{}")) {
        const auto close = text.find('}', open);
        const auto name = text.substr(open, close == std::string_view::npos ? close : close + 1 - open);
        out.emplace(name);
        text.remove_prefix(open + name.size());
    }
    return out;
}

/// The problem of a row; empty = none.
inline std::string fault_of(const Phrase& row) {
    if (row.key.empty() || row.zh.empty() || row.en.empty()) {
        return "an empty cell";
    }
    const auto zh = placeholders(row.zh);
    const auto en = placeholders(row.en);
    if (std::set(zh.begin(), zh.end()) != std::set(en.begin(), en.end())) {
        return "other placeholders in one language than in the other";
    }
    const auto named = [](const std::string& p) { return p.size() > 2 && p.front() == '{' && p.back() == '}' && p.find('{', 1) == std::string::npos; };
    if (!std::all_of(zh.begin(), zh.end(), named)) {
        return "a placeholder without a name, or half of one";
    }
    if (!utf8_valid(row.zh) || !utf8_valid(row.en)) {
        return "no UTF-8";
    }
    if (row.zh.find_first_of(",;:!?()") != std::string_view::npos) {
        return "punctuation of ASCII in Chinese";
    }
    const auto ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80U; };
    if (!std::all_of(row.en.begin(), row.en.end(), ascii)) {
        return "a character beyond ASCII in English";
    }
    return {};
}

template <typename Table>
void check_phrases(const Table& table) {
    std::set<std::string_view> keys;
    for (const Phrase& row : table) {
        INFO(row.key << ": " << row.zh << " | " << row.en);
        CHECK(fault_of(row).empty());
        CHECK(keys.insert(row.key).second);
    }
}

}  // namespace surged
