// The after-action report of a recorded incident: figures, both forms, both languages, hostile text.
#include "report/after_action.hpp"

#include <limits>

#include "report/report.hpp"
#include "report/report_sections.hpp"
#include "ctl/read_after_action.hpp"
#include "support/catch.hpp"
#include "wire/record_json.hpp"

using namespace surged;

namespace {

/// A timeline as the daemon shows it: records encoded by wire/, seconds after 2026-03-02 01:00 UTC.
class Recorded {
public:
    void add(std::int64_t second, RecordBody body) {
        const Record record{++seq_, engine_time(second * 1000), wall_time(1772413200000 + second * 1000), std::move(body)};
        timeline_ += (timeline_.empty() ? "" : ",") + encode(record);
    }
    void step(std::int64_t second, IncidentStep step, int need, int joined, int tier = 1, Level level = Level::red) {
        IncidentChange c;
        c.incident = "0-7";
        c.policy = "surge";
        c.scope = {{"centre", "jinan"}};
        c.step = step;
        c.level = level;
        c.need = need;
        c.joined = joined;
        c.tier = tier;
        c.by = "engine";
        add(second, c);
    }
    void load(std::int64_t second, std::map<std::string, double> load) {
        IncidentChange c;
        c.incident = "0-7";
        c.step = IncidentStep::load;
        c.load = std::move(load);
        add(second, c);
    }
    void seat(std::int64_t second, const std::string& person, SeatState state, int tier = 1) {
        add(second, SeatChange{"0-7", person, tier, state, "", {}});
    }
    void answer(std::int64_t second, const std::string& person, AnswerKind kind, AnswerResult result,
                const std::string& reason = "") {
        add(second, AnswerGiven{"0-7", person, kind, result, person, "link", "", reason, {}, {}});
    }
    void page(std::int64_t second, const std::string& key, const std::string& channel, PageState state) {
        PageChange c;
        c.page = key;
        c.incident = "0-7";
        c.channel = channel;
        c.state = state;
        c.people = {"ann"};
        add(second, c);
    }
    void alert(std::int64_t second, AlertState to, Level level, double value, const std::string& limit,
               const std::string& rule = "wait") {
        AlertEdge e;
        e.rule = rule;
        e.policy = "surge";
        e.queue = {"jinan", "general", "voice"};
        e.to = to;
        e.level = level;
        e.value = value;
        e.limit = limit;
        e.incident = "0-7";
        add(second, e);
    }
    std::string json() const {
        return R"({"incident":"0-7","state":"closed","seats":[{"person":"ann","name":"安"}],"timeline":[)" + timeline_ + "]}";
    }
    AfterAction read() const {
        const auto json_value = parse_json(json(), {std::size_t{1} << 20U, 32, 100000});
        REQUIRE(json_value);
        const auto out = read_after_action(*json_value);
        REQUIRE(out);
        return *out;
    }

private:
    std::uint64_t seq_ = 0;
    std::string timeline_;
};

Recorded an_evening() {
    Recorded r;
    r.alert(0, AlertState::firing, Level::yellow, 45, "> 40");
    r.step(0, IncidentStep::opened, 2, 0, 1, Level::yellow);
    for (const char* person : {"ann", "bob", "cy"}) {
        r.seat(0, person, SeatState::asked);
    }
    r.page(0, "p1", "sms", PageState::queued);
    r.page(1, "p1", "sms", PageState::sending);
    r.page(2, "p1", "sms", PageState::accepted);
    r.page(2, "p2", "ding", PageState::failed_perm);
    r.page(3, "p3", "sms", PageState::accepted);
    r.answer(5, "eve", AnswerKind::join, AnswerResult::refused);
    r.answer(30, "cy", AnswerKind::decline, AnswerResult::noted, "<script>alert(1)</script>");
    r.seat(30, "cy", SeatState::declined);
    r.answer(40, "ann", AnswerKind::join, AnswerResult::seated);
    r.seat(40, "ann", SeatState::joined);
    r.alert(50, AlertState::firing, Level::red, 130, "> 100");
    r.alert(60, AlertState::firing, Level::red, 120, "> 100");
    r.answer(70, "bob", AnswerKind::join, AnswerResult::seated);
    r.seat(70, "bob", SeatState::joined);
    r.step(70, IncidentStep::filled, 2, 2);
    r.seat(200, "ann", SeatState::arrived);
    r.seat(400, "bob", SeatState::noshow);
    r.step(400, IncidentStep::unfilled, 2, 1);
    r.alert(500, AlertState::clearing, Level::red, 20, "< 80");
    r.step(680, IncidentStep::resolved, 2, 1);
    r.seat(680, "ann", SeatState::released);
    r.step(690, IncidentStep::closed, 2, 0);
    return r;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("report: figures are those of the records", "[unit]") {
    const auto report = an_evening().read();
    CHECK(report.since_opened(report.first_accepted) == Span{2000});
    CHECK(report.since_opened(report.first_answer) == Span{30000});  // what was refused is no answer
    CHECK(report.since_opened(report.quorum) == Span{70000});
    CHECK(report.since_opened(report.resolved) == Span{680000});
    CHECK(report.worst == Level::red);
    CHECK(report.need_max == 2);
    CHECK(report.noshows() == 1);
    CHECK(report.pages.at("sms").at("accepted") == 2);
    CHECK(report.pages.at("ding").at("failed_perm") == 1);
    CHECK(report.pages.size() == 2);
    REQUIRE(report.people.size() == 3);
    CHECK(report.people[0].name == "安");
    CHECK(report.people[0].arrived);
    CHECK(report.people[1].noshow);
    CHECK(report.people[2].answer == "decline");
    REQUIRE(report.alerts.size() == 1);
    CHECK(report.alerts[0].value == 130);
    CHECK(report.alerts[0].worst == Level::red);
    CHECK_FALSE(report.cut);
}

TEST_CASE("report: steps of the playbook are no pages, and an incident that went into a region's is over", "[unit]") {
    auto evening = an_evening();
    PageChange step;
    step.page = "0-7/1/announce/hook/do/1";
    step.incident = "0-7";
    step.purpose = PagePurpose::act;
    step.action = "announce";
    step.channel = "hook";
    step.state = PageState::accepted;
    evening.add(700, step);
    CHECK(evening.read().pages.count("hook") == 0);

    Recorded merged;
    merged.step(0, IncidentStep::opened, 2, 0, 1, Level::yellow);
    merged.step(30, IncidentStep::merged, 2, 0);
    const auto report = merged.read();
    CHECK(report.since_opened(report.resolved) == Span{30000});
}

TEST_CASE("report: seats over time are the people who have one", "[unit]") {
    std::vector<std::pair<int, int>> seen;
    for (const auto& point : an_evening().read().seats) {
        if (seen.empty() || seen.back() != std::pair{point.taken, point.need}) {
            seen.emplace_back(point.taken, point.need);
        }
    }
    CHECK(seen == std::vector<std::pair<int, int>>{{0, 2}, {1, 2}, {2, 2}, {1, 2}, {0, 2}});
}

TEST_CASE("report: a limit from below has its worst value below", "[unit]") {
    Recorded r;
    r.step(0, IncidentStep::opened, 1, 0);
    r.alert(1, AlertState::firing, Level::orange, 0.5, "< 0.8", "rate");
    r.alert(2, AlertState::firing, Level::orange, 0.3, "< 0.8", "rate");
    r.alert(3, AlertState::firing, Level::orange, 0.7, "< 0.8", "rate");
    CHECK(r.read().alerts.at(0).value == 0.3);
}

TEST_CASE("report: an incident that goes on has no end, and one opened again no end but the last", "[unit]") {
    Recorded r;
    r.step(0, IncidentStep::opened, 1, 0);
    CHECK_FALSE(r.read().resolved);
    CHECK(has(report_markdown(r.read(), Language::en, Zone()), "| Time to resolve | never |"));
    r.step(60, IncidentStep::resolved, 1, 0);
    CHECK(r.read().since_opened(r.read().resolved) == Span{60000});
    r.step(90, IncidentStep::reopened, 1, 0);
    CHECK_FALSE(r.read().resolved);
    r.step(200, IncidentStep::resolved, 1, 0);
    CHECK(r.read().since_opened(r.read().resolved) == Span{200000});
    CHECK(r.read().reopened == 1);
}

TEST_CASE("report: in both forms and languages, and no text of the incident becomes markup", "[unit]") {
    const auto report = an_evening().read();
    const Zone zone;
    const auto md = report_markdown(report, Language::en, zone);
    CHECK(has(md, "| Time to quorum | 1m10s |"));
    CHECK(has(md, "| Time to resolve | 11m20s |"));
    CHECK(has(md,
              "| 安 (ann) | 1 | 2026-03-02 01:00:00 | 2026-03-02 01:00:40 join (link) | 40s | 2026-03-02 01:03:20 | released |"));
    CHECK(has(md, "| bob | 1 |"));
    CHECK(has(md, "| wait | jinan/general | red | 130 | > 100 |"));
    CHECK(has(md, "\\<script>"));
    CHECK_FALSE(has(md, " <script>"));
    CHECK_FALSE(has(md, "&lt;"));
    const auto html = report_html(report, Language::en, zone);
    CHECK(has(html, "<svg "));
    CHECK(has(html, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    CHECK_FALSE(has(html, "<script"));
    CHECK_FALSE(has(html, "src="));
    CHECK_FALSE(has(html, "href="));
    const auto zh = report_html(report, Language::zh, zone);
    CHECK(has(zh, "满员用时"));
    CHECK(has(zh, "未到岗"));
    CHECK(has(report_markdown(report, Language::zh, zone), "| 红色 |"));
}

TEST_CASE("report: three sentences say what happened, who helped when, and what it cost, in both languages", "[unit]") {
    auto report = an_evening().read();
    const auto en = report_sentences(report, Language::en, Zone{});
    REQUIRE(en.size() == 3);
    CHECK(en[0] == "From 2026-03-02 01:00:00 to 2026-03-02 01:11:20 (11m20s) jinan was in a red surge: wait of jinan/general reached 130 (limit > 100).");
    CHECK(en[1] == "3 people were asked, 2 were wanted, 2 joined and 1 arrived; half of the help after 40s, all of it after 1m10s (安 after 40s, bob after 1m10s).");
    CHECK(en[2] == "How many calls were lost is not known; what the helpers saved is not estimated: nobody came, or load, agents or handling time are not known.");
    report.rules["wait"] = {"最长等待", "longest wait", {LimitUnit::plain, MetricUnit::seconds}};
    const auto zh = report_sentences(report, Language::zh, Zone{});
    CHECK(zh[0] == "2026-03-02 01:00:00 至 2026-03-02 01:11:20（历时11分20秒），jinan出现红色话务突增：jinan/general 的最长等待最差达 2分10秒（触发线 > 100）。");
    CHECK(zh[1] == "询问了3人，需要2人，2人加入，1人到岗；半数到位用时40秒，全部到位用时1分10秒（安 40秒、bob 1分10秒）。");
}

TEST_CASE("report: half of the help is the first moment at which half of the seats wanted then were taken", "[unit]") {
    Recorded r;
    r.step(0, IncidentStep::opened, 5, 0);
    r.seat(10, "ann", SeatState::joined);
    r.seat(20, "bob", SeatState::joined);
    CHECK_FALSE(r.read().half);
    r.seat(30, "cy", SeatState::arrived);
    CHECK(r.read().since_opened(r.read().half) == Span{30000});
    CHECK_FALSE(r.read().quorum);
}

TEST_CASE("report: steps of the playbook, verdicts and what the engine saw stand in every form", "[unit]") {
    auto evening = an_evening();
    PageChange step;
    step.page = "0-7/1/announce/hook/do/1";
    step.incident = "0-7";
    step.purpose = PagePurpose::act;
    step.action = "announce <i>";
    step.channel = "menu";
    for (const auto state : {PageState::queued, PageState::sending, PageState::accepted}) {
        step.state = state;
        evening.add(100, step);
    }
    evening.add(900, VerdictGiven{"0-7", IncidentVerdict::late, "lead-01", "too slow <b>"});
    const auto report = evening.read();
    REQUIRE(report.actions.size() == 1);
    CHECK(report.actions[0].state == PageState::accepted);
    CHECK(report.moments.size() == 4);
    REQUIRE(report.verdicts.size() == 1);
    const auto text = report_markdown(report, Language::en, Zone{});
    CHECK(has(text, "| announce \\<i> | do | menu | 2026-03-02 01:01:40 | 2026-03-02 01:01:40 | done | 0 |  |"));
    CHECK(has(text, "| 2026-03-02 01:15:00 | late | lead-01 | too slow \\<b> |"));
    CHECK(has(text, "| 2026-03-02 01:00:50 | wait | jinan/general | firing red | 130 | > 100 |"));
    const auto page = report_html(report, Language::zh, Zone{});
    CHECK(has(page, "<td>announce &lt;i&gt;</td>"));
    CHECK(has(page, ">太晚</td>"));
    CHECK(has(page, "01:01:40</td><td>预案：已完成</td><td>announce &lt;i&gt;，经 menu</td>"));
    CHECK_FALSE(has(page, "<b>"));
    CHECK(has(report_json(report), R"("verdicts":[{"ts":1772414100000,"verdict":"late")"));
    CHECK(has(report_markdown(an_evening().read(), Language::en, Zone{}), "Nobody has judged this incident yet."));
}

TEST_CASE("report: with a history the curve begins an hour before, without one the page says so", "[unit]") {
    auto report = an_evening().read();
    CHECK(has(report_html(report, Language::en, Zone{}), "No history is kept"));
    CHECK(has(report_html(report, Language::en, Zone{}), "There is no curve of the load"));
    CHECK(load_svg(report, Language::en, Zone{}).empty());
    report.curve = LoadCurve(report.opened - LoadCurve::before, std::chrono::minutes{5}, 16);
    QueueSeries series;
    series.offered.assign(16, 50);
    series.offered[7] = std::numeric_limits<double>::quiet_NaN();
    report.curve.add({"jinan", "general"}, series);
    report.curve.finish();
    const auto page = report_html(report, Language::en, Zone{});
    CHECK(has(page, "from the hour before the opening"));
    CHECK_FALSE(has(page, "No history is kept"));
    const auto svg = load_svg(report, Language::en, Zone{});
    CHECK(has(svg, ">00:10<"));
    CHECK(has(svg, ">opened<"));
    // A hole in what is known is a hole in the line: two pieces, and the sample beside the name.
    std::size_t pieces = 0;
    for (auto at = svg.find("<polyline"); at != std::string::npos; at = svg.find("<polyline", at + 1)) {
        ++pieces;
    }
    CHECK(pieces == 3);
}

TEST_CASE("report: what is no incident, or does not show its opening, is refused", "[unit]") {
    CHECK_FALSE(read_after_action(*parse_json("{}")));
    CHECK_FALSE(read_after_action(*parse_json(R"({"incident":"0-7"})")));
    CHECK_FALSE(read_after_action(*parse_json(R"({"incident":"0-7","timeline":[]})")));
    CHECK_FALSE(read_after_action(*parse_json(R"({"incident":"0-7","timeline":[{"type":"x"}]})")));
    Recorded r;
    r.seat(0, "ann", SeatState::asked);
    CHECK_FALSE(read_after_action(*parse_json(r.json())));
}

TEST_CASE("report: a timeline at the daemon's limit is said to be cut, one below is not", "[unit]") {
    Recorded r;
    r.step(0, IncidentStep::opened, 1, 0);
    for (int i = 1; i < 1999; ++i) {
        r.step(i, IncidentStep::note, 1, 0);
    }
    const auto read = [&] { return *read_after_action(*parse_json(r.json(), {std::size_t{8} << 20U, 32, 1000000})); };
    CHECK_FALSE(read().cut);
    r.step(1999, IncidentStep::note, 1, 0);
    CHECK(read().cut);
}

TEST_CASE("report: load, forecast and capacity are drawn, and what the helpers were worth is said; the time line leaves them out", "[unit]") {
    Recorded r;
    r.step(0, IncidentStep::opened, 2, 0);
    r.seat(1, "ann", SeatState::joined);
    for (int m = 0; m <= 20; ++m) {
        r.load(m * 60 + 2, {{"offered", 20 * m}, {"abandoned", m}, {"productive", 20},
                            {"capacity_per_min", 20}, {"forecast_per_min", 11}, {"aht_s", 60}, {"patience_s", 120}});
    }
    const auto report = r.read();
    const auto zone = Zone{};
    const auto text = report_markdown(report, Language::en, zone);
    CHECK(text.find("| Calls offered while it was open | 400 |") != std::string::npos);
    CHECK(text.find("| Calls lost (abandoned) | 20 |") != std::string::npos);
    // One call a minute is lost although 20 agents are just enough for calls of 60 s: they take a twentieth longer, and then the
    // helper is worth another minute's work a minute.
    CHECK(text.find("| Fluid model, fitted to this incident: explains of the calls lost | 20 of 20 |") != std::string::npos);
    CHECK(text.find("| Fluid model: calls lost with and without the helpers | 20 / ") != std::string::npos);
    CHECK(text.find("| 20 | 11 | 20 | 20 | - | - | 1 | 1 | 0 |") != std::string::npos);
    CHECK(text.find("incident.load") == std::string::npos);
    const auto page = report_html(report, Language::zh, zone);
    const auto svg = load_svg(report, Language::zh, zone);
    CHECK(page.find(svg) != std::string::npos);
    for (const char* name : {"呼入量", "预测", "处理能力"}) {
        CHECK(svg.find(name) != std::string::npos);
    }
    CHECK(load_svg(an_evening().read(), Language::en, zone).empty());
}

TEST_CASE("report: as JSON it has the facts of the text; what never came is null", "[unit]") {
    Recorded r;
    r.step(0, IncidentStep::opened, 2, 0);
    r.alert(0, AlertState::firing, Level::red, 120, "> 100");
    r.seat(1, "ann", SeatState::asked);
    r.page(2, "0-7/1/ann/sms/first/1", "sms", PageState::accepted);
    r.answer(5, "ann", AnswerKind::join, AnswerResult::seated);
    r.seat(5, "ann", SeatState::joined);
    r.load(62, {{"offered", 10}, {"abandoned", 1}, {"productive", 20}});
    r.load(122, {{"offered", 30}, {"abandoned", 3}, {"productive", 21}});
    const auto json = parse_json(report_json(r.read()));
    REQUIRE(json);
    constexpr std::int64_t opened = 1772413200000;
    CHECK(json->text_or("incident", "") == "0-7");
    CHECK(json->text_or("level", "") == "red");
    CHECK(json->find("opened")->integer() == opened);
    CHECK(json->find("first_answer")->integer() == opened + 5000);
    CHECK(json->find("quorum")->is_null());
    CHECK(json->find("resolved")->is_null());
    CHECK(json->find("offered")->number() == 20);
    CHECK(json->find("pages")->find("sms")->find("accepted")->integer() == 1);
    const auto& ann = json->find("people")->array()->front();
    CHECK(ann.text_or("person", "") == "ann");
    CHECK(ann.find("answered")->integer() == opened + 5000);
    CHECK(ann.find("arrived")->is_null());
    CHECK(json->find("alerts")->array()->front().find("value")->number() == 120);
    REQUIRE(json->find("load")->array()->size() == 2);
    CHECK(json->find("load")->array()->front().find("offered")->is_null());
    CHECK(json->find("load")->array()->back().find("agents")->number() == 21);
}

TEST_CASE("report: its JSON is the same to the byte as long as the incident is", "[unit]") {
    CHECK(report_json(an_evening().read()) ==
          R"({"type":"report","incident":"0-7","policy":"surge","scope":{"centre":"jinan"},"state":"closed","level":"red",)"
          R"("tier":1,"need":2,"exhausted":false,"reopened":0,"noshows":1,"opened":1772413200000,"first_accepted":1772413202000,)"
          R"("first_answer":1772413230000,"quorum":1772413270000,"resolved":1772413880000,"ended_by":"engine","ended_why":"",)"
          R"("still":"none","verdict":"none","verdict_by":"","verdict_why":"","pages":{"ding":{"failed_perm":1},"sms":{"accepted":2}},"people":[{"person":"ann","name":"安",)"
          R"("tier":1,"asked":1772413200000,"answered":1772413240000,"answer":"join","way":"link","arrived":1772413400000,)"
          R"("noshow":false,"successor":"","state":"released","joined":1772413240000},{"person":"bob","name":"","tier":1,"asked":1772413200000,)"
          R"("answered":1772413270000,"answer":"join","way":"link","arrived":null,"noshow":true,"successor":"",)"
          R"("state":"noshow","joined":1772413270000},{"person":"cy","name":"","tier":1,"asked":1772413200000,"answered":1772413230000,)"
          R"("answer":"decline","way":"link","arrived":null,"noshow":false,"successor":"","state":"declined","joined":null}],)"
          R"("seats":[{"ts":1772413200000,"taken":0,"need":2},{"ts":1772413240000,"taken":1,"need":2},{"ts":1772413270000,)"
          R"("taken":2,"need":2},{"ts":1772413600000,"taken":1,"need":2},{"ts":1772413880000,"taken":0,"need":2},)"
          R"({"ts":1772413890000,"taken":0,"need":2}],"alerts":[{"rule":"wait","centre":"jinan","queue":"general",)"
          R"("channel":"voice","level":"red","value":130,"limit":"> 100","evidence":"","ts":1772413250000}],"offered":null,)"
          R"("abandoned":null,"load":[],"without_helpers":null,"cut":false,"half":1772413240000,"asked":3,"came":2,"arrived":1,)"
          R"("declined":1,"unreachable":0,"silent":0,"saved_estimate":null,"moments":[)"
          R"({"ts":1772413200000,"rule":"wait","centre":"jinan","queue":"general","channel":"voice","state":"firing","level":"yellow",)"
          R"("stale":false,"value":45,"limit":"> 40","evidence":""},)"
          R"({"ts":1772413250000,"rule":"wait","centre":"jinan","queue":"general","channel":"voice","state":"firing","level":"red",)"
          R"("stale":false,"value":130,"limit":"> 100","evidence":""},)"
          R"({"ts":1772413260000,"rule":"wait","centre":"jinan","queue":"general","channel":"voice","state":"firing","level":"red",)"
          R"("stale":false,"value":120,"limit":"> 100","evidence":""},)"
          R"({"ts":1772413700000,"rule":"wait","centre":"jinan","queue":"general","channel":"voice","state":"clearing","level":"red",)"
          R"("stale":false,"value":20,"limit":"< 80","evidence":""}],"actions":[],"verdicts":[],)"
          R"("history":{"gap":"off","from":0,"step_ms":60000,"queues":[],"queues_left_out":0,"load_per_min":[],)"
          R"("forecast_per_min":[],"capacity_per_min":[],"waiting":[],)"
          R"("during":{"service_level":null,"answered_in_time":0,"level_calls":0,"service_level_s":0},)"
          R"("before":{"service_level":null,"answered_in_time":0,"level_calls":0,"service_level_s":0}}})");
}
