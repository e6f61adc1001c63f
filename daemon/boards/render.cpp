#include "boards/render.hpp"

#include "boards/panel_json.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {

constexpr int grafana_schema = 38;  // of Grafana 10.0; later ones read it

struct BoardVariable {
    std::string_view name;
    std::string_view label;
    std::string_view query;
    std::string_view all;
};
constexpr std::array board_variables{
    BoardVariable{"job", "Job", "label_values(surged_build_info, job)", ".+"},
    BoardVariable{"instance", "Instance", "label_values(surged_build_info{job=~\"$job\"}, instance)", ".+"},
};
constexpr std::array feeder_variables{
    BoardVariable{"feed_job", "Feeders' job 接入作业", "label_values(surged_feed_info, job)", ".+"},
    BoardVariable{"feeder", "Feeder 接入程序", "label_values(surged_feed_info{job=~\"$feed_job\"}, instance)", ".+"},
};
constexpr std::array queue_variables{
    BoardVariable{"centre", "Centre 分中心", "label_values(surged_group_member{@me}, centre)", ".*"},
    BoardVariable{"group", "Group 技能组", "label_values(surged_group_member{@centre}, group)", ".*"},
    BoardVariable{"queue", "Queue 队列", "label_values(surged_group_member{@centre, group=~\"$group\"}, queue)", ".*"},
};

class BoardWriter {
public:
    BoardWriter(std::string& out, const Board& board, const BoardOptions& options)
        : json_(out), board_(board), options_(options) {}

    void write() {
        json_.begin_object();
        json_.field("uid", board_uid(board_, options_)).field("title", board_.title).field("description", board_.help);
        json_.key("tags").begin_array().value("surged").end_array();
        json_.field("schemaVersion", grafana_schema).field("version", 1).field("editable", false).field("graphTooltip", 1);
        json_.field("refresh", "5s").field("timezone", "browser").field("fiscalYearStartMonth", 0).field("liveNow", false);
        json_.field("weekStart", "monday");
        json_.key("time").begin_object().field("from", "now-30m").field("to", "now").end_object();
        json_.key("timepicker").begin_object().key("refresh_intervals").begin_array();
        for (const char* every : {"1s", "5s", "10s", "30s", "1m"}) {
            json_.value(every);
        }
        json_.end_array().end_object();
        annotations();
        links();
        variables();
        json_.key("panels").begin_array();
        PanelWriter panels(json_, options_);
        for (const BoardPanel& panel : board_.panels) {
            panels.write(panel);
        }
        json_.end_array().end_object();
    }

private:
    void annotation(const char* name, std::string_view expr, const char* colour, const char* title, const char* tags) {
        json_.begin_object().field("name", name).field("enable", true).field("hide", false).field("iconColor", colour);
        write_datasource(json_);
        json_.key("target").begin_object().field("refId", "Anno").field("expr", with_prefix(query_text(expr), options_.prefix));
        json_.field("interval", "").end_object();
        json_.field("titleFormat", title)
            .field("textFormat", "")
            .field("tagKeys", tags)
            .field("useValueForTime", false)
            .end_object();
    }

    void annotations() {
        json_.key("annotations").begin_object().key("list").begin_array();
        json_.begin_object().field("name", "Annotations & Alerts").field("builtIn", 1).field("enable", true).field("hide", true);
        json_.field("type", "dashboard").field("iconColor", "rgba(0, 211, 255, 1)");
        json_.key("datasource").begin_object().field("type", "grafana").field("uid", "-- Grafana --").end_object().end_object();
        if (board_.of_queues) {
            annotation("Incidents 事件", "max by (policy, scope) (surged_incident_level{@inc}) > 0", "red",
                       "{{policy}} {{scope}}", "policy,scope");
        }
        annotation("Reloads 配置重载", "changes(surged_config_last_reload_timestamp_seconds{@me}[$__rate_interval]) > 0", "blue",
                   "reloaded {{instance}}", "instance");
        annotation("Restarts 重启", "changes(process_start_time_seconds{@me}[$__rate_interval]) > 0", "purple",
                   "restarted {{instance}}", "instance");
        json_.end_array().end_object();
    }

    void link(std::string_view title, const std::string& url, bool of_grafana) {
        json_.begin_object().field("title", title).field("type", "link").field("url", url).field("icon", "external link");
        json_.field("includeVars", of_grafana).field("keepTime", of_grafana).field("targetBlank", !of_grafana);
        json_.field("asDropdown", false).key("tags").begin_array().end_array().field("tooltip", "").end_object();
    }

    void links() {
        json_.key("links").begin_array();
        for (const Board* other : all_boards()) {
            if (other != &board_) {
                link(other->title, "/d/" + board_uid(*other, options_), true);
            }
        }
        link("surged console 控制台", "${console:raw}/", false);
        json_.end_array();
    }

    void chosen(std::string_view text) {
        json_.key("current").begin_object();
        if (!text.empty()) {
            json_.field("selected", true).field("text", text).field("value", text);
        }
        json_.end_object().key("options").begin_array().end_array();
    }

    void variable(const BoardVariable& of) {
        const std::string query = with_prefix(query_text(of.query), options_.prefix);
        json_.begin_object().field("name", of.name).field("label", of.label).field("type", "query");
        write_datasource(json_);
        json_.field("definition", query).key("query").begin_object().field("query", query);
        json_.field("refId", "PrometheusVariableQueryEditor-VariableQuery").end_object();
        json_.key("current").begin_object().field("selected", true);
        json_.key("text")
            .begin_array()
            .value("All")
            .end_array()
            .key("value")
            .begin_array()
            .value("$__all")
            .end_array()
            .end_object();
        json_.field("includeAll", true).field("multi", true).field("allValue", of.all).field("refresh", 2).field("regex", "");
        json_.field("sort", 1).field("hide", 0).key("options").begin_array().end_array().end_object();
    }

    void variables() {
        json_.key("templating").begin_object().key("list").begin_array();
        json_.begin_object().field("name", "datasource").field("label", "Data source").field("type", "datasource");
        json_.field("query", "prometheus").field("hide", 0).field("includeAll", false).field("multi", false).field("refresh", 1);
        json_.field("regex", "");
        chosen(options_.datasource);
        json_.end_object();
        for (const BoardVariable& of : board_variables) {
            variable(of);
        }
        if (board_.of_queues) {
            for (const BoardVariable& of : queue_variables) {
                variable(of);
            }
        }
        if (board_.of_feeders) {
            for (const BoardVariable& of : feeder_variables) {
                variable(of);
            }
        }
        json_.begin_object().field("name", "console").field("label", "Console 控制台").field("type", "textbox");
        json_.field("query", options_.console).field("hide", 0);
        chosen(options_.console);
        json_.end_object().end_array().end_object();
    }

    JsonWriter json_;
    const Board& board_;
    const BoardOptions& options_;
};

/// Two blanks a level; what is empty stays on its line.
std::string indented(std::string_view compact) {
    std::string out;
    std::size_t depth = 0;
    bool quoted = false;
    const auto new_line = [&] { out.append("\n").append(2 * depth, ' '); };
    for (std::size_t i = 0; i < compact.size(); ++i) {
        const char c = compact[i];
        if (quoted) {
            out += c;
            if (c == '\\') {
                out += compact[++i];
            }
            quoted = c != '"';
            continue;
        }
        if (c == '}' || c == ']') {
            --depth;
            new_line();
        }
        out += c;
        quoted = c == '"';
        if ((c == '{' || c == '[') && (compact[i + 1] == '}' || compact[i + 1] == ']')) {
            out += compact[++i];
        } else if (c == '{' || c == '[') {
            ++depth;
            new_line();
        } else if (c == ',') {
            new_line();
        } else if (c == ':') {
            out += ' ';
        }
    }
    return out + "\n";
}

}  // namespace

std::array<const Board*, 5> all_boards() {
    return {&overview_board(), &staffing_board(), &people_board(), &feeds_board(), &health_board()};
}

std::string board_uid(const Board& board, const BoardOptions& options) {
    constexpr std::size_t most = 40;
    if (options.prefix == "surged") {
        return std::string(board.uid);
    }
    std::string own = options.prefix.substr(0, most - 1 - board.uid.size()) + "-" + std::string(board.uid);
    for (char& c : own) {
        c = c == '_' || c == ':' ? '-' : c;
    }
    return own;
}

std::string board_json(const Board& board, const BoardOptions& options) {
    std::string compact;
    BoardWriter(compact, board, options).write();
    return indented(compact);
}

}  // namespace surged
