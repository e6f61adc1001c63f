#include "report/fairness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "replay/timeline.hpp"
#include "wire/json_fields.hpp"

namespace surged {

namespace {

bool at_night(WallTime at, const Zone& zone) {
    const int hour = zone.to_civil(at).second_of_day / 3600;
    return hour >= 22 || hour < 6;
}

/// Pages of this incident that a provider took, by person.
std::map<std::string, int> pages_of(const AfterAction& incident) {
    std::map<std::string, int> out;
    std::set<std::string> counted;
    for (const Record& record : incident.timeline) {
        const auto* page = std::get_if<PageChange>(&record.body);
        const bool calls = page != nullptr && page->purpose != PagePurpose::close && page->purpose != PagePurpose::stand_down &&
                           page->purpose != PagePurpose::admin;
        if (calls && (page->state == PageState::accepted || page->state == PageState::delivered) && counted.insert(page->page).second) {
            for (const auto& person : page->people) {
                ++out[person];
            }
        }
    }
    return out;
}

/// A field that holds a comma, a quote or a line's end stands between quotes; what a spreadsheet would run as a formula gets an
/// apostrophe.
std::string csv(std::string text) {
    if (!text.empty() && std::string_view("=+-@\t").find(text.front()) != std::string_view::npos) {
        text.insert(0, "'");
    }
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string out = "\"";
    for (const char c : text) {
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    }
    return out + "\"";
}

}  // namespace

void Fairness::add(const AfterAction& incident) {
    const auto pages = pages_of(incident);
    for (const PersonPart& part : incident.people) {
        if (!part.asked) {
            continue;  // was only informed, or answered without having been asked
        }
        auto& burden = people_[part.person];
        burden.person = part.person;
        burden.name = part.name.empty() ? burden.name : part.name;
        ++burden.asked;
        burden.joined += part.answer == "join" || part.answer == "arrive" ? 1 : 0;
        burden.arrived += part.arrived ? 1 : 0;
        burden.declined += part.answer == "decline" ? 1 : 0;
        burden.silent += part.answered ? 0 : 1;
        burden.noshow += part.noshow ? 1 : 0;
        burden.false_alarms += incident.verdict == IncidentVerdict::false_alarm ? 1 : 0;
        burden.night += at_night(*part.asked, zone_) ? 1 : 0;
        const auto found = pages.find(part.person);
        burden.pages += found == pages.end() ? 0 : found->second;
        burden.last = std::max(burden.last.value_or(*part.asked), *part.asked);
    }
}

std::vector<Burden> Fairness::people() const {
    std::vector<Burden> out;
    for (const auto& entry : people_) {
        out.push_back(entry.second);
    }
    std::ranges::stable_sort(out, std::ranges::greater{}, &Burden::asked);
    return out;
}

std::string fairness_csv(const std::vector<Burden>& people) {
    std::string out = "person,name,asked,joined,arrived,declined,silent,noshow,night,pages,last_asked,false_alarms\n";
    for (const Burden& p : people) {
        out += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", csv(p.person), csv(p.name), p.asked, p.joined, p.arrived, p.declined,
                           p.silent, p.noshow, p.night, p.pages, p.last ? civil_text(*p.last, Zone{}) + "Z" : "", p.false_alarms);
    }
    return out;
}

std::string fairness_json(const Burden& person) {
    return to_json(person);
}

}  // namespace surged
