#include "core/incident/group.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {
AlertEdge edge(const std::string& rule, const std::string& queue, AlertState to, Level level) {
    AlertEdge e;
    e.rule = rule;
    e.policy = "p";
    e.queue = {"jinan", queue, "voice"};
    e.group = "g";
    e.to = to;
    e.level = level;
    return e;
}
std::string by_centre(const AlertEdge& e) {
    return group_key(e.policy, scope_values({"centre"}, e.queue, e.group));
}
}  // namespace

TEST_CASE("group: scope values take the named parts and leave unknown names out") {
    const QueueKey q{"jinan", "general", "chat"};
    CHECK(scope_values({"centre", "group", "queue", "channel", "moon"}, q, "g") ==
          ScopeValues{{"centre", "jinan"}, {"group", "g"}, {"queue", "general"}, {"channel", "chat"}});
    CHECK(scope_values({}, q, "g").empty());
}

TEST_CASE("group: no name can imitate another scope") {
    CHECK(group_key("p", {{"centre", "a"}, {"queue", "b"}}) != group_key("p", {{"centre", "a5:queue1:b"}}));
    CHECK(group_key("p", {}) != group_key("p1", {}));
}

TEST_CASE("group: level is the worst loud alert; clearing still counts; ok, pending and unknown leave") {
    AlertBook book;
    const auto key = book.apply(edge("a", "q1", AlertState::firing, Level::yellow), by_centre);
    book.apply(edge("b", "q2", AlertState::firing, Level::red), by_centre);
    REQUIRE(book.group(key) != nullptr);
    CHECK(book.group(key)->level() == Level::red);
    book.apply(edge("b", "q2", AlertState::clearing, Level::red), by_centre);
    CHECK(book.group(key)->level() == Level::red);
    book.apply(edge("b", "q2", AlertState::ok, Level::none), by_centre);
    CHECK(book.group(key)->level() == Level::yellow);
    book.apply(edge("a", "q1", AlertState::pending, Level::none), by_centre);
    CHECK(book.group(key) == nullptr);
    CHECK(book.apply(edge("a", "q1", AlertState::ok, Level::none), by_centre).empty());
}

TEST_CASE("group: a flapping alert stays as it was last told, unless it got worse or has settled") {
    AlertBook book;
    auto flap = [](AlertState to, Level level, bool flapping = true) {
        auto e = edge("a", "q1", to, level);
        e.flapping = flapping;
        return e;
    };
    const auto key = book.apply(flap(AlertState::firing, Level::yellow), by_centre);  // new: told
    CHECK(book.group(key)->level() == Level::yellow);
    book.apply(flap(AlertState::ok, Level::none), by_centre);
    REQUIRE(book.group(key) != nullptr);
    CHECK(book.group(key)->level() == Level::yellow);
    CHECK(book.worst(key, 1).front().flapping);
    book.apply(flap(AlertState::firing, Level::red), by_centre);
    CHECK(book.group(key)->level() == Level::red);
    book.apply(flap(AlertState::firing, Level::yellow), by_centre);
    CHECK(book.group(key)->level() == Level::red);
    auto stale = flap(AlertState::ok, Level::none);
    stale.stale = true;
    book.apply(stale, by_centre);
    CHECK(book.group(key)->all_stale());
    book.apply(flap(AlertState::firing, Level::yellow, false), by_centre);
    CHECK(book.group(key)->level() == Level::yellow);
    book.apply(flap(AlertState::ok, Level::none), by_centre);
    book.apply(flap(AlertState::ok, Level::none, false), by_centre);
    CHECK(book.group(key) == nullptr);
    CHECK(book.apply(flap(AlertState::ok, Level::none), by_centre).empty());
}

TEST_CASE("group: a stale alert stays, and all_stale needs all of them") {
    AlertBook book;
    auto a = edge("a", "q1", AlertState::firing, Level::yellow);
    const auto key = book.apply(a, by_centre);
    book.apply(edge("b", "q1", AlertState::firing, Level::yellow), by_centre);
    a.stale = true;
    book.apply(a, by_centre);
    CHECK_FALSE(book.group(key)->all_stale());
    auto b = edge("b", "q1", AlertState::firing, Level::yellow);
    b.stale = true;
    book.apply(b, by_centre);
    CHECK(book.group(key)->all_stale());
    CHECK(book.group(key)->level() == Level::yellow);
}

TEST_CASE("group: muted and silenced alerts are quiet, and loud again when it ends") {
    AlertBook book;
    auto a = edge("wait", "q1", AlertState::firing, Level::orange);
    a.muted = true;
    const auto key = book.apply(a, by_centre);
    CHECK(book.group(key)->firing());
    CHECK_FALSE(book.group(key)->any_loud());
    CHECK(book.group(key)->level() == Level::none);
    a.muted = false;
    book.apply(a, by_centre);
    CHECK(book.group(key)->level() == Level::orange);

    book.set_silence({"s-1", "w*", "jinan", "*", {}});
    book.set_silence({"s-2", "*", "*", "q?", {}});
    CHECK_FALSE(book.group(key)->any_loud());
    book.end_silence("s-1");
    CHECK_FALSE(book.group(key)->any_loud());
    book.end_silence("s-2");
    CHECK(book.group(key)->level() == Level::orange);
    book.set_silence({"s-3", "w*", "qingdao", "*", {}});
    CHECK(book.group(key)->any_loud());
}

TEST_CASE("group: worst lists what is worst now: by level, then what came last, at most the limit") {
    AlertBook book;
    auto old = edge("a", "q1", AlertState::firing, Level::yellow);
    old.since = engine_time(1);
    auto young = edge("b", "q1", AlertState::firing, Level::yellow);
    young.since = engine_time(2);
    book.apply(young, by_centre);
    book.apply(old, by_centre);
    const auto key = book.apply(edge("c", "q1", AlertState::firing, Level::red), by_centre);
    const auto all = book.worst(key, 10);
    REQUIRE(all.size() == 3);
    CHECK(all[0].rule == "c");
    CHECK(all[1].rule == "b");
    CHECK(all[2].rule == "a");
    CHECK(book.worst(key, 2).size() == 2);
    CHECK(book.worst("no such group", 2).empty());
}

TEST_CASE("group: an alert without policy belongs nowhere") {
    AlertBook book;
    auto e = edge("a", "q", AlertState::firing, Level::red);
    e.policy.clear();
    CHECK(book.apply(e, by_centre).empty());
    CHECK(book.alerts().empty());
}
