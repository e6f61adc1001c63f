#include "documented_tables.hpp"

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "config_kit.hpp"
#include "support/catch.hpp"

namespace fs = std::filesystem;

namespace surged::test {

std::string repository_text(const std::string& path) {
    std::ifstream in(fs::path(SURGED_SOURCE_DIR) / path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::set<std::string> words_of_config() {
    static const std::regex quoted("\"([a-z][a-z0-9_]*)\"");
    std::set<std::string> words;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(SURGED_SOURCE_DIR) / "daemon" / "config")) {
        const auto text = repository_text(fs::relative(entry.path(), SURGED_SOURCE_DIR).string());
        for (std::sregex_iterator it(text.begin(), text.end(), quoted), end; it != end; ++it) {
            words.insert((*it)[1]);
        }
    }
    return words;
}

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

static std::vector<std::string> cells_of(const std::string& line) {
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
                CHECK(tables[head].emplace(key, DocumentedKey{cells[1], cells[2]}).second);
            }
        }
    }
    return tables;
}

static const std::string channel = "[[channel]]\nid = \"print\"\ntype = \"log\"\n[[channel]]\nid = \"run\"\ntype = \"exec\"\ncommand = [\"/bin/true\"]\n";
static const std::string people = channel + "[[person]]\nid = \"ann\"\nreach = { normal = [{ via = \"print\" }] }\n";
static const std::string rosters = people + "[[roster]]\nid = \"leads\"\nshift = [{ people = [\"ann\"] }]\n";
static const std::string policy = rosters + "[[policy]]\nid = \"surge\"\nscope = [\"centre\", \"queue\"]\nfallback = [\"ann\"]\n";
static const std::string tier = "[[policy.tier]]\nid = \"first\"\nrosters = [\"leads\"]\n";
static const std::string policy_head = policy + "need = 2\n";

static std::string rule_of(const std::string& kind, const std::string& more = {}) {
    return "[[rule]]\nid = \"r\"\nkind = \"" + kind + "\"\nmetric = \"calls_waiting\"\n" + more;
}

std::vector<WrittenTable> all_written_tables() {
    const std::string level = "{ raise = \"> 40\", clear = \"< 30\" }";
    const auto rule = [&](const std::string& kind, std::map<std::string, std::string> needs) {
        needs["id"] = "\"r\"";
        needs["kind"] = "\"" + kind + "\"";
        return WrittenTable{"`[[rule]]` `kind = \"" + kind + "\"`", {}, "[[rule]]", std::move(needs), {{"slope_window", "ahead = \"5m\""}}};
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
        {"`[cluster]`", "[http]\nlisten = \"127.0.0.1:9847\"\n", "[cluster]",
         {{"name", "\"c\""}, {"etcd", "\"https://a:2379\""}, {"url", "\"https://{host}:9847\""}}},
    };
}

std::string text_of(const WrittenTable& table, const std::map<std::string, std::string>& keys) {
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

std::set<std::string> known_keys(const WrittenTable& table, const std::set<std::string>& candidates) {
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

}  // namespace surged::test
