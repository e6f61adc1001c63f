#include "ctl/read_after_action.hpp"

#include "ctl/api_json.hpp"
#include "wire/record_json.hpp"

namespace surged {

Result<AfterAction> read_after_action(const JsonValue& incident) {
    const auto id = incident.text_or("incident", "");
    const JsonValue* timeline = incident.find("timeline");
    if (id.empty() || timeline == nullptr || timeline->array() == nullptr) {
        return tl::unexpected(Error{"this is no incident with its timeline"});
    }
    std::vector<Record> records;
    for (const JsonValue& item : *timeline->array()) {
        auto record = decode_record(to_text(item));
        if (!record) {
            return tl::unexpected(Error{"a record of the timeline cannot be read: " + record.error().message});
        }
        records.push_back(std::move(*record));
    }
    std::map<std::string, std::string> names;
    for (const JsonValue& seat : list_of(incident, "seats")) {
        names[seat.text_or("person", "")] = seat.text_or("name", "");
    }
    return after_action(id, incident.text_or("state", ""), std::move(records), names);
}

}  // namespace surged
