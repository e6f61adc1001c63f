// The after-action report as one JSON object: the same facts as its text. Times are ms UTC; null = it never came to that, or is unknown.
#include "report/report.hpp"
#include "wire/json_fields.hpp"

namespace surged {

std::string report_json(const AfterAction& report) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("type", "report");
    JsonFields fields(json);
    visit_fields(fields, report);
    json.end_object();
    return out;
}

}  // namespace surged
