// What the panels' own queries answer on data written by hand, by Prometheus itself (promtool test rules): two daemons that watch
// one queue, a group chosen, an incident of the whole region.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "boards/render.hpp"
#include "lint_rules.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// The first query of the panel of this title, with marks and variables put in place.
std::string query_of(const Board& board, std::string_view title, const std::string& group, const std::string& centre) {
    for (const BoardPanel& panel : board.panels) {
        if (panel.title == title) {
            std::string query = query_text(panel.queries[0].expr);
            for (const auto& [name, value] : {std::pair<std::string, std::string>{"$group", group}, {"$centre", centre}}) {
                for (std::size_t at = query.find(name); at != std::string::npos; at = query.find(name, at + value.size())) {
                    query.replace(at, name.size(), value);
                }
            }
            return without_variables(query);
        }
    }
    FAIL(std::string(title) + " is no panel");
    return {};
}

constexpr std::string_view input = R"(tests:
  - interval: 15s
    input_series:
      - {series: 'surged_queue_calls_waiting{job="s",instance="a",centre="jinan",queue="general",channel="voice"}', values: '7x80'}
      - {series: 'surged_queue_calls_waiting{job="s",instance="b",centre="jinan",queue="general",channel="voice"}', values: '7x80'}
      - {series: 'surged_queue_calls_waiting{job="s",instance="a",centre="jinan",queue="loose",channel="voice"}', values: '3x80'}
      - {series: 'surged_queue_calls_waiting{job="s",instance="a",centre="yantai",queue="general",channel="voice"}', values: '40x80'}
      - {series: 'surged_group_member{job="s",instance="a",centre="jinan",queue="general",channel="voice",group="g"}', values: '1x80'}
      - {series: 'surged_group_member{job="s",instance="b",centre="jinan",queue="general",channel="voice",group="g"}', values: '1x80'}
      - {series: 'surged_group_member{job="s",instance="a",centre="jinan",queue="loose",channel="voice"}', values: '1x80'}
      - {series: 'surged_group_member{job="s",instance="a",centre="yantai",queue="general",channel="voice",group="h"}', values: '1x80'}
      - {series: 'surged_seats{job="s",instance="a",policy="p",scope="centre=jinan",centre="jinan",state="needed"}', values: '6x80'}
      - {series: 'surged_seats{job="s",instance="a",policy="p",scope="centre=jinan",centre="jinan",state="joined"}', values: '8x80'}
      - {series: 'surged_seats{job="s",instance="b",policy="p",scope="centre=jinan",centre="jinan",state="needed"}', values: '6x80'}
      - {series: 'surged_seats{job="s",instance="b",policy="p",scope="centre=jinan",centre="jinan",state="joined"}', values: '8x80'}
      - {series: 'surged_seats{job="s",instance="a",policy="p",scope="all",state="needed"}', values: '9x80'}
      - {series: 'surged_seats{job="s",instance="a",policy="p",scope="all",state="joined"}', values: '4x80'}
      - {series: 'surged_incident_level{job="s",instance="a",policy="p",scope="centre=jinan",centre="jinan"}', values: '2x80'}
      - {series: 'surged_incident_level{job="s",instance="b",policy="p",scope="centre=jinan",centre="jinan"}', values: '2x80'}
      - {series: 'surged_incident_level{job="s",instance="a",policy="p",scope="all"}', values: '3x80'}
      - {series: 'surged_incident_opened_timestamp_seconds{job="s",instance="a",policy="p",scope="all",incident="0-9"}', values: '0x80'}
      - {series: 'surged_incident_opened_timestamp_seconds{job="s",instance="a",policy="p",scope="centre=jinan",centre="jinan",incident="0-7"}', values: '5x80'}
    promql_expr_test:
)";

class Meaning {
public:
    Meaning() { text_ << "evaluation_interval: 15s\n" << input; }

    /// `samples`: "{label="a"} 3", one each.
    void expect(const std::string& query, const std::vector<std::pair<std::string, double>>& samples) {
        text_ << "      - expr: |-\n          " << query << "\n        eval_time: 10m\n        exp_samples:\n";
        for (const auto& [labels, value] : samples) {
            text_ << "          - {labels: '" << labels << "', value: " << value << "}\n";
        }
    }
    bool holds() const {
        const TempDir dir;
        std::ofstream(dir.file("meaning.test.yml")) << text_.str();
        return std::system(("promtool test rules " + dir.file("meaning.test.yml")).c_str()) == 0;
    }

private:
    std::ostringstream text_;
};

}  // namespace

TEST_CASE("boards: instances of one queue count once, a group leaves the others out, a region belongs to every centre",
          "[unit]") {
    if (std::system("command -v promtool > /dev/null 2>&1") != 0) {
        WARN("promtool is not installed: skipped");
        return;
    }
    Meaning meaning;
    const auto stat = [](std::string_view title, const std::string& group, const std::string& centre) {
        return query_of(overview_board(), title, group, centre);
    };
    meaning.expect(stat("Calls waiting 排队总数", ".*", ".*"), {{"{}", 50}});
    meaning.expect(stat("Calls waiting 排队总数", "g", ".*"), {{"{}", 7}});
    meaning.expect(stat("Calls waiting 排队总数", ".*", "jinan"), {{"{}", 10}});
    meaning.expect(stat("Calls waiting 排队总数", ".*", "nowhere"), {{"{}", 0}});
    // More came than were wanted in one incident: that is no help for the other.
    meaning.expect(stat("Seats missing 缺口人数", ".*", ".*"), {{"{}", 5}});
    meaning.expect(stat("Seats missing 缺口人数", ".*", "yantai"), {{"{}", 5}});
    meaning.expect(stat("Open incidents 未结事件", ".*", ".*"), {{"{}", 2}});
    meaning.expect(stat("Open incidents 未结事件", ".*", "yantai"), {{"{}", 1}});
    meaning.expect(
        stat("Incidents that are open 未结事件", ".*", ".*"),
        {{R"({policy="p",scope="all",incident="0-9"})", 3}, {R"({policy="p",scope="centre=jinan",incident="0-7"})", 2}});
    // One set of queues at each point of a curve, chosen by the whole time shown.
    meaning.expect(stat("Calls waiting 排队数", "h", ".*"), {{R"({centre="yantai",queue="general"})", 40}});
    CHECK(meaning.holds());
}
