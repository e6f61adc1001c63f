// A month's sums, held against a log that is written out here and added up by hand.
#include "report/period.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "report/period_days.hpp"
#include "report/period_words.hpp"
#include "support/catch.hpp"
#include "support/phrase_check.hpp"
#include "wire/json_text.hpp"

using namespace surged;

namespace {

constexpr double gap = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 3600;

/// Seconds after 2026-10-05 (a Monday) 00:00 UTC.
WallTime at(std::int64_t second) {
    return wall_time(1791158400000 + second * 1000);
}

/// One incident's records.
class Written {
public:
    Written(std::string incident, std::string centre) : incident_(std::move(incident)), centre_(std::move(centre)) {}
    Written& step(std::int64_t second, IncidentStep step, Level level, int need = 2) {
        IncidentChange c;
        c.incident = incident_;
        c.policy = "surge";
        c.scope = {{"centre", centre_}};
        c.step = step;
        c.level = level;
        c.need = need;
        c.by = "engine";
        return add(second, c);
    }
    Written& load(std::int64_t second, double offered, double answered, double abandoned) {
        IncidentChange c;
        c.incident = incident_;
        c.step = IncidentStep::load;
        c.load = {{"offered", offered}, {"answered", answered}, {"abandoned", abandoned}};
        return add(second, c);
    }
    Written& seat(std::int64_t second, const std::string& person, SeatState state) { return add(second, SeatChange{incident_, person, 1, state, "", {}}); }
    Written& joins(std::int64_t second, const std::string& person) {
        add(second, AnswerGiven{incident_, person, AnswerKind::join, AnswerResult::seated, person, "link", "", "", {}, {}});
        return seat(second, person, SeatState::joined);
    }
    Written& alert(std::int64_t second, const std::string& rule, const std::string& queue) {
        AlertEdge e;
        e.rule = rule;
        e.queue = {centre_, queue, "voice"};
        e.to = AlertState::firing;
        e.level = Level::red;
        e.incident = incident_;
        return add(second, e);
    }
    Written& judged(std::int64_t second, IncidentVerdict verdict) { return add(second, VerdictGiven{incident_, verdict, "lead", ""}); }
    AfterAction read() const {
        const auto out = after_action(incident_, "closed", records_, {{"ann", "安"}});
        REQUIRE(out);
        return *out;
    }

private:
    template <typename Body>
    Written& add(std::int64_t second, Body body) {
        records_.push_back({records_.size() + 1, engine_time(second * 1000), at(second), std::move(body)});
        return *this;
    }
    std::string incident_;
    std::string centre_;
    std::vector<Record> records_;
};

AlertEdge edge(const std::string& rule, AlertState from, AlertState to, const std::string& incident) {
    AlertEdge e;
    e.rule = rule;
    e.queue = {"jinan", "general", "voice"};
    e.from = from;
    e.to = to;
    e.incident = incident;
    return e;
}

/// A week: three incidents of two centres, of which Monday has two in one centre.
PeriodReport a_week() {
    PeriodFold fold(at(0), at(7 * 24 * hour), Zone{});
    // Monday 01:00, jinan, red, 30 min. 100 calls without anybody of which 60 were answered, then 200 with ann, of which 180 were.
    fold.incident(Written("0-1", "jinan")
                      .alert(hour, "wait", "general")
                      .alert(hour, "rate", "general")
                      .step(hour, IncidentStep::opened, Level::red)
                      .seat(hour, "ann", SeatState::asked)
                      .seat(hour, "bob", SeatState::asked)
                      .load(hour, 1000, 900, 50)
                      .load(hour + 10 * minute, 1100, 960, 80)
                      .joins(hour + 10 * minute, "ann")
                      .load(hour + 11 * minute, 1100, 960, 80)
                      .load(hour + 20 * minute, 1300, 1140, 90)
                      .step(hour + 30 * minute, IncidentStep::resolved, Level::red)
                      .seat(hour + 30 * minute, "ann", SeatState::released)
                      .judged(2 * hour, IncidentVerdict::useful)
                      .read());
    // Monday 10:00, jinan again, yellow, false.
    fold.incident(Written("0-2", "jinan")
                      .alert(10 * hour, "wait", "general")
                      .step(10 * hour, IncidentStep::opened, Level::yellow)
                      .seat(10 * hour, "ann", SeatState::asked)
                      .step(10 * hour + 5 * minute, IncidentStep::resolved, Level::yellow)
                      .judged(11 * hour, IncidentVerdict::false_alarm)
                      .read());
    // Wednesday 03:00, weifang, orange, still open.
    fold.incident(Written("0-3", "weifang")
                      .alert(51 * hour, "wait", "english")
                      .step(51 * hour, IncidentStep::opened, Level::orange)
                      .read());
    fold.alert(edge("wait", AlertState::pending, AlertState::firing, "0-1"));
    fold.alert(edge("wait", AlertState::firing, AlertState::firing, "0-1"));    // its level rose: not again
    fold.alert(edge("wait", AlertState::firing, AlertState::clearing, "0-1"));
    fold.alert(edge("wait", AlertState::clearing, AlertState::firing, "0-1"));  // it never ended
    fold.alert(edge("rate", AlertState::pending, AlertState::firing, "0-1"));
    fold.alert(edge("rate", AlertState::pending, AlertState::firing, ""));
    fold.alert(edge("rate", AlertState::ok, AlertState::firing, ""));
    auto muted = edge("rate", AlertState::ok, AlertState::firing, "");
    muted.muted = true;
    fold.alert(muted);
    return fold.take();
}

}  // namespace

TEST_CASE("period: incidents by level, day, queue and scope are those of the log", "[unit]") {
    const auto week = a_week();
    CHECK(week.incidents == 3);
    CHECK(week.open == 1);
    CHECK(week.levels == std::map<std::string, int>{{"orange", 1}, {"red", 1}, {"yellow", 1}});
    CHECK(week.verdicts == std::map<std::string, int>{{"false", 1}, {"late", 0}, {"none", 1}, {"useful", 1}});
    REQUIRE(week.days.size() == 7);
    CHECK(week.days[0].date == "2026-10-05");
    CHECK(week.days[0].incidents == 2);
    CHECK(week.days[0].red == 1);
    CHECK(week.days[0].roller_coaster);
    CHECK(week.days[2].incidents == 1);
    CHECK_FALSE(week.days[2].roller_coaster);
    CHECK(week.roller_coaster_days == 1);
    REQUIRE(week.queues.size() == 2);
    CHECK(week.queues[0].queue.queue == "general");
    CHECK(week.queues[0].incidents == 2);
    CHECK(week.queues[0].red == 1);
    REQUIRE(week.worst.size() == 3);
    CHECK(week.worst[0].incident == "0-1");
    CHECK(week.worst[0].lost == 40.0);  // 50 to 90
    CHECK(week.worst[0].lasted == Span{30 * minute * 1000});
    CHECK(week.worst[1].incident == "0-3");
    CHECK_FALSE(week.worst[1].lasted);
}

TEST_CASE("period: the connection rate with and without help is of the minutes in which somebody had a seat, or nobody", "[unit]") {
    const auto week = a_week();
    CHECK(week.unhelped.offered == 100);  // 1000 to 1100, and nothing until 01:11
    CHECK(week.unhelped.answered == 60);
    CHECK(week.unhelped.rate() == Approx(0.6));
    CHECK(week.helped.offered == 200);
    CHECK(week.helped.answered == 180);
    CHECK(week.helped.rate() == Approx(0.9));
    CHECK_FALSE(week.calls.rate());
}

TEST_CASE("period: the service level is of the calls that count for it, by day and over all, and nothing where nobody counts them", "[unit]") {
    PeriodFold fold(at(0), at(48 * hour), Zone{});
    std::vector<double> offered(96, 10), in_time(96, 6), calls(96, 9);
    in_time[5] = gap;  // a half hour that nobody counted
    for (std::size_t i = 48; i < 96; ++i) {
        in_time[i] = 9;
    }
    fold.history({at(0), offered, offered, {}, {}, in_time, {}, calls});
    fold.history({at(0), offered, offered, {}, {}, {}, {}, {}});  // a queue without
    const auto report = fold.take();
    REQUIRE(report.days.size() == 2);
    CHECK(report.days[0].level.level() == Approx(6.0 / 9));
    CHECK(report.days[1].level.level() == Approx(1.0));
    CHECK(report.level.calls == 95 * 9);
    CHECK(report.level.level() == Approx((47 * 6 + 48 * 9) / (95.0 * 9)));
    CHECK(report.level.within_s == 20);
    const auto text = period_markdown(report, Language::en, Zone{});
    CHECK(text.find("| Service level (answered within 20 s) | 83.5% (714 / 855) |") != std::string::npos);
    const auto json = period_json(report);
    CHECK(json.find(R"("level":{"service_level":0.83)") != std::string::npos);
    CHECK_FALSE(a_week().level.level());
    CHECK(period_markdown(a_week(), Language::zh, Zone{}).find("| 服务水平 | 历史数据不含限时接听量") != std::string::npos);
}

TEST_CASE("period: who bore it: asked, at night, and for how long in a seat", "[unit]") {
    const auto week = a_week();
    REQUIRE(week.people.size() == 2);
    CHECK(week.people[0].burden.person == "ann");
    CHECK(week.people[0].burden.asked == 2);
    CHECK(week.people[0].burden.joined == 1);
    CHECK(week.people[0].burden.night == 1);  // 01:00, and 10:00
    CHECK(week.people[0].burden.false_alarms == 1);
    CHECK(week.people[0].helped == Span{20 * minute * 1000});
    CHECK(week.people[1].burden.silent == 1);
    CHECK(week.people[1].helped == Span{0});
}

TEST_CASE("period: a rule cries wolf when it fires without an incident, or in one that people call false", "[unit]") {
    const auto week = a_week();
    REQUIRE(week.rules.size() == 2);
    CHECK(week.rules[0].rule == "rate");
    CHECK(week.rules[0].fired == 3);
    CHECK(week.rules[0].without_incident == 2);
    CHECK(week.rules[0].incidents == 1);
    CHECK(week.rules[0].judged_false == 0);
    CHECK(week.rules[1].rule == "wait");
    CHECK(week.rules[1].fired == 1);
    CHECK(week.rules[1].without_incident == 0);
    CHECK(week.rules[1].incidents == 3);
    CHECK(week.rules[1].judged_false == 1);
}

TEST_CASE("period: calls of the history by day, and the forecast's error as WAPE", "[unit]") {
    PeriodFold fold(at(0), at(48 * hour), Zone{});
    // From 23:00 of the Sunday before: the first two half hours are not of the period.
    const std::array offered{500.0, 500.0, 100.0, 50.0, gap, 40.0};
    const std::array answered{500.0, 500.0, 90.0, 50.0, gap, gap};
    const std::array abandoned{0.0, 0.0, 10.0, 0.0, gap, 4.0};
    const std::array forecast{0.0, 0.0, 80.0, 60.0, 70.0, gap};
    fold.history({at(-hour), offered, answered, abandoned, forecast});
    const std::array next_day{200.0};
    const std::array next_answered{160.0};
    fold.history({at(30 * hour), next_day, next_answered, {}, {}});
    const auto days = fold.take();
    CHECK(days.days[0].calls.offered == 150);  // of 40 nobody knows how many were answered
    CHECK(days.days[0].calls.answered == 140);
    CHECK(days.days[0].abandoned == 14);
    CHECK(days.days[1].calls.offered == 200);
    CHECK(days.calls.rate() == Approx(300.0 / 350.0));
    CHECK(days.forecast_error == Approx((20.0 + 10.0) / 150.0));
}

TEST_CASE("period: a summary says everything in text, page and JSON, in both languages; one with nothing says so", "[unit]") {
    const auto week = a_week();
    const auto text = period_markdown(week, Language::en, Zone{});
    INFO(text);
    const auto has = [](const std::string& in, const std::string& part) { return in.find(part) != std::string::npos; };
    CHECK(has(text, "# Surges from 2026-10-05 to 2026-10-11"));
    CHECK(has(text, "Incidents: 3 (1 red, 1 orange, 1 yellow); roller-coaster days: 1. Not over yet: 1."));
    CHECK(has(text, "Connection rate: not known over all; in incidents 90% with help and 60% without."));
    CHECK(has(text, "| 0-1 | centre=jinan | 2026-10-05 01:00:00 | red | 30m | 1 / 2 | - | 40 | useful |"));
    CHECK(has(text, "| rate | 3 | 2 | 1 | 0 |"));
    CHECK(has(text, "| 安 (ann) | 2 | 1 | 0 | 0 | 1 | 0 | 1 | 0 | 20m |"));
    CHECK(has(text, "No history is kept"));
    const auto page = period_html(week, Language::zh, Zone{});
    CHECK(has(page, "话务突增汇总：2026-10-05 至 2026-10-11"));
    CHECK(has(page, "共3次事件：红色1次，橙色1次，黄色1次；1天反复突增。"));
    const auto json = parse_json(period_json(week), {std::size_t{1} << 20U, 32, 100000});
    REQUIRE(json);
    CHECK(json->text_or("type", "") == "period");
    CHECK(json->find("with_help")->find("rate")->number() == 0.9);
    CHECK(json->find("forecast_wape")->is_null());
    CHECK(json->find("people")->array()->front().find("helped_ms")->integer() == 1200000);
    PeriodFold nothing(at(0), at(24 * hour), Zone{});
    CHECK(has(period_markdown(nothing.take(), Language::en, Zone{}), "There was no incident in this time."));
    CHECK(has(period_markdown(nothing.take(), Language::zh, Zone{}), "这段时间没有任何事件。"));
    check_phrases(period_words);
}

TEST_CASE("period: a log that begins within it is told, and five are kept as the worst however many there were", "[unit]") {
    PeriodFold fold(at(0), at(24 * hour), Zone{});
    for (int i = 0; i < 60; ++i) {
        fold.incident(Written("0-" + std::to_string(i), "jinan").step(i * minute, IncidentStep::opened, i == 50 ? Level::red : Level::yellow).read());
    }
    fold.log_begins(at(6 * hour));
    const auto day = fold.take();
    CHECK(day.worst.size() == PeriodFold::worst_max);
    CHECK(day.worst[0].incident == "0-50");
    CHECK(day.log_from == at(6 * hour));
    CHECK(period_markdown(day, Language::en, Zone{}).find("The log begins at 2026-10-05 06:00:00") != std::string::npos);
    fold.log_begins(at(-1));
    CHECK_FALSE(fold.take().log_from);
}

TEST_CASE("period: days, months and ISO weeks in the zone's own days, never beyond today", "[unit]") {
    const auto now = at(3 * 24 * hour + 5 * hour);  // Thursday 2026-10-08
    const auto days = [&](const PeriodWanted& wanted) -> std::pair<std::int64_t, std::int64_t> {
        const auto out = period_of(wanted, Zone{}, now);
        INFO((out ? std::string() : out.error().message));
        REQUIRE(out);
        constexpr std::int64_t day_ms = 24 * hour * 1000;
        return {(to_ms(out->first) - to_ms(at(0))) / day_ms, (to_ms(out->second) - to_ms(at(0))) / day_ms};
    };
    using Pair = std::pair<std::int64_t, std::int64_t>;
    CHECK(days({.from = "2026-10-05", .to = "2026-10-05", .month = {}, .week = {}}) == Pair{0, 1});
    CHECK(days({.from = "2026-10-05", .to = {}, .month = {}, .week = {}}) == Pair{0, 4});
    CHECK(days({.from = "2026-10-05", .to = "2026-12-31", .month = {}, .week = {}}) == Pair{0, 4});
    CHECK(days({.from = {}, .to = {}, .month = "2026-09", .week = {}}) == Pair{-34, -4});
    CHECK(days({.from = {}, .to = {}, .month = "last", .week = {}}) == Pair{-34, -4});
    CHECK(days({.from = {}, .to = {}, .month = "this", .week = {}}) == Pair{-4, 4});
    CHECK(days({.from = {}, .to = {}, .month = {}, .week = "2026-W41"}) == Pair{0, 4});
    CHECK(days({.from = {}, .to = {}, .month = {}, .week = "last"}) == Pair{-7, 0});
    // 2026 begins on a Thursday, so its week 1 begins in 2025, and 2020 had 53 weeks.
    CHECK(to_ms(period_of({.from = {}, .to = {}, .month = {}, .week = "2026-W01"}, Zone{}, now)->first) == 1766966400000);
    CHECK(period_of({.from = {}, .to = {}, .month = {}, .week = "2020-W53"}, Zone{}, now));
    CHECK_FALSE(period_of({.from = {}, .to = {}, .month = {}, .week = "2021-W53"}, Zone{}, now));
    for (const PeriodWanted& wrong : std::vector<PeriodWanted>{{},
                                                               {.from = "2026-10-05", .to = {}, .month = "2026-10", .week = {}},
                                                               {.from = "2026-10-06", .to = "2026-10-05", .month = {}, .week = {}},
                                                               {.from = "2026-10-09", .to = {}, .month = {}, .week = {}},
                                                               {.from = "2025-01-01", .to = {}, .month = {}, .week = {}},
                                                               {.from = "yesterday", .to = {}, .month = {}, .week = {}},
                                                               {.from = {}, .to = {}, .month = "2026-13", .week = {}},
                                                               {.from = {}, .to = {}, .month = "2026-1x", .week = {}},
                                                               {.from = {}, .to = {}, .month = {}, .week = "2026-W00"}}) {
        CHECK_FALSE(period_of(wrong, Zone{}, now));
    }
    // 400 days and one more.
    CHECK(period_of({.from = "2025-09-04", .to = "2026-10-08", .month = {}, .week = {}}, Zone{}, now));
    CHECK_FALSE(period_of({.from = "2025-09-03", .to = "2026-10-08", .month = {}, .week = {}}, Zone{}, now));
    // Midnight of Shanghai is 16:00 of the day before.
    const Zone shanghai("Asia/Shanghai", 8 * 3600, {});
    CHECK(period_of({.from = "2026-10-05", .to = "2026-10-05", .month = {}, .week = {}}, shanghai, now)->first == at(-8 * hour));
}
