#include "ctl/known_values.hpp"

#include <algorithm>
#include <string_view>

#include "ctl/api_json.hpp"

namespace surged {
namespace {

std::vector<Candidate> fields(const JsonValue& json, const char* list, const char* field, const char* note) {
    std::vector<Candidate> out;
    for (const JsonValue& item : list_of(json, list)) {
        out.push_back({item.text_or(field, ""), *note == '\0' ? std::string() : item.text_or(note, "")});
    }
    return out;
}

std::vector<Candidate> incidents_in(const JsonValue& json) {
    std::vector<Candidate> out;
    for (const JsonValue& incident : list_of(json, "incidents")) {
        std::string note = incident.text_or("level", "") + " " + incident.text_or("state", "");
        for (const auto& [name, value] : members_of(incident, "scope")) {
            note += " " + name + "=" + (value.text() == nullptr ? "" : *value.text());
        }
        out.push_back({incident.text_or("incident", ""), std::move(note)});
    }
    return out;
}

/// Who has a seat in an incident, and who stands on a roster in the next two weeks.
std::vector<Candidate> known_people(Api& api) {
    std::vector<Candidate> out;
    if (const auto json = api.read("/api/v1/incidents")) {
        for (const JsonValue& incident : list_of(*json, "incidents")) {
            const auto seats = fields(incident, "seats", "person", "name");
            out.insert(out.end(), seats.begin(), seats.end());
        }
    }
    const auto add = [&out](const JsonValue& duty) {
        for (const JsonValue& person : list_of(duty, "on_duty")) {
            out.push_back({person.text() == nullptr ? "" : *person.text(), {}});
        }
    };
    if (const auto json = api.read("/api/v1/rosters?days=14")) {
        for (const JsonValue& roster : list_of(*json, "rosters")) {
            add(roster);
            for (const JsonValue& change : list_of(roster, "changes")) {
                add(change);
            }
        }
    }
    return out;
}

std::vector<Candidate> of_queues(const JsonValue& json, std::string_view kind) {
    std::vector<Candidate> out;
    for (const JsonValue& queue : list_of(json, "queues")) {
        if (kind == "metrics") {
            for (const auto& [name, value] : members_of(queue, "m")) {
                out.push_back({name, {}});
            }
        } else if (kind == "centres") {
            out.push_back({queue.text_or("centre", ""), {}});
        } else if (kind == "queue-names") {
            out.push_back({queue.text_or("queue", ""), {}});
        } else {
            out.push_back({queue_of(queue), queue.text_or("group", "")});
        }
    }
    return out;
}

}  // namespace

std::vector<Candidate> known_values(Context context, const std::string& kind) {
    context.quiet = true;
    context.json = true;  // names as they are: who cannot be typed is left out, not written another way
    context.connect_timeout = Span{400};
    context.timeout = Span{1500};
    context.standby_rounds = 1;
    Api api(context);
    std::vector<Candidate> out;
    const auto from = [&](const char* path, const auto& take) {
        if (const auto json = api.read(path)) {
            out = take(*json);
        }
    };
    const auto list = [&](const char* path, const char* name, const char* field, const char* note) {
        from(path, [&](const JsonValue& json) { return fields(json, name, field, note); });
    };
    if (kind == "incidents") {
        from("/api/v1/incidents", incidents_in);
    } else if (kind == "people") {
        out = known_people(api);
    } else if (kind == "rosters") {
        list("/api/v1/rosters", "rosters", "roster", "");
    } else if (kind == "rules") {
        list("/api/v1/status", "rules", "rule", "");
    } else if (kind == "silences") {
        list("/api/v1/silences", "silences", "silence", "reason");
    } else if (kind == "overrides") {
        list("/api/v1/overrides", "overrides", "id", "reason");
    } else if (kind == "metrics") {
        from("/api/v1/queues?limit=200", [&](const JsonValue& json) { return of_queues(json, kind); });
    } else if (kind == "queues" || kind == "queue-names" || kind == "centres") {
        from("/api/v1/queues?limit=5000", [&](const JsonValue& json) { return of_queues(json, kind); });
    }
    // Of several entries with one name the one with a note comes first.
    std::ranges::stable_sort(out, [](const Candidate& a, const Candidate& b) {
        return a.value != b.value ? a.value < b.value : !a.note.empty() && b.note.empty();
    });
    return out;
}

}  // namespace surged
