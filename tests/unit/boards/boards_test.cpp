#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "boards/bundle.hpp"
#include "boards/render.hpp"
#include "support/catch.hpp"
#include "wire/json_text.hpp"

using namespace surged;

namespace {

const std::string dashboards_folder = std::string(SURGED_SOURCE_DIR) + "/dashboards/";

std::string whole_file(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(dashboards_folder + name, std::ios::binary).rdbuf();
    return text.str();
}

}  // namespace

/// To write the files anew after a change of the description: surgectl dashboards --out dashboards --boards-path
/// /usr/share/surged/dashboards.
TEST_CASE("boards: the files in dashboards/ are what the description makes, byte for byte", "[unit]") {
    for (const Board* board : all_boards()) {
        CAPTURE(board->file);
        CHECK(whole_file(std::string(board->file)) == board_json(*board, {}));
    }
}

TEST_CASE("boards: marks of a query stand for matchers, and one for the group of a queue", "[unit]") {
    CHECK(query_text("up{@me}") == R"(up{job=~"$job", instance=~"$instance"})");
    CHECK(query_text("x{@inc}").find(R"(centre=~"$centre|", group=~"$group|")") != std::string::npos);
    CHECK(query_text("x{@queue} @mine") ==
          R"(x{job=~"$job", instance=~"$instance", centre=~"$centre", queue=~"$queue"} and on (job, instance, centre, queue) )"
          R"(surged_group_member{job=~"$job", instance=~"$instance", centre=~"$centre", queue=~"$queue", group=~"$group"})");
    CHECK(query_text("max_over_time(x[1h] @ end())") == "max_over_time(x[1h] @ end())");
}

TEST_CASE("boards: a prefix renames metrics and neither labels' values nor files", "[unit]") {
    CHECK(with_prefix("surged_ready + a:surged_seats:sum", "cc") == "cc_ready + a:cc_seats:sum");
    CHECK(with_prefix(R"(surged_rule_limit{metric="surged_queue_offered_total"})", "cc") ==
          R"(cc_rule_limit{metric="surged_queue_offered_total"})");
    CHECK(with_prefix("- surged_meta.rules.yml", "cc") == "- surged_meta.rules.yml");
    CHECK(with_prefix("my_surged_ready surged", "cc") == "my_surged_ready surged");
    CHECK(with_prefix("see surged_ready.", "cc") == "see cc_ready.");
}

TEST_CASE("boards: a prefix gives boards uids of their own that Grafana takes", "[unit]") {
    BoardOptions options;
    CHECK(board_uid(overview_board(), options) == "surge-overview");
    options.prefix = "cc_surged";
    CHECK(board_uid(overview_board(), options) == "cc-surged-surge-overview");
    options.prefix = std::string(60, 'a');
    std::set<std::string> uids;
    for (const Board* board : all_boards()) {
        const std::string uid = board_uid(*board, options);
        CHECK(uid.size() <= 40);
        CHECK(uids.insert(uid).second);
    }
}

TEST_CASE("boards: a board of queues has all variables and incidents as annotations, and each board links to all others",
          "[unit]") {
    for (const Board* board : all_boards()) {
        CAPTURE(board->file);
        const std::string text = board_json(*board, {});
        for (const Board* other : all_boards()) {
            CHECK((text.find("\"/d/" + std::string(other->uid) + "\"") != std::string::npos) == (other != board));
        }
        for (const char* name : {"centre", "group", "queue"}) {
            CHECK((text.find("\"name\": \"" + std::string(name) + "\"") != std::string::npos) == board->of_queues);
        }
        CHECK((text.find("max by (policy, scope) (surged_incident_level{job=~\\\"$job\\\"") != std::string::npos) ==
              board->of_queues);
        CHECK(text.find("\"name\": \"console\"") != std::string::npos);
    }
}

TEST_CASE("boards: a queue and an incident are links into the console at the address given", "[unit]") {
    BoardOptions options;
    options.console = "https://console.example:9847";
    const std::string text = board_json(overview_board(), options);
    CHECK(text.find("\"query\": \"https://console.example:9847\"") != std::string::npos);
    CHECK(text.find("${console:raw}/queues/${__data.fields.centre:percentencode}/${__data.fields.queue:percentencode}") !=
          std::string::npos);
    CHECK(text.find("${console:raw}/queues/${__field.labels.centre:percentencode}/${__field.labels.queue:percentencode}") !=
          std::string::npos);
    CHECK(text.find("${console:raw}/incidents/${__data.fields.incident:percentencode}") != std::string::npos);
    CHECK(text.find("127.0.0.1") == std::string::npos);
}
