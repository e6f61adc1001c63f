// surged-metrics(7) against what is shown: names, types and labels of a scrape with one of everything, and every name in the sources.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "../config/documented_tables.hpp"
#include "io/exporter/families.hpp"
#include "io/exporter/metric_names.hpp"
#include "support/catch.hpp"
#include "support/exporter_snapshot.hpp"

namespace fs = std::filesystem;
using namespace surged;
using namespace surged::test;

namespace {

struct ToldMetric {
    std::string type;
    std::set<std::string> labels;
};

std::map<std::string, ToldMetric> metrics_of_page() {
    std::map<std::string, ToldMetric> out;
    std::istringstream in(repository_text("daemon/manual/pages/surged-metrics.7.md"));
    for (std::string line; std::getline(in, line);) {
        static const std::regex row("\\| (`[^|]*`) \\| ([a-z ]*) \\| ([^|]*)\\|.*");
        if (std::smatch cells; std::regex_match(line, cells, row)) {
            const auto labels = ticked(cells[3]);
            for (const auto& name : ticked(cells[1])) {
                INFO(name);
                CHECK(out.emplace(name, ToldMetric{cells[2], {labels.begin(), labels.end()}}).second);
            }
        }
    }
    return out;
}

std::string word_of(prometheus::MetricType type) {
    return type == prometheus::MetricType::Counter ? "counter" : type == prometheus::MetricType::Histogram ? "histogram" : "gauge";
}

/// Every "word" in the sources of a folder that matches.
std::set<std::string> names_in(const std::string& folder, const std::string& pattern) {
    std::set<std::string> out;
    const std::regex wanted(pattern);
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(SURGED_SOURCE_DIR) / folder)) {
        const auto text = entry.is_regular_file() ? repository_text(fs::relative(entry.path(), SURGED_SOURCE_DIR).string()) : "";
        for (std::sregex_iterator it(text.begin(), text.end(), wanted), end; it != end; ++it) {
            out.insert((*it)[1]);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("metrics page: type and labels of what a scrape shows are those that it tells", "[unit]") {
    const auto told = metrics_of_page();
    auto snapshot = full_snapshot();
    snapshot->history.file = true;
    snapshot->history.lost = {{"slots", 1}};
    auto families = make_families(*snapshot, exposed_names(snapshot->series.metrics, snapshot->series.counter));
    for (auto& family : process_families(0)) {
        families.push_back(std::move(family));
    }
    std::map<std::string, std::set<std::string>> seen;
    for (const auto& family : families) {
        const bool of_queue = family.name.starts_with("surged_queue_") && family.name != "surged_queue_stale";
        const auto found = told.find(of_queue ? "surged_queue_<metric>" : family.name);
        INFO(family.name);
        REQUIRE(found != told.end());
        CHECK(found->second.type.find(word_of(family.type)) != std::string::npos);
        for (const auto& metric : family.metric) {
            for (const auto& label : metric.label) {
                seen[found->first].insert(label.name);
            }
        }
    }
    // What the scrape above has no example of.
    const std::set<std::string> without_example{"surged_forecast_offered channel", "surged_forecast_slot_seconds channel",
                                               "surged_expected_wait_seconds channel", "surged_shortfall_cause channel"};
    for (const auto& [name, labels] : seen) {
        for (const auto& label : told.at(name).labels) {
            INFO(name << " shows no " << label);
            CHECK((labels.contains(label) || without_example.contains(name + " " + label)));
        }
        for (const auto& label : labels) {
            INFO(name << " has " << label);
            CHECK(told.at(name).labels.contains(label));
        }
    }
    CHECK(seen.size() > 30);
}

TEST_CASE("metrics page: every metric that the sources name is there, and no other", "[unit]") {
    auto of_daemon = names_in("daemon/io/exporter", "\"(surged_[a-z_]+|process_[a-z_]+)\"");
    of_daemon.erase("surged_queue");
    const auto of_feeders = names_in("daemon/feed", "health_?\\.(?:set|add|total)\\(\"([a-z_]+)\"");
    std::set<std::string> told;
    for (const auto& [name, metric] : metrics_of_page()) {
        INFO("the page names " << name);
        if (name.starts_with("surged_feed_")) {
            CHECK((name == "surged_feed_info" || of_feeders.contains(name.substr(12))));
            told.insert(name);
        } else if (name != "surged_queue_<metric>") {
            CHECK(of_daemon.contains(name));
            told.insert(name);
        }
    }
    for (const auto& name : of_feeders) {
        INFO("the feeders name " << name);
        CHECK(told.contains("surged_feed_" + name));
    }
    CHECK(of_feeders.size() > 30);
    for (const auto& name : of_daemon) {
        INFO("the sources name " << name);
        CHECK(told.contains(name));
    }
}
