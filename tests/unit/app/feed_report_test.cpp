// Refusals to the authors of feeders: one message a second for each source and reason, and only of what is new.
#include "app/feed_report.hpp"

#include "support/catch.hpp"
#include "wire/json_text.hpp"

using namespace surged;

namespace {

/// A report that keeps what it publishes.
struct Reported {
    RefusalBook book;
    FeedReport report;
    std::vector<std::pair<std::string, std::string>> sent;

    void refuse(const std::string& source, Refusal reason, int ms, std::uint64_t count = 1) {
        book.add(source, {reason, "seq", "\"4\"", "a whole number, 0 or more"}, count, at(ms).at);
    }
    void turn(int ms) {
        report.turn(book, at(ms), [this](const std::string& topic, const std::string& json) { sent.emplace_back(topic, json); });
    }
    static Stamp at(int ms) { return {engine_time(1'000'000 + ms), wall_time(1'800'000'000'000 + ms)}; }
    std::uint64_t more(std::size_t i) const { return parse_json(sent.at(i).second)->find("more")->natural().value(); }
};

}  // namespace

TEST_CASE("feed report: topic of the source, and source, reason, field, got, want, counts and times as JSON") {
    Reported reported;
    reported.turn(0);
    CHECK(reported.sent.empty());
    reported.refuse("acd-1", Refusal::wrong_type, 500, 3);
    reported.turn(1000);
    REQUIRE(reported.sent.size() == 1);
    CHECK(reported.sent[0].first == "feed.acd-1");
    CHECK(reported.sent[0].second ==
          R"({"ts":1800000001000,"more":3,"source":"acd-1","reason":"wrong_type","count":3,"field":"seq","got":"\"4\"",)"
          R"("want":"a whole number, 0 or more","first":1800000000500,"last":1800000000500})");
}

TEST_CASE("feed report: at most one message a second for each source and reason, however often it is asked") {
    Reported reported;
    for (int ms = 0; ms < 10'000; ms += 10) {
        reported.refuse("acd-1", Refusal::wrong_type, ms);
        reported.refuse("acd-1", Refusal::late, ms);
        reported.refuse("acd-2", Refusal::late, ms);
        reported.turn(ms);
    }
    CHECK(reported.sent.size() == 30);
    CHECK(reported.more(0) == 1);
    CHECK(reported.more(3) == 100);
    // What came after the last message is told with the next, once.
    reported.turn(10'000);
    reported.turn(20'000);
    CHECK(reported.sent.size() == 33);
    CHECK(reported.more(32) == 99);
}

TEST_CASE("feed report: whoever invents names makes no more topics than the book has entries") {
    Reported reported;
    for (int i = 0; i < 5000; ++i) {
        reported.refuse("s" + std::to_string(i), Refusal::malformed, i / 100);
    }
    reported.turn(1000);
    CHECK(reported.sent.size() == RefusalBook::entries_max);
    reported.turn(2000);
    CHECK(reported.sent.size() == RefusalBook::entries_max);
}

TEST_CASE("feed report: an entry that the book dropped and took up again begins anew") {
    Reported reported;
    reported.refuse("acd-1", Refusal::late, 0, 50);
    reported.turn(0);
    for (std::size_t i = 0; i < RefusalBook::entries_max; ++i) {
        reported.refuse("s" + std::to_string(i), Refusal::late, 100);
    }
    reported.refuse("acd-1", Refusal::late, 200, 60);
    reported.sent.clear();
    reported.turn(1000);
    REQUIRE_FALSE(reported.sent.empty());
    std::uint64_t more = 0;
    for (std::size_t i = 0; i < reported.sent.size(); ++i) {
        more = reported.sent[i].first == "feed.acd-1" ? reported.more(i) : more;
    }
    CHECK(more == 60);
}
