// Nothing to be seen: who is told so hears when it can be seen again; a restart is no reason to say it.
#include "called.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const std::vector<std::string> blind{"sms blind lead-1", "sms blind lead-2", "sms blind lead-3", "sms blind lead-4"};
const std::vector<std::string> back{"sms data_back lead-1", "sms data_back lead-2", "sms data_back lead-3", "sms data_back lead-4"};
}  // namespace

TEST_CASE("blind: who was told that data is gone hears that it is back, ten seconds after it is") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(30s).stale("wait", "general").expect(blind);
    line.at(60s).stale("wait", "general", false).at(70s - 1ms).quiet();
    SECTION("it stays") {
        line.at(70s).expect(back);
        CHECK(line.orders().back().text.find("数据恢复") != std::string::npos);
        line.at(100s).quiet();
        line.stale("wait", "general").expect(blind);  // a second time is news again
    }
    SECTION("it goes again before: nobody is told twice that it is gone, and once that it is back") {
        line.stale("wait", "general").at(100s).quiet();
        line.stale("wait", "general", false).at(110s).expect(back);
    }
    SECTION("it is over before: the closing message says so") {
        line.clear("wait", "general").at(60s + 10s + 3min);
        line.expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
    }
    SECTION("over a kill") {
        line.crash(1s).at(75s).expect(back);
    }
}

TEST_CASE("blind: after a restart nobody is told that data is gone before feeds had the time to speak") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(30s).crash(2s).stale("wait", "general").quiet();
    SECTION("a value comes") {
        line.at(35s).stale("wait", "general", false).at(60s).quiet();
    }
    SECTION("none comes") {
        line.at(62s - 1ms).quiet();  // stale_after is 30 s
        line.at(62s).expect(blind);
    }
}

TEST_CASE("blind: data that is gone again when a restart is over is not said to be back") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow).expect(leads);
    line.at(30s).stale("wait", "general").expect(blind);
    line.at(60s).stale("wait", "general", false).at(61s).crash(1s).stale("wait", "general").at(75s).quiet();
}
