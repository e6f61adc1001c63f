// surgectl drill: marked test pages to people over every channel of theirs; reports who was not reached and who did not answer.
//
// What became of the pages is read from the daemon's own records, from the one before the drill on, so that none is overlooked:
// not over a restart of the daemon either.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <thread>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "ctl/api_json.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "wire/record_json.hpp"

namespace surged {
namespace {

struct DrillOptions {
    std::vector<std::string> people;
    std::vector<std::string> rosters;
    std::string wait = "5m";
    bool answers = false;
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

/// What one person said to the drill, first.
struct Said {
    std::string way;
    WallTime at{};
};
struct Drill {
    Pages pages;
    std::map<std::string, Said> answers;  ///< by person

    bool reached(const std::string& person) const {
        return answers.count(person) > 0 || std::ranges::any_of(pages, [&](const auto& entry) {
                   return entry.second.person == person && entry.second.reached();
               });
    }
    /// From the first page to the answer.
    std::optional<Span> answered_after(const std::string& person) const {
        const auto said = answers.find(person);
        std::optional<Span> out;
        for (const auto& [key, page] : pages) {
            if (said != answers.end() && page.person == person) {
                out = std::max(out.value_or(Span{0}), said->second.at - page.queued);
            }
        }
        return out;
    }
};

/// The named people and those on duty on the named rosters, each once; nullopt, and told, when a roster is unknown.
std::optional<std::vector<std::string>> whom(const DrillOptions& options, Api& api, Context& context) {
    std::vector<std::string> out;
    const auto add = [&out](const std::string& person) {
        if (!contains(out, person)) {
            out.push_back(person);
        }
    };
    std::ranges::for_each(options.people, add);
    if (options.rosters.empty()) {
        return out;
    }
    const auto json = api.read("/api/v1/rosters");
    if (!json) {
        return std::nullopt;
    }
    for (const std::string& name : options.rosters) {
        const auto& all = list_of(*json, "rosters");
        const auto it = std::ranges::find_if(all, [&](const JsonValue& roster) { return roster.text_or("roster", "") == name; });
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

bool named(const std::vector<std::string>& people, const std::string& person) {
    return contains(people, person);
}

void take(const Record& record, const std::vector<std::string>& people, Drill& drill) {
    if (const auto* answer = std::get_if<AnswerGiven>(&record.body)) {
        // An answer to a page of an earlier drill is none to this one.
        if (drill.pages.count(answer->drill) > 0 && named(people, answer->person)) {
            drill.answers.emplace(answer->person, Said{answer->way, record.wall});
        }
        return;
    }
    const auto* change = std::get_if<PageChange>(&record.body);
    if (change == nullptr || change->purpose != PagePurpose::test || change->people.size() != 1 ||
        !named(people, change->people.front())) {
        return;
    }
    auto& page = drill.pages[change->page];
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

/// Reads records until `expected` pages are settled and everybody who was reached has answered, or the time is over.
Drill watch(std::uint64_t after, const std::vector<std::string>& people, std::size_t expected, Span wait, bool answers,
            Context& context) {
    const StopOnSignal signals;
    const auto until = std::chrono::steady_clock::now() + wait;
    Drill drill;
    const auto complete = [&] {
        return drill.pages.size() >= expected &&
               std::ranges::all_of(drill.pages, [](const auto& p) { return p.second.settled(); }) &&
               (!answers || std::ranges::all_of(people, [&](const std::string& person) {
                   return drill.answers.count(person) > 0 || !drill.reached(person);
               }));
    };
    const auto each = [&](std::string_view, std::string_view data) {
        if (const auto record = decode_record(data)) {
            after = std::max(after, record->seq);
            take(*record, people, drill);
        }
        return !complete();
    };
    const auto over = [&] { return signals.stop().load() || std::chrono::steady_clock::now() >= until; };
    while (!over() && !complete()) {
        Context silent = context;  // a daemon that starts again is waited for, and what it says meanwhile is no news
        silent.quiet = true;
        Api api(silent);
        if (!api.events(each, over, after) && !over()) {
            if (silent.exit_code == ctl_forbidden) {
                context.fail(ctl_forbidden, "the token may not read the daemon's records");
                break;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{500});
        }
    }
    return drill;
}

void print_drill_json(const std::string& person, const Drill& drill) {
    const auto answer = drill.answers.find(person);
    const auto after = drill.answered_after(person);
    std::string line;
    JsonWriter json(line);
    json.begin_object().field("person", person).field("reached", drill.reached(person));
    json.field("answered", answer != drill.answers.end());
    if (after) {
        json.field("answered_after_ms", std::int64_t{after->count()}).field("way", answer->second.way);
    }
    json.key("channels").begin_array();
    for (const auto& [key, page] : drill.pages) {
        if (page.person == person) {
            json.begin_object().field("channel", page.channel).field("reached", page.reached());
            json.field("state", to_string(page.state));
            json.field("after_ms", std::int64_t{std::max(Span{0}, page.changed - page.queued).count()});
            json.field("reason", page.reason).end_object();
        }
    }
    json.end_array().end_object();
    fmt::print("{}\n", line);
}

std::string said(const std::string& person, const Drill& drill) {
    const auto after = drill.answered_after(person);
    return after ? fmt::format("after {} by {}", format_span(std::max(Span{0}, *after)), drill.answers.at(person).way)
                 : std::string("-");
}

std::string names_of(const std::vector<std::string>& people) {
    std::string names;
    for (const std::string& person : people) {
        names += (names.empty() ? "" : ", ") + person;
    }
    return names;
}

void print(const std::vector<std::string>& people, const Drill& drill, bool answers, Context& context) {
    TextTable table({"PERSON", "CHANNEL", "RESULT", "AFTER", "ANSWERED", "REASON"});
    std::vector<std::string> lost;
    std::vector<std::string> silent;
    for (const std::string& person : people) {
        if (!drill.reached(person)) {
            lost.push_back(person);
        } else if (drill.answers.count(person) == 0) {
            silent.push_back(person);
        }
        for (const auto& [key, page] : drill.pages) {
            if (page.person == person) {
                table.add({person, page.channel, std::string(to_string(page.state)),
                           format_span(std::max(Span{0}, page.changed - page.queued)), said(person, drill), page.reason});
            }
        }
        if (context.json) {
            print_drill_json(person, drill);
        }
    }
    if (!context.json) {
        fmt::print("{}", table.text());
        fmt::print("{}", lost.empty() ? fmt::format("all {} could be reached\n", people.size())
                                      : fmt::format("NOT REACHED: {} ({} of {})\n", names_of(lost), lost.size(), people.size()));
        if (answers) {
            fmt::print("{}", silent.empty() ? fmt::format("answered: {} of {}\n", drill.answers.size(), people.size())
                                            : fmt::format("answered: {} of {}; never answered: {}\n", drill.answers.size(),
                                                          people.size(), names_of(silent)));
        }
    }
    if (!lost.empty() && context.exit_code == ctl_ok) {
        context.exit_code = ctl_no;
    }
}

void run_drill(const DrillOptions& options, Context& context) {
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
        const auto reply = api.post("/api/v1/drills", body);  // people who cannot be paged at all are reported as not reached
        expected += reply ? pages_in(reply->text_or("message", "")) : 0;
        if (context.exit_code == ctl_forbidden || context.exit_code == ctl_unreachable) {
            return;
        }
    }
    context.exit_code = ctl_ok;
    const auto drill = expected == 0 ? Drill{} : watch(*before, *people, expected, *wait, options.answers, context);
    print(*people, drill, options.answers, context);
}

}  // namespace

void add_drill(CliCommand app, Context& context) {
    const auto command =
        app.command("drill", "send marked test pages for real; tell who could not be reached and who did not answer");
    auto options = std::make_shared<DrillOptions>();
    const auto rosters = command.option("--roster", options->rosters, "everybody on duty on it now").type("ID");
    const auto people = command.option("--person", options->people, "this person").type("PERSON");
    command.option("--wait", options->wait, "how long to wait at most").type("DURATION").shows_default();
    command.flag("--answers", options->answers, "wait for everybody's answer too, and name who never answered");
    command.run([options, rosters, people, &context] {
        if (!rosters.given() && !people.given()) {
            return context.fail(ctl_usage, "say whom to page: --roster ID or --person PERSON");
        }
        run_drill(*options, context);
    });
}

}  // namespace surged
