// What people do to each other's seats, and to an incident as a whole, through the commands of surgectl.
#include <csignal>
#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {
std::string in_config(const DaemonKit& kit, const std::string& what, const std::string& with) {
    std::ifstream in(kit.config);
    std::string text(std::istreambuf_iterator<char>(in), {});
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), with);
    std::ofstream(kit.config, std::ios::trunc) << text;
    return text;
}
}  // namespace

TEST_CASE("app: a seat is handed over: the successor is paged at once, and the seat is kept until they join", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);
    REQUIRE(kit.ctl({"join", "--as", "lead-02"}).code == 0);

    const Finished ghost = kit.ctl({"handover", "--as", "lead-01", "--to", "ghost"});
    CHECK(ghost.code == 1);
    CHECK(ghost.err.find("no such person") != std::string::npos);
    CHECK(kit.ctl({"handover", "--as", "lead-01", "--to", "lead-02"}).err.find("holds a seat already") != std::string::npos);
    CHECK(kit.ctl({"handover", "--as", "lead-01"}).code == 2);

    const Finished over = kit.ctl({"handover", "--as", "lead-01", "--to", "sup-01", "--reason", "the shift ends"});
    INFO(over.err);
    CHECK(over.code == 0);
    CHECK(over.out.find("sup-01 is asked to take over") != std::string::npos);
    REQUIRE(eventually([&] { return kit.pages("handover").size() == 1; }));
    const std::string page = kit.pages("handover").front().body;
    CHECK(page.find("\"person\":\"sup-01\"") != std::string::npos);
    CHECK(page.find("take over from lead-01") != std::string::npos);
    CHECK(kit.ctl({"incidents"}).out.find("2/2") != std::string::npos);
    CHECK(kit.ctl({"show", "0-1", "--json"}).out.find("\"successor\":\"sup-01\"") != std::string::npos);

    kit.daemon->signal(SIGKILL);
    REQUIRE(kit.daemon->wait(5s) == 128 + SIGKILL);
    kit.start();
    CHECK(kit.ctl({"join", "--as", "sup-01", "0-1"}).code == 0);
    CHECK(kit.ctl({"incidents"}).out.find("2/2") != std::string::npos);
    const std::string show = kit.ctl({"show", "0-1", "--timeline"}).out;
    CHECK(show.find("lead-01 says leave: noted (by cli), hands over to sup-01") != std::string::npos);
    CHECK(show.find("handed over to sup-01") != std::string::npos);
    CHECK(kit.ctl({"report", "0-1"}).out.find("named sup-01") != std::string::npos);
    CHECK(kit.pages("handover").size() == 1);
}

TEST_CASE("app: who declines names somebody else, who is paged at once", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    CHECK(kit.ctl({"decline", "--as", "lead-01", "--substitute", "boss"}).code == 0);
    REQUIRE(eventually([&] { return kit.pages("handover").size() == 1; }));
    CHECK(kit.pages("handover").front().body.find("lead-01 cannot come and names you") != std::string::npos);
}

TEST_CASE("app: an incident adopts the policy in force; a reload alone does not change it; a changed scope is refused",
          "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    REQUIRE(kit.ctl({"join", "--as", "lead-01"}).code == 0);
    in_config(kit, "need = 2\n", "need = 4\n");
    REQUIRE(kit.ctl({"reload"}).code == 0);
    CHECK(kit.ctl({"incidents"}).out.find("1/2") != std::string::npos);
    const Finished adopted = kit.ctl({"incident", "adopt-policy", "--reason", "more are wanted"});
    INFO(adopted.err);
    CHECK(adopted.code == 0);
    CHECK(adopted.out.find("need 4") != std::string::npos);
    CHECK(kit.ctl({"incidents"}).out.find("1/4") != std::string::npos);
    CHECK(kit.ctl({"incident", "adopt-policy", "0-1"}).out.find("goes by the policy in force") != std::string::npos);

    kit.daemon->signal(SIGKILL);
    REQUIRE(kit.daemon->wait(5s) == 128 + SIGKILL);
    kit.start();
    CHECK(kit.ctl({"incidents"}).out.find("1/4") != std::string::npos);
    CHECK(kit.ctl({"show", "0-1", "--timeline"}).out.find("incident.adopted") != std::string::npos);

    in_config(kit, "scope = [\"centre\"]", "scope = [\"centre\", \"queue\"]");
    REQUIRE(kit.ctl({"reload"}).code == 0);
    const Finished scope = kit.ctl({"incident", "adopt-policy", "0-1"});
    CHECK(scope.code == 1);
    CHECK(scope.err.find("scope") != std::string::npos);
    CHECK(kit.ctl({"incident", "adopt-policy", "0-99"}).code == 1);
    CHECK(kit.ctl({"incident"}).code == 2);
}

TEST_CASE("app: a person's own language is that of their pages", "[integration]") {
    DaemonKit kit;
    in_config(kit, "id = \"lead-02\"\n", "id = \"lead-02\"\nlanguage = \"zh\"\n");
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    for (const SinkRequest& page : kit.pages("first")) {
        const bool theirs = page.body.find("\"person\":\"lead-02\"") != std::string::npos;
        CHECK((page.body.find("请上线") != std::string::npos) == theirs);
        CHECK((page.body.find("\"language\":\"zh\"") != std::string::npos) == theirs);
    }
}
