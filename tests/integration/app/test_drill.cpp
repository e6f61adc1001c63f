// surgectl drill: test pages are really sent, marked as such, and who is not reached is named.
#include "support/catch.hpp"
#include "support/daemon_kit.hpp"

using namespace surged::test;

TEST_CASE("app: a drill pages everybody on duty, once a channel, as a test, and opens no incident", "[integration]") {
    DaemonKit kit;
    kit.start();
    const Finished drill = kit.ctl({"drill", "--roster", "leads", "--person", "boss", "--wait", "20s"});
    INFO(drill.out);
    INFO(drill.err);
    CHECK(drill.code == 0);
    CHECK(drill.out.find("all 4 could be reached\n") != std::string::npos);
    CHECK(kit.pages("test").size() == 4);
    CHECK(kit.pages("first").empty());
    CHECK(kit.ctl({"incidents"}).out == "no open incidents\n");
    // A second one is a drill of its own, and its result is not the first one's.
    CHECK(kit.ctl({"drill", "--person", "boss", "--wait", "20s", "--json"}).out.find("\"reached\":true") != std::string::npos);
    CHECK(kit.pages("test").size() == 5);
}

TEST_CASE("app: a drill names who is not reached with exit 1, and refuses what it cannot do", "[integration]") {
    DaemonKit kit;
    kit.write_config(
        "[[channel]]\nid = \"dead\"\ntype = \"webhook\"\ntimeout = \"1s\"\nurl = \"http://127.0.0.1:1/page\"\n"
        "[[person]]\nid = \"far\"\nreach = { normal = [{ via = \"dead\" }] }\n");
    kit.start();
    const Finished drill = kit.ctl({"drill", "--person", "far", "--person", "boss", "--wait", "5s"});
    INFO(drill.out);
    INFO(drill.err);
    CHECK(drill.code == 1);
    CHECK(drill.out.find("NOT REACHED: far (1 of 2)\n") != std::string::npos);
    const Finished ghost = kit.ctl({"drill", "--person", "ghost", "--wait", "2s"});
    CHECK(ghost.code == 1);
    CHECK(ghost.out.find("NOT REACHED: ghost (1 of 1)\n") != std::string::npos);
    CHECK(kit.ctl({"drill"}).code == 2);
    CHECK(kit.ctl({"drill", "--person", "boss", "--wait", "0s"}).code == 2);
    CHECK(kit.ctl({"drill", "--roster", "no-such"}).code == 1);
}
