#include "ctl/count_input.hpp"

#include <algorithm>
#include <cstdio>

#include "core/base/text.hpp"
#include "ctl/command_line.hpp"

namespace surged {

void CountColumn::add_options(CliCommand command) {
    command.option("--queue", queue, "queue of a csv").type("NAME");
    command.option("--channel", channel, "channel of a csv").type("NAME").shows_default();
    command.option("--metric", metric, "metric whose counts a csv holds").type("NAME").shows_default();
    command.option("--interval", interval, "length of a csv's rows, as 5m; default: the commonest step").type("SPAN");
    command.option("--zone", zone, "zone of a csv's times that name none; default: the configuration's").type("ZONE");
    add_csv_options(command, csv);
}

void add_csv_options(CliCommand command, CsvOptions& out) {
    command.option("--column", out.column, "column of a csv's counts, by header or number; needed where several could be").type("COLUMN");
    command.option("--time-column", out.time_column, "column of its times; default: the first that holds some").type("COLUMN");
    command.option("--queue-column", out.queue_column, "column of its queues; default: one headed queue, skill, ...").type("COLUMN");
    command.option("--date-format", out.date_format, "order of its dates where the year is last: d.m.Y or m/d/Y").type("ORDER");
    command.option("--decimal", out.decimal, "its decimal mark, where 1,250 can be read in two ways").one_of({"point", "comma"});
    command.option("--separator", out.separator, "between its fields: one character, or tab; default: by its first rows").type("CHAR");
}

void tell_about(const std::string& path, const CountFile& file) {
    for (const auto& note : file.notes) {
        std::fprintf(stderr, "surgectl: %s: %s\n", path.c_str(), note.c_str());
    }
    for (const auto& [number, why] : file.told) {
        std::fprintf(stderr, "surgectl: %s:%zu: %s\n", path.c_str(), number, why.c_str());
    }
    if (file.bad_lines > file.told.size()) {
        std::fprintf(stderr, "surgectl: %s: %zu more bad lines\n", path.c_str(), file.bad_lines - file.told.size());
    }
}

Result<CountInput> CountInput::read(const std::string& path, const std::string& centre, const CountColumn& column,
                                    const Plan& plan) {
    auto zone = load_zone(column.zone.empty() ? plan.timezone : column.zone);
    auto csv = column.csv;
    csv.metric = column.metric;
    auto file = read_counts(path, nullptr, csv, column.queue);
    if (!zone || !file) {
        return tl::unexpected(!zone ? zone.error() : file.error());
    }
    CountInput out;
    out.zone_ = std::move(*zone);
    out.file_ = std::move(*file);
    tell_about(path, out.file_);
    const auto& queue = column.queue.empty() ? out.file_.queue : column.queue;
    if (queue.empty()) {
        return fail("a csv holds the counts of one queue: name it with --queue");
    }
    out.options_.queue = {centre.empty() ? "centre" : centre, queue, column.channel};
    out.options_.metric = column.metric;
    out.options_.counter = std::ranges::any_of(plan.metrics, [&](const MetricSpec& m) {
        return m.name == column.metric && m.kind == MetricKind::counter;
    });
    out.options_.interval = Span{static_cast<std::int64_t>(out.file_.interval_minutes() * 60000.0)};
    if (!column.interval.empty()) {
        const auto span = parse_span(column.interval);
        if (!span || *span < Span{60000} || *span > Span{86400000}) {
            return fail("--interval wants a span of 1m to 24h, as 5m");
        }
        out.options_.interval = *span;
    }
    return out;
}

void CountInput::each(const std::function<bool(const Message&)>& each) const {
    CountMessageOptions options = options_;
    options.zone = &zone_;
    if (const auto back = count_messages(file_, options, each); back > 0) {
        std::fprintf(stderr, "surgectl: %zu rows go back in time and were left out\n", back);
    }
}

std::unique_ptr<const Plan> CountInput::patient(const Plan& plan) const {
    auto out = std::make_unique<Plan>(plan);
    out->stale_after = std::max(out->stale_after, 3 * options_.interval);
    return out;
}

}  // namespace surged
