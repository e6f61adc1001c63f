// No two types of the daemon share a qualified name. Each room is a library of its own, so the linker sees two classes `Step` of two
// files as one, silently, and takes whichever members it meets first; the compiler sees both only in a unity build. Read from the
// sources: a type is what is defined by class, struct, union or enum outside anonymous namespaces and functions.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "cpp_reader.hpp"
#include "support/catch.hpp"

using namespace surged::test;

namespace {

/// What a brace opens.
struct Scope {
    enum class Kind { named, hidden, other };  ///< hidden: an anonymous namespace
    Kind kind = Kind::other;
    std::string name;
};

/// What the `{` after these tokens of one declaration opens.
Scope opened_by(const std::vector<std::string>& head) {
    std::size_t at = 0;
    while (at < head.size() && (head[at] == "template" || head[at] == "inline" || head[at] == "export")) {
        if (head[at++] == "template") {
            int depth = 0;
            for (; at < head.size(); ++at) {
                depth += head[at] == "<" ? 1 : head[at] == ">" ? -1 : 0;
                if (depth == 0) {
                    ++at;
                    break;
                }
            }
            while (at < head.size() && head[at] == "requires") {  // its condition goes on to the keyword
                while (at < head.size() && head[at] != "struct" && head[at] != "class" && head[at] != "union") {
                    ++at;
                }
            }
        }
    }
    const std::string keyword = at < head.size() ? head[at] : "";
    ++at;
    if (keyword == "namespace") {
        std::string name;
        for (; at < head.size(); ++at) {
            name += head[at];
        }
        return name.empty() ? Scope{Scope::Kind::hidden, ""} : Scope{Scope::Kind::named, name};
    }
    if (keyword != "class" && keyword != "struct" && keyword != "union" && keyword != "enum") {
        return {};
    }
    std::string name;
    bool bases = false;
    int attribute = 0;
    for (; at < head.size(); ++at) {
        const std::string& token = head[at];
        attribute += token == "[" ? 1 : token == "]" ? -1 : 0;
        if (token == "(") {
            return {};  // a function that returns a struct by its keyword, or a variable
        }
        bases = bases || (token == ":" && (at + 1 >= head.size() || head[at + 1] != ":") && head[at - 1] != ":");
        if (!bases && attribute == 0 && token != "]" && token != "final" && token != "class" && token != "struct") {
            name += token;
        }
    }
    return name.empty() ? Scope{} : Scope{Scope::Kind::named, name};
}

/// The qualified names of the types that `text` defines and that other files could define as well.
std::vector<std::string> types_in(const std::string& text) {
    std::vector<std::string> types;
    std::vector<Scope> scopes;
    std::vector<std::string> head;
    for (const auto& [token, line] : tokens_of(text)) {
        if (token == "{") {
            Scope scope = opened_by(head);
            const bool type = scope.kind == Scope::Kind::named && head.end() == std::find(head.begin(), head.end(), "namespace");
            std::string name;
            bool visible = type;
            for (const auto& outer : scopes) {
                visible = visible && outer.kind == Scope::Kind::named;
                name += outer.name + "::";
            }
            if (visible) {
                types.push_back(name + scope.name);
            }
            scopes.push_back(std::move(scope));
            head.clear();
        } else if (token == "}") {
            if (!scopes.empty()) {
                scopes.pop_back();
            }
            head.clear();
        } else if (token == ";") {
            head.clear();
        } else if (token == ":" && head.size() == 1 && (head[0] == "public" || head[0] == "private" || head[0] == "protected")) {
            head.clear();
        } else {
            head.push_back(token);
        }
    }
    CHECK(scopes.empty());  // else braces were not read as the compiler reads them
    return types;
}

/// name -> the files that define it, of the given sources by name.
std::vector<std::string> clashes(const std::map<std::string, std::string>& sources) {
    std::map<std::string, std::vector<std::string>> where;
    for (const auto& [file, text] : sources) {
        INFO(file);
        for (const auto& type : types_in(text)) {
            where[type].push_back(file);
        }
    }
    std::vector<std::string> out;
    for (const auto& [type, files] : where) {
        if (files.size() > 1) {
            std::string line = type + ":";
            for (const auto& file : files) {
                line += " " + file;
            }
            out.push_back(line);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("types: no two files of the daemon define a type of the same qualified name") {
    const auto sources = sources_below("daemon");
    REQUIRE(sources.size() > 300);
    std::size_t types = 0;
    for (const auto& [file, text] : sources) {
        types += types_in(text).size();
    }
    CHECK(types > 400);  // the reader reads something
    CHECK(clashes(sources) == std::vector<std::string>());
}

TEST_CASE("types: a planted clash is found, whatever stands around it") {
    const std::string step = "namespace surged { class Step final : public Base<int> { int x; }; }";
    CHECK(clashes({{"a.cpp", step}, {"b.cpp", "namespace surged {\nstruct Step\n{\n};\n}"}}) ==
          std::vector<std::string>{"surged::Step: a.cpp b.cpp"});
    CHECK(clashes({{"a.cpp", step}, {"b.cpp", "namespace surged {\ntemplate <typename T>\nclass Step { T t; };\n}"}}).size() == 1);
    CHECK(clashes({{"a.cpp", step}, {"b.cpp", "namespace surged {\nenum class Step : int { one, two };\n}"}}).size() == 1);
    CHECK(clashes({{"a.cpp", step}, {"b.cpp", "// class Step {\nnamespace surged { void f() { if (true) { g(\"{\"); } } class Step {}; }"}})
              .size() == 1);
    CHECK(clashes({{"a.cpp", "namespace surged::incident { class Step {}; }"},
                   {"b.cpp", "namespace surged { namespace incident { struct Step {}; } }"}})
              .size() == 1);
    CHECK(clashes({{"a.cpp", "struct Loop { struct Parts { int x; }; };"}, {"b.cpp", "struct Loop::Parts { int y; };"}}).size() == 1);
}

TEST_CASE("types: names that cannot meet in the linker are no clash") {
    const std::string step = "namespace surged { class Step { int x; }; }";
    CHECK(clashes({{"a.cpp", step}, {"b.cpp", "namespace surged { namespace { class Step {}; } }"}}).empty());
    CHECK(clashes({{"a.cpp", step}, {"b.cpp", "namespace surged { namespace incident { class Step {}; } }"}}).empty());
    CHECK(clashes({{"a.cpp", step}, {"b.cpp", "namespace surged { class Step; Step make(); void f() { struct Step {}; } }"}}).empty());
    CHECK(clashes({{"a.cpp", step}, {"b.cpp", "namespace surged { struct Loop { struct Step {}; }; }"}}).empty());
}
