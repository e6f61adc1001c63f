#include "boards/bundle.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "support/catch.hpp"

using namespace surged;
namespace fs = std::filesystem;

namespace {

const fs::path bundle_folder = fs::path(SURGED_SOURCE_DIR) / "dashboards";

std::string text_of(const std::vector<BundleFile>& bundle, const std::string& name) {
    const auto found = std::ranges::find(bundle, name, &BundleFile::name);
    return found == bundle.end() ? std::string() : found->text;
}

}  // namespace

TEST_CASE("bundle: with nothing chosen it is dashboards/ without its README, byte for byte", "[unit]") {
    std::set<std::string> there;
    for (const auto& entry : fs::recursive_directory_iterator(bundle_folder)) {
        if (entry.is_regular_file() && entry.path().filename() != "README.md") {
            there.insert(fs::relative(entry.path(), bundle_folder).string());
        }
    }
    for (const BundleFile& file : make_bundle({})) {
        CAPTURE(file.name);
        CHECK(there.erase(file.name) == 1);
        std::ostringstream text;
        text << std::ifstream(bundle_folder / file.name, std::ios::binary).rdbuf();
        CHECK(text.str() == file.text);
    }
    CHECK(there.empty());
}

TEST_CASE("bundle: of a prefix no metric is left under the old one", "[unit]") {
    BundleOptions options;
    options.board.prefix = "cc";
    for (const BundleFile& file : make_bundle(options)) {
        CAPTURE(file.name);
        for (std::size_t at = file.text.find("surged_"); at != std::string::npos; at = file.text.find("surged_", at + 1)) {
            const std::string around = file.text.substr(at == 0 ? 0 : at - 1, 40);
            CAPTURE(around);
            // The value of the label metric, which the daemon writes, and names of files.
            CHECK((around.starts_with("\"surged_queue_") || around.find(".rules.yml") != std::string::npos));
        }
    }
}

TEST_CASE("bundle: the job stands in rules, tests and scrape configuration; a folder in Grafana's provisioning", "[unit]") {
    BundleOptions options;
    options.board.job = "surged-north";
    options.folder = "/srv/boards";
    const auto bundle = make_bundle(options);
    CHECK(text_of(bundle, "surged_meta.rules.yml").find("up{job=\"surged-north\"}") != std::string::npos);
    CHECK(text_of(bundle, "prometheus.yml").find("job_name: surged-north\n") != std::string::npos);
    CHECK(text_of(bundle, "surged_meta.test.yml").find("\"surged\"") == std::string::npos);
    CHECK(text_of(bundle, "provisioning/dashboards/surged.yml").find("path: /srv/boards\n") != std::string::npos);
    CHECK(text_of(bundle, "provisioning/datasources/surged.yml").find("isDefault: false") != std::string::npos);
}

TEST_CASE("bundle: with a data source of one's own none is provisioned, and the boards begin with it", "[unit]") {
    BundleOptions options;
    options.board.datasource = "prometheus-main";
    const auto bundle = make_bundle(options);
    CHECK(text_of(bundle, "provisioning/datasources/surged.yml").empty());
    CHECK(text_of(bundle, "surged_health.json").find("\"value\": \"prometheus-main\"") != std::string::npos);
}

TEST_CASE("bundle: an option that would break a query or a file is refused", "[unit]") {
    CHECK(bundle_problem({}).empty());
    for (const char* prefix : {"", "1a", "a-b", "a b", "a{", "é"}) {
        CAPTURE(prefix);
        BoardOptions options;
        options.prefix = prefix;
        CHECK_FALSE(bundle_problem(options).empty());
    }
    for (const char* job : {"", "a b", "a\"b", "a\nb"}) {
        BoardOptions options;
        options.job = job;
        CHECK_FALSE(bundle_problem(options).empty());
    }
    for (const char* console : {"", "surged:9847", "javascript:alert(1)", "http://a/", "http://a\"b"}) {
        CAPTURE(console);
        BoardOptions options;
        options.console = console;
        CHECK_FALSE(bundle_problem(options).empty());
    }
    BoardOptions longest;
    longest.datasource = std::string(40, 'a');
    CHECK(bundle_problem(longest).empty());
    longest.datasource += "a";
    CHECK_FALSE(bundle_problem(longest).empty());
}
