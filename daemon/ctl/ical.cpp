#include "ctl/ical.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "core/base/text.hpp"
#include "ctl/ical_words.hpp"

namespace surged {

using ical::small_number;
using ical::split;
using ical::upper;

namespace {

constexpr std::size_t bytes_max = std::size_t{8} << 20U;
constexpr std::size_t lines_max = 200000;
constexpr std::size_t events_max = 20000;
constexpr std::size_t ical_errors_max = 100;
constexpr std::size_t people_max = 200;
constexpr std::size_t except_max = 2000;
constexpr std::size_t zones_max = 200;
constexpr std::size_t zone_rules_max = 200;

struct IcalLine {
    int number = 0;
    std::string text;
};

/// A line that begins with a blank goes on the line before (RFC 5545, 3.1).
std::vector<IcalLine> unfold(std::string_view text) {
    std::vector<IcalLine> out;
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        if (!line.empty() && (line.front() == ' ' || line.front() == '\t') && !out.empty()) {
            out.back().text += line.substr(1);
        } else if (!line.empty()) {
            out.push_back({number, std::string(line)});
        }
    }
    return out;
}

struct Property {
    std::string name;
    std::map<std::string, std::string> parameters;
    std::string value;
};

/// "DTSTART;TZID=Asia/Shanghai:20260302T080000"; values of parameters may stand in quotes.
std::optional<Property> parse_property(std::string_view text) {
    Property out;
    std::string word;
    std::string name;
    bool quoted = false;
    bool in_value = false;  // of a parameter
    const auto close = [&] {
        if (out.name.empty()) {
            out.name = upper(word);
        } else {
            out.parameters[name] = word;
        }
        word.clear();
        in_value = false;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && c == ':') {
            close();
            out.value = text.substr(i + 1);
            return out.name.empty() ? std::nullopt : std::optional(std::move(out));
        } else if (!quoted && c == ';') {
            close();
        } else if (!quoted && c == '=' && !in_value && !out.name.empty()) {
            name = upper(word);
            word.clear();
            in_value = true;
        } else {
            word += c;
        }
    }
    return std::nullopt;
}

std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
            out += text[i] == 'n' || text[i] == 'N' ? ' ' : text[i];
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string tzid_of(const Property& property) {
    const auto zone = property.parameters.find("TZID");
    return zone == property.parameters.end() ? std::string() : unescape(zone->second);
}

/// "PT8H", "P1D", "P1DT12H30M", "P1W"; negative ones are refused. Seconds.
std::optional<std::int64_t> parse_duration(std::string_view text) {
    if (text.empty() || text.front() != 'P') {
        return std::nullopt;
    }
    std::int64_t out = 0;
    std::string digits;
    bool time = false;
    for (const char c : text.substr(1)) {
        if (c == 'T') {
            time = true;
        } else if (c >= '0' && c <= '9') {
            digits += c;
        } else {
            const auto number = small_number(digits);
            const int unit = c == 'W'           ? 604800
                             : c == 'D'         ? 86400
                             : c == 'H' && time ? 3600
                             : c == 'M' && time ? 60
                             : c == 'S' && time ? 1
                                                : 0;
            if (!number || unit == 0) {
                return std::nullopt;
            }
            out += std::int64_t{*number} * unit;
            digits.clear();
        }
    }
    return digits.empty() && out > 0 ? std::optional(out) : std::nullopt;
}

std::string read_attendee(const Property& property, IcalEvent& event) {
    IcalPerson person;
    person.email = property.value;
    if (upper(person.email.substr(0, 7)) == "MAILTO:") {
        person.email.erase(0, 7);
    }
    if (const auto name = property.parameters.find("CN"); name != property.parameters.end()) {
        person.name = name->second;
    }
    const auto said = [&](const char* what) {
        const auto found = property.parameters.find(what);
        return found == property.parameters.end() ? std::string() : upper(found->second);
    };
    if (const auto type = said("CUTYPE"); type == "ROOM" || type == "RESOURCE") {
        return {};
    }
    if (const auto answer = said("PARTSTAT"); answer == "DECLINED" || answer == "DELEGATED") {
        event.declined = true;
        return {};
    }
    if (event.attendees.size() >= people_max) {
        return "more than " + std::to_string(people_max) + " people";
    }
    event.attendees.push_back(std::move(person));
    return {};
}

/// Empty = understood or without meaning for a roster.
std::string read_event_line(const Property& property, IcalEvent& event, bool& has_start) {
    const auto& name = property.name;
    if (name == "DTSTART" || name == "DTEND") {
        const auto moment = parse_ical_moment(property.value, tzid_of(property));
        if (!moment) {
            return name + " is not a date or a time from 1970 to 2100";
        }
        if (name == "DTEND") {
            event.end = *moment;
        } else {
            event.start = *moment;
            has_start = true;
        }
    } else if (name == "DURATION") {
        const auto duration = parse_duration(property.value);
        event.duration_s = duration.value_or(-1);
        return duration ? "" : "DURATION is not a time span above nothing";
    } else if (name == "RRULE") {
        return event.repeat ? "more than one RRULE is not understood" : read_repeat(property.value, event.repeat.emplace());
    } else if (name == "EXDATE") {
        for (const auto word : split(property.value, ',')) {
            const auto moment = parse_ical_moment(word, tzid_of(property));
            if (!moment || event.except.size() >= except_max) {
                return moment ? "too many EXDATE" : "EXDATE is not a date or a time";
            }
            event.except.push_back(*moment);
        }
    } else if (name == "RDATE") {
        for (const auto word : split(property.value, ',')) {
            const auto moment = parse_ical_moment(word, tzid_of(property));
            if (!moment || event.extra.size() >= except_max) {
                return moment ? "too many RDATE" : "RDATE is not a date or a time";
            }
            event.extra.push_back(*moment);
        }
    } else if (name == "EXRULE") {
        return "EXRULE is not understood; export single events instead";
    } else if (name == "RECURRENCE-ID") {
        const auto moment = parse_ical_moment(property.value, tzid_of(property));
        event.replaces = moment.value_or(IcalMoment{});
        event.replaces_rest = !moment || property.parameters.contains("RANGE");
        return !moment ? "RECURRENCE-ID is not a date or a time"
               : event.replaces_rest
                   ? "RECURRENCE-ID with RANGE (this and all later ones) is not understood; the series ends before it"
                   : "";
    } else if (name == "UID") {
        event.uid = property.value;
    } else if (name == "ATTENDEE") {
        return read_attendee(property, event);
    } else if (name == "SUMMARY") {
        event.summary = unescape(property.value);
    } else if (name == "STATUS") {
        event.cancelled = upper(property.value) == "CANCELLED";
    }
    return {};
}

/// "+0800", "-033000"; seconds.
std::optional<int> parse_offset(std::string_view text) {
    if ((text.size() != 5 && text.size() != 7) || (text[0] != '+' && text[0] != '-')) {
        return std::nullopt;
    }
    const auto hours = small_number(text.substr(1, 2));
    const auto minutes = small_number(text.substr(3, 2));
    const auto seconds = text.size() == 7 ? small_number(text.substr(5, 2)) : std::optional(0);
    if (!hours || !minutes || !seconds || *hours > 15 || *minutes > 59 || *seconds > 59) {
        return std::nullopt;
    }
    const int out = *hours * 3600 + *minutes * 60 + *seconds;
    return text[0] == '-' ? -out : out;
}

/// A line of VTIMEZONE or of its STANDARD and DAYLIGHT. What is not understood makes the zone unusable, not the file.
void read_zone_line(const Property& property, const std::string& component, IcalTimezone& zone) {
    if (component == "VTIMEZONE" && property.name == "TZID") {
        zone.id = unescape(property.value);
    }
    if ((component != "STANDARD" && component != "DAYLIGHT") || zone.rules.empty()) {
        return;
    }
    auto& rule = zone.rules.back();
    if (property.name == "TZOFFSETFROM" || property.name == "TZOFFSETTO") {
        const auto offset = parse_offset(property.value);
        zone.good = zone.good && offset.has_value();
        (property.name == "TZOFFSETTO" ? rule.offset_to_s : rule.offset_from_s) = offset.value_or(0);
    } else if (property.name == "DTSTART") {
        // Outlook writes the year 1601: what holds since before 1970 holds since then.
        const bool old = property.value.substr(0, 4) < "1970";
        const auto moment = parse_ical_moment(
            old ? "1970" + property.value.substr(std::min<std::size_t>(4, property.value.size())) : property.value, "");
        zone.good = zone.good && moment.has_value();
        rule.start = moment.value_or(IcalMoment{}).civil;
    } else if (property.name == "RRULE") {
        zone.good = zone.good && read_repeat(property.value, rule.repeat.emplace()).empty();
    } else if (property.name == "RDATE") {
        zone.good = false;
    }
}

std::string of_event(const IcalEvent& event) {
    return event.summary.empty() ? std::string() : " (event \"" + utf8_cut(event.summary, 60) + "\")";
}

class Reader {
public:
    void line(const IcalLine& line) {
        const auto property = parse_property(line.text);
        if (!property) {
            if (!stack_.empty() && stack_.back() == "VEVENT") {
                refuse(line.number, "not a line of iCalendar (NAME:value)");
            } else {
                fail(line.number, "not a line of iCalendar (NAME:value)");
            }
            return;
        }
        if (property->name == "BEGIN") {
            if (stack_.size() >= 32) {
                fail(line.number, "components within components, 32 deep");
                file.unusable = true;
                return;
            }
            stack_.push_back(upper(property->value));
            begin(line.number);
        } else if (property->name == "END") {
            if (stack_.empty() || stack_.back() != upper(property->value)) {
                fail(line.number, "END:" + property->value.substr(0, 40) + " without its BEGIN");
                return;
            }
            stack_.pop_back();
            if (upper(property->value) == "VEVENT") {
                finish();
            }
        } else if (!stack_.empty() && stack_.back() == "VEVENT") {
            if (auto problem = read_event_line(*property, event_, has_start_); !problem.empty()) {
                refuse(line.number, std::move(problem));
            }
        } else if (!stack_.empty() && !file.zones.empty()) {
            read_zone_line(*property, stack_.back(), file.zones.back());
        }
    }
    void fail(int line, std::string message) {
        if (file.errors.size() < ical_errors_max) {
            file.errors.push_back({line, std::move(message)});
        }
    }
    bool inside() const { return !stack_.empty(); }

    IcalFile file;

private:
    void begin(int line) {
        const auto& name = stack_.back();
        if (name == "VEVENT") {
            event_ = IcalEvent{};
            event_.line = line;
            has_start_ = false;
            problems_.clear();
        } else if (name == "VTIMEZONE" && file.zones.size() < zones_max) {
            file.zones.emplace_back();
        } else if ((name == "STANDARD" || name == "DAYLIGHT") && !file.zones.empty()) {
            file.zones.back().good = file.zones.back().good && file.zones.back().rules.size() < zone_rules_max;
            if (file.zones.back().good) {
                file.zones.back().rules.emplace_back();
            }
        }
    }
    /// Costs the event that is being read.
    void refuse(int line, std::string problem) {
        event_.good = false;
        if (problems_.size() < 5) {
            problems_.push_back({line, std::move(problem)});
        }
    }
    void finish() {
        if (event_.cancelled && !event_.replaces) {
            return;
        }
        if (!has_start_ && !(event_.cancelled && event_.replaces)) {
            refuse(event_.line, "this event has no DTSTART");
        }
        if (file.events.size() >= events_max) {
            refuse(event_.line, "more than " + std::to_string(events_max) + " events");
            file.unusable = true;
        }
        for (auto& problem : problems_) {
            fail(problem.line, problem.message + of_event(event_));
        }
        if (!file.unusable) {
            file.events.push_back(event_);
        }
    }

    std::vector<std::string> stack_;
    IcalEvent event_;
    std::vector<ImportFinding> problems_;
    bool has_start_ = false;
};

}  // namespace

std::string unfold_ical_bytes(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    std::size_t owed = 0;  // line ends taken out, given back as empty lines so that later lines keep their numbers
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::size_t end = bytes.substr(i, 2) == "\r\n" ? 2 : bytes[i] == '\n' ? 1 : 0;
        const char next = i + end < bytes.size() ? bytes[i + end] : 'x';
        if (end == 0) {
            out += bytes[i];
        } else if (next == ' ' || next == '\t') {
            ++owed;
            i += end;
        } else {
            out.append(owed + 1, '\n');
            owed = 0;
            i += end - 1;
        }
    }
    return out;
}

IcalFile parse_ical(std::string_view text) {
    Reader reader;
    if (text.substr(0, 3) == "\xEF\xBB\xBF") {
        text.remove_prefix(3);
    }
    if (text.size() > bytes_max || static_cast<std::size_t>(std::ranges::count(text, '\n')) > lines_max) {
        reader.file.unusable = true;
        reader.fail(1, "more than 8 MiB or 200000 lines");
        return std::move(reader.file);
    }
    const auto lines = unfold(text);
    if (lines.empty() || upper(lines.front().text) != "BEGIN:VCALENDAR") {
        reader.file.unusable = true;
        reader.fail(1, "this is no iCalendar file: it does not begin with BEGIN:VCALENDAR");
        return std::move(reader.file);
    }
    for (const IcalLine& line : lines) {
        reader.line(line);
    }
    if (reader.inside()) {
        reader.file.unusable = true;
        reader.fail(lines.back().number, "the file ends inside a component: it is cut off");
    }
    return std::move(reader.file);
}

}  // namespace surged
