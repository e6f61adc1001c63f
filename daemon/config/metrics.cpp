// [[metric]], [[expect]] and [[derive]]: what is measured, what should report, what is computed.
#include <algorithm>

#include "config/draft.hpp"
#include "core/base/text.hpp"

namespace surged {

void report_in_text(Report& report, const Node& node, std::size_t offset, std::string message) {
    report.error(place_in_text(node, offset), std::move(message));
}

void read_scope(TableReader& owner, Scope& scope) {
    const auto* node = owner.table("scope");
    if (node == nullptr) {
        return;
    }
    TableReader table(*node, "scope", owner.report());
    const auto read = [&](std::string_view key, std::string& out) {
        if (table.text(key, out) && !queue_name_valid(out)) {
            table.error(key, "`" + std::string(key) + "` must be a name or a pattern with * and ?, 1 to 64 bytes");
        }
    };
    read("centre", scope.centre);
    read("queue", scope.queue);
    read("channel", scope.channel);
    read("group", scope.group);
    table.finish();
}

namespace {
MetricSpec* find_metric(Plan& plan, std::string_view name) {
    const auto found = std::ranges::find(plan.metrics, name, &MetricSpec::name);
    return found == plan.metrics.end() ? nullptr : &*found;
}

std::string_view kind_word(MetricKind kind) {
    return kind == MetricKind::counter ? "counter" : "gauge";
}

/// A metric's name as the wire accepts it; reported otherwise.
bool read_metric_name(TableReader& table, std::string_view key, std::string& name) {
    table.require(key);
    if (!table.text(key, name)) {
        return false;
    }
    if (!metric_name_valid(name)) {
        table.error(key,
                    in_quotes(name) + " is no metric name: a small letter, then small letters, digits and _ (64 bytes at most)");
        return false;
    }
    return true;
}

/// What its numbers are, for pages and screens: seconds are told as durations, ratios in percent.
void read_unit(TableReader& table, std::optional<MetricUnit>& out) {
    auto unit = MetricUnit::none;
    if (table.any("unit") != nullptr) {
        table.choice("unit", unit,
                     std::array<std::pair<std::string_view, MetricUnit>, 3>{
                         {{"s", MetricUnit::seconds}, {"ratio", MetricUnit::ratio}, {"none", MetricUnit::none}}});
        out = unit;
    }
}

/// label = { zh = "待回访", en = "owed" }, or one text for both: what it is called in a message.
void read_label(TableReader& table, MetricLabel& out) {
    const auto* node = table.any("label");
    if (node == nullptr) {
        return;
    }
    if (node->kind == Node::Kind::table) {
        TableReader reader(*node, "label", table.report());
        reader.text("zh", out.zh);
        reader.text("en", out.en);
        reader.finish();
    } else if (table.text("label", out.zh)) {
        out.en = out.zh;
    }
    constexpr std::size_t most = 20;  // code points: a page has several
    for (const auto* text : {&out.zh, &out.en}) {
        bool harmless = utf8_valid(*text) && utf8_length(*text) <= most;
        for (std::size_t i = 0; i < text->size(); ++i) {
            harmless = harmless && harmful_at(*text, i) == 0;
        }
        if (!harmless) {
            table.error("label", "a label has " + std::to_string(most) + " characters at most, and no control characters");
            out = {};
            return;
        }
    }
}

void read_metric(const Node& node, Draft& draft) {
    TableReader table(node, "[[metric]]", draft.report);
    MetricSpec metric;
    const bool named = read_metric_name(table, "name", metric.name);
    table.choice(
        "kind", metric.kind,
        std::array<std::pair<std::string_view, MetricKind>, 2>{{{"gauge", MetricKind::gauge}, {"counter", MetricKind::counter}}});
    read_unit(table, metric.unit);
    read_label(table, metric.label);
    table.finish();
    if (!named) {
        return;
    }
    if (auto* known = find_metric(draft.plan, metric.name)) {
        if (known->kind != metric.kind) {
            table.error("kind", "metric " + in_quotes(metric.name) + " is already a " + std::string(kind_word(known->kind)));
        }
        known->unit = metric.unit ? metric.unit : known->unit;
        known->label.zh = metric.label.zh.empty() ? known->label.zh : metric.label.zh;
        known->label.en = metric.label.en.empty() ? known->label.en : metric.label.en;
        return;
    }
    draft.plan.metrics.push_back(std::move(metric));
}

void read_expect(const Node& node, Draft& draft) {
    TableReader table(node, "[[expect]]", draft.report);
    ExpectSpec expect;
    std::vector<PlacedText> centres;
    std::vector<PlacedText> queues;
    table.require("centre");
    table.text_or_texts("centre", centres);
    table.require("queue");
    table.text_or_texts("queue", queues);
    if (table.text("channel", expect.channel) && !queue_name_valid(expect.channel)) {
        table.error("channel", "`channel` must be a name of 1 to 64 bytes");
    }
    table.span("every", expect.every, {std::chrono::milliseconds{100}, std::chrono::hours{1}});
    table.text("group", expect.group);
    if (table.text("zone", expect.zone)) {
        expect.zone = draft.zone(expect.zone, table.at("zone"));
    }
    table.finish();

    const auto exact = [&](const PlacedText& name) {
        if (queue_name_valid(name.text) && name.text.find_first_of("*?") == std::string::npos) {
            return true;
        }
        draft.report.error(name.place,
                           in_quotes(name.text) + ": the inventory names each queue exactly, without * and ?, in 1 to 64 bytes");
        return false;
    };
    for (const auto& centre : centres) {
        if (!exact(centre)) {
            continue;
        }
        for (const auto& queue : queues) {
            if (&centre == &centres.front() && !exact(queue)) {
                continue;
            }
            expect.centre = centre.text;
            expect.queue = queue.text;
            const bool twice = std::ranges::any_of(draft.plan.expects, [&](const ExpectSpec& e) {
                return e.centre == expect.centre && e.queue == expect.queue && e.channel == expect.channel;
            });
            if (twice) {
                draft.report.error(queue.place, "queue " + in_quotes(expect.centre + "/" + expect.queue + "/" + expect.channel) +
                                                    " is expected twice");
            } else {
                draft.plan.expects.push_back(expect);
            }
        }
    }
}

std::optional<Formula> read_formula(TableReader& table, std::string_view key, const Node*& node) {
    std::string text;
    if (!table.text(key, text)) {
        return std::nullopt;
    }
    node = table.any(key);
    auto formula = Formula::parse(text);
    if (!formula) {
        report_in_text(table.report(), *node, formula.error().offset, formula.error().message);
        return std::nullopt;
    }
    return std::move(*formula);
}

void read_derive(const Node& node, Draft& draft) {
    TableReader table(node, "[[derive]]", draft.report);
    DeriveSpec derive;
    DerivePlaces places;
    const bool named = read_metric_name(table, "metric", derive.metric);
    places.metric = table.at("metric");
    table.require("formula");
    auto formula = read_formula(table, "formula", places.formula);
    derive.when = read_formula(table, "when", places.when);
    table.choice("by", derive.by,
                 std::array<std::pair<std::string_view, GroupBy>, 4>{{{"queue", GroupBy::queue},
                                                                       {"group", GroupBy::group},
                                                                       {"centre", GroupBy::centre},
                                                                       {"all", GroupBy::all}}});
    read_unit(table, derive.unit);
    read_label(table, derive.label);
    read_scope(table, derive.scope);
    places.scope = table.at("scope");
    table.finish();
    if (!named) {
        return;
    }
    if (find_metric(draft.plan, derive.metric) != nullptr) {
        table.error("metric", "metric " + in_quotes(derive.metric) + " exists already; a derived metric needs a name of its own");
        return;
    }
    const auto clash = std::ranges::find(draft.plan.derives, derive.metric, &DeriveSpec::metric);
    if (clash != draft.plan.derives.end()) {
        const auto& first = draft.derives[static_cast<std::size_t>(clash - draft.plan.derives.begin())];
        table.error("metric", "metric " + in_quotes(derive.metric) + " is already derived at " + first.metric.text());
        return;
    }
    // A derive with a bad formula stays known by name, so that rules on it are not blamed as well.
    if (formula) {
        derive.formula = std::move(*formula);
    } else {
        places.formula = nullptr;
    }
    draft.plan.derives.push_back(std::move(derive));
    draft.derives.push_back(places);
}
}  // namespace

void read_metrics(TableReader& root, Draft& draft) {
    draft.plan.metrics = canonical_metrics();
    for (const auto* node : root.tables("metric")) {
        read_metric(*node, draft);
    }
    for (const auto* node : root.tables("expect")) {
        read_expect(*node, draft);
    }
}

void read_derives(TableReader& root, Draft& draft) {
    for (const auto* node : root.tables("derive")) {
        read_derive(*node, draft);
    }
}

}  // namespace surged
