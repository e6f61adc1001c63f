// surgectl history: the minutes of one queue as the daemon kept them.
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/history_curves.hpp"
#include "ctl/recorded_input.hpp"

namespace surged {
namespace {

constexpr std::size_t line_width = 60;

struct HistoryCommand {
    std::string queue;
    std::string metrics;
    std::string from;
    std::string to;
    std::string step;
    std::string zone;
    bool csv = false;
    bool table = false;
};

/// Civil time of the zone becomes an instant, "3h" and "-3h" a time ago; the rest is the daemon's to judge.
std::string time_for_api(const std::string& text, const Zone& zone) {
    if (parse_span(text)) {
        return "-" + text;
    }
    const auto civil = civil_instant(text, zone);
    return civil && *civil ? std::to_string(to_ms(**civil)) : text;
}

void history(const HistoryCommand& command, Context& context) {
    const auto slash = command.queue.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == command.queue.size()) {
        return context.fail(ctl_usage, "\"" + command.queue + "\" is no queue: write centre/queue or centre/queue/channel");
    }
    const std::string rest = command.queue.substr(slash + 1);
    const auto second = rest.find('/');
    Api api(context);
    const auto zone = named_zone(context, api, command.zone);
    if (!zone) {
        return;
    }
    std::string path = "/api/v1/history?centre=" + percent_encoded(command.queue.substr(0, slash)) + "&queue=" + percent_encoded(rest.substr(0, second));
    const auto add = [&path](const char* name, const std::string& value) {
        path += value.empty() ? "" : std::string("&") + name + "=" + percent_encoded(value);
    };
    add("channel", second == std::string::npos ? "" : rest.substr(second + 1));
    add("metric", command.metrics);
    add("from", command.from.empty() ? "" : time_for_api(command.from, *zone));
    add("to", command.to.empty() ? "" : time_for_api(command.to, *zone));
    add("step", command.step);
    const auto body = api.get(path);
    if (!body) {
        return;
    }
    if (context.json) {
        std::printf("%s\n", body->c_str());
        return;
    }
    const auto curves = read_history(*body);
    if (!curves) {
        return context.fail(ctl_unreachable, curves.error().message);
    }
    if (!curves->note.empty()) {
        std::fprintf(stderr, "surgectl: %s\n", curves->note.c_str());
    }
    const bool lines = !command.table && ::isatty(STDOUT_FILENO) != 0;
    const std::string text = command.csv ? history_csv(*curves) : lines ? history_lines(*curves, *zone, line_width) : history_table(*curves, *zone);
    std::fputs(text.c_str(), stdout);
}

}  // namespace

void add_history(CliCommand app, Context& context) {
    const auto command = app.command("history", "minutes of one queue: calls, waiting, agents, level, forecast; the last three hours by default");
    auto options = std::make_shared<HistoryCommand>();
    command.option("queue", options->queue, "centre/queue or centre/queue/channel").required().type("QUEUE");
    command.option("--metric", options->metrics, "only these, as calls_waiting,offered").type("METRICS");
    command.option("--from", options->from, "3h (ago), 2026-03-02[T09:00] of the zone, or RFC 3339; default 3h").type("TIME");
    command.option("--to", options->to, "the same; default now").type("TIME");
    command.option("--step", options->step, "a row is so long, as 5m or 1h; default: the finest that fits").type("DURATION");
    command.option("--zone", options->zone, "times of this zone; default: the daemon's `[defaults] timezone`").type("ZONE");
    command.flag("--csv", options->csv, "comma-separated, times in UTC");
    command.flag("--table", options->table, "a row a step on a terminal, too, instead of a line a metric");
    command.run([options, &context] { history(*options, context); });
}

}  // namespace surged
