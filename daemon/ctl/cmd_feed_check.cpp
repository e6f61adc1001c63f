// surgectl feed check: what surged will make of a feeder's messages, and which rules can work with them.
#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/base/text.hpp"
#include "core/rule/spec.hpp"
#include "core/team/plan.hpp"
#include "ctl/context.hpp"
#include "ctl/feed_commands.hpp"
#include "feed/feed_checker.hpp"
#include "feed/sink.hpp"
#include "io/zmq/ingest.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

struct FeedCheckOptions {
    std::string file = "-";
    std::string bind;
    std::string subscribe;
    std::string config;
    std::uint64_t messages_max = 0;
    bool quiet = false;
    bool lenient = false;
};

constexpr std::size_t line_bytes_max = std::size_t{4} << 20U;

constexpr const char* check_help = R"(
Reads messages as they go over the wire (JSON lines of a script, or a recording), or listens in surged's place, and says of each whether
surged takes it, or field, got and want. Then what is taken and yet odd: holes and repeats of seq, clocks, counters that fall, names that look
like one of surged's own, queues that vanish. With --config it also says which rules can work with what is sent, and what the others lack.

  your-script | surgectl feed check --config /etc/surged/surged.toml
  surgectl feed check --bind tcp://127.0.0.1:5556 --messages 20      (while surged is stopped))";

void check_lines(const FeedCheckOptions& options, FeedChecker& checker, std::istream& in, const std::atomic<bool>& stop) {
    std::string line;
    while (!stop && (options.messages_max == 0 || checker.messages() < options.messages_max) && std::getline(in, line)) {
        if (line.size() > line_bytes_max) {
            line.resize(line_bytes_max);  // far beyond what surged takes: it is refused as that
        }
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) {
            line.pop_back();
        }
        if (!line.empty() && line.front() != '#') {
            checker.take(line, std::nullopt);
        }
    }
}

/// False: an endpoint cannot be opened, which was told.
bool check_socket(const FeedCheckOptions& options, FeedChecker& checker, const std::atomic<bool>& stop) {
    IngestSettings settings;
    if (!options.bind.empty()) {
        settings.bind = {options.bind};
    }
    if (!options.subscribe.empty()) {
        settings.subscribe = {options.subscribe};
    }
    auto ingest = Ingest::open(settings, IngestLimits{});
    if (!ingest) {
        std::cerr << ingest.error().message << '\n';
        return false;
    }
    for (const auto& endpoint : (*ingest)->endpoints()) {
        std::cerr << "event=listening endpoint=" << endpoint << std::endl;
    }
    while (!stop && (options.messages_max == 0 || checker.messages() < options.messages_max)) {
        if ((*ingest)->wait(Span{100}).messages) {
            (*ingest)->receive(1, [&](std::string_view payload, std::string_view) { checker.take(payload, wall_now_ms()); });
        }
    }
    return true;
}

/// Raw metrics that a metric cannot do without, through formulas of formulas.
void add_needs(const Plan& plan, const std::string& metric, std::set<std::string>& needs,
               std::size_t depth = 0) {  // NOLINT(misc-no-recursion)
    bool derived = false;
    for (const auto& derive : plan.derives) {
        if (derive.metric != metric || depth > 16) {
            continue;
        }
        derived = true;
        for (const auto* formula : {&derive.formula, derive.when ? &*derive.when : nullptr}) {
            for (std::size_t i = 0; formula != nullptr && i < formula->inputs().size(); ++i) {
                if (formula->needs(i)) {
                    add_needs(plan, formula->inputs()[i].metric, needs, depth + 1);
                }
            }
        }
    }
    if (!derived) {
        needs.insert(metric);
    }
}

struct RuleVerdict {
    std::string id;
    std::size_t bound = 0;  ///< queues of its scope
    std::size_t works = 0;  ///< of them, those that send all it needs
    std::set<std::string> lacks;
};

RuleVerdict judge_rule(const Plan& plan, const RuleSpec& rule, const FeedChecker& checker) {
    std::set<std::string> needs;
    if (!(rule.kind == RuleKind::absence && rule.feed)) {
        add_needs(plan, rule.metric, needs);
    }
    if (rule.kind == RuleKind::shortfall) {
        needs.insert("agents_staffed");
    }
    RuleVerdict out;
    out.id = rule.id;
    for (const auto& [key, metrics] : checker.queues()) {
        const auto& scope = rule.scope;
        if (!glob_match(scope.centre, key.centre) || !glob_match(scope.queue, key.queue) ||
            !glob_match(scope.channel, key.channel)) {
            continue;
        }
        ++out.bound;
        bool has_all = true;
        for (const auto& need : needs) {
            if (!metrics.contains(need)) {
                has_all = false;
                out.lacks.insert(need);
            }
        }
        out.works += has_all ? 1U : 0U;
    }
    return out;
}

std::string in_words(const RuleVerdict& rule) {
    if (rule.bound == 0) {
        return "rule " + rule.id + ": no queue of its scope is sent";
    }
    std::string line = "rule " + rule.id + ": works on " + std::to_string(rule.works);
    if (rule.works == rule.bound) {
        return line + " queues";
    }
    line += " of " + std::to_string(rule.bound) + " queues; the others lack";
    for (const auto& metric : rule.lacks) {
        line += " " + metric;
    }
    return line;
}

void tell_findings(const FeedChecker& checker, const std::vector<RuleVerdict>& rules) {
    for (const auto& odd : checker.oddities()) {
        std::cout << "odd: " << odd.text << " (message " << odd.first
                  << (odd.count > 1 ? ", " + std::to_string(odd.count) + " times" : "") << ")\n";
    }
    std::cout << "queues:\n";
    for (const auto& [key, metrics] : checker.queues()) {
        std::cout << "  " << shown_safely(key.centre + "/" + key.queue + "/" + key.channel) << ":";
        for (const auto& metric : metrics) {
            std::cout << ' ' << metric;
        }
        std::cout << '\n';
    }
    std::cout << checker.messages() << " messages: " << checker.messages() - checker.refused() << " accepted, "
              << checker.refused() << " refused, " << checker.left_out() << " times something left out, "
              << checker.oddities().size() << " oddities\n";
    for (const auto& rule : rules) {
        std::cout << in_words(rule) << '\n';
    }
}

void list_words(JsonWriter& json, const char* name, const std::set<std::string>& words) {
    json.key(name).begin_array();
    for (const auto& word : words) {
        json.value(word);
    }
    json.end_array();
}

void tell_as_json(const FeedChecker& checker, const std::vector<RuleVerdict>& rules) {
    std::string out;
    JsonWriter json(out);
    json.begin_object()
        .field("messages", checker.messages())
        .field("refused", checker.refused())
        .field("left_out", checker.left_out());
    json.key("oddities").begin_array();
    for (const auto& odd : checker.oddities()) {
        json.begin_object().field("text", odd.text).field("count", odd.count).field("first", odd.first).end_object();
    }
    json.end_array().key("queues").begin_array();
    for (const auto& [key, metrics] : checker.queues()) {
        json.begin_object().field("centre", key.centre).field("queue", key.queue).field("channel", key.channel);
        list_words(json, "metrics", metrics);
        json.end_object();
    }
    json.end_array().key("rules").begin_array();
    for (const auto& rule : rules) {
        json.begin_object()
            .field("id", rule.id)
            .field("queues", std::uint64_t{rule.bound})
            .field("works", std::uint64_t{rule.works});
        list_words(json, "lacks", rule.lacks);
        json.end_object();
    }
    json.end_array().end_object();
    std::cout << out << '\n';
}

void run_check(const FeedCheckOptions& options, Context& context, const std::atomic<bool>& stop) {
    std::optional<LoadedConfig> config;
    if (!options.config.empty()) {
        config = load_for_ctl(context, options.config);
        if (!config) {
            return;
        }
    }
    FeedChecker checker([&](const std::string& line) {
        if (context.json) {
            return;
        }
        if (!options.quiet || line.find(": accepted") == std::string::npos || line.find("left out") != std::string::npos) {
            std::cout << line << std::endl;
        }
    }, IngestLimits{}, options.lenient || (config && config->settings.ingest.lenient));
    if (!options.bind.empty() || !options.subscribe.empty()) {
        if (!check_socket(options, checker, stop)) {
            context.exit_code = ctl_usage;
            return;
        }
    } else if (options.file == "-") {
        check_lines(options, checker, std::cin, stop);
    } else {
        std::ifstream in(options.file, std::ios::binary);
        if (!in) {
            return context.fail(ctl_usage, options.file + ": cannot be read");
        }
        check_lines(options, checker, in, stop);
    }
    std::vector<RuleVerdict> rules;
    for (std::size_t i = 0; config && i < config->plan->rules.size(); ++i) {
        rules.push_back(judge_rule(*config->plan, config->plan->rules[i], checker));
    }
    context.json ? tell_as_json(checker, rules) : tell_findings(checker, rules);
    const bool well = checker.messages() > 0 && checker.refused() == 0 && checker.left_out() == 0 && checker.oddities().empty();
    context.exit_code = well ? ctl_ok : ctl_no;
}

}  // namespace

void add_feed_check(CliCommand feed, Context& context) {
    const auto command =
        feed.command("check", "judge what a feeder sends: accepted, or field, got, want; and which rules can work with it");
    auto options = std::make_shared<FeedCheckOptions>();
    command.option("file", options->file, "messages, one a line; - = standard input").type("FILE").shows_default();
    command.option("--bind", options->bind, "listen there instead, in surged's place").type("ENDPOINT");
    command.option("--subscribe", options->subscribe, "SUB to a feeder's PUB instead, beside surged").type("ENDPOINT");
    command.option("--config", options->config, "whose rules are to work with it").type("FILE");
    command.option("--messages", options->messages_max, "end after so many; 0 = until it ends").shows_default();
    command.flag("--quiet", options->quiet, "no line for a message that is accepted whole");
    command.flag("--lenient", options->lenient, "as [ingest] lenient, which --config tells too: numbers in texts are taken");
    command.footer(check_help);
    command.run([options, &context] {
        const StopOnSignal signals;
        run_check(*options, context, signals.stop());
    });
}

}  // namespace surged
