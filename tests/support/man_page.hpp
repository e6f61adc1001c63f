// Manual pages of daemon/ctl/man as text: the lines of an example and of a table, as a reader sees them.
#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace surged::test {

inline std::string man_source(const std::string& name) {
    const std::string path = std::string(SURGED_SOURCE_DIR) + "/daemon/ctl/man/" + name;
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) {
        throw std::runtime_error(path + ": cannot be read");
    }
    return text.str();
}

/// A line of the source as it is printed. Only the escapes that examples need are known; any other is an error.
inline std::string as_printed(std::string_view line) {
    std::string out;
    while (!line.empty()) {
        if (line.front() != '\\') {
            out += line.front();
            line.remove_prefix(1);
            continue;
        }
        const std::string_view escape = line.substr(0, line.starts_with("\\(") ? 4 : 2);
        if (escape == "\\-") {
            out += '-';
        } else if (escape == "\\e") {
            out += '\\';
        } else if (escape == "\\(aq") {
            out += '\'';
        } else if (escape == "\\(ga") {
            out += '`';
        } else if (escape == "\\(ha") {
            out += '^';
        } else if (escape == "\\(ti") {
            out += '~';
        } else if (escape != "\\&") {
            throw std::runtime_error("escape " + std::string(escape) + " in a line that is printed as it is");
        }
        line.remove_prefix(escape.size());
    }
    return out;
}

/// The lines between the first `begin` (a macro's line) behind the line `heading` and `end`.
inline std::vector<std::string> man_lines(const std::string& page, const std::string& heading, const std::string& begin,
                                          const std::string& end) {
    std::istringstream in(page);
    std::vector<std::string> out;
    int passed = 0;
    for (std::string line; std::getline(in, line);) {
        const std::string& awaited = passed == 0 ? heading : passed == 1 ? begin : end;
        if (line == awaited && ++passed == 3) {
            return out;
        }
        if (passed == 2 && line != begin) {
            out.push_back(line);
        }
    }
    throw std::runtime_error("no " + begin + " behind " + heading);
}

/// The first example (.EX to .EE) behind a heading, as printed.
inline std::string man_example(const std::string& page, const std::string& heading) {
    std::string out;
    for (const auto& line : man_lines(page, heading, ".EX", ".EE")) {
        out += as_printed(line) + "\n";
    }
    return out;
}

/// The rows of the first table behind a heading, without its head; cells as printed.
inline std::vector<std::vector<std::string>> man_table(const std::string& page, const std::string& heading) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& line : man_lines(page, heading, ".TS", ".TE")) {
        if (line.find('\t') == std::string::npos) {
            continue;  // how the columns are set
        }
        rows.emplace_back();
        std::istringstream cells(line);
        for (std::string cell; std::getline(cells, cell, '\t');) {
            rows.back().push_back(as_printed(cell));
        }
    }
    if (!rows.empty()) {
        rows.erase(rows.begin());
    }
    return rows;
}

}  // namespace surged::test
