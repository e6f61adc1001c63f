// How surgectl speaks: language by flag and environment, colours by flag and terminal.
#include "ctl/look.hpp"

#include <cstdlib>
#include <map>

#include "ctl/context.hpp"
#include "support/catch.hpp"
#include "support/phrase_check.hpp"

using namespace surged;

namespace {

/// The environment that a language or colours are looked for in, for as long as this lives.
class Surroundings {
public:
    explicit Surroundings(const std::map<std::string, std::string>& values) {
        for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "TERM"}) {
            const char* before = std::getenv(name);
            before_[name] = before == nullptr ? std::nullopt : std::optional<std::string>(before);
            const auto value = values.find(name);
            value == values.end() ? ::unsetenv(name) : ::setenv(name, value->second.c_str(), 1);
        }
    }
    ~Surroundings() {
        for (const auto& [name, value] : before_) {
            value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
        }
    }
    Surroundings(const Surroundings&) = delete;
    Surroundings& operator=(const Surroundings&) = delete;

private:
    std::map<std::string, std::optional<std::string>> before_;
};

std::optional<Language> language_in(const std::map<std::string, std::string>& values) {
    const Surroundings there(values);
    return language_of_environment();
}

}  // namespace

TEST_CASE("surgectl words: every text stands whole in both languages", "[unit]") {
    check_phrases(tool_words);
    check_phrases(table_words);
}

TEST_CASE("surgectl language: LC_ALL before LC_MESSAGES before LANG; C is English, except that LANG of C says nothing", "[unit]") {
    CHECK(language_in({}) == std::nullopt);
    CHECK(language_in({{"LANG", "zh_CN.UTF-8"}}) == Language::zh);
    CHECK(language_in({{"LANG", "zh"}}) == Language::zh);
    CHECK(language_in({{"LANG", "zh_TW.utf8@x"}}) == Language::zh);
    CHECK(language_in({{"LANG", "en_GB.UTF-8"}}) == Language::en);
    CHECK(language_in({{"LANG", "en_GB.UTF-8"}, {"LC_MESSAGES", "zh_CN.UTF-8"}}) == Language::zh);
    CHECK(language_in({{"LANG", "zh_CN.UTF-8"}, {"LC_MESSAGES", "zh_CN.UTF-8"}, {"LC_ALL", "en_US.UTF-8"}}) == Language::en);
    CHECK(language_in({{"LANG", "zh_CN.UTF-8"}, {"LC_ALL", "C"}}) == Language::en);
    CHECK(language_in({{"LANG", "zh_CN.UTF-8"}, {"LC_ALL", "C.UTF-8"}}) == Language::en);
    CHECK(language_in({{"LANG", "zh_CN.UTF-8"}, {"LC_MESSAGES", "POSIX"}}) == Language::en);
    CHECK(language_in({{"LANG", "zh_CN.UTF-8"}, {"LC_ALL", ""}}) == Language::zh);
    CHECK(language_in({{"LANG", "C.UTF-8"}}) == std::nullopt);
    CHECK(language_in({{"LANG", "de_DE.UTF-8"}}) == std::nullopt);
    CHECK(language_in({{"LANG", "zhx"}}) == std::nullopt);
    CHECK(language_in({{"LANG", "zh_CN.GB18030"}}) == Language::en);  // its terminal cannot show UTF-8
}

TEST_CASE("surgectl language: the flag before the environment before the file; a table in a pipe changes by the flag only", "[unit]") {
    Context context;
    const auto opened = [&] { return context.look().say("no_silences") + "|" + context.look().cell("head.level"); };
    const Surroundings chinese(std::map<std::string, std::string>{{"LANG", "zh_CN.UTF-8"}});
    CHECK(opened() == "没有静默|LEVEL");  // standard output of a test is no terminal
    context.language = "en";
    CHECK(opened() == "no silences|LEVEL");
    context.language = "zh";
    CHECK(opened() == "没有静默|级别");
    context.language = "";
    context.file_language = Language::en;
    CHECK(opened() == "没有静默|LEVEL");
    const Surroundings nothing(std::map<std::string, std::string>{{"LANG", "C.UTF-8"}});
    context.file_language = Language::zh;
    CHECK(opened() == "没有静默|LEVEL");
    context.file_language = std::nullopt;
    CHECK(opened() == "no silences|LEVEL");
}

TEST_CASE("surgectl colours: on a terminal that has them and without NO_COLOR; the flag decides otherwise", "[unit]") {
    const auto wanted = [](const char* choice, bool terminal, const std::map<std::string, std::string>& values) {
        const Surroundings there(values);
        return colours_wanted(choice, terminal);
    };
    CHECK(wanted("auto", true, {{"TERM", "xterm"}}));
    CHECK_FALSE(wanted("auto", false, {{"TERM", "xterm"}}));
    CHECK_FALSE(wanted("auto", true, {{"TERM", "dumb"}}));
    CHECK_FALSE(wanted("auto", true, {}));
    CHECK_FALSE(wanted("auto", true, {{"TERM", "xterm"}, {"NO_COLOR", "1"}}));
    CHECK(wanted("auto", true, {{"TERM", "xterm"}, {"NO_COLOR", ""}}));
    CHECK(wanted("always", false, {{"NO_COLOR", "1"}}));
    CHECK_FALSE(wanted("never", true, {{"TERM", "xterm"}}));
}

TEST_CASE("surgectl colours: the word stays, columns stay aligned, and what has no colour is as before", "[unit]") {
    const Look plain;
    const Look bright(Language::en, Language::en, true);
    for (const char* name : {"yellow", "orange", "red", "firing", "joined", "stale", "whatever"}) {
        CHECK(plain.word(name) == name);
        CHECK(bright.word(name).find(name) != std::string::npos);
    }
    CHECK(bright.word("whatever") == "whatever");
    CHECK(bright.word("red") != bright.word("orange"));
    CHECK(bright.word("red") == "\x1b[1;31mred\x1b[0m");
    CHECK(bright.paint(Tone::bad, "").empty());
    TextTable table({"LEVEL", "N"});
    table.add({bright.word("red"), "1"});
    table.add({"orange", "2"});
    CHECK(table.text() == "LEVEL   N\n\x1b[1;31mred\x1b[0m     1\norange  2\n");
    CHECK(bright.finding("a:1:2: error: no warning: here") == "a:1:2: \x1b[1;31merror:\x1b[0m no warning: here");
    CHECK(bright.finding("warning: x") == "\x1b[33mwarning:\x1b[0m x");
    CHECK(plain.finding("warning: x") == "warning: x");
}

TEST_CASE("surgectl in Chinese: levels, states and spans; an unknown word stays", "[unit]") {
    const Look look(Language::zh, Language::zh, false);
    CHECK(look.word("red") == "红色");
    CHECK(look.word("none") == "无");
    CHECK(look.word("timed_out") == "未答复");
    CHECK(look.word("other-word") == "other-word");
    CHECK(look.span(Span{90000}) == "1分钟30秒");
    CHECK(look.span(Span{250}) == "250毫秒");
    CHECK(Look().span(Span{90000}) == "1m30s");
    const Look sentences(Language::zh, Language::en, false);
    CHECK(sentences.word("red") == "red");
    CHECK(sentences.word_in_text("red") == "红色");
}
