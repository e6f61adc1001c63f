// C++ as tests of the house read it: the tokens of a source, and the sources of a folder.
#pragma once

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace surged::test {

struct CppToken {
    std::string text;
    std::size_t line = 0;
};

/// Words, and single characters. Comments, texts and lines of the preprocessor are left out.
inline std::vector<CppToken> tokens_of(const std::string& text) {
    std::vector<CppToken> out;
    std::size_t counted = 0;
    std::size_t line = 1;
    const auto line_at = [&](std::size_t at) {
        line += static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(counted), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
        counted = at;
        return line;
    };
    const auto word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    bool line_start = true;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '\n') {
            line_start = true, ++i;
        } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            ++i;
        } else if (c == '#' && line_start) {
            while (i < text.size() && text[i] != '\n') {
                i += text[i] == '\\' ? 2U : 1U;
            }
        } else if (text.compare(i, 2, "//") == 0) {
            i = std::min(text.find('\n', i), text.size());
        } else if (text.compare(i, 2, "/*") == 0) {
            i = std::min(text.find("*/", i), text.size() - 2) + 2;
        } else if (text.compare(i, 2, "R\"") == 0) {
            const auto open = text.find('(', i);
            const auto end = ")" + text.substr(i + 2, open - i - 2) + "\"";
            i = std::min(text.find(end, open), text.size() - end.size()) + end.size();
        } else if (c == '"' || c == '\'') {
            for (++i; i < text.size() && text[i] != c; ++i) {
                i += text[i] == '\\' ? 1U : 0U;
            }
            ++i;
            line_start = false;
        } else if (word(c)) {
            std::size_t end = i;
            while (end < text.size() && (word(text[end]) || (text[end] == '\'' && std::isdigit(static_cast<unsigned char>(c)) != 0))) {
                ++end;
            }
            out.push_back({text.substr(i, end - i), line_at(i)});
            i = end, line_start = false;
        } else {
            out.push_back({std::string(1, c), line_at(i)});
            ++i, line_start = false;
        }
    }
    return out;
}

/// The sources below a folder of the repository, by their path in it.
inline std::map<std::string, std::string> sources_below(const std::string& name) {
    namespace fs = std::filesystem;
    std::map<std::string, std::string> sources;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(SURGED_SOURCE_DIR) / name)) {
        if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp") {
            std::ostringstream text;
            text << std::ifstream(entry.path()).rdbuf();
            sources[entry.path().lexically_relative(SURGED_SOURCE_DIR).string()] = text.str();
        }
    }
    return sources;
}

}  // namespace surged::test
