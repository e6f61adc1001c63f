#include "wire/staffing_json.hpp"

namespace surged {

void write_staffing(JsonWriter& json, const ScopeStaffing& staffing) {
    if (!staffing.known && staffing.slack.empty()) {
        json.null();
        return;
    }
    json.begin_object();
    if (staffing.known) {
        json.field("required", staffing.required).field("productive", staffing.productive);
        json.field("missing", staffing.missing).field("expected_wait_s", staffing.expected_wait_s);
        json.field("cause", to_string(staffing.cause));
    }
    json.key("slack").begin_array();
    for (const Slack& slack : staffing.slack) {
        json.begin_object().field("centre", slack.centre).field("queue", slack.queue).field("agents", slack.agents).end_object();
    }
    json.end_array().end_object();
}

}  // namespace surged
