// No two files of a folder give one name to what stands in their anonymous namespaces. Several files of a folder may be compiled as
// one (SURGED_FROM_SCRATCH); a shared name then does not compile, or, of a function with other parameters, silently means another one.
// Read from the sources: functions, types and constants of anonymous namespaces, outside of every brace within.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cpp_reader.hpp"
#include "support/catch.hpp"

using namespace surged::test;

namespace {

using Words = std::vector<std::string>;

/// The declaration behind its template parameters and attributes.
Words declared(const Words& head) {
    std::size_t at = 0;
    while (at < head.size() && (head[at] == "template" || head[at] == "[")) {
        const bool attribute = head[at] == "[";
        int depth = 0;
        for (; at < head.size(); ++at) {
            depth += head[at] == (attribute ? "[" : "<") ? 1 : head[at] == (attribute ? "]" : ">") ? -1 : 0;
            if (depth == 0 && head[at] != "template") {
                ++at;
                break;
            }
        }
    }
    return Words(head.begin() + static_cast<std::ptrdiff_t>(at), head.end());
}

std::size_t place_of(const Words& words, const std::string& word) {
    return static_cast<std::size_t>(std::find(words.begin(), words.end(), word) - words.begin());
}

/// The name that a declaration in a namespace gives to something new; empty when it gives none.
std::string name_given(const Words& declaration) {
    const auto words = declared(declaration);
    if (words.empty() || words[0] == "using" || words[0] == "static_assert" || place_of(words, "operator") < words.size()) {
        return {};
    }
    const auto call = place_of(words, "(");
    const auto value = std::min(place_of(words, "="), place_of(words, "["));
    if (call < value) {
        const bool member = call >= 3 && words[call - 2] == ":";
        return call == 0 || member ? std::string() : words[call - 1];
    }
    if (words[0] == "struct" || words[0] == "class" || words[0] == "enum" || words[0] == "union") {
        const std::size_t at = words.size() > 1 && (words[1] == "class" || words[1] == "struct") ? 2 : 1;
        return at < words.size() ? words[at] : std::string();
    }
    if (value < words.size()) {
        return value > 0 ? words[value - 1] : std::string();
    }
    // A variable made in braces, or with nothing; but not what goes on behind the braces of its value.
    const auto first = static_cast<unsigned char>(words[0][0]);
    return words.size() > 1 && (std::isalpha(first) != 0 || first == '_') ? words.back() : std::string();
}

/// The names of a source's anonymous namespaces, each with the namespaces around: "surged::mean".
std::set<std::string> local_names(const std::string& text) {
    struct Brace {
        bool space = false;   ///< of a namespace
        bool hidden = false;  ///< of an anonymous one
        std::string name;
    };
    std::set<std::string> names;
    std::vector<Brace> braces;
    Words head;
    const auto note = [&] {
        std::string around;
        for (const auto& brace : braces) {
            around += brace.name.empty() ? "" : brace.name + "::";
        }
        if (const auto name = name_given(head); !braces.empty() && braces.back().hidden && !name.empty()) {
            names.insert(around + name);
        }
    };
    for (const auto& token : tokens_of(text)) {
        if (token.text == "{") {
            const auto space = place_of(head, "namespace");
            if (space < head.size() && place_of(head, "(") == head.size()) {
                std::string name;
                for (auto at = space + 1; at < head.size(); ++at) {
                    name += head[at];
                }
                braces.push_back({true, name.empty(), name});
            } else {
                note();
                braces.push_back({});
            }
            head.clear();
        } else if (token.text == "}") {
            if (!braces.empty()) {
                braces.pop_back();
            }
            head.clear();
        } else if (token.text == ";") {
            note();
            head.clear();
        } else {
            head.push_back(token.text);
        }
    }
    CHECK(braces.empty());  // else braces were not read as the compiler reads them
    return names;
}

/// "<folder> <name>: <file> <file>" of each name that several .cpp files of one folder have.
std::vector<std::string> shared_names(const std::map<std::string, std::string>& sources) {
    std::map<std::pair<std::string, std::string>, Words> where;
    for (const auto& [file, text] : sources) {
        INFO(file);
        const auto slash = file.rfind('/');
        if (file.ends_with(".cpp")) {
            for (const auto& name : local_names(text)) {
                where[{file.substr(0, slash), name}].push_back(file.substr(slash + 1));
            }
        }
    }
    std::vector<std::string> out;
    for (const auto& [name, files] : where) {
        if (files.size() > 1) {
            std::string line = name.first + " " + name.second + ":";
            for (const auto& file : files) {
                line += " " + file;
            }
            out.push_back(line);
        }
    }
    return out;
}

/// The rule kinds: each answers the same questions for a rule of its own type, so these are overloads by intent.
const std::set<std::string> questions_of_kinds{"explain", "find_rings", "observe", "state_bytes", "value_now", "windows"};

}  // namespace

TEST_CASE("names: no two files of a folder of the daemon share one in their anonymous namespaces") {
    std::size_t names = 0;
    std::vector<std::string> shared;
    const auto sources = sources_below("daemon");
    for (const auto& [file, text] : sources) {
        names += local_names(text).size();
    }
    CHECK(names > 1500);  // the reader reads something
    for (auto& line : shared_names(sources)) {
        const auto name = line.substr(line.rfind(':', line.find(": ") - 1) + 1);
        if (!line.starts_with("daemon/core/rule/kinds ") || !questions_of_kinds.contains(name.substr(0, name.find(": ")))) {
            shared.push_back(std::move(line));
        }
    }
    CHECK(shared == std::vector<std::string>());
}

TEST_CASE("names: a planted shared name is found, whatever it names") {
    const auto in = [](const std::string& text) { return "namespace surged {\nnamespace {\n" + text + "\n}\nint shown() { return 1; }\n}"; };
    const std::string function = in("double mean(const std::vector<int>& x) { return x.empty() ? 0 : 1; }");
    for (const std::string other : {"bool mean(int x);", "template <typename T, int N = 3>\nbool mean(T x) { return x; }", "struct mean { int x; };",
                                    "enum class mean : int { one };", "constexpr int mean = 3;", "int mean[3];",
                                    "[[maybe_unused]] std::map<int, int> mean(int) { return {}; }", "const std::map<int, int> mean{{1, 2}};"}) {
        INFO(other);
        CHECK(shared_names({{"a/one.cpp", function}, {"a/two.cpp", in(other)}}) ==
              std::vector<std::string>{"a surged::mean: one.cpp two.cpp"});
    }
}

TEST_CASE("names: what cannot meet in one compilation is no shared name") {
    const std::string one = "namespace surged { namespace { int mean(int x) { int high = x; return high; } } }";
    CHECK(shared_names({{"a/one.cpp", one}, {"b/two.cpp", one}}).empty());
    CHECK(shared_names({{"a/one.cpp", one}, {"a/two.hpp", one}}).empty());
    CHECK(shared_names({{"a/one.cpp", one}, {"a/two.cpp", "namespace surged::wire { namespace { int mean(int); } }"}}).empty());
    CHECK(shared_names({{"a/one.cpp", one}, {"a/two.cpp", "namespace surged { namespace { int other() { int mean = 1; return mean; } } }"}}).empty());
    CHECK(shared_names({{"a/one.cpp", one}, {"a/two.cpp", "namespace surged { namespace { using time = int; int low(int high) { return high; } } }"}}).empty());
}
