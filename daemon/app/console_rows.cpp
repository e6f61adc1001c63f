#include "app/console_rows.hpp"

#include <bit>
#include <functional>

namespace surged {

namespace {

/// Where the string that begins at `at` ends, behind its quote.
std::size_t end_of_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
        at += text[at] == '\\' ? 1U : 0U;
    }
    return at + 1;
}

}  // namespace

std::vector<std::pair<std::string_view, std::string_view>> object_members(std::string_view object) {
    std::vector<std::pair<std::string_view, std::string_view>> out;
    std::size_t at = 1;  // behind '{'
    while (at < object.size() && object[at] == '"') {
        const auto name_end = end_of_string(object, at);
        const auto name = object.substr(at + 1, name_end - at - 2);
        const auto begin = name_end + 1;  // behind ':'
        int depth = 0;
        for (at = begin; at < object.size(); ++at) {
            const char c = object[at];
            if (c == '"') {
                at = end_of_string(object, at) - 1;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if ((c == '}' || c == ']') && depth-- == 0) {
                break;
            } else if (c == ',' && depth == 0) {
                break;
            }
        }
        out.emplace_back(name, object.substr(begin, at - begin));
        ++at;
    }
    return out;
}

void Fingerprint::add(double value) {
    add(std::bit_cast<std::uint64_t>(value));
}

void Fingerprint::add(std::string_view text) {
    add(std::uint64_t{std::hash<std::string_view>{}(text)});
}

}  // namespace surged
