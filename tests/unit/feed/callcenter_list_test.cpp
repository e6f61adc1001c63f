#include "feed/callcenter_list.hpp"

#include "callcenter_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

TEST_CASE("callcenter table: columns are found by name, numbers are text, (null) is nothing") {
    const auto table = CallcenterTable::read("name|state|wrap_up_time\nann|Waiting|10\nbob|(null)|ten\n+OK\n");
    CHECK(table.whole);
    REQUIRE(table.rows.size() == 2);
    CHECK(table.get(table.rows[0], "name") == "ann");
    CHECK(table.number(table.rows[0], "wrap_up_time") == 10);
    CHECK(table.get(table.rows[1], "state").empty());
    CHECK_FALSE(table.number(table.rows[1], "wrap_up_time"));
    CHECK(table.get(table.rows[0], "no such column").empty());
}

TEST_CASE("callcenter table: bars in a caller's name or a dial string move nothing that is read") {
    const auto table = CallcenterTable::read("uuid|cid_number|cid_name|state\nu1|1|A|B|C|Waiting\nu2|1|2|A|Trying\nu3|1|A\n+OK\n", "cid_number", "cid_name");
    REQUIRE(table.rows.size() == 2);
    CHECK(table.odd_rows == 1);
    CHECK(table.get(table.rows[0], "uuid") == "u1");
    CHECK(table.get(table.rows[0], "state") == "Waiting");
    CHECK(table.get(table.rows[1], "state") == "Trying");
    CHECK(CallcenterTable::read("a|b\n1|2|3\n+OK\n").odd_rows == 1);
}

TEST_CASE("callcenter table: no rows are no columns either, an error is none of them, a cut answer is not whole") {
    CHECK(CallcenterTable::read("+OK\n").whole);
    const auto refused = CallcenterTable::read("-ERR callcenter_config Command not found!\n");
    CHECK_FALSE(refused.whole);
    CHECK(refused.error == "-ERR callcenter_config Command not found!");
    CHECK_FALSE(CallcenterTable::read("name|state\nann|Wai").whole);
    CHECK_FALSE(CallcenterTable::read("").whole);
}

TEST_CASE("callcenter list: its questions, one for each queue and each member in doubt") {
    FsLists lists;
    lists.queues = {{"a@x", {0, 0, {{"1", "Waiting", 10}, {"2", "Abandoned", 10}, {"3", "Trying", 10}}}}, {"b c", {}}, {"d", {}}};
    std::vector<std::string> asked;
    CallcenterList list({}, [](auto, auto uuid, auto) { return uuid == "3"; }, [](auto&) {});
    auto result = CallcenterList::Result::more;
    while (result == CallcenterList::Result::more) {
        asked.push_back(list.question());
        result = list.answer(lists.answer(asked.back(), 60'000), false);
    }
    CHECK(result == CallcenterList::Result::done);
    CHECK(asked == std::vector<std::string>{"strepoch", "callcenter_config queue list", "callcenter_config agent list",
                                            "callcenter_config tier list", "callcenter_config queue list members a@x",
                                            "callcenter_config queue list members d", "uuid_exists s-3"});
    CHECK(list.odd_rows == 1);  // a name with a blank cannot be asked for
    CHECK(list.queues.at("a@x").members.at("1").state == MemberState::waiting);
    CHECK(list.queues.at("a@x").members.at("1").joined_s == fs_epoch_s + 10);
}

TEST_CASE("callcenter list: each bound refuses one more, and keeps the last that fits") {
    FsLists lists;
    lists.queues = {{"q", {0, 0, {{"1", "Waiting", 1}, {"2", "Waiting", 1}}}}, {"r", {}}};
    lists.agents = {{"a", {}}, {"b", {}}};
    lists.tiers = {{"q", "a"}, {"q", "b"}};
    const auto run = [&](CallcenterList::Bounds bounds) {
        CallcenterList list(bounds, [](auto, auto, auto) { return true; }, [](auto&) {});
        auto result = CallcenterList::Result::more;
        int checks = 0;
        while (result == CallcenterList::Result::more) {
            checks += list.question().starts_with("uuid_exists") ? 1 : 0;
            result = list.answer(lists.answer(list.question(), 0), false);
        }
        return std::pair(result == CallcenterList::Result::done, checks);
    };
    CHECK(run({2, 2, 2, 2, 2}) == std::pair(true, 2));
    CHECK(run({2, 2, 2, 2, 1}) == std::pair(true, 1));
    CHECK_FALSE(run({1, 2, 2, 2, 2}).first);
    CHECK_FALSE(run({2, 1, 2, 2, 2}).first);
    CHECK_FALSE(run({2, 2, 1, 2, 2}).first);
    CHECK_FALSE(run({2, 2, 2, 1, 2}).first);
}

TEST_CASE("callcenter list: a name never becomes a command of its own") {
    for (const auto* name : {"", "a b", "a\nb", "a'b", "a\\b", "${a}", "a\"b"}) {
        CHECK_FALSE(callcenter_askable(name));
    }
    CHECK(callcenter_askable("support@default"));
    CHECK(callcenter_askable("客服"));
    CHECK(callcenter_askable(std::string(255, 'x')));
    CHECK_FALSE(callcenter_askable(std::string(256, 'x')));
}
