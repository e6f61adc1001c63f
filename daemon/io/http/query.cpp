#include "io/http/query.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"

namespace surged {

std::optional<std::string> query_value(std::string_view query, std::string_view name, bool form) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (pair.substr(0, equals) != name) {
            continue;
        }
        std::string raw(pair.substr(std::min(equals + 1, pair.size())));
        if (form) {
            std::replace(raw.begin(), raw.end(), '+', ' ');
        }
        return percent_decoded(raw);
    }
    return std::nullopt;
}

}  // namespace surged
