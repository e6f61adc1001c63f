#include "io/http/sessions.hpp"

#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {
const WallTime start = wall_time(1'800'000'000'000);
constexpr std::string_view lead = "Bearer lead-token-00000001";
constexpr std::string_view viewer = "Bearer view-token-00000001";

TokenTable two_tokens() {
    return *TokenTable::parse("lead lead-token-00000001 zhang\nviewer view-token-00000001\n", "tokens");
}
}  // namespace

TEST_CASE("sessions: a code opens a session once, and within two minutes", "[unit]") {
    const auto tokens = two_tokens();
    Sessions sessions(tokens);
    const auto code = sessions.code_for(lead, start);
    REQUIRE(code);
    const auto opened = sessions.open_by_code(*code, start + 119s);
    REQUIRE(opened);
    CHECK(opened->caller.name == "zhang");
    CHECK_FALSE(sessions.open_by_code(*code, start + 119s));
    const auto late = sessions.code_for(lead, start);
    CHECK_FALSE(sessions.open_by_code(*late, start + 120s));
    CHECK_FALSE(sessions.open_by_code("", start));
    CHECK_FALSE(sessions.code_for("Bearer nobody-has-this-one", start));
}

TEST_CASE("sessions: a cookie is its token's caller until its time is over, longer for a viewer", "[unit]") {
    const auto tokens = two_tokens();
    Sessions sessions(tokens);
    const auto acting = sessions.open_by_token(lead, start);
    REQUIRE(acting);
    CHECK(sessions.find(acting->value, start + 12h - 1s)->role == Role::lead);
    CHECK_FALSE(sessions.find(acting->value, start + 12h));
    const auto wall = sessions.open_by_token(viewer, start);
    CHECK(sessions.find(wall->value, start + 24h * 30 - 1s)->role == Role::viewer);
    CHECK_FALSE(sessions.find(wall->value, start + 24h * 30));
}

TEST_CASE("sessions: a changed cookie is nobody's, nor one of a token that is gone, nor one that was ended", "[unit]") {
    auto tokens = two_tokens();
    Sessions sessions(tokens);
    const auto opened = sessions.open_by_token(viewer, start);
    auto longer = opened->value;
    longer.insert(0, "9");
    CHECK_FALSE(sessions.find(longer, start));
    auto forged = opened->value;
    forged.back() = forged.back() == '0' ? '1' : '0';
    CHECK_FALSE(sessions.find(forged, start));
    for (const auto* junk : {"", ".", "..", "1800000100.x", "x.y.z", "99999999999999999999.a.b"}) {
        CHECK_FALSE(sessions.find(junk, start));
    }
    const auto other = sessions.open_by_token(viewer, start);
    sessions.end(opened->value, start);
    CHECK_FALSE(sessions.find(opened->value, start));
    CHECK(sessions.find(other->value, start));
    // Another process with the same tokens knows it, too.
    Sessions elsewhere(tokens);
    CHECK(elsewhere.find(other->value, start));
    tokens.replace(*TokenTable::parse("lead lead-token-00000001 zhang\n", "tokens"));
    CHECK_FALSE(sessions.find(other->value, start));
}

TEST_CASE("sessions: codes that wait are bounded, the oldest ends first", "[unit]") {
    const auto tokens = two_tokens();
    Sessions sessions(tokens);
    const auto first = sessions.code_for(lead, start);
    for (std::size_t i = 0; i < Sessions::codes_max; ++i) {
        REQUIRE(sessions.code_for(lead, start + 1s));
    }
    CHECK_FALSE(sessions.open_by_code(*first, start + 2s));
}

TEST_CASE("sessions: the cookie is found among others by its whole name", "[unit]") {
    CHECK(Sessions::cookie_name(9847) == "surged_session_9847");
    CHECK(cookie_in("a=b; surged_session=x.y.z; c=d", "surged_session") == "x.y.z");
    CHECK(cookie_in("surged_session=1", "surged_session") == "1");
    CHECK(cookie_in("xsurged_session=1;surged_session2=3", "surged_session").empty());
    CHECK(cookie_in("", "surged_session").empty());
}
