#include "ctl/ical.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace surged {

namespace {

constexpr std::size_t bytes_max = std::size_t{8} << 20U;
constexpr std::size_t lines_max = 200000;
constexpr std::size_t events_max = 20000;
constexpr std::size_t errors_max = 100;
constexpr std::size_t people_max = 200;
constexpr std::size_t except_max = 2000;

struct Line {
    int number = 0;
    std::string text;
};

/// A line that begins with a blank goes on the line before (RFC 5545, 3.1).
std::vector<Line> unfold(std::string_view text) {
    std::vector<Line> out;
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

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
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

/// A whole decimal number of at most six digits.
std::optional<int> small_number(std::string_view text) {
    if (text.empty() || text.size() > 6 || text.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    int out = 0;
    for (const char c : text) {
        out = out * 10 + (c - '0');
    }
    return out;
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> out;
    while (true) {
        const std::size_t end = text.find(at);
        out.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return out;
        }
        text.remove_prefix(end + 1);
    }
}

/// "20260302", "20260302T080000", "20260302T000000Z".
std::optional<IcalMoment> parse_moment(std::string_view text, const std::map<std::string, std::string>& parameters) {
    IcalMoment out;
    if (!text.empty() && text.back() == 'Z') {
        out.kind = IcalMoment::Kind::utc;
        text.remove_suffix(1);
    } else if (const auto zone = parameters.find("TZID"); zone != parameters.end()) {
        out.kind = IcalMoment::Kind::zoned;
        out.zone = zone->second;
    }
    if (text.size() == 8) {
        if (out.kind == IcalMoment::Kind::utc) {
            return std::nullopt;
        }
        out.kind = IcalMoment::Kind::date;
    } else if (text.size() != 15 || text[8] != 'T') {
        return std::nullopt;
    }
    const auto part = [&](std::size_t from, std::size_t length) { return std::string(text.substr(from, length)); };
    std::string civil = part(0, 4) + "-" + part(4, 2) + "-" + part(6, 2) + "T";
    civil += text.size() == 8 ? "00:00" : part(9, 2) + ":" + part(11, 2) + ":" + part(13, 2);
    const auto parsed = parse_civil(civil);
    if (!parsed || parsed->year < 1970 || parsed->year > 2100) {
        return std::nullopt;
    }
    out.civil = *parsed;
    return out;
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

std::optional<std::uint8_t> parse_by_day(std::string_view text) {
    constexpr std::array<std::string_view, 7> names{"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
    unsigned days = 0;
    for (const auto word : split(text, ',')) {
        const auto it = std::find(names.begin(), names.end(), word);
        if (it == names.end()) {
            return std::nullopt;
        }
        days |= 1U << static_cast<unsigned>(it - names.begin());
    }
    return static_cast<std::uint8_t>(days);
}

/// Empty = understood.
std::string read_rule_part(std::string_view name, std::string_view value, IcalRepeat& out) {
    const std::string shown = std::string(name) + "=" + std::string(value.substr(0, 40));
    if (name == "FREQ") {
        out.daily = value == "DAILY";
        return value == "DAILY" || value == "WEEKLY" ? "" : "repeats by " + shown + "; only DAILY and WEEKLY are understood";
    }
    if (name == "BYDAY") {
        const auto days = parse_by_day(value);
        out.days = days.value_or(0);
        return days ? "" : shown + " is not a list of MO,TU,WE,TH,FR,SA,SU";
    }
    if (name == "INTERVAL" || name == "COUNT") {
        const auto number = small_number(value);
        (name == "COUNT" ? out.count : out.interval) = number.value_or(0);
        return number && *number > 0 ? "" : shown + " is not a number from 1";
    }
    if (name == "UNTIL") {
        out.until = parse_moment(value, {});
        return out.until ? "" : shown + " is not a date or a time";
    }
    if (name == "WKST") {
        out.week_starts_monday = value == "MO";
        return "";
    }
    return "repeats with " + shown + ", which is not understood";
}

std::string read_rule(std::string_view text, IcalEvent& event) {
    IcalRepeat repeat;
    bool has_frequency = false;
    for (const auto part : split(text, ';')) {
        const std::size_t mark = part.find('=');
        if (mark == std::string_view::npos) {
            return "RRULE is not a list of NAME=VALUE";
        }
        const std::string name = upper(part.substr(0, mark));
        has_frequency = has_frequency || name == "FREQ";
        const std::string value = upper(part.substr(mark + 1));
        if (auto problem = read_rule_part(name, value, repeat); !problem.empty()) {
            return problem;
        }
    }
    if (!repeat.week_starts_monday && repeat.interval > 1 && !repeat.daily) {
        return "weeks that do not start on Monday and INTERVAL above 1 are not understood together";
    }
    event.repeat = repeat;
    return has_frequency ? "" : "RRULE has no FREQ";
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
    const auto said = property.parameters.find("PARTSTAT");
    if (said != property.parameters.end() && upper(said->second) == "DECLINED") {
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
        const auto moment = parse_moment(property.value, property.parameters);
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
        return event.repeat ? "more than one RRULE is not understood" : read_rule(property.value, event);
    } else if (name == "EXDATE") {
        for (const auto word : split(property.value, ',')) {
            const auto moment = parse_moment(word, property.parameters);
            if (!moment || event.except.size() >= except_max) {
                return moment ? "too many EXDATE" : "EXDATE is not a date or a time";
            }
            event.except.push_back(*moment);
        }
    } else if (name == "RDATE" || name == "EXRULE" || name == "RECURRENCE-ID") {
        return name + " is not understood; export single events instead";
    } else if (name == "ATTENDEE") {
        return read_attendee(property, event);
    } else if (name == "SUMMARY") {
        event.summary = unescape(property.value);
    } else if (name == "STATUS") {
        event.cancelled = upper(property.value) == "CANCELLED";
    }
    return {};
}

class Reader {
public:
    void line(const Line& line) {
        const auto property = parse_property(line.text);
        if (!property) {
            fail(line.number, "not a line of iCalendar (NAME:value)");
            return;
        }
        if (property->name == "BEGIN") {
            stack_.push_back(upper(property->value));
            if (stack_.back() == "VEVENT") {
                event_ = IcalEvent{};
                event_.line = line.number;
                has_start_ = false;
                good_ = true;
            }
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
                fail(line.number, std::move(problem));
                good_ = false;
            }
        }
    }
    void fail(int line, std::string message) {
        if (file.errors.size() < errors_max) {
            file.errors.push_back({line, std::move(message)});
        }
    }
    bool inside() const { return !stack_.empty(); }

    IcalFile file;

private:
    void finish() {
        if (event_.cancelled || !good_) {
            return;
        }
        if (!has_start_) {
            fail(event_.line, "this event has no DTSTART");
        } else if (file.events.size() >= events_max) {
            fail(event_.line, "more than " + std::to_string(events_max) + " events");
        } else {
            file.events.push_back(event_);
        }
    }

    std::vector<std::string> stack_;
    IcalEvent event_;
    bool has_start_ = false;
    bool good_ = true;
};

}  // namespace

IcalFile parse_ical(std::string_view text) {
    Reader reader;
    if (text.substr(0, 3) == "\xEF\xBB\xBF") {
        text.remove_prefix(3);
    }
    if (text.size() > bytes_max || static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) > lines_max) {
        reader.fail(1, "more than 8 MiB or 200000 lines");
        return std::move(reader.file);
    }
    const auto lines = unfold(text);
    if (lines.empty() || upper(lines.front().text) != "BEGIN:VCALENDAR") {
        reader.fail(1, "this is no iCalendar file: it does not begin with BEGIN:VCALENDAR");
        return std::move(reader.file);
    }
    for (const Line& line : lines) {
        reader.line(line);
    }
    if (reader.inside()) {
        reader.fail(lines.back().number, "the file ends inside a component: it is cut off");
    }
    return std::move(reader.file);
}

}  // namespace surged
