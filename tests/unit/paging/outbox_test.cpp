// The outbox by itself, without incidents: what a page passes on its way out, and what becomes of it. The subject of the pages says what
// the test wants it to say.
#include <algorithm>
#include <variant>

#include "core/paging/paging.hpp"
#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

class Sender final : public PageSubject {
public:
    explicit Sender(Plan of = team_plan()) : plan(std::move(of)), index(plan) {}

    PageStep step() { return {box, index, now, now.at, *this, orders}; }
    void want(const std::string& person, PagePurpose purpose = PagePurpose::first, Span within = 4min) {
        auto s = step();
        paging::Wish wish;
        wish.incident = "0-1";
        wish.ordinal = ++ordinal;
        wish.people = {person};
        wish.channel = "sms";
        wish.purpose = purpose;
        wish.tier = 1;
        wish.deadline = now.at + within;
        paging::want(s, wish);
        latest = changes.back().page;
    }
    void act() {
        PageChange page;
        page.page = latest = "0-1/1/announce/sms/do/" + std::to_string(++ordinal);
        page.incident = "0-1";
        page.channel = "sms";
        page.purpose = PagePurpose::act;
        page.action = "announce";
        page.due = now.at;
        page.deadline = now.at + 4min;
        emit(std::move(page));
    }
    Sender& dispatch() {
        auto s = step();
        paging::dispatch(s);
        return *this;
    }
    std::optional<std::string> ends(OutcomeClass what, Span pause = Span{0}) {
        SendOutcome o;
        o.page = orders.back().page;
        o.attempt = orders.back().attempt;
        o.outcome = what;
        o.pause = pause;
        auto s = step();
        return paging::outcome(s, o);
    }
    const Page& page() const { return box.pages.at(latest); }
    void later(Span by) { now.at += by, now.wall += by; }

    // the subject
    Terms terms(const std::string&, const Page&) const override { return limits; }
    std::string untrue(const std::string&, const Page& page, std::vector<std::string>& still) const override {
        still = over.empty() ? page.people : std::vector<std::string>{};
        return over;
    }
    bool other_way(const Page&) const override { return another_way; }
    PageFacts facts(const std::string&, const Page& page, const std::vector<std::string>&, Language) const override {
        PageFacts f;
        f.purpose = page.purpose;
        f.incident = page.incident;
        return f;
    }
    void describe(const std::string&, const Page& page, SendOrder& order) const override { order.incident = page.incident; }
    std::vector<std::string> call_with(const Page&) override { return {}; }
    std::vector<AlsoCalled> also_called(const Page&, std::map<std::string, std::string>) const override { return {}; }
    void note(const Page&, std::string) override {}
    void emit(RecordBody body) override {
        if (auto* change = std::get_if<PageChange>(&body)) {
            box.apply(*change, true, now.at);
            if (change->state == PageState::sending && !change->people.empty()) {
                box.person_logs[change->people.front()].sent(now.at);
            }
            changes.push_back(*change);
        } else if (const auto* said = std::get_if<SystemNote>(&body)) {
            if (said->what == "channel_failure") {
                box.channels[said->channel].failed(now.at);
            } else if (said->what == "channel_paused") {
                box.channels[said->channel].paused(said->until);
            }
            notes.push_back(said->what);
        }
    }

    Plan plan;
    PlanIndex index;
    Outbox box;
    Stamp now{engine_time(1000000), wall_time(1795330800000)};
    std::vector<SendOrder> orders;
    std::vector<PageChange> changes;
    std::vector<std::string> notes;
    std::uint64_t ordinal = 0;
    std::string latest;
    Terms limits;
    std::string over;
    bool another_way = false;
};

Plan with_rate(int count) {
    auto plan = team_plan();
    plan.channels[0].rate = {count, 1min};
    return plan;
}

}  // namespace

TEST_CASE("outbox: a page that is true, in time and has a slot leaves, and is accepted") {
    Sender desk;
    desk.want("lead-1");
    CHECK(desk.page().state == PageState::queued);
    desk.dispatch();
    REQUIRE(desk.orders.size() == 1);
    CHECK(desk.orders[0].page == "0-1/1/lead-1/sms/first/1");
    CHECK(desk.orders[0].incident == "0-1");
    CHECK(desk.page().state == PageState::sending);
    desk.ends(OutcomeClass::ok);
    CHECK(desk.page().state == PageState::accepted);
    CHECK(desk.box.timers.empty());
}

TEST_CASE("outbox: a page whose subject does not stand any more is cancelled with its reason, whatever else holds it back") {
    Sender desk(with_rate(1));
    desk.want("lead-1");
    desk.over = "seats are filled";
    desk.later(10min);
    desk.dispatch();
    CHECK(desk.page().state == PageState::cancelled);
    CHECK(desk.page().reason == "seats are filled");
    CHECK(desk.orders.empty());
}

TEST_CASE("outbox: a page leaves until its deadline and not at it") {
    for (const auto wait : {4min - 1ms, Span{4min}}) {
        Sender desk;
        desk.want("lead-1");
        desk.later(wait);
        desk.dispatch();
        CHECK(desk.page().state == (wait < 4min ? PageState::sending : PageState::expired));
    }
}

TEST_CASE("outbox: a channel that a reload took away fails its pages at once") {
    Sender desk;
    desk.want("lead-1");
    desk.plan.channels.erase(desk.plan.channels.begin());
    desk.index = PlanIndex(desk.plan);
    desk.dispatch();
    CHECK(desk.page().state == PageState::failed_perm);
    CHECK(desk.page().reason == "channel is no longer configured");
}

TEST_CASE("outbox: behind the breaker a page to a person fails, an action waits for the probe, and the channel that is back is told") {
    Sender desk;
    for (int i = 0; i < breaker_failures; ++i) {
        desk.want("lead-1");
        desk.dispatch();
        CHECK_FALSE(desk.ends(OutcomeClass::channel_down));
    }
    CHECK(std::count(desk.notes.begin(), desk.notes.end(), "channel_down") == 1);
    desk.want("lead-2");
    desk.dispatch();
    CHECK(desk.page().state == PageState::failed_perm);
    CHECK(desk.page().reason == "channel is down");
    desk.act();
    desk.dispatch();
    CHECK(desk.page().state == PageState::held);
    CHECK(desk.page().due == desk.now.at + breaker_probe);
    desk.later(breaker_probe);
    desk.dispatch();
    CHECK(desk.page().state == PageState::sending);
    CHECK(desk.ends(OutcomeClass::ok) == "sms");
}

TEST_CASE("outbox: beyond the rate a page is held with the reason and the moment, and leaves then") {
    Sender desk(with_rate(1));
    desk.want("lead-1");
    desk.dispatch();
    desk.want("lead-2");
    desk.dispatch();
    CHECK(desk.page().state == PageState::held);
    CHECK(desk.page().due == desk.now.at + 1min);
    CHECK(desk.page().reason.ends_with("because rate 1/1m of sms"));
    desk.later(1min - 1ms);
    CHECK(desk.dispatch().orders.size() == 1);
    desk.later(1ms);
    CHECK(desk.dispatch().orders.size() == 2);
}

TEST_CASE("outbox: of several holds the longest counts: the person's cap beyond the rate, the provider's pause beyond both") {
    Sender desk(with_rate(1));
    desk.limits.person_max = {1, 2min};
    desk.want("lead-1");
    desk.dispatch();
    desk.want("lead-1", PagePurpose::need);
    desk.dispatch();
    CHECK(desk.page().due == desk.now.at + 2min);
    CHECK(desk.page().reason.ends_with("because lead-1 has had 1 pages in 2m"));

    desk.ends(OutcomeClass::retry, 3min);
    desk.want("lead-1", PagePurpose::remind);
    desk.dispatch();
    CHECK(desk.page().due == desk.now.at + 3min);
    CHECK(desk.page().reason.ends_with("because the provider of sms throttles"));

    desk.limits.uncapped = true;
    desk.want("lead-1");
    desk.dispatch();
    CHECK(desk.page().due == desk.now.at + 3min);
}

TEST_CASE("outbox: a pause beyond the deadline leaves a page one try when there is no other way, and ends it when there is one") {
    for (const bool another : {false, true}) {
        Sender desk;
        desk.another_way = another;
        desk.want("lead-2");
        desk.dispatch();
        desk.ends(OutcomeClass::ok, 10min);
        desk.want("lead-1");
        desk.dispatch();
        CHECK(desk.page().state == (another ? PageState::expired : PageState::held));
        CHECK((another || desk.page().due == desk.page().deadline - desk.plan.channels[0].timeout));
    }
}

TEST_CASE("outbox: first pages go before reminders, whatever came first") {
    Sender desk(with_rate(1));
    desk.want("lead-1", PagePurpose::remind);
    const auto reminder = desk.latest;
    desk.want("lead-2");
    desk.dispatch();
    REQUIRE(desk.orders.size() == 1);
    CHECK(desk.orders[0].page == desk.latest);
    CHECK(desk.box.pages.at(reminder).state == PageState::held);
}

TEST_CASE("outbox: what waits for the same person and purpose is merged into the newer page; what is cancelled never leaves") {
    Sender desk;
    desk.want("lead-1");
    const auto first = desk.latest;
    auto s = desk.step();
    const std::set<std::string> live{first};
    paging::Wish wish{"0-1", 2, &live, {"lead-1"}, "sms", PagePurpose::first, 1, desk.now.at + 4min};
    paging::want(s, wish);
    CHECK(desk.box.pages.at(first).state == PageState::cancelled);
    const auto second = desk.changes.back().page;
    CHECK(paging::cancel(s, {second}, "answered", [](const Page&) { return true; }));
    CHECK_FALSE(paging::cancel(s, {second}, "answered", [](const Page&) { return true; }));
    CHECK(desk.dispatch().orders.empty());
}
