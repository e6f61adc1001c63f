#include "boards/panel_json.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace surged {

namespace {

constexpr std::string_view limit_ref = "Z";  // the query of the limits, behind all others

std::string_view type_of(PanelKind kind) {
    switch (kind) {
        case PanelKind::row: return "row";
        case PanelKind::stat: return "stat";
        case PanelKind::curve: return "timeseries";
        case PanelKind::levels: return "state-timeline";
        case PanelKind::bars: return "bargauge";
        case PanelKind::table: return "table";
    }
    return "row";
}

bool asks_now(PanelKind kind) {
    return kind == PanelKind::stat || kind == PanelKind::bars || kind == PanelKind::table;
}

std::vector<std::string_view> listed(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        out.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string ref_of(std::size_t query) {
    return std::string(1, static_cast<char>('A' + static_cast<int>(query)));
}

std::size_t queries_of(const BoardPanel& panel) {
    std::size_t n = 0;
    while (n < panel.queries.size() && !panel.queries[n].expr.empty()) {
        ++n;
    }
    return n;
}

/// The raise limits of the threshold rules on a metric that are bound to a queue chosen.
std::string limit_query(std::string_view metric) {
    return "max by (rule, level) (surged_rule_limit{@me, metric=\"" + std::string(metric) +
           "\", kind=\"threshold\", edge=\"raise\", unit=\"plain\"}) and on (rule) group by (rule) (surged_alert_level{@queue} @ "
           "end())";
}

struct Word {
    std::string_view value;
    std::string_view text;
    std::string_view colour;
};
constexpr std::array level_words{Word{"0", "none 无", "green"}, Word{"1", "yellow 黄", "yellow"},
                                 Word{"2", "orange 橙", "orange"}, Word{"3", "red 红", "red"}};
constexpr std::array good_words{Word{"0", "no 否", "red"}, Word{"1", "yes 是", "green"}};
constexpr std::array bad_words{Word{"0", "no 否", "green"}, Word{"1", "yes 是", "red"}};

}  // namespace

void write_datasource(JsonWriter& json) {
    json.key("datasource").begin_object().field("type", "prometheus").field("uid", "${datasource}").end_object();
}

void PanelWriter::write(const BoardPanel& panel) {
    json_.begin_object().field("id", ++id_).field("type", type_of(panel.kind)).field("title", panel.title);
    if (panel.kind == PanelKind::row) {
        place(panel);
        json_.field("collapsed", false).key("panels").begin_array().end_array().end_object();
        return;
    }
    json_.field("description", panel.help);
    write_datasource(json_);
    place(panel);
    targets(panel);
    field_config(panel);
    options(panel);
    if (panel.kind == PanelKind::table) {
        transformations(panel);
    }
    json_.end_object();
}

void PanelWriter::place(const BoardPanel& panel) {
    const bool row = panel.kind == PanelKind::row;
    const int width = row ? 24 : panel.width;
    if (x_ + width > 24) {
        x_ = 0;
        y_ += row_height_;
        row_height_ = 0;
    }
    const int height = row ? 1 : panel.height;
    json_.key("gridPos").begin_object().field("h", height).field("w", width).field("x", x_).field("y", y_).end_object();
    x_ += width;
    row_height_ = std::max(row_height_, height);
}

void PanelWriter::target(const BoardPanel& panel, std::string_view ref, std::string_view expr, std::string_view legend) {
    const bool now = asks_now(panel.kind);
    const bool table = panel.kind == PanelKind::table;
    json_.begin_object().field("refId", ref);
    write_datasource(json_);
    json_.field("expr", with_prefix(query_text(expr), options_.prefix))
        .field("legendFormat", table ? std::string_view() : legend);
    json_.field("editorMode", "code").field("range", !now).field("instant", now).field("format", table ? "table" : "time_series");
    json_.end_object();
}

void PanelWriter::targets(const BoardPanel& panel) {
    json_.key("targets").begin_array();
    for (std::size_t i = 0; i < queries_of(panel); ++i) {
        target(panel, ref_of(i), panel.queries[i].expr, panel.queries[i].legend);
    }
    if (!panel.limit_of.empty()) {
        target(panel, limit_ref, limit_query(panel.limit_of), "limit 阈值 {{rule}} {{level}}");
    }
    json_.end_array();
}

void PanelWriter::steps(const BoardPanel& panel) {
    json_.key("thresholds").begin_object().field("mode", "absolute").key("steps").begin_array();
    const auto step = [&](std::string_view colour, double from, bool first) {
        json_.begin_object().field("color", colour).key("value");
        first ? json_.null() : json_.value(from);
        json_.end_object();
    };
    if (panel.words == PanelWords::level) {
        for (std::size_t i = 0; i < level_words.size(); ++i) {
            step(level_words[i].colour, static_cast<double>(i), i == 0);
        }
    } else if (panel.steps[0].colour.empty()) {
        step("green", 0, true);
    } else {
        for (std::size_t i = 0; i < panel.steps.size() && !panel.steps[i].colour.empty(); ++i) {
            step(panel.steps[i].colour, panel.steps[i].from, i == 0);
        }
    }
    json_.end_array().end_object();
}

void PanelWriter::words(PanelWords words) {
    std::vector<Word> all;
    switch (words) {
        case PanelWords::none: break;
        case PanelWords::level: all.assign(level_words.begin(), level_words.end()); break;
        case PanelWords::yes_is_good: all.assign(good_words.begin(), good_words.end()); break;
        case PanelWords::yes_is_bad: all.assign(bad_words.begin(), bad_words.end()); break;
    }
    json_.begin_array();
    if (!all.empty()) {
        json_.begin_object().field("type", "value").key("options").begin_object();
        int index = 0;
        for (const Word& word : all) {
            json_.key(word.value)
                .begin_object()
                .field("text", word.text)
                .field("index", index++)
                .field("color", word.colour)
                .end_object();
        }
        json_.end_object().end_object();
    }
    json_.end_array();
}

void PanelWriter::custom(const BoardPanel& panel) {
    json_.key("custom").begin_object();
    if (panel.kind == PanelKind::curve) {
        json_.field("drawStyle", "line").field("lineWidth", 2).field("fillOpacity", panel.stacked ? 30 : 8);
        json_.field("showPoints", "never").field("spanNulls", false);
        json_.key("stacking").begin_object().field("group", "A").field("mode", panel.stacked ? "normal" : "none").end_object();
    } else if (panel.kind == PanelKind::levels) {
        json_.field("fillOpacity", 80).field("lineWidth", 0);
    } else if (panel.kind == PanelKind::table) {
        json_.field("filterable", true);
    }
    json_.end_object();
}

void PanelWriter::links(const BoardPanel& panel) {
    const bool table = panel.kind == PanelKind::table;
    json_.begin_array();
    if (panel.link == PanelLink::queue) {
        json_.begin_object().field("title", "queue in surged's console 在控制台查看队列").field("targetBlank", true);
        json_.field("url",
                    table ? "${console:raw}/queues/${__data.fields.centre:percentencode}/${__data.fields.queue:percentencode}"
                          : "${console:raw}/queues/${__field.labels.centre:percentencode}/${__field.labels.queue:percentencode}");
        json_.end_object();
    } else if (panel.link == PanelLink::incident) {
        json_.begin_object().field("title", "incident in surged's console 在控制台查看事件").field("targetBlank", true);
        json_.field("url", "${console:raw}/incidents/${__data.fields.incident:percentencode}").end_object();
    }
    json_.end_array();
}

void PanelWriter::field_config(const BoardPanel& panel) {
    const bool by_colour = panel.kind != PanelKind::curve;
    json_.key("fieldConfig").begin_object().key("defaults").begin_object();
    json_.field("unit", panel.unit).field("noValue", "-");
    if (panel.from_zero && panel.kind != PanelKind::table) {
        json_.field("min", 0);
    }
    json_.key("color").begin_object().field("mode", by_colour ? "thresholds" : "palette-classic").end_object();
    steps(panel);
    json_.key("mappings");
    words(panel.words);
    if (panel.kind != PanelKind::table) {
        json_.key("links");
        links(panel);
    }
    custom(panel);
    json_.end_object();
    overrides(panel);
    json_.end_object();
}

void PanelWriter::overrides(const BoardPanel& panel) {
    json_.key("overrides").begin_array();
    if (!panel.limit_of.empty()) {
        limit_overrides();
    }
    if (panel.kind == PanelKind::table) {
        column_overrides(panel);
    }
    json_.end_array();
}

/// Limits are dashed, thin, without area and link, in the colour of their level.
void PanelWriter::limit_overrides() {
    json_.begin_object().key("matcher").begin_object().field("id", "byFrameRefID").field("options", limit_ref).end_object();
    json_.key("properties").begin_array();
    json_.begin_object().field("id", "custom.lineStyle").key("value").begin_object().field("fill", "dash").key("dash");
    json_.begin_array().value(10).value(10).end_array().end_object().end_object();
    json_.begin_object().field("id", "custom.lineWidth").field("value", 1).end_object();
    json_.begin_object().field("id", "custom.fillOpacity").field("value", 0).end_object();
    json_.begin_object().field("id", "links").key("value").begin_array().end_array().end_object();
    json_.end_array().end_object();
    for (const char* level : {"yellow", "orange", "red"}) {
        json_.begin_object().key("matcher").begin_object().field("id", "byRegexp");
        json_.field("options", "/^limit .* " + std::string(level) + "$/").end_object().key("properties").begin_array();
        json_.begin_object().field("id", "color").key("value").begin_object().field("mode", "fixed").field("fixedColor", level);
        json_.end_object().end_object().end_array().end_object();
    }
}

void PanelWriter::column_overrides(const BoardPanel& panel) {
    const auto begin = [&](std::string_view column) {
        json_.begin_object().key("matcher").begin_object().field("id", "byName").field("options", column).end_object();
        json_.key("properties").begin_array();
    };
    for (std::size_t i = 0; i < queries_of(panel); ++i) {
        const PanelQuery& column = panel.queries[i];
        begin(column.legend);
        json_.begin_object().field("id", "unit").field("value", column.unit.empty() ? panel.unit : column.unit).end_object();
        if (column.words != PanelWords::none) {
            json_.begin_object().field("id", "mappings").key("value");
            words(column.words);
            json_.end_object();
            json_.begin_object()
                .field("id", "custom.cellOptions")
                .key("value")
                .begin_object()
                .field("type", "color-text")
                .end_object();
            json_.end_object();
        }
        json_.end_array().end_object();
    }
    if (panel.link != PanelLink::none) {
        begin(panel.link == PanelLink::queue ? "queue" : "incident");
        json_.begin_object().field("id", "links").key("value");
        links(panel);
        json_.end_object().end_array().end_object();
    }
}

void PanelWriter::options(const BoardPanel& panel) {
    const auto reduced = [&] {
        json_.key("reduceOptions").begin_object().key("calcs").begin_array().value("lastNotNull").end_array();
        json_.field("fields", "").field("values", false).end_object();
    };
    const auto legend = [&] {
        json_.key("legend").begin_object().field("showLegend", true).field("displayMode", "list").field("placement", "bottom");
        json_.key("calcs").begin_array().end_array().end_object();
    };
    json_.key("options").begin_object();
    switch (panel.kind) {
        case PanelKind::row: break;
        case PanelKind::stat:
            reduced();
            json_.field("colorMode", "background")
                .field("graphMode", "none")
                .field("textMode", "auto")
                .field("justifyMode", "auto");
            json_.field("orientation", "auto");
            break;
        case PanelKind::curve:
            legend();
            json_.key("tooltip").begin_object().field("mode", "multi").field("sort", "desc").end_object();
            break;
        case PanelKind::levels:
            legend();
            json_.field("mergeValues", true).field("showValue", "never").field("rowHeight", 0.85);
            json_.key("tooltip").begin_object().field("mode", "single").field("sort", "none").end_object();
            break;
        case PanelKind::bars:
            reduced();
            json_.field("displayMode", "gradient").field("orientation", "horizontal").field("showUnfilled", true);
            json_.field("minVizWidth", 0).field("minVizHeight", 10).field("valueMode", "color");
            break;
        case PanelKind::table:
            json_.field("showHeader", true).field("cellHeight", "sm").key("sortBy").begin_array().begin_object();
            json_.field("displayName", panel.sort_by).field("desc", !std::string_view(panel.keys).starts_with(panel.sort_by));
            json_.end_object().end_array();
            break;
    }
    json_.end_object();
}

/// The answers of a table's queries, each with a column "Value #A" and the labels, as one table with headers for people.
void PanelWriter::transformations(const BoardPanel& panel) {
    json_.key("transformations").begin_array();
    json_.begin_object().field("id", "merge").key("options").begin_object().end_object().end_object();
    json_.begin_object().field("id", "organize").key("options").begin_object();
    json_.key("excludeByName").begin_object().field("Time", true).end_object();
    json_.key("indexByName").begin_object();
    int index = 0;
    for (const std::string_view key : listed(panel.keys)) {
        json_.field(key, index++);
    }
    for (std::size_t i = 0; i < queries_of(panel); ++i) {
        json_.field("Value #" + ref_of(i), index++);
    }
    json_.end_object().key("renameByName").begin_object();
    for (std::size_t i = 0; i < queries_of(panel); ++i) {
        json_.field("Value #" + ref_of(i), panel.queries[i].legend);
    }
    json_.end_object().end_object().end_object().end_array();
}

}  // namespace surged
