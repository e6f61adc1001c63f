// What the answers to an [[ask]] mean: rows, names of queues, metrics.
#include <algorithm>
#include <set>

#include "config/reader.hpp"
#include "core/base/ranges.hpp"
#include "core/rule/spec.hpp"
#include "feed/poll_config.hpp"
#include "wire/names.hpp"

namespace surged {
namespace {

constexpr std::size_t rows_deep_max = 8;
constexpr std::size_t metrics_max = 128;
constexpr std::array<std::pair<std::string_view, WhenIdle>, 2> idle_words{
    {{"absent", WhenIdle::absent}, {"zeros", WhenIdle::zeros}}};
constexpr std::array<std::pair<std::string_view, FieldUnit>, 6> unit_words{{{"s", FieldUnit::number},
                                                                            {"ms", FieldUnit::ms},
                                                                            {"min", FieldUnit::minutes},
                                                                            {"h", FieldUnit::hours},
                                                                            {"clock", FieldUnit::clock},
                                                                            {"since", FieldUnit::since}}};

bool parse_path_at(const Node& node, std::string_view key, FieldPath& out, Report& report) {
    if (node.kind != Node::Kind::text || node.text.size() > 1024) {
        report.error(node.place,
                     "`" + std::string(key) + "` must be a string: a column, or a JSON pointer such as \"/stats/count\"");
        return false;
    }
    auto path = FieldPath::parse(node.text);
    if (!path) {
        report.error(node.place, "`" + std::string(key) + "`: " + in_quotes(node.text) + " " + path.error().message);
        return false;
    }
    out = std::move(*path);
    return true;
}

bool read_paths(TableReader& table, std::string_view key, std::vector<FieldPath>& out) {
    const auto* node = table.any(key);
    if (node == nullptr) {
        return false;
    }
    const auto take = [&](const Node& item) {
        FieldPath path;
        const bool good = parse_path_at(item, key, path, table.report());
        if (good) {
            out.push_back(std::move(path));
        }
        return good;
    };
    if (node->kind == Node::Kind::array) {
        return !node->items.empty() && std::all_of(node->items.begin(), node->items.end(), take);
    }
    return take(*node);
}

void read_conditions(TableReader& table, std::vector<FieldCondition>& out) {
    const auto* node = table.table("where");
    if (node == nullptr) {
        return;
    }
    for (const auto& entry : node->entries) {
        FieldCondition condition;
        auto path = FieldPath::parse(entry.key);
        if (!path) {
            table.report().error(entry.place, in_quotes(entry.key) + " " + path.error().message);
            continue;
        }
        condition.path = std::move(*path);
        const auto take = [&](const Node& value) {
            if (value.kind == Node::Kind::text) {
                condition.values.push_back(value.text);
            } else if (value.kind == Node::Kind::integer) {
                condition.values.push_back(std::to_string(value.integer));
            } else if (value.kind == Node::Kind::boolean) {
                condition.values.emplace_back(value.boolean ? "true" : "false");
            } else {
                table.report().error(value.place, "`where` compares with strings, whole numbers, true and false");
            }
        };
        if (entry.value.kind == Node::Kind::array) {
            std::for_each(entry.value.items.begin(), entry.value.items.end(), take);
        } else {
            take(entry.value);
        }
        out.push_back(std::move(condition));
    }
}

class MapReader {
public:
    MapReader(TableReader& table, AskPlan& ask) : table_(table), ask_(ask), map_(ask.map) {}

    void read() {
        read_format();
        read_paths(table_, "rows", map_.rows);
        if (map_.rows.size() > rows_deep_max) {
            table_.error("rows", "more than 8 levels of rows");
        }
        if (ask_.format == DocumentFormat::csv && !map_.rows.empty()) {
            table_.error("rows", "a table's lines are its rows");
        }
        read_conditions(table_, map_.where);
        read_poll_name(table_, "centre", map_.centre);
        read_poll_name(table_, "queue", map_.queue);
        read_poll_name(table_, "channel", map_.channel);
        if (!table_.has("queue") && !table_.has("queue_from")) {
            table_.report().error(table_.place(),
                                  "[[ask]] needs `queue_from`, where the queue's name stands, or `queue`, the name itself");
        }
        if (map_.channel.fixed.empty()) {
            map_.channel.fixed = "voice";
        }
        read_period();
        FieldPath time;
        if (read_poll_path(table_, "time", time)) {
            map_.time = std::move(time);
        }
        constexpr std::array<std::pair<std::string_view, DateOrder>, 2> orders{
            {{"dmy", DateOrder::dmy}, {"mdy", DateOrder::mdy}}};
        table_.choice("date_order", map_.order, orders);
        table_.choice("idle", idle_, idle_words);
        read_metrics();
        name_csv_columns();
    }

private:
    void read_format() {
        constexpr std::array<std::pair<std::string_view, DocumentFormat>, 3> formats{
            {{"json", DocumentFormat::json}, {"csv", DocumentFormat::csv}, {"xml", DocumentFormat::xml}}};
        ask_.format =
            ask_.kind == AskPlan::Kind::folder || ask_.kind == AskPlan::Kind::file ? DocumentFormat::csv : DocumentFormat::json;
        if (ask_.kind == AskPlan::Kind::sql) {
            if (table_.has("format")) {
                table_.error("format", "the answer to `sql` has no format: its columns are the fields");
            }
            table_.know("format");
            ask_.format = DocumentFormat::csv;
            return;
        }
        table_.choice("format", ask_.format, formats);
        std::string separator;
        if (table_.text("separator", separator)) {
            if (separator == "tab") {
                separator = "\t";
            }
            separator.size() == 1 && separator != "\"" ? static_cast<void>(ask_.csv.separator = separator.front())
                                                       : table_.error("separator", "`separator` is one character, or \"tab\"");
        }
        table_.flag("header", ask_.csv.header);
        constexpr std::array<std::pair<std::string_view, DecimalMark>, 2> marks{
            {{"point", DecimalMark::point}, {"comma", DecimalMark::comma}}};
        table_.choice("decimal", mark_, marks);
    }

    void read_period() {
        const auto* node = table_.any("period");
        if (node == nullptr) {
            return;
        }
        if (node->kind == Node::Kind::text && node->text.starts_with("${")) {
            PollTemplate fixed;
            if (read_poll_template(table_, "period", fixed)) {
                ask_.fixed_period = std::move(fixed);
            }
            return;
        }
        FieldPath path;
        if (parse_path_at(*node, "period", path, table_.report())) {
            map_.period = std::move(path);
        }
    }

    void read_metrics() {
        for (const auto& [key, counter] : {std::pair{"gauges", false}, {"counters", true}}) {
            const auto* node = table_.table(key);
            for (std::size_t i = 0; node != nullptr && i < node->entries.size(); ++i) {
                short_metric(*node, node->entries[i], key, counter);
            }
        }
        for (const auto* node : table_.tables("metric")) {
            TableReader table(*node, "[[ask.metric]]", table_.report());
            long_metric(table);
            table.finish();
        }
        if (map_.metrics.empty() && !table_.has("metric") && !table_.has("gauges") && !table_.has("counters")) {
            table_.report().error(table_.place(), "[[ask]] needs metrics: `gauges`, `counters` or [[ask.metric]]");
        }
        if (map_.metrics.size() > metrics_max) {
            table_.report().error(table_.place(), "more than 128 metrics of one [[ask]]");
        }
    }

    MetricRule fresh(bool counter) const {
        MetricRule metric;
        metric.counter = counter;
        metric.form.mark = mark_;
        metric.form.order = map_.order;
        metric.idle = idle_;
        return metric;
    }

    void short_metric(const Node& node, const Entry& entry, const char* key, bool counter) {
        auto metric = fresh(counter);
        metric.metric = entry.key;
        TableReader one(node, std::string("`") + key + "`", table_.report());
        if (read_paths(one, entry.key, metric.value)) {
            keep(std::move(metric), entry.place);
        }
    }

    void long_metric(TableReader& table) {
        auto metric = fresh(false);
        table.require("name");
        table.text("name", metric.metric);
        constexpr std::array<std::pair<std::string_view, bool>, 2> kinds{{{"gauge", false}, {"counter", true}}};
        const auto* known = find_canonical(metric.metric);
        metric.counter = known != nullptr && known->kind == MetricKind::counter;
        table.choice("kind", metric.counter, kinds);
        table.flag("count", metric.count_rows);
        read_paths(table, "value", metric.value);
        if (!metric.count_rows && !table.has("value")) {
            table.report().error(table.place(),
                                 "[[ask.metric]] needs `value`, where the number stands, or `count = true`, the number of rows");
        }
        if (metric.count_rows && table.has("value")) {
            table.error("count", "`value` or `count`, not both");
        }
        table.choice("unit", metric.form.unit, unit_words);
        table.number("scale", metric.form.scale, 1e-9, 1e9);
        constexpr std::array<std::pair<std::string_view, Combine>, 3> ways{
            {{"sum", Combine::sum}, {"max", Combine::max}, {"min", Combine::min}}};
        table.choice("combine", metric.combine, ways);
        read_conditions(table, metric.where);
        table.choice("idle", metric.idle, idle_words);
        keep(std::move(metric), table.at("name"));
    }

    static const MetricSpec* find_canonical(std::string_view name) {
        const auto& all = canonical_metrics();
        const auto found = std::find_if(all.begin(), all.end(), [&](const MetricSpec& spec) { return spec.name == name; });
        return found == all.end() ? nullptr : &*found;
    }

    void keep(MetricRule metric, const Place& at) {
        if (check_metric_name(metric.metric, 64)) {
            return table_.report().error(at,
                                         in_quotes(metric.metric) + " is no name of a metric: [a-z][a-z0-9_]*, at most 64 bytes");
        }
        if (const auto* known = find_canonical(metric.metric)) {
            const bool counter = known->kind == MetricKind::counter;
            if (counter != metric.counter) {
                table_.report().error(at, in_quotes(metric.metric) + " is a " + (counter ? "counter" : "gauge") + " to surged");
                return;
            }
        } else {
            std::vector<std::string> names;
            for (const auto& spec : canonical_metrics()) {
                names.push_back(spec.name);
            }
            const auto hint = nearest_hint(metric.metric, names);
            table_.report().warning(
                at, "surged has no metric " + in_quotes(metric.metric) + " of its own: it takes it as a gauge" +
                        (metric.counter ? " unless its configuration has a [[metric]] that says counter" : "") + hint);
        }
        if (!names_.insert(metric.metric).second) {
            return table_.report().error(at, "a second metric " + in_quotes(metric.metric) + " of this [[ask]]");
        }
        map_.metrics.push_back(std::move(metric));
    }

    /// The header is the line that has all the columns that are asked for.
    void name_csv_columns() {
        if (ask_.format != DocumentFormat::csv || !ask_.csv.header) {
            return;
        }
        std::set<std::string> columns;
        const auto need = [&](const FieldPath& path) {
            if (!path.text().empty() && !path.text().starts_with('/') && !path.text().starts_with("../")) {
                columns.insert(path.text());
            }
        };
        for (const auto* rule : {&map_.queue, &map_.centre, &map_.channel}) {
            if (rule->path) {
                need(*rule->path);
            }
        }
        for (const auto& metric : map_.metrics) {
            std::for_each(metric.value.begin(), metric.value.end(), need);
        }
        if (map_.period) {
            need(*map_.period);
        }
        ask_.csv.columns.assign(columns.begin(), columns.end());
    }

    TableReader& table_;
    AskPlan& ask_;
    MapRule& map_;
    WhenIdle idle_ = WhenIdle::absent;
    DecimalMark mark_ = DecimalMark::point;
    std::set<std::string> names_;
};

}  // namespace

bool read_poll_path(TableReader& table, std::string_view key, FieldPath& out) {
    const auto* node = table.any(key);
    return node != nullptr && parse_path_at(*node, key, out, table.report());
}

void read_poll_name(TableReader& table, const std::string& key, NameRule& out) {
    std::string fixed;
    if (table.text(key, fixed)) {
        if (check_label(fixed, 64, true)) {
            table.error(key, in_quotes(fixed) + " is no name: 1 to 64 bytes, no control characters, not with a * in front");
        } else {
            out.fixed = fixed;
        }
    }
    FieldPath path;
    if (read_poll_path(table, key + "_from", path)) {
        out.path = std::move(path);
    }
    if (const auto* names = table.table(key + "s"); names != nullptr) {
        for (const auto& entry : names->entries) {
            if (entry.value.kind != Node::Kind::text || check_label(entry.value.text, 64, true)) {
                table.report().error(
                    entry.value.place,
                    "`" + key + "s` says for each name of theirs one of ours: 1 to 64 bytes, no control characters");
            } else {
                out.names[entry.key] = entry.value.text;
            }
        }
    }
    table.flag("only_these_" + key + "s", out.only_named);
    if (out.only_named && out.names.empty()) {
        table.error("only_these_" + key + "s", "there are no `" + key + "s`");
    }
}

void read_poll_map(TableReader& table, AskPlan& ask) {
    MapReader(table, ask).read();
}

}  // namespace surged
