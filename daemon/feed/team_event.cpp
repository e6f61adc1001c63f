#include "feed/team_event.hpp"

#include "wire/json_text.hpp"

namespace surged {

std::optional<TeamEvent> parse_team_event(std::string_view json) {
    JsonLimits limits;
    limits.bytes = std::size_t{1} << 20U;
    limits.values = 100000;
    const auto document = parse_json(json, limits);
    if (!document || !document->is_object()) {
        return std::nullopt;
    }
    TeamEvent out;
    out.type = document->text_or("type", "");
    out.incident = document->text_or("incident", "");
    out.person = document->text_or("person", "");
    out.purpose = document->text_or("purpose", "");
    if (const auto* people = document->find("people"); people != nullptr && people->array() != nullptr) {
        for (const auto& person : *people->array()) {
            if (person.text() != nullptr) {
                out.people.push_back(*person.text());
            }
        }
    }
    if (const auto* scope = document->find("scope"); scope != nullptr && scope->object() != nullptr) {
        for (const auto& [key, value] : *scope->object()) {
            if (value.text() != nullptr) {
                out.scope.emplace(key, *value.text());
            }
        }
    }
    if (out.type.empty() || out.incident.empty()) {
        return std::nullopt;
    }
    return out;
}

}  // namespace surged
