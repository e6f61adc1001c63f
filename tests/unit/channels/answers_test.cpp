// What an answer means, without a socket: the one table of statuses, and that every provider reads by it.
#include <map>
#include <vector>

#include "channels/channel_type.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {

HttpReply answer(int status, std::string body = "") {
    HttpReply out;
    out.status = status;
    out.body = std::move(body);
    out.body_whole = true;
    return out;
}

std::vector<const ChannelType*> http_types() {
    std::vector<const ChannelType*> out;
    for (const auto* type : channel_types()) {
        if (type->find_key("url_file") != nullptr || type->find_key("url") != nullptr) {
            out.push_back(type);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("answers: every status means the same at every provider whose body says nothing", "[unit]") {
    const std::map<OutcomeClass, std::vector<int>> expected = {
        {OutcomeClass::retry, {408, 425, 429, 500, 502, 503, 504, 512, 520, 599}},
        {OutcomeClass::config_error, {300, 301, 399, 401, 403, 404, 405, 407, 410, 421, 501, 505, 506, 507, 508, 509, 510, 511}},
        {OutcomeClass::reject, {400, 402, 406, 409, 413, 415, 420, 422, 424, 426, 451, 499}},
        {OutcomeClass::unknown, {600, 999}},
    };
    REQUIRE(http_types().size() >= 9);
    for (const auto* type : http_types()) {
        for (const auto& [outcome, statuses] : expected) {
            for (const int status : statuses) {
                INFO(type->name << " " << status);
                CHECK(verdict_of(*type, answer(status)).outcome == outcome);
                CHECK(verdict_of(*type, answer(status, "<html>")).outcome == outcome);
            }
        }
    }
}

TEST_CASE("answers: a server in trouble is believed by its status, not by a word of success in its body", "[unit]") {
    for (const int status : {429, 500, 503, 505, 511}) {
        INFO(status);
        CHECK(verdict_of(*channel_type("dingtalk"), answer(status, R"({"errcode":0})")).outcome != OutcomeClass::ok);
        CHECK(verdict_of(*channel_type("slack"), answer(status, "ok")).outcome != OutcomeClass::ok);
    }
    // Below that the body has the last word.
    CHECK(verdict_of(*channel_type("dingtalk"), answer(421, R"({"errcode":130101})")).outcome == OutcomeClass::retry);
}

TEST_CASE("answers: a 429 rests the channel for as long as it asks, else as the type says; a webhook rests the page alone",
          "[unit]") {
    auto asked = answer(429);
    asked.retry_after = 7s;
    for (const auto* type : http_types()) {
        INFO(type->name);
        const bool rests = type->name != "webhook";
        CHECK(verdict_of(*type, asked).pause == (rests ? Span{7s} : Span{0}));
        CHECK(verdict_of(*type, asked).retry_after == Span{7s});
        const auto silent = verdict_of(*type, answer(429));
        CHECK((silent.pause > Span{0}) == rests);
        CHECK(silent.retry_after == silent.pause);
    }
}

TEST_CASE("answers: no carrier brings a type another carrier's answer; if one did, nobody knows", "[unit]") {
    CHECK(verdict_of(*channel_type("webhook"), ProcessReply{}).outcome == OutcomeClass::unknown);
    CHECK(verdict_of(*channel_type("exec"), MailReply{}).outcome == OutcomeClass::unknown);
    ProcessReply done;
    done.exit_code = 0;
    CHECK(verdict_of(*channel_type("exec"), done).outcome == OutcomeClass::ok);
}
