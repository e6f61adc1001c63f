// surgectl feed poll and feed csv: whatever has HTTP, SQL or files before it, as a feeder.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "core/rule/spec.hpp"
#include "ctl/context.hpp"
#include "ctl/feed_commands.hpp"
#include "ctl/live_options.hpp"
#include "ctl/recorded_input.hpp"
#include "feed/run_poll.hpp"
#include "feed/run_queue_log.hpp"

namespace surged {
namespace {

constexpr const char* poll_help = R"(
A file says whom to ask what, how often, and which field is which metric:

  [feed]
  source = "cloud-1"                 # this feeder's own name; two of one name hide each other's counters
  centre = "jinan"
  state = "cloud-1.state"            # counters go on over a restart; under surged-feed@.service it has a place of its own

  [[ask]]
  id = "queues"
  every = "15s"
  url = "https://acd.example/api/queues"
  headers = { Authorization = "Bearer ${file:token}" }   # secrets stand in files
  rows = "/queues"                   # JSON pointer of the list; each item is a queue
  queue_from = "/name"
  gauges = { calls_waiting = "/waiting", agents_available = "/agents/ready" }
  counters = { offered = "/today/offered", answered = "/today/answered" }
  idle = "zeros"                     # a queue that vanishes when nobody waits is sent as zeros

Begin with --check (is the file right?), then --once (what would be sent?), then let it run:

  surgectl feed poll cloud.toml --check
  surgectl feed poll cloud.toml --once
  surgectl feed poll cloud.toml --to tcp://127.0.0.1:5556

Every key, and files for Amazon Connect, Genesys Cloud, Twilio, Zendesk Talk, 3CX, ViciDial, Avaya CMS, Cisco Finesse and
Prometheus: /usr/share/surged/rules/examples/feeds (README.md there).)";

constexpr const char* csv_help = R"(
Files that a system drops into a folder every interval, one line a queue:

  queue,offered,answered,abandoned
  general,312,301,11

Columns that are called as surged's metrics are taken as they are; --column names the others. A file is read once it is whole (give it
its name by renaming it, or end its last line), the oldest first, and never twice. The first file only tells where counting begins.
What an interval counted comes when it is over: it is added little by little within --spread, so that a rate rises and does not jump.

  surgectl feed csv --follow /srv/acd/out --centre jinan --column offered="Calls In" --period-column Interval

For more (units, filters, gauges by condition) write a file as for `feed poll` with one [[ask]] of a folder: --map FILE.)";

struct CsvFollow {
    std::string folder;
    std::string map;
    std::string pattern = "*.csv";
    std::string centre = "main";
    std::string queue_column = "queue";
    std::string centre_column;
    std::string period_column;
    std::string separator = ",";
    std::string decimal = "point";
    std::vector<std::string> columns;
    Span every{std::chrono::seconds{5}};
    Span spread{std::chrono::minutes{15}};
    Span age_max{std::chrono::hours{2}};
};

/// METRIC=COLUMN texts and canonical names -> metrics. Error: one that is no such text.
Result<std::vector<MetricRule>> csv_metrics(const CsvFollow& options) {
    std::vector<MetricRule> out;
    const auto mark = options.decimal == "comma" ? DecimalMark::comma : DecimalMark::point;
    const auto add = [&](const std::string& metric, const std::string& column) -> Result<void> {
        auto path = FieldPath::parse(column);
        if (!path) {
            return fail("column " + column + ": " + path.error().message);
        }
        const auto* known = static_cast<const MetricSpec*>(nullptr);
        for (const auto& spec : canonical_metrics()) {
            known = spec.name == metric ? &spec : known;
        }
        MetricRule rule;
        rule.metric = metric;
        rule.counter = known != nullptr && known->kind == MetricKind::counter;
        rule.value = {std::move(*path)};
        rule.form.mark = mark;
        std::erase_if(out, [&](const MetricRule& earlier) { return earlier.metric == metric; });
        out.push_back(std::move(rule));
        return {};
    };
    for (const auto& spec : canonical_metrics()) {
        static_cast<void>(add(spec.name, spec.name));
    }
    for (const auto& text : options.columns) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
            return fail("--column wants METRIC=COLUMN, such as offered=\"Calls In\", not " + text);
        }
        if (auto added = add(text.substr(0, equals), text.substr(equals + 1)); !added) {
            return tl::unexpected(added.error());
        }
    }
    return out;
}

Result<PollPlan> csv_plan(const CsvFollow& options) {
    PollPlan plan;
    AskPlan ask;
    ask.id = "folder";
    ask.kind = AskPlan::Kind::folder;
    ask.every = options.every;
    ask.spread = options.spread;
    ask.age_max = options.age_max;
    ask.folder = {options.folder, options.pattern};
    ask.format = DocumentFormat::csv;
    ask.csv.separator = options.separator == "tab" ? '\t' : options.separator.front();
    ask.csv.columns = {options.queue_column};
    ask.map.centre.fixed = options.centre;
    ask.map.channel.fixed = "voice";
    for (const auto& [column, path] : {std::pair{&options.queue_column, &ask.map.queue.path},
                                       {&options.centre_column, &ask.map.centre.path},
                                       {&options.period_column, &ask.map.period}}) {
        if (!column->empty()) {
            auto parsed = FieldPath::parse(*column);
            if (!parsed) {
                return fail("column " + *column + ": " + parsed.error().message);
            }
            *path = std::move(*parsed);
        }
    }
    auto metrics = csv_metrics(options);
    if (!metrics) {
        return tl::unexpected(metrics.error());
    }
    ask.map.metrics = std::move(*metrics);
    plan.asks.push_back(std::move(ask));
    return plan;
}

int run_csv(const CsvFollow& csv, PollOptions& options, const std::atomic<bool>& stop) {
    PollPlan plan;
    if (csv.map.empty()) {
        auto made = csv_plan(csv);
        if (!made) {
            std::cerr << "error: " << made.error().message << '\n';
            return ctl_usage;
        }
        plan = std::move(*made);
    } else {
        auto loaded = load_poll_plan(csv.map);
        for (const auto& finding : loaded.findings) {
            std::cerr << finding.text() << '\n';
        }
        if (!loaded.good) {
            return ctl_usage;
        }
        plan = std::move(loaded.plan);
        if (plan.asks.size() != 1 || plan.asks.front().kind != AskPlan::Kind::folder) {
            std::cerr << "error: " << csv.map << ": `feed csv` needs one [[ask]] with a `folder`\n";
            return ctl_usage;
        }
        plan.asks.front().folder.folder = csv.folder;
    }
    if (!options.live.source.empty()) {
        plan.source = options.live.source;
    }
    if (plan.source.empty()) {
        plan.source = default_source(csv.folder, csv.centre);
    }
    return run_poll_plan("csv", plan, options, std::cout, std::cerr, stop);
}

}  // namespace

void add_feed_poll(CliCommand feed, Context& context) {
    const auto command = feed.command("poll", "ask HTTP services, databases and files every few seconds, as a file says");
    auto options = std::make_shared<PollOptions>();
    command.option("file", options->file, "what to ask and what the answers mean").required().type("FILE");
    command.flag("--check", options->check, "is the file right? nothing is asked");
    command.flag("--once", options->once,
                 "ask everything once and print what would be sent; counters show the provider's own sums");
    command.option("--state", options->state, "where counters are kept over a restart [`state` of the file, or systemd's folder]")
        .type("FILE");
    add_live_output(command, options->live, "`source` of the file, or host, file and a sum of its path");
    command.footer(poll_help);
    command.run([options, &context] {
        const StopOnSignal signals;
        context.exit_code = run_feed_poll(*options, std::cout, std::cerr, signals.stop());
    });
}

void add_feed_csv(CliCommand feed, Context& context) {
    const auto command = feed.command("csv", "files of counts that are dropped into a folder every interval");
    auto options = std::make_shared<PollOptions>();
    auto csv = std::make_shared<CsvFollow>();
    command.option("--follow", csv->folder, "the folder").required().type("FOLDER");
    command.option("--files", csv->pattern, "which of its files").type("PATTERN").shows_default();
    command
        .option("--map", csv->map,
                "a file as for `feed poll`, with one [[ask]] that has a `folder`; instead of the options below")
        .type("FILE");
    command.option("--centre", csv->centre, "centre of its queues").type("NAME").shows_default();
    command.option("--queue-column", csv->queue_column, "where the queue's name stands").type("NAME").shows_default();
    command.option("--centre-column", csv->centre_column, "where the centre's name stands, instead of --centre").type("NAME");
    command.option("--period-column", csv->period_column, "which interval a line's counts are of [the file's name]").type("NAME");
    command.option("--column", csv->columns, "a column that is a metric, beside those called as surged's metrics")
        .type("METRIC=COLUMN");
    command.option("--separator", csv->separator, "of the fields: one character, or tab").type("CHAR").shows_default();
    command.option("--decimal", csv->decimal, "mark of decimals").one_of({"point", "comma"}).shows_default();
    add_span(command, "--every", csv->every, "between looks into the folder");
    add_span(command, "--spread", csv->spread, "what an interval counted is added little by little within this; 0s = at once");
    add_span(command, "--age-max", csv->age_max, "an older file is remembered and not sent");
    command.flag("--once", options->once, "print what would be sent of the newest file");
    command.option("--state", options->state, "where counters and the names of files are kept over a restart").type("FILE");
    add_live_output(command, options->live, "host, folder and a sum of its path and the centre");
    command.footer(csv_help);
    command.run([options, csv, &context] {
        if (csv->every <= Span{0} || csv->separator.empty() || (csv->separator.size() > 1 && csv->separator != "tab")) {
            return context.fail(ctl_usage, "--every must be longer than nothing, and --separator one character or tab");
        }
        const StopOnSignal signals;
        context.exit_code = run_csv(*csv, *options, signals.stop());
    });
}

}  // namespace surged
