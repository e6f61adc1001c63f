// surgectl fairness: how often each person was asked over the incidents that the daemon still shows.
#include <fmt/format.h>

#include <memory>

#include "core/base/text.hpp"
#include "ctl/api_json.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/read_after_action.hpp"
#include "report/fairness.hpp"
#include "replay/timeline.hpp"

namespace surged {
namespace {

struct FairnessOptions {
    int days = 31;
    bool csv = false;
    std::string zone;
};

void fairness(const FairnessOptions& options, Context& context) {
    Api api(context);
    const auto zone = named_zone(context, api, options.zone);
    if (!zone) {
        return;
    }
    const auto list = api.read("/api/v1/incidents");
    if (!list) {
        return;
    }
    const auto oldest =
        std::chrono::floor<Span>(std::chrono::system_clock::now().time_since_epoch()) - std::chrono::hours{24} * options.days;
    Fairness out(*zone);
    std::size_t read = 0;
    std::size_t unread = 0;
    for (const JsonValue& incident : list_of(*list, "incidents")) {
        if (const auto opened = integer_of(incident, "opened"); opened && *opened < oldest.count()) {
            continue;
        }
        const auto whole = api.read("/api/v1/incidents/" + incident.text_or("incident", ""));
        if (!whole) {
            return;  // the reason was told
        }
        const auto facts = read_after_action(*whole);
        unread += facts ? 0U : 1U;
        if (facts) {
            out.add(*facts);
            ++read;
        }
    }
    const auto people = out.people();
    if (context.json) {
        for (const Burden& person : people) {
            fmt::print("{}\n", fairness_json(person));
        }
    } else if (options.csv) {
        fmt::print("{}", fairness_csv(people));
    } else {
        TextTable table(
            {"PERSON", "ASKED", "JOINED", "ARRIVED", "DECLINED", "SILENT", "NO-SHOW", "AT NIGHT", "PAGES", "LAST ASKED", "FALSE ALARMS"});
        for (const Burden& p : people) {
            table.add({p.name.empty() || p.name == p.person ? p.person : p.name + " (" + p.person + ")", std::to_string(p.asked),
                       std::to_string(p.joined), std::to_string(p.arrived), std::to_string(p.declined), std::to_string(p.silent),
                       std::to_string(p.noshow), std::to_string(p.night), std::to_string(p.pages),
                       p.last ? civil_text(*p.last, *zone).substr(0, 16) : "-", std::to_string(p.false_alarms)});
        }
        fmt::print("{}{} incidents of the last {} days; nights and times are of {}\n",
                   people.empty() ? std::string() : table.text(), read, options.days, zone->name());
    }
    if (unread > 0) {
        fmt::print(stderr, "surgectl: {} incidents cannot be counted: their timeline does not show their opening any more\n",
                   unread);
    }
    if (people.empty()) {
        context.exit_code = ctl_no;
    }
}

}  // namespace

void add_fairness(CliCommand app, Context& context) {
    const auto command =
        app.command("fairness", "who was asked how often, who came, who was asked at night; exit 1 when nobody was");
    auto options = std::make_shared<FairnessOptions>();
    command.option("--days", options->days, "incidents opened in so many days; the daemon shows open ones and the latest 200")
        .within(1, 400)
        .shows_default();
    command.flag("--csv", options->csv, "as CSV");
    command.option("--zone", options->zone, "nights (22:00 to 06:00) of this zone; default: the daemon's `[defaults] timezone`").type("ZONE");
    command.run([options, &context] { fairness(*options, context); });
}

}  // namespace surged
