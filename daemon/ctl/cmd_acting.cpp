// surgectl join, decline, ack, leave, handover, arrive, escalate, resolve, incident, verdict, silence, reload: what changes something in
// the daemon. An answer is printed only after the daemon confirmed it as durable.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "ctl/api_json.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"

namespace surged {
namespace {

struct ActOptions {
    std::string verb;
    std::string incident;
    std::string person;
    std::string reason;
    std::string successor;
    int tier = 0;
    bool force = false;
    bool drill = false;
    bool move = false;
};

bool knows(const JsonValue& incident, const std::string& person) {
    const auto& seats = list_of(incident, "seats");
    return !person.empty() &&
           std::ranges::any_of(seats, [&](const JsonValue& seat) { return seat.text_or("person", "") == person; });
}

/// The incident that was meant when none was named: the one that is open; of several, the one that has asked this person.
std::string the_open_incident(Api& api, Context& context, const std::string& person) {
    const auto list = api.read("/api/v1/incidents");
    if (!list) {
        return {};
    }
    std::vector<std::string> open;
    std::vector<std::string> theirs;
    for (const JsonValue& incident : list_of(*list, "incidents")) {
        if (incident.text_or("state", "") != "closed" && incident.text_or("state", "") != "resolved") {
            open.push_back(incident.text_or("incident", ""));
            if (knows(incident, person)) {
                theirs.push_back(open.back());
            }
        }
    }
    if (open.size() == 1 || theirs.size() == 1) {
        return open.size() == 1 ? open.front() : theirs.front();
    }
    std::string names;
    for (const std::string& name : theirs.empty() ? open : theirs) {
        names += " " + name;
    }
    const Look look = context.look();
    context.fail(open.empty() ? ctl_no : ctl_usage, open.empty() ? look.say("nothing_open") : look.say("several_open", {{"names", names}}));
    return {};
}

/// What the daemon said of an answer. Its own English words are the most exact; in another language the code and the seats tell it.
std::string answer_said(const Look& look, const JsonValue& reply, const std::string& fallback) {
    const auto* row = Phrases<tool_words>::find("said." + reply.text_or("code", ""));
    if (row == nullptr || look.language() == Language::en) {
        return reply.text_or("message", fallback);
    }
    return fill(row->in(look.language()), {{"joined", std::to_string(count_of(reply, "joined"))}, {"need", std::to_string(count_of(reply, "need"))}});
}

void print_reply(const Context& context, const JsonValue& reply, const std::string& fallback) {
    if (context.json) {
        std::string line;
        JsonWriter json(line);
        json.begin_object()
            .field("ok", true)
            .field("code", reply.text_or("code", ""))
            .field("message", reply.text_or("message", fallback));
        for (const char* name : {"joined", "need"}) {
            if (const JsonValue* value = reply.find(name); value != nullptr && value->integer()) {
                json.field(name, *value->integer());
            }
        }
        json.end_object();
        std::printf("%s\n", line.c_str());
    } else {
        std::printf("%s\n", answer_said(context.look(), reply, fallback).c_str());
    }
}

void answer_drill(const ActOptions& options, Api& api, const Context& context) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (!options.person.empty()) {
        json.field("person", options.person);
    }
    if (!options.reason.empty()) {
        json.field("reason", options.reason);
    }
    json.field("way", "cli").end_object();
    if (const auto reply = api.post("/api/v1/drills/answer", body)) {
        print_reply(context, *reply, "noted");
    }
}

void act(const ActOptions& options, Context& context) {
    Api api(context);
    if (options.drill) {
        return answer_drill(options, api, context);
    }
    const std::string incident = options.incident.empty() ? the_open_incident(api, context, options.person) : options.incident;
    if (incident.empty()) {
        return;
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    if (!options.person.empty()) {
        json.field("person", options.person);
    }
    if (!options.reason.empty()) {
        json.field("reason", options.reason);
    }
    if (options.move) {
        json.field("move", true);
    }
    if (options.verb == "escalate" && options.tier > 0) {
        json.field("tier", options.tier);
    } else if (options.verb == "resolve" && options.force) {
        json.field("force", true);
    } else if (options.verb != "escalate" && options.verb != "resolve" && options.verb != "adopt-policy") {
        json.field("way", "cli");
    }
    if (!options.successor.empty()) {
        json.field("successor", options.successor);
    }
    json.end_object();
    if (const auto reply = api.post("/api/v1/incidents/" + incident + "/" + options.verb, body)) {
        print_reply(context, *reply, options.verb + " noted");
    } else if (context.exit_code == ctl_usage && options.person.empty() && options.verb != "escalate" && options.verb != "resolve") {
        std::fprintf(stderr, "surgectl: %s\n", context.look().say("say_who", {{"verb", options.verb}}).c_str());
    }
}

void add_answer(CliCommand app, Context& context, const std::string& verb, const std::string& help) {
    const auto command = app.command(verb, help);
    auto options = std::make_shared<ActOptions>();
    options->verb = verb;
    command
        .option("incident", options->incident,
                "incident, e.g. 0-17; may be left out while one is open, or one of them asks this person")
        .type("INCIDENT");
    command.option("--as", options->person, "who; may be left out when the token belongs to a person").type("PERSON");
    command.option("--reason", options->reason, "a few words for the timeline").type("TEXT");
    if (verb == "escalate") {
        command.option("--tier", options->tier, "to this tier (1 is the first); default: the next one").type("N");
    } else if (verb == "resolve") {
        command.flag("--force", options->force, "although alerts still fire");
    } else if (verb == "join" || verb == "arrive") {
        command.flag("--move", options->move, "give up the seat held in another incident: there is one seat a person");
    } else if (verb == "decline") {
        command.option("--substitute", options->successor, "whom to ask instead").type("PERSON");
    }
    if (verb == "ack" || verb == "join") {
        command.flag("--drill", options->drill, "answer the test page of a drill");
    }
    command.run([options, &context] { act(*options, context); });
}

void add_handover(CliCommand app, Context& context) {
    const auto command = app.command("handover", "hand a seat to somebody; it is yours until they join");
    auto options = std::make_shared<ActOptions>();
    options->verb = "leave";
    command.option("incident", options->incident, "incident, e.g. 0-17; may be left out while one is open").type("INCIDENT");
    command.option("--as", options->person, "whose seat; may be left out when the token belongs to a person").type("PERSON");
    command.option("--to", options->successor, "who takes it over").type("PERSON").required();
    command.option("--reason", options->reason, "a few words for the timeline").type("TEXT");
    command.run([options, &context] { act(*options, context); });
}

void add_incident(CliCommand app, Context& context) {
    const auto group = app.command("incident", "what is done to an incident as a whole");
    group.needs_command();
    const auto command = group.command("adopt-policy", "go on by the policy that is in force now");
    auto options = std::make_shared<ActOptions>();
    options->verb = "adopt-policy";
    command.option("incident", options->incident, "incident, e.g. 0-17; may be left out while one is open").type("INCIDENT");
    command.option("--as", options->person, "who orders it").type("PERSON");
    command.option("--reason", options->reason, "a few words for the timeline").type("TEXT");
    command.run([options, &context] { act(*options, context); });
}

struct VerdictOptions {
    std::string incident;
    std::string verdict;
    std::string person;
    std::string reason;
};

void verdict(const VerdictOptions& options, Context& context) {
    Api api(context);
    std::string body;
    JsonWriter json(body);
    json.begin_object().field("verdict", options.verdict);
    if (!options.person.empty()) {
        json.field("by", options.person);
    }
    if (!options.reason.empty()) {
        json.field("reason", options.reason);
    }
    json.end_object();
    if (const auto reply = api.post("/api/v1/incidents/" + options.incident + "/verdict", body)) {
        print_reply(context, *reply, "noted");
    }
}

void add_verdict(CliCommand app, Context& context) {
    const auto command = app.command("verdict", "say what an incident was worth; reports, tune and fairness go by it");
    auto options = std::make_shared<VerdictOptions>();
    command.option("incident", options->incident, "incident, e.g. 0-17").type("INCIDENT").required();
    command.option("verdict", options->verdict, "useful, late (help came too late) or false (a false alarm)").one_of({"useful", "late", "false"}).required();
    command.option("--as", options->person, "who says so; a token's own name stands before it").type("PERSON");
    command.option("--reason", options->reason, "a few words for the report").type("TEXT");
    command.run([options, &context] { verdict(*options, context); });
}

struct SilenceOptions {
    std::string rule = "*";
    std::string centre = "*";
    std::string queue = "*";
    std::string duration;
    std::string reason;
    std::string person;
    std::string end;
};

void silence(const SilenceOptions& options, Context& context) {
    Api api(context);
    if (!options.end.empty()) {
        if (const auto reply = api.remove("/api/v1/silences/" + options.end)) {
            print_reply(context, *reply, "silence ended");
        }
        return;
    }
    if (options.duration.empty() || options.reason.empty()) {
        return context.fail(ctl_usage, "a silence needs --for and --reason (or --end ID to end one)");
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object().field("rule", options.rule).field("centre", options.centre).field("queue", options.queue);
    json.field("for", options.duration).field("reason", options.reason);
    if (!options.person.empty()) {
        json.field("person", options.person);
    }
    json.end_object();
    if (const auto reply = api.post("/api/v1/silences", body)) {
        print_reply(context, *reply, "silenced");
    }
}

}  // namespace

void add_acting(CliCommand app, Context& context) {
    add_answer(app, context, "join", "take a seat: \"I am coming onto the phones\"");
    add_answer(app, context, "decline", "say no: the next one is asked");
    add_answer(app, context, "ack", "\"seen, I look after it\": stops reminders to you, not the tiers");
    add_answer(app, context, "leave", "give a seat back");
    add_handover(app, context);
    add_answer(app, context, "arrive", "\"I am on the phones\"");
    add_answer(app, context, "escalate", "call the next tier now");
    add_answer(app, context, "resolve", "end an incident by hand");

    add_incident(app, context);
    add_verdict(app, context);

    const auto command = app.command("silence", "page nobody for a while; what is silenced stays visible");
    auto options = std::make_shared<SilenceOptions>();
    command.option("--rule", options->rule, "rules, with * and ?").type("GLOB").shows_default();
    command.option("--centre", options->centre, "centres").type("GLOB").shows_default();
    command.option("--queue", options->queue, "queues").type("GLOB").shows_default();
    command.option("--for", options->duration, "how long: 30m, 2h").type("DURATION");
    command.option("--reason", options->reason, "why").type("TEXT");
    command.option("--as", options->person, "who").type("PERSON");
    command.option("--end", options->end, "end this silence early").type("ID");
    command.run([options, &context] { silence(*options, context); });

    const auto reload = app.command("reload", "read the configuration again; a bad one changes nothing and says why");
    reload.run([&context] {
        Api api(context);
        if (const auto reply = api.post("/api/v1/reload", "{}")) {
            print_reply(context, *reply, "reloaded");
        }
    });
}

}  // namespace surged
