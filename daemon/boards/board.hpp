// The Grafana boards as a description: what each panel asks, and what its numbers mean. render.cpp makes the JSON of it; the
// files in dashboards/ are that JSON, and a test holds them equal.
//
// Queries are PromQL with marks, which render.cpp puts in place:
//   @me      job=~"$job", instance=~"$instance"
//   @centre  @me and the centre chosen
//   @queue   @me, centre and queue
//   @feed    job=~"$feed_job", instance=~"$feeder": a feeder's own metrics (surgectl feed --metrics), which are scraped as a job of their own
//   @inc     @me, centre and group of an incident; one of the whole region belongs to every centre
//   @mine    " and on (...) surged_group_member{...}": keeps what belongs to a queue of the group chosen
//   @then    the same at the end of the time shown: within "@ end()", where the whole is asked once and not at every point
//
// With thousands of queues what is asked at every point counts: a choice of queues ("and on (centre, queue) topk(...)") stands
// next to the metric and is made at the end of the time shown; sums over centres come from recording rules.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace surged {

enum class PanelKind : std::uint8_t { row, stat, curve, levels, bars, table };
/// Words in the place of numbers.
enum class PanelWords : std::uint8_t { none, level, yes_is_good, yes_is_bad };
/// Where a click on a value goes, in surged's console.
enum class PanelLink : std::uint8_t { none, queue, incident };

struct PanelQuery {
    std::string_view expr{};              ///< empty = the panel has no more
    std::string_view legend{};            ///< a table's: the header of the column
    std::string_view unit{};              ///< a table's: of this column
    PanelWords words = PanelWords::none;  ///< a table's: of this column
};

struct ColourStep {
    double from = 0;
    std::string_view colour{};  ///< empty = no more steps
};

struct BoardPanel {
    PanelKind kind = PanelKind::row;
    std::string_view title{};
    std::string_view help{};
    std::string_view unit = "short";
    int width = 8;
    int height = 8;
    std::array<PanelQuery, 8> queries{};
    std::array<ColourStep, 4> steps{};
    PanelWords words = PanelWords::none;
    PanelLink link = PanelLink::none;
    std::string_view limit_of{};  ///< a metric: the limits of the rules on it are drawn as dashed lines
    std::string_view keys{};      ///< a table's: labels of its first columns, with commas
    std::string_view sort_by{};   ///< a table's: header of the column it is ranked by
    bool stacked = false;
    bool from_zero = true;  ///< no value of it is below 0
};

struct Board {
    std::string_view file;
    std::string_view uid;
    std::string_view title;
    std::string_view help;
    bool of_queues = false;  ///< it has the variables centre, group and queue
    std::span<const BoardPanel> panels;
    bool of_feeders = false;  ///< ... and the variables feed_job and feeder
};

const Board& overview_board();
const Board& staffing_board();
const Board& people_board();
const Board& feeds_board();
const Board& health_board();

/// All of them, in the order in which they link to each other.
std::array<const Board*, 5> all_boards();

}  // namespace surged
