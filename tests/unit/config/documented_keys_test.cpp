// rules/README.md has a table for every table of a configuration: it names every key that the reader knows and no other, with the true
// default and the true bounds. What the reader knows is asked of the reader itself: a table is loaded with every word that stands in
// quotes in the room's sources as a key, and those that are not refused are its keys.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "config_kit.hpp"
#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "support/catch.hpp"

namespace fs = std::filesystem;
using namespace surged;
using namespace surged::test;

namespace {

std::string all_of(const fs::path& file) {
    std::ifstream in(file);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

/// Every "word" of the sources of config that could be a key.
std::set<std::string> words_of_config() {
    static const std::regex quoted("\"([a-z][a-z0-9_]*)\"");
    std::set<std::string> words;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(SURGED_SOURCE_DIR) / "daemon" / "config")) {
        const auto text = all_of(entry.path());
        for (std::sregex_iterator it(text.begin(), text.end(), quoted), end; it != end; ++it) {
            words.insert((*it)[1]);
        }
    }
    return words;
}

struct Row {
    std::string bounds, fallback;
};
/// Key -> its row.
using DocumentedTable = std::map<std::string, Row>;

/// The texts in backticks.
std::vector<std::string> ticked(const std::string& cell) {
    std::vector<std::string> out;
    for (auto open = cell.find('`'); open != std::string::npos;) {
        const auto close = cell.find('`', open + 1);
        REQUIRE(close != std::string::npos);
        out.push_back(cell.substr(open + 1, close - open - 1));
        open = cell.find('`', close + 1);
    }
    return out;
}

std::vector<std::string> cells_of(const std::string& line) {
    std::vector<std::string> cells;
    for (std::size_t at = 1; at < line.size();) {
        const auto end = std::min(line.find('|', at), line.size());
        auto cell = line.substr(at, end - at);
        cell.erase(0, cell.find_first_not_of(' '));
        cell.erase(cell.find_last_not_of(' ') + 1);
        cells.push_back(cell);
        at = end + 1;
    }
    return cells;
}

/// First cell of the table's head, as written -> its rows.
std::map<std::string, DocumentedTable> tables_of_readme() {
    std::map<std::string, DocumentedTable> tables;
    std::ifstream in(SURGED_SOURCE_DIR "/rules/README.md");
    std::string head;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with('|')) {
            head.clear();
            continue;
        }
        const auto cells = cells_of(line);
        if (cells.size() >= 4 && cells[1] == "type" && cells[2] == "default") {
            head = cells[0];
            CHECK(tables.emplace(head, DocumentedTable{}).second);
        } else if (!head.empty() && !line.starts_with("|---")) {
            for (const auto& key : ticked(cells[0])) {
                INFO(head << " " << key);
                CHECK(tables[head].emplace(key, Row{cells[1], cells[2]}).second);
            }
        }
    }
    return tables;
}

/// How a table is written: what stands before it, its head and the keys that it cannot do without.
struct Written {
    std::string documented;  ///< head of its table in rules/README.md
    std::string before;
    std::string head;
    std::map<std::string, std::string> needs;
    std::map<std::string, std::string> companions{};  ///< key -> what it may only stand beside
};

const std::string channel = "[[channel]]\nid = \"print\"\ntype = \"log\"\n[[channel]]\nid = \"run\"\ntype = \"exec\"\ncommand = [\"/bin/true\"]\n";
const std::string people = channel + "[[person]]\nid = \"ann\"\nreach = { normal = [{ via = \"print\" }] }\n";
const std::string rosters = people + "[[roster]]\nid = \"leads\"\nshift = [{ people = [\"ann\"] }]\n";
const std::string policy = rosters + "[[policy]]\nid = \"surge\"\nscope = [\"centre\", \"queue\"]\nfallback = [\"ann\"]\n";
const std::string tier = "[[policy.tier]]\nid = \"first\"\nrosters = [\"leads\"]\n";
const std::string policy_head = policy + "need = 2\n";

std::string rule_of(const std::string& kind, const std::string& more = {}) {
    return "[[rule]]\nid = \"r\"\nkind = \"" + kind + "\"\nmetric = \"calls_waiting\"\n" + more;
}

std::vector<Written> all_tables() {
    const std::string level = "{ raise = \"> 40\", clear = \"< 30\" }";
    const auto rule = [&](const std::string& kind, std::map<std::string, std::string> needs) {
        needs["id"] = "\"r\"";
        needs["kind"] = "\"" + kind + "\"";
        return Written{"`[[rule]]` `kind = \"" + kind + "\"`", {}, "[[rule]]", std::move(needs), {{"slope_window", "ahead = \"5m\""}}};
    };
    const std::map<std::string, std::string> threshold{{"metric", "\"calls_waiting\""}, {"yellow", level}};
    return {
        rule("threshold", threshold),
        rule("rate_of_change", {{"metric", "\"offered\""}, {"yellow", "{ raise = \"> +30%\", clear = \"< +10%\" }"}}),
        rule("absence", {{"metric", "\"offered\""}, {"yellow", "{ raise = \"> 3m\" }"}}),
        rule("baseline", {{"metric", "\"offered\""}}),
        rule("volatility", {{"metric", "\"calls_waiting\""}, {"yellow", level}, {"band", "5"}}),
        rule("shortfall", {{"yellow", "{ raise = \"> 4\", clear = \"< 2\" }"}, {"target", "\"80/20\""}}),
        {"`[rule.yellow]`, `[rule.orange]`, `[rule.red]`", rule_of("threshold"), "[rule.yellow]", {{"raise", "\"> 40\""}, {"clear", "\"< 30\""}}},
        {"`[rule.scope]`", rule_of("threshold", "yellow = " + level + "\n"), "[rule.scope]", {}},
        {"`[[rule.mute]]`", rule_of("threshold", "yellow = " + level + "\n"), "[[rule.mute]]", {}},
        {"`[rule.flap]`", rule_of("threshold", "yellow = " + level + "\n"), "[rule.flap]", {}},
        {"`[[metric]]`", {}, "[[metric]]", {{"name", "\"owed\""}}},
        {"`[[derive]]`", {}, "[[derive]]", {{"metric", "\"owed\""}, {"formula", "\"calls_waiting * 2\""}}},
        {"`[[expect]]`", {}, "[[expect]]", {{"centre", "\"jinan\""}, {"queue", "\"general\""}}},
        {"`[[calendar]]`", {}, "[[calendar]]", {{"id", "\"c\""}}},
        {"`[[calendar.closed]]`", "[[calendar]]\nid = \"c\"\n", "[[calendar.closed]]", {}},
        {"`[[calendar.special]]`", "[[calendar]]\nid = \"c\"\n", "[[calendar.special]]", {{"id", "\"s\""}, {"dates", "\"2026-10-01\""}}},
        {"`[forecast]`", {}, "[forecast]", {}},
        {"`[defaults]`", policy_head + tier + rule_of("threshold", "yellow = " + level + "\n"), "[defaults]", {}},
        {"`[[policy]]`", rosters, "[[policy]]",
         {{"id", "\"surge\""}, {"need", "\"shortfall\""}, {"fallback", "[\"ann\"]"}, {"tier", "[{ id = \"first\", rosters = [\"leads\"] }]"}},
         {{"recheck_add", "recheck = \"5m\""}}},
        {"`[[policy.tier]]`", policy_head, "[[policy.tier]]", {{"id", "\"first\""}, {"rosters", "[\"leads\"]"}}},
        {"`[[policy.tier.require]]`", policy_head + tier, "[[policy.tier.require]]", {{"role", "\"lead\""}}},
        {"`[policy.need]`", policy + "tier = [{ id = \"first\", rosters = [\"leads\"] }]\n", "[policy.need]", {{"expr", "\"queues\""}}},
        {"`[policy.repeat]`", policy_head + tier, "[policy.repeat]", {{"from", "\"first\""}}},
        {"`[[policy.action]]`", policy_head + tier, "[[policy.action]]", {{"id", "\"a\""}, {"level", "\"red\""}, {"do", "\"run\""}},
         {{"undo_deadline", "undo = true"}}},
        {"`[policy.region]`", policy_head + tier, "[policy.region]", {{"scopes", "4"}}},
        {"`[[person]]`", channel, "[[person]]", {{"id", "\"ann\""}}},
        {"`[[person.reach.normal]]`, `[[person.reach.urgent]]`", channel + "[[person]]\nid = \"ann\"\n", "[[person.reach.normal]]", {{"via", "\"print\""}}},
        {"`[[roster]]`", people, "[[roster]]", {{"id", "\"leads\""}, {"shift", "[{ people = [\"ann\"] }]"}}},
        {"`[[roster.shift]]`", people + "[[roster]]\nid = \"leads\"\n", "[[roster.shift]]", {{"people", "[\"ann\"]"}}},
        {"`[[roster.dates]]`", people + "[[roster]]\nid = \"leads\"\n", "[[roster.dates]]", {{"date", "\"2026-10-01\""}, {"people", "[\"ann\"]"}}},
        {"`[[override]]`", rosters, "[[override]]",
         {{"roster", "\"leads\""}, {"from", "\"2026-10-01 08:00\""}, {"until", "\"2026-10-01 20:00\""}, {"out", "\"ann\""}}},
        {"`[overload]`", policy_head + tier, "[overload]", {{"policy", "\"surge\""}}},
        {"`[heartbeat]`", channel, "[heartbeat]", {{"channel", "\"run\""}}},
        {"`[ingest]`", {}, "[ingest]", {}},
        {"`[ingest.limits]`", {}, "[ingest.limits]", {}},
        {"`[ingest.curve]`, `[publish.curve]`", {}, "[ingest.curve]", {{"secret_key_file", "\"k\""}}},
        {"`[[ingest.client]]`", "[ingest.curve]\nsecret_key_file = \"k\"\n", "[[ingest.client]]",
         {{"name", "\"c\""}, {"key", "\"0123456789012345678901234567890123456789\""}, {"sources", "[\"acd-*\"]"}}},
        {"`[publish]`", {}, "[publish]", {}},
        {"`[http]`", {}, "[http]", {}, {{"hsts", "tls_cert = \"c\"\ntls_key = \"k\""}}},
        {"`[metrics]`", {}, "[metrics]", {}},
        {"`[store]`", {}, "[store]", {}},
        {"`[history]`", {}, "[history]", {}},
    };
}

/// The table with these keys in the place of, or beside, those it needs.
std::string text_of(const Written& table, const std::map<std::string, std::string>& keys) {
    std::string out = table.before + table.head + "\n";
    for (const auto& [key, value] : table.needs) {
        out += keys.contains(key) ? std::string() : key + " = " + value + "\n";
    }
    for (const auto& [key, value] : keys) {
        out += key + " = " + value + "\n";
        if (const auto beside = table.companions.find(key); beside != table.companions.end()) {
            out += beside->second + "\n";
        }
    }
    return out;
}

std::set<std::string> known_keys(const Written& table, const std::set<std::string>& candidates) {
    std::string text = table.before + table.head + "\n";
    std::set<std::string> known;
    for (const auto& [key, value] : table.needs) {
        text += key + " = " + value + "\n";
        known.insert(key);
    }
    for (const auto& key : candidates) {
        if (known.insert(key).second) {
            text += key + " = 1\n";
        }
    }
    static const std::regex refused("(unknown key \"|error: `)([a-z0-9_]+)(\" in \\[?\\[?|`: secrets do not belong|` belongs to kind)");
    for (const auto& line : findings(parse_config("t", text))) {
        if (std::smatch match; std::regex_search(line, match, refused)) {
            known.erase(match[2]);
        }
    }
    return known;
}

/// What a configuration comes to, as far as single keys can change it.
class Meaning {
public:
    explicit Meaning(const LoadedConfig& config) {
        const auto& plan = *config.plan;
        const auto& settings = config.settings;
        add(plan.timezone), add(plan.language), add(plan.stale_after), add(plan.ack_url_base), add(plan.queue_max);
        add(plan.overload.policy), add(plan.overload.behind), add(plan.overload.raise_after), add(plan.overload.clear_after);
        add(plan.heartbeat.channel), add(plan.heartbeat.every);
        const auto& limits = plan.limits;
        add(limits.message_bytes), add(limits.queues_per_message), add(limits.metrics_per_queue), add(limits.name_bytes);
        add(limits.series), add(limits.sources), add(limits.skew);
        for (const auto& rule : plan.rules) {
            add(rule.content);
        }
        for (const auto& one : plan.policies) {
            add(one.content);
        }
        for (const auto& one : plan.calendars) {
            add(one.content);
        }
        for (const auto& metric : plan.metrics) {
            add(metric.name), add(metric.kind), add(metric.unit), add(metric.label.zh), add(metric.label.en);
        }
        for (const auto& derive : plan.derives) {
            add(derive.content), add(derive.unit), add(derive.label.zh), add(derive.label.en);
        }
        for (const auto& expect : plan.expects) {
            add(expect.centre), add(expect.queue), add(expect.channel), add(expect.every), add(expect.group), add(expect.zone);
        }
        add_people(plan);
        add(settings.ingest.hwm), add(settings.ingest.connections), add(settings.ingest.memory), add(settings.ingest.closed_network);
        add(settings.publish.hwm), add(settings.publish.connections), add(settings.publish.closed_network);
        for (const auto* listen : {&settings.http.listen, &settings.metrics}) {
            add(listen->host), add(listen->port), add(listen->any_port), add(listen->connections), add(listen->connections_per_address);
            add(listen->request_timeout);
        }
        add(settings.ingest.report.size()), add(settings.ingest.lenient);
        add(settings.ingest.bind.size()), add(settings.ingest.subscribe.size()), add(settings.publish.bind.size());
        add(settings.http.hsts), add(settings.http.trusted_proxies.size()), add(settings.http.tls_cert);
        add(settings.store.path), add(settings.store.snapshot_every), add(settings.store.retention);
        add(settings.history.keep);
    }
    const std::string& text() const { return text_; }

private:
    void add_people(const Plan& plan) {
        for (const auto& person : plan.people) {
            add(person.name), add(person.mobile), add(person.email), add(person.role), add(person.skills.size()), add(person.language);
            for (const auto* steps : {&person.normal, &person.urgent}) {
                for (const auto& step : *steps) {
                    add(step.channel), add(step.after), add(step.repeat);
                }
            }
        }
        for (const auto& roster : plan.rosters) {
            add(roster.zone);
            for (const auto& shift : roster.shifts) {
                add(shift.days), add(shift.from_min), add(shift.to_min);
            }
            for (const auto& date : roster.dates) {
                add(date.from_min), add(date.to_min);
            }
        }
    }
    void add(const std::string& value) { text_ += value + "|"; }
    void add(Span value) { text_ += std::to_string(value.count()) + "ms|"; }
    template <typename Number>
        requires std::is_arithmetic_v<Number>
    void add(Number value) { text_ += std::to_string(value) + "|"; }
    template <typename Enum>
        requires std::is_enum_v<Enum>
    void add(Enum value) { add(static_cast<int>(value)); }
    template <typename Value>
    void add(const std::optional<Value>& value) { value ? add(*value) : add(std::string("none")); }

    std::string text_;
};

/// Empty when the configuration has an error.
std::string meaning(const std::string& text) {
    const auto config = parse_config("t", text);
    return config.ok() ? Meaning(config).text() : std::string();
}

/// The default in the cell as TOML; empty = it is said in words.
std::string literal(const std::string& cell) {
    const auto texts = ticked(cell);
    const bool alone = texts.size() == 1 && cell.size() == texts[0].size() + 2 && !texts[0].starts_with("[defaults]");
    return alone ? texts[0] : std::string();
}

/// The bounds that the reader names when a value is far beyond them: "1s to 24h"; empty = it names none.
std::string true_bounds(const Written& table, const std::string& key) {
    const std::regex named("`" + key + "` must be from (\\S+) to (\\S+)\n");
    for (const auto* absurd : {"\"3000d\"", "\"3659d\"", "4000000000000", "4e12"}) {
        const auto said = check(text_of(table, {{key, absurd}}));
        if (std::smatch match; std::regex_search(said, match, named)) {
            return match[1].str() + " to " + match[2].str();
        }
    }
    return {};
}

bool same_bound(const std::string& a, const std::string& b) {
    const auto span = parse_span(a);
    return span ? span == parse_span(b) : parse_number(a) && parse_number(a) == parse_number(b);
}

/// Whether the cell has these bounds; "24h" and "1d" are the same.
bool has_bounds(const std::string& cell, const std::string& least, const std::string& most) {
    static const std::regex pair("([-0-9.a-z]+) to ([0-9.a-z]+)");
    for (std::sregex_iterator it(cell.begin(), cell.end(), pair), end; it != end; ++it) {
        if (same_bound((*it)[1], least) && same_bound((*it)[2], most)) {
            return true;
        }
    }
    return false;
}

/// As TOML: a duration in quotes, a number as it is.
std::string as_toml(const std::string& bound) {
    return bound.find_first_not_of("-0123456789.") == std::string::npos ? bound : "\"" + bound + "\"";
}

}  // namespace

TEST_CASE("documented keys: rules/README.md names every key that the reader knows, and no other", "[unit]") {
    auto documented = tables_of_readme();
    auto candidates = words_of_config();
    REQUIRE(candidates.size() > 200);
    for (const auto& [head, rows] : documented) {
        for (const auto& [key, row] : rows) {
            candidates.insert(key);
        }
    }
    std::set<std::string> looked_at{"`[[rule]]`"};
    for (const auto& table : all_tables()) {
        INFO(table.documented);
        REQUIRE(documented.contains(table.documented));
        looked_at.insert(table.documented);
        auto rows = documented[table.documented];
        if (table.head == "[[rule]]") {
            rows.insert(documented["`[[rule]]`"].begin(), documented["`[[rule]]`"].end());
        }
        const auto known = known_keys(table, candidates);
        for (const auto& key : known) {
            INFO("the reader knows " << key);
            CHECK(rows.contains(key));
        }
        for (const auto& [key, row] : rows) {
            INFO("the page names " << key);
            CHECK(known.contains(key));
        }
    }
    for (const auto& [head, rows] : documented) {
        INFO(head);
        CHECK(looked_at.contains(head));
    }
}

TEST_CASE("documented keys: defaults and bounds in rules/README.md are the reader's", "[unit]") {
    auto documented = tables_of_readme();
    std::size_t defaults = 0;
    std::size_t bounded = 0;
    for (const auto& table : all_tables()) {
        auto rows = documented[table.documented];
        if (table.documented == "`[[rule]]` `kind = \"threshold\"`") {
            rows.insert(documented["`[[rule]]`"].begin(), documented["`[[rule]]`"].end());
        }
        for (const auto& [key, row] : rows) {
            INFO(table.documented << " " << key << ": " << row.bounds << ", " << row.fallback);
            auto bare = table;  // without the key, but with what it may only stand beside
            std::map<std::string, std::string> beside;
            if (const auto found = table.companions.find(key); found != table.companions.end()) {
                bare.head += "\n" + found->second;
            }
            const auto without = meaning(text_of(bare, beside));
            REQUIRE_FALSE(without.empty());
            if (const auto value = literal(row.fallback); !value.empty()) {
                ++defaults;
                const bool same = meaning(text_of(table, {{key, value}})) == without;
                CHECK(same);
            }
            const auto bounds = true_bounds(table, key);
            if (!bounds.empty()) {
                ++bounded;
                INFO("the reader takes " << bounds);
                const auto to = bounds.find(" to ");
                const auto least = bounds.substr(0, to);
                const auto most = bounds.substr(to + 4);
                CHECK(has_bounds(row.bounds, least, most));
                // That the default was compared at all: some other value means something else.
                const auto of_least = meaning(text_of(table, {{key, as_toml(least)}}));
                const auto of_most = meaning(text_of(table, {{key, as_toml(most)}}));
                const bool compared = (!of_least.empty() && of_least != without) || (!of_most.empty() && of_most != without);
                CHECK((compared || key == "fixed"));  // which is refused beside `expr`
            }
        }
    }
    CHECK(defaults > 100);
    CHECK(bounded > 60);
}

TEST_CASE("documented keys: no line of prose in rules/README.md is longer than 140 characters", "[unit]") {
    std::ifstream in(SURGED_SOURCE_DIR "/rules/README.md");
    REQUIRE(in.good());
    bool code = false;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        code = line.starts_with("```") ? !code : code;
        if (code || line.starts_with('|')) {
            continue;
        }
        const auto characters = std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
        INFO("rules/README.md:" << number);
        CHECK(characters <= 140);
    }
}
