#include "core/paging/limits.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {
EngineTime t(Span s) {
    return EngineTime{s};
}
}  // namespace

TEST_CASE("rate: count sends in every per, whatever the window") {
    ChannelState c;
    const RateLimit rate{15, 60s};
    std::vector<EngineTime> sends;
    auto now = t(1s);
    for (int i = 0; i < 200; ++i) {
        now = std::max(now, c.slot(rate, 0, 0, now));
        c.sent(now);
        sends.push_back(now);
    }
    for (std::size_t i = 15; i < sends.size(); ++i) {
        CHECK(sends[i] - sends[i - 15] >= 60s);
    }
    CHECK(sends[14] == t(1s));
    CHECK(sends[15] == t(61s));
}

TEST_CASE("rate: no limit is no wait") {
    ChannelState c;
    c.sent(t(1s));
    CHECK(c.slot({0, 60s}, 0, 100, t(1s)) == t(1s));
}

TEST_CASE("rate: the position in line tells the slot") {
    ChannelState c;
    const RateLimit rate{2, 10s};
    const auto now = t(100s);
    CHECK(c.slot(rate, 0, 0, now) == now);
    CHECK(c.slot(rate, 0, 1, now) == now);
    CHECK(c.slot(rate, 0, 2, now) == now + 10s);
    CHECK(c.slot(rate, 0, 5, now) == now + 20s);
    c.sent(t(95s));
    c.sent(t(98s));
    CHECK(c.slot(rate, 0, 0, now) == t(105s));
    CHECK(c.slot(rate, 0, 1, now) == t(108s));
    CHECK(c.slot(rate, 0, 2, now) == t(115s));
}

TEST_CASE("rate: slots are kept for first pages") {
    CHECK(reserved_slots({15, 60s}) == 3);
    CHECK(reserved_slots({4, 60s}) == 1);
    CHECK(reserved_slots({3, 60s}) == 0);
    ChannelState c;
    const RateLimit rate{4, 60s};
    for (int i = 0; i < 3; ++i) {
        c.sent(t(1s));
    }
    CHECK(c.slot(rate, 1, 0, t(2s)) == t(61s));
    CHECK(c.slot(rate, 0, 0, t(2s)) == t(2s));
}

TEST_CASE("rate: the log is bounded and a larger count is enforced as the bound") {
    ChannelState c;
    for (std::size_t i = 0; i < send_log_max + 10; ++i) {
        c.sent(t(1s));
    }
    CHECK(c.sends.size() == send_log_max);
    CHECK(c.slot({100000, 60s}, 0, 0, t(2s)) == t(61s));
}

TEST_CASE("breaker: opens at the third failure within 60 s inclusive") {
    ChannelState c;
    c.failed(t(0s));
    c.failed(t(30s));
    CHECK_FALSE(c.open);
    SECTION("in time") {
        c.failed(t(60s));
        CHECK(c.open);
        CHECK_FALSE(c.passes(t(90s) - 1ms));
        CHECK(c.passes(t(90s)));
        c.sent(t(90s));  // the probe
        CHECK_FALSE(c.passes(t(100s)));
        CHECK(c.passes(t(120s)));
        c.succeeded();
        CHECK(c.passes(t(121s)));
        c.failed(t(122s));
        c.failed(t(123s));
        CHECK_FALSE(c.open);
    }
    SECTION("too late") {
        c.failed(t(60s) + 1ms);
        CHECK_FALSE(c.open);
    }
}

TEST_CASE("back-off: 1, 2, 5, 10, 20, 20 s plus at most a quarter, the same for the same page") {
    const std::vector<Span> base{1s, 2s, 5s, 10s, 20s, 20s, 20s};
    for (int attempt = 1; attempt <= 7; ++attempt) {
        const auto b = base[static_cast<std::size_t>(attempt) - 1];
        const auto wait = backoff("0-1/1/a/sms/first/1", attempt, 0s);
        CHECK(wait >= b);
        CHECK(wait < b + b / 4);
        CHECK(wait == backoff("0-1/1/a/sms/first/1", attempt, 0s));
    }
    CHECK(backoff("p", 1, 30s) == 30s);
    CHECK(backoff("p", 0, 0s) >= 1s);
}

TEST_CASE("priority: first pages before all, closing messages after all calls") {
    CHECK(priority(PagePurpose::first) == 0);
    for (const auto p :
         {PagePurpose::repeat_round, PagePurpose::remind, PagePurpose::need, PagePurpose::update, PagePurpose::blind}) {
        CHECK(priority(p) > priority(PagePurpose::first));
        CHECK(priority(p) < priority(PagePurpose::close));
    }
}
