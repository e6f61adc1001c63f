// surgectl report of an incident that really happened.
#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"

using namespace surged::test;

TEST_CASE("app: the report of an incident tells who came and how soon, in both forms and languages", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);
    REQUIRE(kit.ctl({"decline", "--as", "lead-03", "--reason", "<b>no</b> | never"}).code == 0);
    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() >= 2; }));
    const Finished list = kit.ctl({"incidents", "--all", "--json"});
    const std::size_t at = list.out.find("\"incident\":\"") + 12;
    const std::string id = list.out.substr(at, list.out.find('"', at) - at);

    Finished text;
    CHECK(eventually([&] {
        text = kit.ctl({"report", id});
        return text.out.find("| Time to resolve | never |") == std::string::npos && text.code == 0;
    }));
    INFO(text.out);
    INFO(text.err);
    CHECK(text.out.find("# After-action report: incident " + id) == 0);
    CHECK(text.out.find("| Worst level | yellow |") != std::string::npos);
    CHECK(text.out.find("| Time to quorum | never |") == std::string::npos);
    CHECK(text.out.find("| Seats wanted at most | 2 |") != std::string::npos);
    CHECK(text.out.find("| hook | accepted |") != std::string::npos);
    CHECK(text.out.find("| waiting | jinan/general | yellow | 20 | > 10 |") != std::string::npos);
    CHECK(text.out.find("\\<b>no\\</b> \\| never") != std::string::npos);

    const std::string file = kit.dir.file("report.html");
    REQUIRE(kit.ctl({"report", id, "--format", "html", "--language", "zh", "--output", file}).code == 0);
    std::ifstream in(file);
    const std::string html{std::istreambuf_iterator<char>(in), {}};
    CHECK(html.find("事件复盘报告：" + id) != std::string::npos);
    CHECK(html.find("<svg ") != std::string::npos);
    CHECK(html.find("已加入") != std::string::npos);
    CHECK(html.find("<b>no</b>") == std::string::npos);
    CHECK(html.find("<script") == std::string::npos);

    const Finished json = kit.ctl({"--json", "report", id});
    CHECK(json.code == 0);
    CHECK(json.out.find("{\"type\":\"report\",\"incident\":\"" + id + "\"") == 0);

    // The same over the API, with the curves that the history has: it looks at the queues every ten seconds.
    CHECK((html.find("每点") != std::string::npos || html.find("看不到开启前一小时") != std::string::npos));
    const auto page = http(kit.port("http"), "GET", "/api/v1/incidents/" + id + "/report?format=json&language=zh&zone=Asia/Shanghai");
    CHECK(page.status == 200);
    CHECK(page.body.substr(0, page.body.find("\"history\"")) == json.out.substr(0, json.out.find("\"history\"")));
    CHECK(http(kit.port("http"), "GET", "/api/v1/incidents/" + id + "/report?zone=Nowhere/City").status == 400);
    CHECK(http(kit.port("http"), "GET", "/api/v1/incidents/0-999/report").status == 404);
    CHECK(kit.ctl({"report", id, "--zone", "Nowhere/City"}).code == 2);

    CHECK(kit.ctl({"report", "0-999"}).code == 1);
    CHECK(kit.ctl({"report", id, "--format", "pdf"}).code == 2);
    CHECK(kit.ctl({"report", id, "--output", kit.dir.file("no/such/folder")}).code == 2);
}

TEST_CASE("app: the summary of a week is of the log's incidents and the rosters, in every form, and says so when there was nothing", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);
    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() >= 2; }));
    const std::string id = "0-1";
    // The week that it was in: the log's sums, by day of the zone, in every form.
    const Finished week = kit.ctl({"report", "--week", "this"});
    INFO(week.out);
    INFO(week.err);
    CHECK(week.code == 0);
    CHECK(week.err.empty());
    CHECK(week.out.starts_with("# Surges from "));
    CHECK(week.out.find("Incidents: 1 (0 red, 0 orange, 1 yellow); roller-coaster days: 0.") != std::string::npos);
    CHECK(week.out.find("| jinan/general | 1 | 0 |") != std::string::npos);
    CHECK(week.out.find("| leads | ") != std::string::npos);
    CHECK(week.out.find("The log begins at ") != std::string::npos);
    CHECK(week.out.find("\n| " + id + " | centre=jinan |") != std::string::npos);
    const Finished facts = kit.ctl({"--json", "report", "--month", "this"});
    CHECK(facts.out.find("{\"type\":\"period\",") == 0);
    CHECK(facts.out.find("\"incidents\":1,\"open\":0,\"unread\":0") != std::string::npos);
    const Finished nothing = kit.ctl({"report", "--from", "2020-01-01", "--to", "2020-01-07", "--format", "html", "--language", "zh"});
    CHECK(nothing.code == 0);
    CHECK(nothing.out.find("这段时间没有任何事件。") != std::string::npos);
    CHECK(kit.ctl({"report"}).code == 2);
    CHECK(kit.ctl({"report", id, "--week", "this"}).code == 2);
    CHECK(kit.ctl({"report", "--month", "2026-13"}).err.find("month must be 2026-10, this or last") != std::string::npos);
    CHECK(kit.ctl({"report", "--from", "2999-01-01"}).err.find("the period lies ahead") != std::string::npos);
}
