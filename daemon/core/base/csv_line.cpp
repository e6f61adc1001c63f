#include "core/base/csv_line.hpp"

#include <algorithm>

namespace surged {

std::string_view csv_trim(std::string_view text) {
    constexpr std::string_view no_break = "\xC2\xA0";
    for (bool more = true; more;) {
        more = false;
        while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
            text.remove_prefix(1);
        }
        while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
            text.remove_suffix(1);
        }
        if (text.starts_with(no_break)) {
            text.remove_prefix(no_break.size());
            more = true;
        }
        if (text.ends_with(no_break)) {
            text.remove_suffix(no_break.size());
            more = true;
        }
    }
    return text;
}

bool csv_split(std::string_view line, char separator, std::vector<std::string_view>& fields, std::string& unquoted) {
    fields.clear();
    if (line.find('"') == std::string_view::npos) {
        for (std::size_t at = 0; at <= line.size();) {
            const auto end = std::min(line.find(separator, at), line.size());
            fields.push_back(csv_trim(line.substr(at, end - at)));
            at = end + 1;
        }
        return true;
    }
    unquoted.clear();
    unquoted.reserve(line.size());  // views into it stay
    for (std::size_t at = 0; at <= line.size();) {
        while (at < line.size() && line[at] == ' ') {
            ++at;
        }
        if (at >= line.size() || line[at] != '"') {
            const auto end = std::min(line.find(separator, at), line.size());
            fields.push_back(csv_trim(line.substr(at, end - at)));
            at = end + 1;
            continue;
        }
        const auto begin = unquoted.size();
        bool closed = false;
        for (++at; at < line.size() && !closed; ++at) {
            if (line[at] != '"') {
                unquoted.push_back(line[at]);
            } else if (at + 1 < line.size() && line[at + 1] == '"') {
                unquoted.push_back('"');
                ++at;
            } else {
                closed = true;
            }
        }
        const auto end = std::min(line.find(separator, at), line.size());
        if (!closed || !csv_trim(line.substr(std::min(at, line.size()), end - std::min(at, end))).empty()) {
            return false;
        }
        fields.push_back(csv_trim(std::string_view(unquoted).substr(begin)));
        at = end + 1;
    }
    return true;
}

}  // namespace surged
