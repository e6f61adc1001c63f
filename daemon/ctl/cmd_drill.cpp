// surgectl drill: marked test pages to people over every channel of theirs, and who could not be reached.
//
// What became of the pages is read from the daemon's own records, from the one before the drill on, so that none is overlooked.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>

#include "core/base/text.hpp"
#include "ctl/context.hpp"
#include "ctl/json_lines.hpp"
#include "wire/record_json.hpp"

namespace surged {
namespace {

struct DrillOptions {
    std::vector<std::string> people;
    std::vector<std::string> rosters;
    std::string wait = "2m";
};

/// One test page.
struct Sent {
    std::string person;
    std::string channel;
    PageState state = PageState::queued;
    std::string reason;
    std::string message;  ///< it was accepted under this id, and its receipt is awaited
    WallTime queued{};
    WallTime changed{};

    bool reached() const { return (state == PageState::accepted && message.empty()) || state == PageState::delivered; }
    bool settled() const { return ended(*this); }
};
using Pages = std::map<std::string, Sent>;

/// The named people and those on duty on the named rosters, each once; nullopt, and told, when a roster is unknown.
std::optional<std::vector<std::string>> whom(const DrillOptions& options, Api& api, Context& context) {
    std::vector<std::string> out;
    const auto add = [&out](const std::string& person) {
        if (std::find(out.begin(), out.end(), person) == out.end()) {
            out.push_back(person);
        }
    };
    std::for_each(options.people.begin(), options.people.end(), add);
    if (options.rosters.empty()) {
        return out;
    }
    const auto json = api.read("/api/v1/rosters");
    if (!json) {
        return std::nullopt;
    }
    for (const std::string& name : options.rosters) {
        const auto& all = list_of(*json, "rosters");
        const auto it =
            std::find_if(all.begin(), all.end(), [&](const JsonValue& roster) { return roster.text_or("roster", "") == name; });
        if (it == all.end()) {
            context.fail(ctl_no, "no roster " + name);
            return std::nullopt;
        }
        for (const JsonValue& person : list_of(*it, "on_duty")) {
            add(person.text() == nullptr ? "" : *person.text());
        }
    }
    return out;
}

/// The last record's number before the drill.
std::optional<std::uint64_t> last_record(Api& api) {
    const auto status = api.read("/api/v1/status");
    const JsonValue* store = status ? status->find("store") : nullptr;
    const JsonValue* records = store == nullptr ? nullptr : store->find("records");
    return records == nullptr ? std::nullopt : records->natural();
}

/// "2 test pages" -> 2.
std::size_t pages_in(const std::string& message) {
    std::size_t out = 0;
    std::from_chars(message.data(), message.data() + message.size(), out);
    return out;
}

void take(const Record& record, const std::vector<std::string>& people, Pages& pages) {
    const auto* change = std::get_if<PageChange>(&record.body);
    if (change == nullptr || change->purpose != PagePurpose::test || change->people.size() != 1 ||
        std::find(people.begin(), people.end(), change->people.front()) == people.end()) {
        return;
    }
    auto& page = pages[change->page];
    if (change->state == PageState::queued && page.person.empty()) {
        page.queued = record.wall;
    }
    page.person = change->people.front();
    page.channel = change->channel;
    page.state = change->state;
    page.reason = awaits_receipt(*change) ? "its receipt has not come" : change->reason;
    page.message = change->message;
    page.changed = record.wall;
}

/// Reads records until `expected` pages are settled or the time is over.
Pages watch(std::uint64_t after, const std::vector<std::string>& people, std::size_t expected, Span wait, Context& context) {
    const StopOnSignal signals;
    const auto until = std::chrono::steady_clock::now() + wait;
    Pages pages;
    const auto all_settled = [&] {
        return pages.size() >= expected &&
               std::all_of(pages.begin(), pages.end(), [](const auto& p) { return p.second.settled(); });
    };
    const auto each = [&](std::string_view, std::string_view data) {
        if (const auto record = decode_record(data)) {
            after = std::max(after, record->seq);
            take(*record, people, pages);
        }
        return !all_settled();
    };
    const auto over = [&] { return signals.stop().load() || std::chrono::steady_clock::now() >= until; };
    while (!over() && !all_settled()) {
        Api api(context);
        if (!api.events(each, over, after) && context.exit_code != ctl_ok) {
            break;
        }
    }
    return pages;
}

void print(const std::vector<std::string>& people, const Pages& pages, Context& context) {
    TextTable table({"PERSON", "CHANNEL", "RESULT", "AFTER", "REASON"});
    std::vector<std::string> lost;
    for (const std::string& person : people) {
        bool reached = false;
        for (const auto& [key, page] : pages) {
            if (page.person != person) {
                continue;
            }
            reached = reached || page.reached();
            const auto after = std::max(Span{0}, page.changed - page.queued);
            table.add({person, page.channel, std::string(to_string(page.state)), format_span(after), page.reason});
            if (context.json) {
                std::string line;
                JsonWriter json(line);
                json.begin_object().field("person", person).field("channel", page.channel).field("reached", page.reached());
                json.field("state", to_string(page.state)).field("after_ms", std::int64_t{after.count()});
                json.field("reason", page.reason).end_object();
                fmt::print("{}\n", line);
            }
        }
        if (!reached) {
            lost.push_back(person);
        }
    }
    if (!context.json) {
        fmt::print("{}", table.text());
        std::string names;
        for (const std::string& person : lost) {
            names += (names.empty() ? "" : ", ") + person;
        }
        fmt::print("{}", lost.empty() ? fmt::format("all {} could be reached\n", people.size())
                                      : fmt::format("NOT REACHED: {} ({} of {})\n", names, lost.size(), people.size()));
    }
    if (!lost.empty() && context.exit_code == ctl_ok) {
        context.exit_code = ctl_no;
    }
}

void drill(const DrillOptions& options, Context& context) {
    const auto wait = parse_span(options.wait);
    if (!wait || *wait < Span{1000} || *wait > Span{3600000}) {
        return context.fail(ctl_usage, "--wait is a duration from 1s to 1h");
    }
    Api api(context);
    const auto people = whom(options, api, context);
    if (!people) {
        return;
    }
    if (people->empty()) {
        return context.fail(ctl_no, "nobody is on duty there");
    }
    const auto before = last_record(api);
    if (!before) {
        return;
    }
    std::size_t expected = 0;
    for (const std::string& person : *people) {
        std::string body;
        JsonWriter(body).begin_object().field("person", person).end_object();
        const auto reply = api.post("/api/v1/drills", body);  // who cannot be paged at all is told, and stands as not reached
        expected += reply ? pages_in(reply->text_or("message", "")) : 0;
        if (context.exit_code == ctl_forbidden || context.exit_code == ctl_unreachable) {
            return;
        }
    }
    context.exit_code = ctl_ok;
    print(*people, expected == 0 ? Pages{} : watch(*before, *people, expected, *wait, context), context);
}

}  // namespace

void add_drill(CLI::App& app, Context& context) {
    auto* command = app.add_subcommand("drill", "send marked test pages for real and tell who could not be reached");
    auto options = std::make_shared<DrillOptions>();
    auto* rosters = command->add_option("--roster", options->rosters, "everybody on duty on it now")->type_name("ID");
    auto* people = command->add_option("--person", options->people, "this person")->type_name("PERSON");
    command->add_option("--wait", options->wait, "how long to wait for the channels")
        ->type_name("DURATION")
        ->capture_default_str();
    command->callback([options, rosters, people, &context] {
        if (rosters->count() + people->count() == 0) {
            return context.fail(ctl_usage, "say whom to page: --roster ID or --person PERSON");
        }
        drill(*options, context);
    });
}

}  // namespace surged
