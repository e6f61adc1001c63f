// Time-line tests of rules, as ops people write them (rules/*.test.toml): feed lines, time, expected alert states, expected
// pages, answers, and windows in which nothing may be paged. Text in, a checked list of tests out; running them is ctl's.
//
//   config = "voice.toml"                      # or a list; relative to the test file
//   extra = '''[[policy]] ...'''               # configuration of the test itself, appended
//   [[test]]
//   name = "oldest wait climbs and clears"
//   start = "2026-03-02T09:00:00"              # civil time in `timezone` (default UTC)
//   every = "5s"                               # cadence of the feed
//   [[test.feed]]
//   centre = "jinan"; queue = "general"; metric = "oldest_wait_s"
//   values = "10x12 45x24 20x60"               # series notation, below
//   [[test.answer]]    at = "1m30s", person = "lead-01", say = "join"
//   [[test.expect]]    at = "1m20s", rule, centre, queue, state = "firing", level = "yellow",
//                      stale = true, muted, folded, flapping
//   [[test.incident]]  at = "2m", policy = "surge", state = "filled", level, tier, joined, need
//   [[test.source]]    at = "2m", source = "test", gaps = 3, repeats, restarts
//   [[test.pages]]     between = ["1m", "1m30s"], tier = 1, count = 8, people = [...], purpose = "first"
//   [[test.no_page]]   between = ["0s", "55s"]
//   [[test.action]]    between = ["1m", "2m"], action = "announce", undo = false, policy, count = 1    # steps of the playbook
//
// What may happen to the feed and to surged:
//   [[test.restart]]   at = "2m", down = "30s"                  # killed, and back with snapshot and log; what came meanwhile is
//   lost
//   [[test.clock]]     at = "2m", step = "-1h", feeders = true  # surged's wall clock steps; `feeders`: theirs steps with it
//   [[test.lost]]      between = ["1m", "2m"]                   # messages are sent and never come: a gap in the sequence
//   [[test.repeat]]    between = ["1m", "2m"]                   # every message comes twice
//   [[test.silent]]    between = ["1m", "2m"]                   # nobody sends: the feed is silent
//   [[test.epoch]]     at = "2m"                                # the feeder starts anew: a new epoch, sequence from 1, counters
//   from 0
//   [[test.silence]]   at = "2m", for = "10m", rule = "*", centre = "*", queue = "*", by = "lead-01"   # what an operator
//   silences
// `lost`, `repeat`, `silent` and `epoch` take a `source`; without it they are about every feeder.
//
// A time is a duration after `start`, or civil time in the test's zone: "03:15" (the first after the start) or
// "2026-03-29T03:15:00". Durations are elapsed time: over a change of clocks "1h" is an hour.
//
// Series notation, one item per run of samples, blanks between: `10` one sample; `10x12` twelve samples of 10; `10+5x4` is 10 15
// 20 25; `100-20x3` is 100 80 60; `_` no sample (`_x6`: six times none); `stale` none from here on. The first sample is at
// `start`.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "core/record/record.hpp"
#include "ruletest/history.hpp"

namespace surged {

struct TestFeed {
    std::string source = "test";
    QueueKey queue;
    std::string metric;
    std::vector<std::optional<double>> values;  ///< one a tick; nullopt = no sample
};
struct TestAnswer {
    Span at{0};  ///< after the start, as all `at` here
    std::string person;
    AnswerKind say = AnswerKind::join;
    std::string policy;  ///< empty = the one open incident
};
struct TestExpect {
    Span at{0};
    int line = 0;
    std::string rule;
    QueueKey queue;
    std::optional<AlertState> state;
    std::optional<Level> level;
    std::optional<bool> stale;
    std::optional<bool> muted;
    std::optional<bool> folded;
    std::optional<bool> flapping;
};
/// A time in which something happens to the feed: [from, until), or a moment (until = from).
struct TestSpell {
    Span from{0};
    Span until{0};
    std::string source;  ///< empty = every feeder
};
struct TestRestart {
    Span at{0};
    Span down{0};
};
struct TestClockStep {
    Span at{0};
    Span step{0};  ///< may be negative
    bool feeders = true;
};
struct TestSilence {
    Span at{0};
    Span lasts{0};
    std::string rule = "*";
    std::string centre = "*";
    std::string queue = "*";
    std::string by = "test";
};
/// What is known of a feeder.
struct TestSource {
    Span at{0};
    int line = 0;
    std::string source = "test";
    std::optional<int> gaps;
    std::optional<int> repeats;
    std::optional<int> restarts;
};
struct TestIncident {
    Span at{0};
    int line = 0;
    std::string policy;
    std::optional<std::string> state;  ///< "none" = no open incident of this policy
    std::optional<Level> level;
    std::optional<int> tier;
    std::optional<int> joined;
    std::optional<int> need;
};
/// Messages sent in [from, until], both inclusive.
struct TestPages {
    Span from{0};
    Span until{0};
    int line = 0;
    std::optional<int> tier;
    std::string policy;
    std::optional<PagePurpose> purpose;           ///< nullopt = every purpose that calls for help (not close, not stand_down)
    std::optional<int> count;                     ///< messages
    std::optional<std::set<std::string>> people;  ///< exactly these are named by the messages together
    bool none = false;                            ///< from [[test.no_page]]
};
/// Doings (or undoings) of one step of the playbook in [from, until], both inclusive.
struct TestActions {
    Span from{0};
    Span until{0};
    int line = 0;
    std::string action;
    std::string policy;
    bool undo = false;
    int count = 1;
};
struct RuleTest {
    std::string name;
    int line = 0;
    CivilTime start;
    std::string timezone = "UTC";
    Span every{5000};
    std::vector<TestHistory> histories;  ///< [[test.history]], see ruletest/history.hpp
    std::vector<TestFeed> feeds;
    std::vector<TestAnswer> answers;
    std::vector<TestExpect> expects;
    std::vector<TestIncident> incidents;
    std::vector<TestPages> pages;
    std::vector<TestSource> sources;
    std::vector<TestActions> actions;

    std::vector<TestRestart> restarts;
    std::vector<TestClockStep> clock_steps;
    std::vector<TestSpell> lost;
    std::vector<TestSpell> repeated;
    std::vector<TestSpell> silent;
    std::vector<TestSpell> epochs;
    std::vector<TestSilence> silences;
};
struct TestFile {
    std::string path;
    std::vector<std::string> configs;  ///< paths, resolved against the test file's folder
    std::string extra;
    std::vector<RuleTest> tests;
    std::vector<Diagnostic> diagnostics;
    bool ok() const;
};

/// Reads and checks one test file; reports every error. Never throws.
TestFile load_test_file(const std::string& path);
TestFile parse_test_file(const std::string& path, const std::string& text);

/// Series notation alone. At most 1,000,000 samples.
Result<std::vector<std::optional<double>>> parse_series(std::string_view text);

}  // namespace surged
