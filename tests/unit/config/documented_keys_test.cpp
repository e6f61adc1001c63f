// rules/README.md has a table for every table of a configuration: it names every key that the reader knows and no other, with the true
// default and the true bounds. What the reader knows is asked of the reader itself: a table is loaded with every word that stands in
// quotes in the room's sources as a key, and those that are not refused are its keys.
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "config_kit.hpp"
#include "documented_tables.hpp"
#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {

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
        if (settings.cluster) {
            add(settings.cluster->name), add(settings.cluster->shard), add(settings.cluster->takeover), add(settings.cluster->alone_after);
        }
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
std::string true_bounds(const WrittenTable& table, const std::string& key) {
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
    for (const auto& table : all_written_tables()) {
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
    for (const auto& table : all_written_tables()) {
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
