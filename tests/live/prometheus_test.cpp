// Debian's Prometheus scrapes the real daemon while the simulated contact centre is in a surge and people answer; then every
// panel of every board is asked over Prometheus's API. A panel that would be empty or in error for an operator fails here.
#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>
#include <utility>

#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;

namespace {

const std::string top = SURGED_SOURCE_DIR;
const std::string bin = SURGED_BIN_DIR;

std::string read_file(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    REQUIRE_FALSE(text.str().empty());
    return text.str();
}

void replace(std::string& text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
}

JsonValue parsed(const std::string& text) {
    JsonLimits limits;
    limits.bytes = text.size();
    limits.depth = 64;
    limits.values = 1000000;
    auto json = parse_json(text, limits);
    REQUIRE(json.has_value());
    return *std::move(json);
}

bool eventually(std::chrono::seconds within, const std::function<bool()>& done) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (!done()) {
        if (std::chrono::steady_clock::now() > until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{200});
    }
    return true;
}

std::string encoded(const std::string& text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
    return out;
}

/// "host:port" of one listener as the daemon's log says it.
std::string address(const Process& daemon, const std::string& name) {
    const std::string log = daemon.err();
    const std::size_t line = log.find("event=listening");
    REQUIRE(line != std::string::npos);
    const std::size_t at = log.find(" " + name + "=", line);
    REQUIRE(at != std::string::npos);
    const std::size_t from = at + name.size() + 2;
    return log.substr(from, log.find_first_of(" \n", from) - from);
}
int port_of(const std::string& listener) {
    return std::stoi(listener.substr(listener.rfind(':') + 1));
}

struct PanelQuery {
    std::string title;
    std::string expr;
    bool range = false;  ///< asked over time; else of now
};
/// Grafana's variables as they stand when nothing was chosen.
std::string filled_in(std::string expr) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> values{{{"$__rate_interval", "8s"},
                                                                                   {"$__range", "5m"},
                                                                                   {"$job", ".+"},
                                                                                   {"$instance", ".+"},
                                                                                   {"$feed_job", ".+"},
                                                                                   {"$feeder", ".+"},
                                                                                   {"$centre", ".*"},
                                                                                   {"$group", ".*"},
                                                                                   {"$queue", ".*"}}};
    for (const auto& [name, value] : values) {
        for (std::size_t at = expr.find(name); at != std::string::npos; at = expr.find(name)) {
            expr.replace(at, name.size(), value);
        }
    }
    return expr;
}
/// Queries of its panels and annotations.
std::vector<PanelQuery> queries_of(const JsonValue& board) {
    std::vector<PanelQuery> out;
    for (const JsonValue& panel : *board.find("panels")->array()) {
        const JsonValue* targets = panel.find("targets");
        for (std::size_t i = 0; targets != nullptr && i < targets->array()->size(); ++i) {
            const JsonValue& target = (*targets->array())[i];
            out.push_back({panel.text_or("title", ""), filled_in(target.text_or("expr", "")), *target.find("range")->boolean()});
        }
    }
    for (const JsonValue& annotation : *board.find("annotations")->find("list")->array()) {
        if (const JsonValue* target = annotation.find("target"); target != nullptr && annotation.text_or("name", "") == "Incidents 事件") {
            out.push_back({"annotation", filled_in(target->text_or("expr", "")), true});
        }
    }
    return out;
}
/// "label_values(<selector>, <label>)" of each variable of type query, as (selector, label).
std::vector<std::pair<std::string, std::string>> variables_of(const JsonValue& board) {
    std::vector<std::pair<std::string, std::string>> out;
    for (const JsonValue& variable : *board.find("templating")->find("list")->array()) {
        if (variable.text_or("type", "") == "query") {
            const std::string query = variable.find("query")->text_or("query", "");
            const std::size_t open = query.find('(');
            const std::size_t comma = query.rfind(", ");
            REQUIRE(query.starts_with("label_values("));
            out.push_back({filled_in(query.substr(open + 1, comma - open - 1)), query.substr(comma + 2, query.size() - comma - 3)});
        }
    }
    return out;
}

std::vector<JsonValue> result_of(int port, const std::string& path, const std::string& expr) {
    const HttpReply reply = http(port, "GET", path);
    CAPTURE(expr, reply.body);
    CHECK(reply.status == 200);
    if (reply.status != 200) {
        return {};
    }
    const JsonValue json = parsed(reply.body);
    return *json.find("data")->find("result")->array();
}
/// The result of an instant query; empty on an error.
std::vector<JsonValue> ask(int port, const std::string& expr) {
    return result_of(port, "/api/v1/query?query=" + encoded(expr), expr);
}
/// The last two minutes in steps of 2 s.
std::vector<JsonValue> ask_range(int port, const std::string& expr) {
    const auto now = std::to_string(std::time(nullptr));
    return result_of(port, "/api/v1/query_range?query=" + encoded(expr) + "&start=" + std::to_string(std::time(nullptr) - 120) +
                               "&end=" + now + "&step=2", expr);
}
bool is_a_number(const JsonValue& sample) {
    const auto& pair = *sample.array();
    return pair.size() == 2 && pair[1].text() != nullptr && *pair[1].text() != "NaN";
}
/// A number in the answer, and not only that there is none.
bool has_data(const std::vector<JsonValue>& result) {
    return std::ranges::any_of(result, [](const JsonValue& series) {
        if (const JsonValue* value = series.find("value")) {
            return is_a_number(*value);
        }
        const JsonValue* values = series.find("values");
        return values != nullptr && std::ranges::any_of(*values->array(), is_a_number);
    });
}
bool answered(int port, const PanelQuery& query) {
    return has_data(query.range ? ask_range(port, query.expr) : ask(port, query.expr));
}

constexpr std::array board_files{"surge_overview.json", "surge_staffing.json", "surge_people.json", "surged_feeds.json", "surged_health.json"};

/// Agents missing are known after seconds, not minutes, and a forecast needs two days.
constexpr const char* staffing_rules = R"(
[[rule]]
id = "shortfall"
kind = "shortfall"
target = "80/20"
window = "30s"
aht = "55s"
patience = "4m"
lead = "30s"
clear_within = "2m"
yellow = { raise = "> 1", clear = "< 1" }
[[rule]]
id = "calls-waiting"
kind = "threshold"
metric = "calls_waiting"
yellow = { raise = "> 500", clear = "< 400" }
[[rule]]
id = "offered-baseline"
kind = "baseline"
metric = "offered"
min_history = "2 days"
yellow = { raise = ">= 3.4", clear = "< 1.7" }
)";

/// Four days of 5 minutes each, 60 calls in every one, up to now.
std::string calm_days() {
    std::string out = "timestamp,count\n";
    constexpr std::time_t slot_s = 300;
    const std::time_t now = std::time(nullptr) / slot_s * slot_s;
    for (std::time_t at = now - 4 * 86400; at < now; at += slot_s) {
        std::tm utc{};
        gmtime_r(&at, &utc);
        char stamp[64];
        std::strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ,60\n", &utc);
        out += stamp;
    }
    return out;
}

/// The quickstart's centre and team on free ports, its forecasts learned; a surge that begins after seconds.
class World {
public:
    World() {
        std::string config = read_file(top + "/rules/quickstart/surged.toml");
        replace(config, "tcp://127.0.0.1:5556", "tcp://127.0.0.1:*");
        replace(config, "tcp://127.0.0.1:5557", "tcp://127.0.0.1:*");
        replace(config, "127.0.0.1:9846", "127.0.0.1:0");
        replace(config, "127.0.0.1:9847", "127.0.0.1:0");
        std::ofstream(dir.file("surged.toml")) << config << staffing_rules;
        std::ofstream(dir.file("team.toml")) << read_file(top + "/rules/quickstart/team.toml");
        std::string scenario = read_file(top + "/rules/quickstart/scenario.txt");
        scenario.resize(scenario.find("\nat ") + 1);
        std::ofstream(dir.file("scenario.txt")) << scenario << "at 3s surge centre=jinan queue=general factor=4 for=5m ramp=1s\n";
        std::ofstream(dir.file("history.csv")) << calm_days();
        for (const char* centre : {"jinan", "qingdao"}) {
            const Finished learned =
                run_program(bin + "/surgectl",
                            {"learn", "--config", dir.file("surged.toml"), "--input", dir.file("history.csv"), "--centre", centre,
                             "--queue", "general", "--interval", "5m"},
                            dir.path().string());
            CAPTURE(learned.out, learned.err);
            REQUIRE(learned.code == 0);
        }
        daemon = std::make_unique<Process>(bin + "/surged", std::vector<std::string>{"--config", dir.file("surged.toml")},
                                           dir.file("surged"));
        REQUIRE(daemon->wait_for_err("event=listening", std::chrono::seconds{20}));
    }

    void feed() {
        simulator = std::make_unique<Process>(
            bin + "/surgectl",
            std::vector<std::string>{"feed", "sim", "--scenario", dir.file("scenario.txt"), "--to", address(*daemon, "ingest"),
                                     "--react", address(*daemon, "publish"), "--quiet"},
            dir.file("sim"));
        people =
            std::make_unique<Process>(bin + "/surgectl",
                                      std::vector<std::string>{"--server", "http://" + address(*daemon, "http"), "feed",
                                                               "respond", "--listen", address(*daemon, "publish"), "--seed", "7"},
                                      dir.file("people"));
    }

    /// A switch's feeder, one of a queue_log and one of a poll, with all that they count: a line that cannot be read, a question without an
    /// answer, a daemon that takes nothing. `ports`: of their metrics.
    void feeders(const std::array<int, 3>& ports, int switch_port) {
        const auto feed = [this](const std::string& name, std::vector<std::string> words, int port) {
            words.insert(words.begin(), "feed");
            for (const std::string& word : {std::string("--to"), address(*daemon, "ingest"), std::string("--metrics"), "127.0.0.1:" + std::to_string(port)}) {
                words.push_back(word);
            }
            feeding.push_back(std::make_unique<Process>(bin + "/surgectl", words, dir.file(name)));
        };
        feeding.push_back(std::make_unique<Process>("/usr/bin/python3", std::vector<std::string>{top + "/tests/live/scripted_ami.py", std::to_string(switch_port), "a secret", "1000"}, dir.file("switch")));
        std::ofstream(dir.file("secret")) << "a secret\n";
        feed("ami", {"ami", "--from", "127.0.0.1:" + std::to_string(switch_port), "--user", "surged", "--secret-file", dir.file("secret"), "--centre", "pbx"}, ports[0]);
        const std::string log = dir.file("queue_log");
        std::ofstream(log) << "";
        feeding.push_back(std::make_unique<Process>("/bin/sh", std::vector<std::string>{"-c", "n=0; while :; do n=$((n+1)); t=$(date +%s); echo \"$t|c.$n|desk|NONE|ENTERQUEUE||1|1\"; "
            "echo \"$t|c.$n|desk|Local/1|CONNECT|0|c|0\"; echo \"$t|c.$n|desk|Local/1|COMPLETECALLER|0|0|1\"; echo 'no line of a queue_log'; sleep 0.3; done >> " + log}, dir.file("pbx")));
        feed("queue_log", {"queue-log", log, "--follow", "--centre", "log", "--to", "tcp://127.0.0.1:1"}, ports[1]);
        std::ofstream(dir.file("waiting.csv")) << "queue,waiting\ndesk,3\n";
        std::ofstream(dir.file("poll.toml")) << "[feed]\ncentre = \"polled\"\n[[ask]]\nid = \"table\"\nevery = \"1s\"\nfile = \"" + dir.file("waiting.csv") +
                                                    "\"\nformat = \"csv\"\nqueue_from = \"queue\"\n[ask.gauges]\ncalls_waiting = \"waiting\"\n"
                                                    "[[ask]]\nid = \"dead\"\nevery = \"1s\"\ntimeout = \"1s\"\nurl = \"http://127.0.0.1:1/\"\nrows = \"$\"\nqueue_from = \"q\"\n[ask.gauges]\ncalls_waiting = \"w\"\n";
        feed("poll", {"poll", dir.file("poll.toml")}, ports[2]);
    }

    /// Prometheus with the configuration we ship; only the target's port and the rules' folder are ours.
    int watch(const std::string& feed_targets) {
        int port = 0;
        {
            const BusyPort free_one;
            port = free_one.port();
        }
        std::string config = read_file(top + "/dashboards/prometheus.yml");
        replace(config, "127.0.0.1:9846", address(*daemon, "metrics"));
        for (const char* rules : {"surged_meta.rules.yml", "surged_recording.rules.yml", "surged_incidents.rules.yml"}) {
            replace(config, "- " + std::string(rules), "- " + top + "/dashboards/" + rules);
        }
        replace(config, "  # - job_name: surged-feed\n  #   static_configs:\n  #     - targets: [\"127.0.0.1:9850\"]\n",
                "  - job_name: surged-feed\n    scrape_interval: 1s\n    scrape_timeout: 1s\n    static_configs:\n      - targets: [" + feed_targets + "]\n");
        std::ofstream(dir.file("prometheus.yml")) << config;
        prometheus = std::make_unique<Process>(
            "/usr/bin/prometheus",
            std::vector<std::string>{"--config.file=" + dir.file("prometheus.yml"), "--storage.tsdb.path=" + dir.file("tsdb"),
                                     "--web.listen-address=127.0.0.1:" + std::to_string(port)},
            dir.file("prometheus"));
        REQUIRE(eventually(std::chrono::seconds{30}, [&] { return http(port, "GET", "/-/ready").status == 200; }));
        return port;
    }

    TempDir dir;
    std::unique_ptr<Process> daemon;
    std::unique_ptr<Process> simulator;
    std::unique_ptr<Process> people;
    std::unique_ptr<Process> prometheus;
    std::vector<std::unique_ptr<Process>> feeding;
};

}  // namespace

TEST_CASE("prometheus: under a surge every panel of every board has an answer, and the meta-alerts are well", "[integration]") {
    if (!std::ifstream("/usr/bin/prometheus").good()) {
        WARN("prometheus is not installed: skipped");
        return;
    }
    World world;
    std::array<int, 3> feeders{};
    int switch_port = 0;
    std::string targets;
    {
        const BusyPort first, second, third, fourth;
        feeders = {first.port(), second.port(), third.port()};
        switch_port = fourth.port();
    }
    for (const int port : feeders) {
        targets += (targets.empty() ? "" : ", ") + ("\"127.0.0.1:" + std::to_string(port) + "\"");
    }
    const int prometheus = world.watch(targets);
    world.feed();
    world.feeders(feeders, switch_port);
    // A surge that has been paged and to which people have come, as Prometheus sees it.
    CHECK(eventually(std::chrono::seconds{90}, [&] {
        return !ask(prometheus, "surged_seats{state=\"joined\"} > 0 and on() (sum(surged_pages_total{outcome=\"accepted\"}) > 0)")
                    .empty();
    }));
    for (const char* name : board_files) {
        const JsonValue board = parsed(read_file(top + "/dashboards/" + name));
        const auto queries = queries_of(board);
        CHECK(queries.size() >= 15);
        for (const PanelQuery& query : queries) {
            CAPTURE(name, query.title, query.expr);
            if (query.title == "Hosts 主机") {
                CHECK(ask(prometheus, query.expr).empty());  // of a cluster only; this is one host
                continue;
            }
            // Rates need two scrapes after the first value: what is empty now may come within seconds, what is wrong never does.
            CHECK(eventually(std::chrono::seconds{20}, [&] { return answered(prometheus, query); }));
        }
        for (const auto& [selector, label] : variables_of(board)) {
            CAPTURE(name, selector, label);
            const auto values = ask(prometheus, "count by (" + label + ") (" + selector + ")");
            CHECK(std::ranges::any_of(values, [&l = label](const JsonValue& one) { return one.find("metric")->find(l) != nullptr; }));
        }
    }
    CHECK_FALSE(ask(prometheus, "max(surged_alert_level) > 0").empty());
    CHECK(ask(prometheus, "count(surged_queue_stale{centre=~\"jinan|qingdao|yantai\"}) == 9").size() == 1);

    const JsonValue rules = parsed(http(prometheus, "GET", "/api/v1/rules").body);
    std::size_t seen = 0;
    for (const JsonValue& group : *rules.find("data")->find("groups")->array()) {
        for (const JsonValue& rule : *group.find("rules")->array()) {
            CAPTURE(rule.text_or("name", ""), rule.text_or("lastError", ""));
            CHECK(rule.text_or("health", "") != "err");
            ++seen;
        }
    }
    CHECK(seen >= 15);
    CHECK(ask(prometheus, "ALERTS{alertstate=\"firing\",severity=\"critical\"}").empty());
}

TEST_CASE("prometheus: promtool finds nothing to say about the real daemon under load", "[integration]") {
    if (!std::ifstream("/usr/bin/promtool").good()) {
        WARN("promtool is not installed: skipped");
        return;
    }
    World world;
    world.feed();
    const int port = port_of(address(*world.daemon, "metrics"));
    std::string scrape;
    CHECK(eventually(std::chrono::seconds{30}, [&] {
        scrape = http(port, "GET", "/metrics").body;
        return scrape.find("surged_queue_offered_total{") != std::string::npos;
    }));
    std::ofstream(world.dir.file("scrape")) << scrape;
    const Finished checked =
        run_program("/bin/sh", {"-c", "promtool check metrics < " + world.dir.file("scrape")}, world.dir.path().string());
    CHECK(checked.code == 0);
    CHECK(checked.out + checked.err == "");
}

TEST_CASE("prometheus: what surgectl dashboards writes for a prefix and a job is taken by promtool, and its rules' tests hold", "[integration]") {
    if (!std::ifstream("/usr/bin/promtool").good()) {
        WARN("promtool is not installed: skipped");
        return;
    }
    const TempDir dir;
    const std::string out = dir.file("boards");
    const auto write = [&](std::vector<std::string> more) {
        std::vector<std::string> words{"--json", "dashboards", "--out", out};
        words.insert(words.end(), more.begin(), more.end());
        return run_program(bin + "/surgectl", words, dir.path().string());
    };
    const Finished written = write({"--prefix", "cc_surged", "--job", "callcentre"});
    CAPTURE(written.out, written.err);
    REQUIRE(written.code == 0);
    CHECK(std::ranges::count(written.out, '\n') == 14);
    const std::string steps = "cd " + out + " && promtool check config prometheus.yml && promtool test rules *.test.yml";
    const Finished checked = run_program("/bin/sh", {"-c", steps}, dir.path().string());
    CAPTURE(checked.out, checked.err);
    CHECK(checked.code == 0);
    CHECK(read_file(out + "/surged_health.json").find("cc_surged_ready{") != std::string::npos);
    CHECK(read_file(out + "/provisioning/dashboards/surged.yml").find("path: " + out + "\n") != std::string::npos);

    CHECK(write({}).code == 0);  // once more: what is there is replaced
    CHECK(read_file(out + "/surged_health.json") == read_file(top + "/dashboards/surged_health.json"));
    CHECK(read_file(out + "/prometheus.yml") == read_file(top + "/dashboards/prometheus.yml"));
    CHECK_FALSE(std::ifstream(out + "/prometheus.yml.new").good());

    const Finished refused = write({"--prefix", "a-b"});
    CHECK(refused.code == 2);
    CHECK(refused.err.find("a prefix is made of letters") != std::string::npos);
    const Finished nowhere = run_program(bin + "/surgectl", {"dashboards", "--out", "/proc/surged"}, dir.path().string());
    CHECK(nowhere.code == 1);
    CHECK(nowhere.err.find("/proc/surged") != std::string::npos);
}
