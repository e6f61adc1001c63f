// surgectl roster import: a calendar or a table of shifts as [[roster]] of a configuration, with the people it knows.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>

#include "config/zones.hpp"
#include "core/base/ranges.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/roster_import.hpp"
#include "ctl/text_file.hpp"

namespace surged {
namespace {

constexpr std::size_t import_bytes_max = std::size_t{16} << 20U;

struct ImportFile {
    std::string file;
    std::string roster;
    std::string zone;
    std::string config;
    std::string until;
    std::string date_format;
};

/// The configuration's people by id, name or e-mail address.
std::function<std::string(const std::string&)> person_finder(std::shared_ptr<const Plan> plan) {
    return [plan = std::move(plan)](const std::string& word) -> std::string {
        const auto same_address = [](const std::string& a, const std::string& b) {
            return !a.empty() && std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
                return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
            });
        };
        const auto twice = std::ranges::count_if(plan->people, [&](const PersonSpec& p) { return p.name == word && p.id != word; });
        if (twice > 1 && find_by_id(plan->people, word) == nullptr) {
            return {};  // two of one name: which, only an id or an address says
        }
        for (const PersonSpec& person : plan->people) {
            if (person.id == word || (!word.empty() && (person.name == word || same_address(person.email, word)))) {
                return person.id;
            }
        }
        return {};
    };
}

bool prepare_import(const ImportFile& from, ImportOptions& options, Context& context) {
    std::string zone = from.zone;
    if (!from.config.empty()) {
        auto config = load_for_ctl(context, from.config);
        if (!config) {
            return false;
        }
        zone = zone.empty() ? config->plan->timezone : zone;
        options.person = person_finder(std::shared_ptr<const Plan>(std::move(config->plan)));
    }
    if (!from.date_format.empty() && from.date_format != "mdy" && from.date_format != "dmy") {
        context.fail(ctl_usage, "--date-format is mdy (12/31/2026) or dmy (31/12/2026)");
        return false;
    }
    options.date_format = from.date_format;
    options.roster = from.roster;
    options.load_zone = [](const std::string& name) {
        auto loaded = load_zone(name);
        return loaded ? std::optional(std::move(*loaded)) : std::nullopt;
    };
    auto own = named_zone(context, zone);
    if (!own) {
        return false;
    }
    options.zone = std::move(*own);
    const auto now = options.zone.to_civil(std::chrono::time_point_cast<Span>(std::chrono::system_clock::now()));
    options.today = days_from_civil(now.year, now.month, now.day);
    if (!from.until.empty()) {
        const auto day = parse_date(from.until);
        if (!day) {
            context.fail(ctl_usage, "--until is a date as 2026-12-31");
            return false;
        }
        options.until = *day;
    }
    return true;
}

void import(const ImportFile& from, Context& context) {
    ImportOptions options;
    if (!prepare_import(from, options, context)) {
        return;
    }
    const auto bytes = read_text_file(from.file, import_bytes_max);
    if (!bytes) {
        return context.fail(ctl_usage, bytes.error().message);
    }
    const bool plain_calendar = bytes->find("BEGIN:VCALENDAR") < 16;
    const auto text = text_to_utf8(plain_calendar ? unfold_ical_bytes(*bytes) : *bytes);
    if (!text) {
        return context.fail(ctl_usage, from.file + " " + text.error().message);
    }
    const bool calendar = text->find("BEGIN:VCALENDAR") < 16;
    const auto imported = calendar ? import_ical(*text, options) : import_csv(*text, options);
    for (const auto& finding : imported.errors) {
        std::fprintf(stderr, "%s:%d: error: %s\n", from.file.c_str(), finding.line, finding.message.c_str());
    }
    for (const auto& finding : imported.notes) {
        std::fprintf(stderr, "%s:%d: note: %s\n", from.file.c_str(), finding.line, finding.message.c_str());
    }
    if (imported.unusable) {
        return context.fail(ctl_usage, "nothing was made of " + from.file);
    }
    if (!imported.errors.empty()) {
        context.fail(ctl_no, "the roster is without what the errors above name");
    }
    const auto slash = from.file.rfind('/');
    const auto name = slash == std::string::npos ? from.file : from.file.substr(slash + 1);
    fmt::print("{}", toml_of(imported.roster, fmt::format("{}: {} entries", name, imported.events)));
}

}  // namespace

void add_roster_import(CliCommand roster, Context& context) {
    auto from = std::make_shared<ImportFile>();
    const auto import_command =
        roster.command("import", "an iCalendar or CSV file as [[roster]] on standard output; exit 1 when something was left out");
    import_command.option("file", from->file, "FILE.ics, or lines date,from,to,people; UTF-8, UTF-16 or GB18030")
        .required()
        .type("FILE");
    import_command.option("--roster", from->roster, "its id").required().type("ID");
    import_command.option("--zone", from->zone, "its zone; default: the configuration's, else yours").type("ZONE");
    import_command.option("--config", from->config, "people are looked up here by id, name or e-mail address").type("FILE");
    import_command.option("--until", from->until, "write repetitions out as dates up to this day").type("DATE");
    import_command.option("--date-format", from->date_format, "mdy or dmy, for dates as 12/1/2026").type("ORDER");
    import_command.run([from, &context] { import(*from, context); });
}

}  // namespace surged
