// surgectl roster and override against the real daemon: what is shown is what the daemon would page.
#include <fstream>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"

using namespace surged::test;

TEST_CASE("app: an override changes who is on duty, is listed, and is taken away again", "[integration]") {
    DaemonKit kit;
    kit.start();
    CHECK(kit.ctl({"roster", "show", "leads"}).out.find("lead-01, lead-02, lead-03") != std::string::npos);

    const Finished added = kit.ctl(
        {"override", "add", "--roster", "leads", "--out", "lead-01", "--in", "boss", "--for", "2h", "--reason", "on leave"});
    INFO(added.err);
    REQUIRE(added.code == 0);
    CHECK(added.out == "override o-1 set\n");
    const Finished shown = kit.ctl({"roster", "show", "leads"});
    CHECK(shown.out.find("lead-02, lead-03, boss\n") != std::string::npos);
    CHECK(shown.out.find("lead-01  boss") != std::string::npos);  // in two hours lead-01 comes and boss goes
    CHECK(kit.ctl({"override", "list"}).out.find("on leave") != std::string::npos);
    CHECK(kit.ctl({"override", "list"}).out.find("ZONE") != std::string::npos);  // the roster's, by name
    CHECK(kit.ctl({"override", "list", "--json"}).out.find("\"id\":\"o-1\"") != std::string::npos);
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    for (const auto& page : kit.pages("first")) {
        CHECK(page.body.find("\"person\":\"lead-01\"") == std::string::npos);
    }

    CHECK(kit.ctl({"override", "remove", "o-1"}).code == 0);
    CHECK(kit.ctl({"override", "remove", "o-1"}).code == 1);
    CHECK(kit.ctl({"override", "list"}).out == "no overrides\n");
    CHECK(kit.ctl({"roster", "show", "leads"}).out.find("lead-01, lead-02, lead-03") != std::string::npos);
}

TEST_CASE("app: gaps are exit 1, and what cannot be asked is told", "[integration]") {
    DaemonKit kit;
    kit.start();
    CHECK(kit.ctl({"roster", "gaps"}).out.find("every tier has somebody") == 0);
    const std::string boss_out = "--out";
    REQUIRE(kit.ctl({"override", "add", "--roster", "bosses", boss_out, "boss", "--for", "3h", "--reason", "test"}).code == 0);
    const Finished gaps = kit.ctl({"roster", "gaps", "--days", "1"});
    CHECK(gaps.code == 1);
    CHECK(gaps.out.find("management") != std::string::npos);
    CHECK(kit.ctl({"roster", "gaps", "--json"}).out.find("\"tier\":\"management\"") != std::string::npos);

    CHECK(kit.ctl({"roster", "show", "lead"}).code == 1);
    CHECK(kit.ctl({"roster", "show", "--days", "63"}).code == 2);
    CHECK(kit.ctl({"override", "add", "--roster", "lead", "--in", "boss", "--for", "1h", "--reason", "x"}).err.find("leads?") !=
          std::string::npos);
    CHECK(kit.ctl({"override", "add", "--roster", "leads", "--in", "boss", "--reason", "x"}).code == 2);
    CHECK(kit.ctl({"override", "add", "--roster", "leads", "--in", "ghost", "--for", "1h", "--reason", "x"}).code == 1);
}

TEST_CASE("app: an imported calendar is a roster that surgectl check takes", "[integration]") {
    DaemonKit kit;
    std::ofstream(kit.dir.file("duty.ics"))
        << "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Asia/Shanghai:20260302T080000\r\nDTEND;TZID=Asia/Shanghai:20260302T"
           "200000\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\r\nSUMMARY:lead-01\\, sup-01\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    const auto ctl = [&](std::vector<std::string> arguments) {
        return run_program(std::string(SURGED_BIN_DIR) + "/surgectl", std::move(arguments), kit.dir.path().string());
    };
    const Finished made = ctl({"roster", "import", kit.dir.file("duty.ics"), "--roster", "imported", "--config", kit.config});
    INFO(made.err);
    REQUIRE(made.code == 0);
    kit.write_config(made.out);
    CHECK(ctl({"check", "--config", kit.config}).code == 0);
    kit.start();
    CHECK(kit.ctl({"roster", "show", "imported", "--at", "2026-03-03T00:30:00Z"}).out.find("lead-01, sup-01") !=
          std::string::npos);

    std::ofstream(kit.dir.file("bad.csv")) << "date,from,to,people\nmon,08:00,20:00,lead-1\n";
    const Finished bad = ctl({"roster", "import", kit.dir.file("bad.csv"), "--roster", "x", "--config", kit.config});
    CHECK(bad.code == 2);
    CHECK(bad.out.empty());
    CHECK(bad.err.find("bad.csv:2: error: nobody of the configuration is \"lead-1\"") != std::string::npos);
}
