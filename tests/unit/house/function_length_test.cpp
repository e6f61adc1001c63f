// A function has at most 70 lines, from its name to its last brace. Read from the sources of daemon/ and tests/.
//
// What is longer stands in the list below by name. The list only shrinks: one that grew fails, and one that has been divided must go
// from it.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "cpp_reader.hpp"
#include "support/catch.hpp"

using namespace surged::test;

namespace {

constexpr std::size_t lines_max = 70;

struct Function {
    std::string name;
    std::size_t lines = 0;
};

/// The tokens of one declaration without the parameters of templates, in which `class` means something else.
std::vector<CppToken> without_parameters(const std::vector<CppToken>& head) {
    std::vector<CppToken> out;
    int depth = 0;
    for (std::size_t i = 0; i < head.size(); ++i) {
        const bool begins = head[i].text == "<" && i > 0 && head[i - 1].text == "template";
        depth += begins || (depth > 0 && head[i].text == "<") ? 1 : 0;
        if (depth == 0) {
            out.push_back(head[i]);
        } else if (head[i].text == ">") {
            --depth;
        }
    }
    return out;
}

bool opens_type_or_namespace(const std::vector<CppToken>& head) {
    if (head.size() == 1 && head[0].text == "extern") {
        return true;
    }
    for (const CppToken& token : without_parameters(head)) {
        if (token.text == "(" || token.text == "=") {
            return false;
        }
        if (token.text == "namespace" || token.text == "class" || token.text == "struct" || token.text == "union" || token.text == "enum") {
            return true;
        }
    }
    return false;
}

/// The name before the first parenthesis that is no attribute's or specifier's; empty when these tokens begin no function.
std::string name_of(const std::vector<CppToken>& declaration) {
    const auto head = without_parameters(declaration);
    for (std::size_t i = 0; i < head.size(); ++i) {
        if (head[i].text == "operator") {
            return "operator";
        }
        if (head[i].text == "=") {
            return {};  // what a variable is made with
        }
        if (head[i].text == "(" && i > 0 && head[i - 1].text != "requires" && head[i - 1].text != "decltype" && head[i - 1].text != "alignas") {
            std::string name = head[i - 1].text;
            for (auto at = i - 1; at >= 3 && head[at - 1].text == ":" && head[at - 2].text == ":"; at -= 3) {
                name = head[at - 3].text + "::" + name;
            }
            return name;
        }
    }
    return {};
}

/// The functions of a source that are no lambda and stand in no other function. A test case is one of the name TEST_CASE.
std::vector<Function> functions_in(const std::string& text) {
    std::vector<Function> out;
    std::vector<CppToken> head;
    std::size_t outer = 0;   // braces of namespaces and types
    std::size_t inside = 0;  // braces of a function, or of what a variable is made with
    std::size_t begin = 0;
    std::string name;
    for (const auto& token : tokens_of(text)) {
        if (inside > 0) {
            inside += token.text == "{" ? 1U : 0U;
            inside -= token.text == "}" ? 1U : 0U;
            if (inside == 0 && !name.empty()) {
                out.push_back({name, token.line - begin + 1});
                head.clear();
            }
        } else if (token.text == "{" && opens_type_or_namespace(head)) {
            ++outer;
            head.clear();
        } else if (token.text == "{") {
            // Behind the braces of a member that a constructor makes, the constructor goes on.
            if (!head.empty() && head.front().text != ",") {
                name = name_of(head);
                begin = head.front().line;
            }
            inside = 1;
        } else if (token.text == "}") {
            outer -= outer > 0 ? 1U : 0U;
            head.clear();
        } else if (token.text == ";") {
            head.clear();
        } else if (token.text == ":" && head.size() == 1 && (head[0].text == "public" || head[0].text == "private" || head[0].text == "protected")) {
            head.clear();
        } else {
            head.push_back(token);
        }
    }
    CHECK(outer + inside == 0);  // else braces were not read as the compiler reads them
    return out;
}

/// Those that may be longer, as "<file> <function>", and how long they are.
const std::map<std::string, std::size_t> longer{
    // main.cpp shows every part of the daemon in the order in which it lives, on one page.
    {"daemon/main.cpp run", 110},
    {"tests/bench/cmd_storm.cpp run_storm", 75},
};

}  // namespace

TEST_CASE("functions: none has more than 70 lines but those that are named, and these do not grow") {
    std::map<std::string, std::size_t> found;
    std::size_t all = 0;
    for (const char* folder : {"daemon", "tests"}) {
        for (const auto& [file, text] : sources_below(folder)) {
            INFO(file);
            for (const auto& function : functions_in(text)) {
                ++all;
                if (function.lines > lines_max) {
                    auto& lines = found[file + " " + function.name];
                    lines = std::max(lines, function.lines);
                }
            }
        }
    }
    CHECK(all > 4000);  // the reader reads something
    for (const auto& [name, lines] : found) {
        INFO(name << " has " << lines << " lines");
        const auto named = longer.find(name);
        CHECK((named != longer.end() && lines <= named->second));
    }
    for (const auto& [name, lines] : longer) {
        INFO(name << " is no longer than " << lines_max << " lines: take it from the list");
        CHECK(found.contains(name));
    }
}

TEST_CASE("functions: the reader finds free functions, members, constructors and test cases, and counts from the name") {
    const auto names = [](const std::string& text) {
        std::string out;
        for (const auto& function : functions_in(text)) {
            out += (out.empty() ? "" : " ") + function.name + ":" + std::to_string(function.lines);
        }
        return out;
    };
    CHECK(names("namespace a {\nint f(int x) {\n    return [&] { return x; }();\n}\n}") == "f:3");
    CHECK(names("class A {\npublic:\n    int f() const { return 1; }\n    A() : x_{1} {\n    }\n};") == "f:1 A:1 A:2");
    CHECK(names("template <typename T, class U = std::vector<T>>\nvoid f(T x) {\n}") == "f:3");
    CHECK(names("Result<int> B::c(const std::string& a,\n              int b = 3) {\n}") == "B::c:3");
    CHECK(names("TEST_CASE(\"a\", \"[b]\") {\n\n\n}") == "TEST_CASE:4");
    CHECK(names("constexpr std::array<int, 2> x{1,\n 2};\nconst auto y = make({1,\n 2});\nvoid g() {}") == "g:1");
    CHECK(names("#if 1\nbool operator==(const A& a, const A& b) {\n    return true; // }\n}\n#endif") == "operator:3");
}
