// surged.toml(5) against the reader of the configuration: every table and key is there with an example that is read, and what it says of a
// reload is what a reload does. Keys, defaults and bounds of the tables themselves are held by unit/config/documented_keys_test.
#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "../config/config_kit.hpp"
#include "../config/documented_tables.hpp"
#include "app/reload.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// What stands below one heading.
struct PageSection {
    std::string title;
    std::string chapter;
    std::vector<std::string> tables;  ///< heads of the tables it shows
    std::string code;                 ///< its examples of TOML
    std::size_t code_at = 0;          ///< where they begin in all examples of the page
    std::string reload;               ///< what it says of a reload
};

std::vector<PageSection> sections_of_page() {
    std::vector<PageSection> out(1);
    std::istringstream in(repository_text("daemon/manual/pages/surged.toml.5.md"));
    std::string chapter;
    std::size_t all = 0;
    bool code = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("```")) {
            code = line == "```toml";
            out.back().code_at = code ? all : out.back().code_at;
        } else if (code) {
            out.back().code += line + "\n";
            all += line.size() + 1;
        } else if (line.starts_with("## ") || line.starts_with("### ")) {
            chapter = line.starts_with("## ") ? line.substr(3) : chapter;
            out.push_back({line.substr(line.find(' ') + 1), chapter, {}, {}, 0, {}});
        } else if (line.starts_with("<!-- table: ")) {
            const auto head = line.substr(line.find(' ', 12) + 1);
            out.back().tables.push_back(head.substr(0, head.size() - 4));
        } else if (line.starts_with("A reload is enough") || line.starts_with("Restart: ")) {
            CHECK(out.back().reload.empty());
            out.back().reload = line;
        }
    }
    return out;
}

std::string all_examples(const std::vector<PageSection>& sections) {
    std::string out;
    for (const auto& section : sections) {
        out += section.code;
    }
    return out;
}

/// Whether the section says that a change of this key waits for a restart.
bool told_to_restart(const PageSection& section, const std::string& key) {
    return section.reload == "Restart: all keys." || (section.reload.starts_with("Restart: ") && section.reload.find("`" + key + "`") != std::string::npos);
}

/// Another value of the same kind: the last digit is changed, else the last letter.
std::string another(std::string value) {
    if (value == "true" || value == "false") {
        return value == "true" ? "false" : "true";
    }
    const auto digit = value.find_last_of("0123456789");
    const auto letter = value.find_last_of("abcdefghijklmnopqrstuvwxyz");
    const auto at = digit != std::string::npos ? digit : letter;
    if (at != std::string::npos) {
        value[at] = value[at] == '9' || value[at] == 'z' ? static_cast<char>(value[at] - 1) : static_cast<char>(value[at] + 1);
    }
    return value;
}

}  // namespace

TEST_CASE("toml page: every table of the configuration is shown once, and every top-level name of the reader has its heading", "[unit]") {
    const auto sections = sections_of_page();
    std::map<std::string, int> shown;
    std::string titles;
    for (const auto& section : sections) {
        titles += section.title + "\n";
        for (const auto& head : section.tables) {
            ++shown[head];
            INFO(section.title);
            CHECK_FALSE(section.reload.empty());
        }
    }
    for (const auto& [head, rows] : tables_of_readme()) {
        INFO(head);
        const auto found = std::find_if(shown.begin(), shown.end(), [&, full = head](const auto& one) { return full == one.first || full.starts_with(one.first + ", "); });
        CHECK((found != shown.end() && found->second == 1));
    }

    auto candidates = words_of_config();
    std::string text;
    for (const auto& word : candidates) {
        text += word + " = 1\n";
    }
    static const std::regex refused("unknown key \"([a-z0-9_]+)\"|error: `([a-z0-9_]+)`: secrets do not belong");
    for (const auto& line : findings(parse_config("t", text))) {
        if (std::smatch match; std::regex_search(line, match, refused)) {
            candidates.erase(match[1].matched ? match[1] : match[2]);
        }
    }
    CHECK(candidates.size() > 15);
    for (const auto& name : candidates) {
        INFO("the reader knows " << name);
        CHECK((name == "include" || titles.find("[" + name + "]") != std::string::npos));
    }
}

TEST_CASE("toml page: its examples are one configuration without an error, and every key stands in one", "[unit]") {
    const auto sections = sections_of_page();
    const auto found = findings(parse_config("t", all_examples(sections)));
    std::string errors;
    for (const auto& line : found) {
        errors += line.find(" error: ") != std::string::npos ? line + "\n" : "";
    }
    CHECK(errors == "");

    std::map<std::string, std::string> code_of_chapter;
    for (const auto& section : sections) {
        code_of_chapter[section.chapter] += section.code;
    }
    const auto documented = tables_of_readme();
    std::size_t keys = 0;
    for (const auto& section : sections) {
        const auto& code = code_of_chapter[section.chapter];
        for (const auto& [head, rows] : documented) {
            const bool here = std::any_of(section.tables.begin(), section.tables.end(),
                                          [&, full = head](const std::string& table) { return full == table || full.starts_with(table + ", "); });
            for (const auto& [key, row] : rows) {
                INFO(head << " " << key);
                ++keys;
                const bool written = std::regex_search(code, std::regex("(^|\n|[{,] )" + key + " = ")) || code.find("." + key + "]") != std::string::npos;
                CHECK((!here || written));
            }
        }
    }
    CHECK(keys > 200);
}

TEST_CASE("toml page: the keys of every channel are the reader's", "[unit]") {
    std::set<std::string> told;
    std::istringstream in(repository_text("daemon/io/courier/README.md"));
    for (std::string line; std::getline(in, line) && !line.starts_with("What becomes of");) {
        if (line.starts_with("| `")) {
            for (const auto& key : ticked(line.substr(0, line.find('|', 1)))) {
                told.insert(key);
            }
        }
    }
    const WrittenTable table{"", {}, "[[channel]]", {{"id", "\"c\""}, {"type", "\"log\""}}};
    CHECK(told == known_keys(table, words_of_config()));
}

TEST_CASE("toml page: what waits for a restart is said of every key, and of no other", "[unit]") {
    const auto sections = sections_of_page();
    const auto text = all_examples(sections);
    const auto before = parse_config("t", text);
    REQUIRE(before.ok());
    static const std::regex assignment("([a-z0-9_]+) = (\"[^\"]*\"|-?[0-9.]+|true|false|\\[[^\\]\n]*\\])");
    std::size_t changed = 0;
    std::size_t restarts = 0;
    for (const auto& section : sections) {
        for (std::sregex_iterator it(section.code.begin(), section.code.end(), assignment), end; it != end; ++it) {
            const std::string key = (*it)[1];
            auto other = text;
            other.replace(section.code_at + static_cast<std::size_t>(it->position(2)), static_cast<std::size_t>(it->length(2)), another((*it)[2]));
            const auto after = parse_config("t", other);
            if (other == text || !after.ok()) {
                continue;
            }
            ++changed;
            const bool restart = !needs_restart(before.settings, after.settings).empty();
            restarts += restart ? 1 : 0;
            INFO(section.title << " " << key << ": " << section.reload);
            CHECK(restart == told_to_restart(section, key));
        }
    }
    CHECK(changed > 120);
    CHECK(restarts >= 30);
}
