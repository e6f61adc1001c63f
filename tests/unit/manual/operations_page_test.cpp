// surged-operations(7): what it tells people to look at is there under that name.
#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "../config/documented_tables.hpp"
#include "manual/manual.hpp"
#include "support/catch.hpp"

namespace fs = std::filesystem;
using namespace surged;
using namespace surged::test;

namespace {

std::set<std::string> matches_in(const std::string& text, const std::string& pattern) {
    std::set<std::string> out;
    const std::regex wanted(pattern);
    for (std::sregex_iterator it(text.begin(), text.end(), wanted), end; it != end; ++it) {
        out.insert((*it)[1]);
    }
    return out;
}

}  // namespace

TEST_CASE("operations page: every event of the log, metric, reason and manual that it names is there", "[unit]") {
    const auto page = repository_text("daemon/manual/pages/surged-operations.7.md");
    std::string sources;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(SURGED_SOURCE_DIR) / "daemon")) {
        if (entry.path().extension() == ".cpp") {
            sources += repository_text(fs::relative(entry.path(), SURGED_SOURCE_DIR).string());
        }
    }
    auto events = matches_in(page, "event=([a-z_]+)");
    CHECK(events.size() > 8);
    for (const auto& event : events) {
        INFO(event);
        CHECK(sources.find("\"" + event + "\"") != std::string::npos);
    }
    const auto metrics = repository_text("daemon/manual/pages/surged-metrics.7.md");
    const auto named = matches_in(page, "`(surged_[a-z_]+)");
    CHECK(named.size() > 5);
    for (const auto& metric : named) {
        INFO(metric);
        CHECK(metrics.find("`" + metric + "`") != std::string::npos);
    }
    for (const auto& reason : {"wrong_socket", "not_zmtp", "early", "late", "foreign_source"}) {
        CHECK(repository_text("daemon/ctl/man/surged-feed.7").find(std::string("\n") + reason + "\t") != std::string::npos);
    }
}

TEST_CASE("manual: every page that a page names is there", "[unit]") {
    std::size_t seen = 0;
    for (const ManualPage& page : manual_pages()) {
        auto source = std::regex_replace(page.source(), std::regex("\\\\-"), "-");
        source = std::regex_replace(source, std::regex("\\\\f[BR]|\\\\%"), "");
        for (const auto& name : matches_in(source, "(surge[a-z.-]+ ?\\([0-9]\\))")) {
            INFO(page.name << " names " << name);
            ++seen;
            CHECK(find_manual_page(std::regex_replace(name, std::regex(" "), "")) != nullptr);
        }
    }
    CHECK(seen > 25);
}
