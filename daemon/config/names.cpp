#include "config/draft.hpp"

namespace surged {

std::string_view to_string(NameKind kind) {
    switch (kind) {
        case NameKind::rule: return "rule";
        case NameKind::policy: return "policy";
        case NameKind::roster: return "roster";
        case NameKind::person: return "person";
        case NameKind::channel: return "channel";
    }
    return "";
}

bool Names::define(NameKind kind, const std::string& id, const Place& at, Report& report) {
    const auto [found, fresh] = known_.emplace(std::pair(kind, id), at);
    if (!fresh) {
        report.error(at, std::string(to_string(kind)) + " " + in_quotes(id) + " is already defined at " + found->second.text());
    }
    return fresh;
}

std::vector<std::string> Names::all(NameKind kind) const {
    std::vector<std::string> out;
    for (const auto& [key, place] : known_) {
        if (key.first == kind) {
            out.push_back(key.second);
        }
    }
    return out;
}

void Names::check(Report& report) const {
    for (const auto& use : uses_) {
        if (!defined(use.kind, use.id)) {
            report.error(use.at, "unknown " + std::string(to_string(use.kind)) + " " + in_quotes(use.id) +
                                     nearest_hint(use.id, all(use.kind)));
        }
    }
}

}  // namespace surged
