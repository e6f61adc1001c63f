// The console's texts (daemon/console/words.json) and its modules: each text stands whole in both languages, each that is asked for has
// a row (tsc sees to those asked by name), each word of the API that people meet has one, and no row is left over.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "core/record/record.hpp"
#include "core/rule/spec.hpp"
#include "core/series/message.hpp"
#include "io/http/console_page.hpp"
#include "support/phrase_check.hpp"
#include "wire/json_text.hpp"

using namespace surged;

namespace {

using Keys = std::set<std::string>;

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}
std::filesystem::path console_folder() { return std::filesystem::path(SURGED_SOURCE_DIR) / "daemon/console"; }

struct Words {
    JsonValue json;
    std::vector<Phrase> rows;

    Words() : json(parse_json(text_of(console_folder() / "words.json")).value()) {
        for (const auto& [key, pair] : *json.object()) {
            REQUIRE((pair.array() != nullptr && pair.array()->size() == 2));
            rows.push_back({key, *pair.array()->at(0).text(), *pair.array()->at(1).text()});
        }
    }
    bool has(const std::string& key) const { return json.find(key) != nullptr; }
};

/// Every text between quotes in the console's modules, and the families that are asked with word(): `word("seat", ...)`.
struct Asked {
    Keys literals;
    Keys families;
};
void read_module(const std::string& text, Asked& into) {
    static const std::regex literal("\"([^\"\\n]*)\"");
    static const std::regex family("word\\(\"([a-z_]+)\"");
    static const std::regex made("t\\(`([a-z_]+)\\.\\$");
    for (std::sregex_iterator it(text.begin(), text.end(), literal), end; it != end; ++it) {
        into.literals.insert((*it)[1]);
    }
    for (const auto* form : {&family, &made}) {
        for (std::sregex_iterator it(text.begin(), text.end(), *form), end; it != end; ++it) {
            into.families.insert((*it)[1]);
        }
    }
}
Asked asked_by_modules() {
    Asked out;
    for (const auto& entry : std::filesystem::directory_iterator(console_folder())) {
        if (entry.path().extension() == ".ts") {
            read_module(text_of(entry.path()), out);
        }
    }
    return out;
}

template <typename Enum>
void check_words(const Words& words, const std::string& family, int many) {
    for (int i = 0; i < many; ++i) {
        const auto key = family + "." + std::string(to_string(static_cast<Enum>(i)));
        INFO(key);
        CHECK(words.has(key));
    }
}

}  // namespace

TEST_CASE("console words: every text of the console stands whole in both languages", "[unit]") {
    const Words words;
    CHECK(words.rows.size() > 200);
    check_phrases(words.rows);
}

TEST_CASE("console words: no row is left over", "[unit]") {
    const Words words;
    const Asked asked = asked_by_modules();
    CHECK(asked.literals.size() > 200);
    for (const Phrase& row : words.rows) {
        std::string key(row.key);
        INFO(key);
        if (key.ends_with(".1")) {  // of one thing: many() takes it in the place of the row without
            key.resize(key.size() - 2);
            CHECK(words.has(key));
        }
        CHECK((asked.literals.contains(key) || asked.families.contains(key.substr(0, key.find('.')))));
    }
}

TEST_CASE("console words: what a module asks for is found in every form of asking", "[unit]") {
    Asked asked;
    read_module("t(\"first\", { n: 1 }) + t(yes ? \"second\" : \"third\") + word(\"seat\", s.state) + t(`nav.${name}`)", asked);
    CHECK((asked.literals.contains("first") && asked.literals.contains("second") && asked.literals.contains("third")));
    CHECK(asked.families == Keys{"nav", "seat"});
}

TEST_CASE("console words: every level, seat, page and incident state that the API names has its words", "[unit]") {
    const Words words;
    check_words<Level>(words, "level", 4);
    check_words<SeatState>(words, "seat", 12);
    check_words<PageState>(words, "page", 10);
    check_words<Refusal>(words, "refusal", static_cast<int>(refusal_count));
    for (const char* state : {"paging", "filled", "exhausted", "resolving", "resolved", "closed"}) {
        CHECK(words.has(std::string("state.") + state));
    }
}

TEST_CASE("console words: the page that is served has every row in it", "[unit]") {
    const Words words;
    const auto page = console_html("nonce");
    CHECK(page.find("__SCRIPT__") == std::string::npos);
    CHECK(page.find("__STYLE__") == std::string::npos);
    for (const Phrase& row : words.rows) {
        INFO(row.key);
        CHECK(page.find(row.zh) != std::string::npos);
    }
}
