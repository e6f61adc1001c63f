// The wallboard's texts and its script: each key that the script asks for has a row, and each row is asked for.
#include <array>
#include <regex>
#include <set>
#include <string>

#include "core/rule/spec.hpp"
#include "io/http/wallboard.hpp"
#include "io/http/wallboard_phrases.hpp"
#include "support/phrase_check.hpp"
#include "wire/json_text.hpp"

using namespace surged;

namespace {

using Keys = std::set<std::string>;

void add_literals(const std::string& text, Keys& into) {
    static const std::regex literal("\"([^\"]*)\"");
    for (std::sregex_iterator it(text.begin(), text.end(), literal), end; it != end; ++it) {
        into.insert((*it)[1]);
    }
}

/// What the page asks t() for by name: `t("live")`, `t(yes ? "live" : "lost")`, `data-t="queues"`; and its lists of columns.
Keys named_in(const std::string& page) {
    Keys out;
    for (const char* form : {"\\bt\\(([^,()]*)", "data-t=(\"[^\"]*\")", "const (?:columns|metrics) = (\\[[^\\]]*\\])"}) {
        const std::regex asked(form);
        for (std::sregex_iterator it(page.begin(), page.end(), asked), end; it != end; ++it) {
            add_literals((*it)[1], out);
        }
    }
    return out;
}

/// What it asks for by the API's own words: the level and the state of an incident.
Keys words_of_api() {
    Keys out{"paging", "filled", "exhausted", "resolving", "resolved", "closed"};
    for (const Level level : {Level::none, Level::yellow, Level::orange, Level::red}) {
        out.emplace(to_string(level));
    }
    return out;
}

Keys rows() {
    Keys out;
    for (const Phrase& row : wallboard_phrases) {
        out.emplace(row.key);
    }
    return out;
}

}  // namespace

TEST_CASE("wallboard phrases: every text of the wallboard stands whole in both languages", "[unit]") {
    check_phrases(wallboard_phrases);
}

TEST_CASE("wallboard phrases: each word that the page shows has a row, and no row is left over", "[unit]") {
    Keys asked = named_in(wallboard_html("nonce"));
    CHECK(asked.size() > 30);  // the reader finds something
    asked.merge(words_of_api());
    for (const auto& key : asked) {
        INFO(key);
        CHECK(rows().contains(key));
    }
    for (const auto& key : rows()) {
        INFO(key);
        CHECK(asked.contains(key));
    }
}

TEST_CASE("wallboard phrases: a word without a row is found wherever the page asks for it", "[unit]") {
    CHECK(named_in("x = t(\"first\", { n: 1 }) + t(yes ? \"second\" : \"third\"); <p data-t=\"fourth\"> const metrics = [\"fifth\"];") ==
          Keys{"first", "second", "third", "fourth", "fifth"});
    CHECK(named_in("set(\"no\"); const ranks = [\"no\"]; t(state)").empty());
}

TEST_CASE("wallboard phrases: the script has every row, Chinese and then English", "[unit]") {
    const auto page = wallboard_html("nonce");
    CHECK(page.find("__WORDS__") == std::string::npos);
    const std::string before = "const words = ";
    const auto at = page.find(before) + before.size();
    const auto words = parse_json(std::string_view(page).substr(at, page.find(";  //", at) - at));
    REQUIRE(words);
    for (const Phrase& row : wallboard_phrases) {
        INFO(row.key);
        const auto* pair = words->find(row.key);
        REQUIRE((pair != nullptr && pair->array() != nullptr && pair->array()->size() == 2));
        CHECK(*pair->array()->at(0).text() == row.zh);
        CHECK(*pair->array()->at(1).text() == row.en);
    }
}
