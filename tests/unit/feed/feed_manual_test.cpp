// surged-feed(7) against the code: the names, kinds, limits, reasons and fields that it tells are the daemon's, all of them.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "core/base/text.hpp"
#include "core/rule/detection_plan.hpp"
#include "core/rule/spec.hpp"
#include "support/catch.hpp"
#include "support/man_page.hpp"
#include "wire/decode.hpp"

using namespace surged;
using namespace surged::test;

namespace {

std::set<std::string> first_cells(const std::vector<std::vector<std::string>>& table) {
    std::set<std::string> out;
    for (const auto& row : table) {
        INFO(row.front());
        CHECK(out.insert(row.front()).second);
    }
    return out;
}

/// What is missing for `text` to be a right message; empty = nothing.
std::string refusal_of(const std::string& text) {
    Decoder decoder{IngestLimits{}};
    Message message;
    RefusalCounts dropped{};
    const auto refused = decoder.decode(text, message, dropped);
    const auto notes = decoder.notes();
    return refused         ? std::string(to_string(*refused)) + " " + (notes.empty() ? "" : notes.front().text())
           : notes.empty() ? ""
                           : notes.front().text();
}

/// `text` without `from` and all that follows to the end of `to`.
std::string text_without(std::string text, const std::string& from, const std::string& to = {}) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    const auto end = text.find(to, at + from.size());
    REQUIRE(end != std::string::npos);
    return text.erase(at, end + to.size() - at);
}

}  // namespace

TEST_CASE("feed manual: it names every canonical metric with its kind, and no other") {
    const auto table = man_table(man_source("surged-feed.7"), ".SH METRICS");
    std::map<std::string, std::string> told;
    for (const auto& row : table) {
        INFO(row.front());
        REQUIRE(row.size() == 4);
        CHECK(told.emplace(row[0], row[1]).second);
        CHECK((row[2] == "s") == (row[0].find("_s_sum") != std::string::npos || row[0].ends_with("_s")));
    }
    CHECK(told.size() == canonical_metrics().size());
    for (const auto& metric : canonical_metrics()) {
        INFO(metric.name);
        CHECK(told[metric.name] == (metric.kind == MetricKind::counter ? "counter" : "gauge"));
    }
}

TEST_CASE("feed manual: it names every reason of a refusal, and no other") {
    const auto told = first_cells(man_table(man_source("surged-feed.7"), ".SS What a refusal costs"));
    CHECK(told.size() == refusal_count);
    for (std::size_t i = 0; i < refusal_count; ++i) {
        CHECK(told.contains(std::string(to_string(static_cast<Refusal>(i)))));
    }
}

TEST_CASE("feed manual: the limits that it tells are those in force") {
    const IngestLimits limits;
    const DetectionPlan plan;
    const std::map<std::string, std::string> in_force{{"message_bytes", std::to_string(limits.message_bytes)},
                                                      {"queues_per_message", std::to_string(limits.queues_per_message)},
                                                      {"metrics_per_queue", std::to_string(limits.metrics_per_queue)},
                                                      {"name_bytes", std::to_string(limits.name_bytes)},
                                                      {"series", std::to_string(limits.series)},
                                                      {"queues", std::to_string(plan.queue_max)},
                                                      {"sources", std::to_string(limits.sources)},
                                                      {"skew", format_span(limits.skew)}};
    std::map<std::string, std::string> told;
    for (const auto& row : man_table(man_source("surged-feed.7"), ".SH LIMITS")) {
        told[row.at(0)] = row.at(1);
    }
    CHECK(told == in_force);
}

TEST_CASE("feed manual: its message is taken whole, and what it calls needed is") {
    const auto page = man_source("surged-feed.7");
    const auto message = man_example(page, ".SH SYNOPSIS");
    CHECK(refusal_of(message).empty());
    const std::map<std::string, std::string> members{{"v", "\"v\":1,"},
                                                     {"source", "\"source\":\"acd-jinan-1\","},
                                                     {"epoch", "\"epoch\":1795330000,"},
                                                     {"seq", "\"seq\":90210,"},
                                                     {"ts", "\"ts\":1795330800123,"},
                                                     {"centre", "\"centre\":\"jinan\","},
                                                     {"queue", "\"queue\":\"general\","}};
    auto fields = man_table(page, ".SH THE MESSAGE");
    const auto of_queue = man_table(page, "Of each queue:");
    CHECK(first_cells(fields) == std::set<std::string>{"v", "source", "epoch", "seq", "ts", "queues"});
    CHECK(first_cells(of_queue) == std::set<std::string>{"centre", "queue", "channel", "ts", "m"});
    fields.insert(fields.end(), of_queue.begin(), of_queue.begin() + 2);
    for (const auto& row : fields) {
        INFO(row[0]);
        const auto member = members.find(row[0]);
        if (member != members.end()) {
            const auto left = refusal_of(text_without(message, member->second));
            CHECK((row[1] == "yes" ? left.find(row[0] + ": ") != std::string::npos : left.empty()));
        }
    }
    CHECK(refusal_of(text_without(message, ",\n \"queues\"", "]")).find("missing_field queues: ") == 0);
    CHECK(refusal_of(text_without(message, ",\n            \"m\"", "}")).find("m: ") == 0);
}

TEST_CASE("feed manual: its programs have at most thirty lines, none longer than a terminal shows") {
    const auto page = man_source("surged-feed.7");
    for (const char* heading : {".SS Python", ".SS Node"}) {
        INFO(heading);
        const auto program = man_example(page, heading);
        CHECK(std::count(program.begin(), program.end(), '\n') <= 30);
        std::istringstream lines(program);
        for (std::string line; std::getline(lines, line);) {
            INFO(line);
            CHECK(line.size() <= 73);
        }
    }
}

TEST_CASE("feed manual: every page of the manual is installed") {
    std::ifstream in(SURGED_SOURCE_DIR "/daemon/ctl/CMakeLists.txt");
    const std::string rules(std::istreambuf_iterator<char>(in), {});
    std::size_t pages = 0;
    for (const auto& file : std::filesystem::directory_iterator(SURGED_SOURCE_DIR "/daemon/ctl/man")) {
        const auto name = file.path().filename().string();
        INFO(name);
        const std::string section(1, name.back());
        CHECK(rules.find("install(FILES man/" + name + " DESTINATION ${CMAKE_INSTALL_MANDIR}/man" + section) !=
              std::string::npos);
        ++pages;
    }
    CHECK(pages >= 3);
}
