// What may stand at the end of a line that is being typed, and how it gets there without becoming more than one word.
#include "ctl/complete.hpp"

#include "support/catch.hpp"

using namespace surged;

namespace {

/// A program with options of its own, commands, commands of commands, and places of several kinds.
struct Program {
    Program() : line("prog", "a program", "1.2") {
        const auto root = line.root();
        root.option("--server", text, "where").type("URL");
        root.option("--token-file", text, "token").type("FILE");
        root.flag("--json", flag, "machines");
        root.needs_command();
        root.options_anywhere();
        root.command("status", "is it well");
        const auto join = root.command("join", "take a seat");
        join.option("incident", text, "which").type("INCIDENT");
        join.option("--as", text, "who").type("PERSON");
        join.flag("--move", flag, "move");
        const auto report = root.command("report", "r");
        report.option("--format", text, "f").one_of({"md", "html"});
        report.option("--metric", text, "m").type("METRICS");
        const auto roster = root.command("roster", "r");
        roster.needs_command();
        roster.command("show", "s").option("roster", text, "which").type("ROSTER");
        roster.command("gaps", "g");
        root.command("replay", "r").option("files", texts, "files").type("FILE");
    }
    Wanted end(const std::vector<std::string>& words) const { return wanted_at_end(line.root(), words); }

    CommandLine line;
    std::string text;
    std::vector<std::string> texts;
    bool flag = false;
};

std::string values(const std::vector<Candidate>& candidates) {
    std::string out;
    for (const auto& candidate : candidates) {
        out += (out.empty() ? "" : " ") + candidate.value;
    }
    return out;
}

std::string offered_at(const Program& program, const std::vector<std::string>& words) {
    const auto wanted = program.end(words);
    return wanted.kind == "words" ? values(fitting(wanted, wanted.words)) : wanted.kind;
}

}  // namespace

TEST_CASE("completion: commands, options of the command and of the program, values by their kind", "[unit]") {
    const Program program;
    CHECK(offered_at(program, {""}) == "status join report roster replay");
    CHECK(offered_at(program, {"r"}) == "report roster replay");
    CHECK(offered_at(program, {"--json", "roster", ""}) == "show gaps");
    CHECK(offered_at(program, {"--server", "http://x", "sta"}) == "status");
    CHECK(offered_at(program, {"--server=http://x", "sta"}) == "status");
    CHECK(offered_at(program, {"join", "--a"}) == "--as");
    CHECK(offered_at(program, {"join", "--"}) == "--help --as --move --version --server --token-file --json");
    CHECK(offered_at(program, {"join", "--as", ""}) == "people");
    CHECK(offered_at(program, {"join", ""}) == "incidents");
    CHECK(offered_at(program, {"join", "--as", "x", "0"}) == "incidents");
    CHECK(offered_at(program, {"join", "--move", "0"}) == "incidents");
    CHECK(offered_at(program, {"join", "0-1", ""}) == "--help --as --move --version --server --token-file --json");
    CHECK(offered_at(program, {"report", "--format", ""}) == "md html");
    CHECK(offered_at(program, {"report", "--format=h"}) == "--format=html");
    CHECK(offered_at(program, {"roster", "show", ""}) == "rosters");
    CHECK(offered_at(program, {"replay", "a", "b", ""}) == "files");
    CHECK(offered_at(program, {"--token-file", ""}) == "files");
    CHECK(offered_at(program, {"--token-file=x"}) == "files");
    CHECK(offered_at(program, {"frobnicate", ""}) == "status join report roster replay");
    CHECK(offered_at(program, {"status", "--server", "http"}).empty());
    CHECK(offered_at(program, {}) == "status join report roster replay");
}

TEST_CASE("completion: the line says whom to ask; what is still being typed does not", "[unit]") {
    const Program program;
    const auto wanted = program.end({"--server", "http://a", "--token-file=t", "join", "--as", ""});
    CHECK(wanted.server == "http://a");
    CHECK(wanted.token_file == "t");
    CHECK_FALSE(program.end({"join", "--server", "http://a"}).server);
    CHECK_FALSE(program.end({"join", "--as", "--server"}).server);
    CHECK_FALSE(program.end({"join", "--", "--server", "http://a", ""}).server);
}

TEST_CASE("completion: of a list the last part is completed, the others stay", "[unit]") {
    const Program program;
    const auto wanted = program.end({"report", "--metric=offered,ans"});
    CHECK(wanted.kind == "metrics");
    CHECK(values(fitting(wanted, {{"answered", ""}, {"offered", ""}})) == "--metric=offered,answered");
}

TEST_CASE("completion: names that could do harm on a terminal or as an option are left out, and there are not more than a thousand", "[unit]") {
    Wanted people;
    people.kind = "people";
    const std::string turn = "\xE2\x80\xAE";
    std::vector<Candidate> known{{"good", "a\tb\nc"}, {"a\nb", ""},      {"a\tb", ""},    {"\x1b[2J", ""}, {"--token-file=/etc/shadow", ""},
                                 {"-x", ""},          {"a" + turn, ""}, {"\xff", ""},    {"", ""},         {std::string(201, 'x'), ""},
                                 {"good", "twice"},   {"张伟", ""},      {"a b", ""}};
    const auto fit = fitting(people, known);
    CHECK(values(fit) == "good 张伟 a b");
    CHECK(fit.at(0).note == "a b");
    known.clear();
    for (int i = 0; i < 1500; ++i) {
        known.push_back({"q" + std::to_string(i), ""});
    }
    CHECK(fitting(people, known).size() == 1000);
}

TEST_CASE("completion: a line of bash is taken apart as bash does it", "[unit]") {
    const std::string breaks = " \t\n\"'@><=;|&(:";
    CHECK(bash_line("surgectl  show 0-1", breaks).words == std::vector<std::string>{"surgectl", "show", "0-1"});
    CHECK(bash_line("surgectl show ", breaks).words.back().empty());
    CHECK(bash_line("surgectl --server http://a:1 x", breaks).words.at(2) == "http://a:1");
    CHECK(bash_line("s 'a b' \"c d\" e\\ f", breaks).words == std::vector<std::string>{"s", "a b", "c d", "e f"});
    CHECK(bash_line("s --as=li", breaks).kept == "--as=");
    CHECK(bash_line("s li@ho", breaks).kept == "li@");
    CHECK(bash_line("s a\\:b", breaks).kept.empty());
    const auto open = bash_line("s --as='le", breaks);
    CHECK(open.quote == '\'');
    CHECK(open.kept == "--as=");
    CHECK(open.words.back() == "--as=le");
}

TEST_CASE("completion: a word is quoted for bash, less what readline does not replace", "[unit]") {
    const std::string breaks = " \t\n\"'@><=;|&(:";
    const auto put = [&](const std::string& line, const std::string& value) {
        return bash_word(bash_line(line, breaks), value).value_or("(none)");
    };
    CHECK(put("s le", "lead-01") == "lead-01");
    CHECK(put("s --as=le", "--as=lead-01") == "lead-01");
    CHECK(put("s li@", "li@host") == "host");
    CHECK(put("s ", "a b") == "a\\ b");
    CHECK(put("s ", "$(reboot);`x`&'\"") == "\\$\\(reboot\\)\\;\\`x\\`\\&\\'\\\"");
    CHECK(put("s ", "张 伟") == "张\\ 伟");
    CHECK(put("s '", "a b$(x)") == "a b$(x)");
    CHECK(put("s '", "it's") == "(none)");
    CHECK(put("s \"", "a b") == "a b");
    CHECK(put("s \"", "$(x)") == "(none)");
}
