// Logging in over real sockets, and what a login may do.
#include "support/http_fixture.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;

namespace {

const std::string view_token = "view-token-00000001";

TokenTable four_tokens() {
    return *TokenTable::parse("viewer " + view_token + "\nresponder resp-token-00000001 li\nlead " + lead_token +
                                  "\nadmin admi-token-00000001\n",
                              "tokens");
}

HttpHeaders bearer(const std::string& token) {
    return {{"Authorization", "Bearer " + token}};
}

std::string member(const HttpReply& reply, const std::string& name) {
    const auto json = parse_json(reply.body);
    return json ? json->text_or(name, "") : std::string();
}

std::string error_code(const HttpReply& reply) {
    const auto json = parse_json(reply.body);
    const auto* error = json ? json->find("error") : nullptr;
    return error == nullptr ? std::string() : error->text_or("code", "");
}

std::string cookie_of(const HttpReply& reply) {
    const auto found = reply.headers.find("set-cookie");
    return found == reply.headers.end() ? std::string() : found->second.substr(0, found->second.find(';'));
}

/// The cookie of a login with a code of this token.
std::string log_in(int port, const std::string& token) {
    const auto given = post_json(port, "/api/v1/logins", "{}", bearer(token));
    REQUIRE(given.status == 200);
    const auto opened = post_json(port, "/api/v1/login", "{\"code\":\"" + member(given, "code") + "\"}");
    REQUIRE(opened.status == 200);
    return cookie_of(opened);
}

}  // namespace

TEST_CASE("http login: no token, a wrong one and a login that is over are told apart", "[integration]") {
    Served served({}, four_tokens());
    CHECK(error_code(http(served.port(), "GET", "/api/v1/me")) == "unauthorized");
    CHECK(error_code(post_json(served.port(), "/api/v1/logins", "{}")) == "unauthorized");
    const auto wrong = http(served.port(), "GET", "/api/v1/me", bearer("wrong-token-00000001"));
    CHECK(wrong.status == 401);
    CHECK(error_code(wrong) == "wrong_token");
    const auto over = http(served.port(), "GET", "/api/v1/me", {{"Cookie", "surged_session_" + std::to_string(served.port()) + "=1.a.b"}});
    CHECK(over.status == 401);
    CHECK(error_code(over) == "session_over");
}

TEST_CASE("http login: the link's page does nothing when opened, its button sets a cookie once", "[integration]") {
    Served served({}, four_tokens());
    served.backend.reached_at("https://surged.example");
    const auto given = post_json(served.port(), "/api/v1/logins", "{}", bearer(lead_token));
    REQUIRE(given.status == 200);
    const auto path = member(given, "path");
    CHECK(member(given, "url") == "https://surged.example" + path);
    for (int i = 0; i < 2; ++i) {
        const auto page = http(served.port(), "GET", path);
        CHECK(page.status == 200);
        CHECK(page.body.find("method=\"post\"") != std::string::npos);
        CHECK(page.headers.count("set-cookie") == 0);
        CHECK(page.headers.at("content-security-policy").find("form-action 'self'") != std::string::npos);
    }
    const HttpHeaders form{{"Content-Type", "application/x-www-form-urlencoded"}};
    const auto body = "code=" + member(given, "code");
    const auto opened = http(served.port(), "POST", "/login", form, body);
    CHECK(opened.status == 303);
    CHECK(opened.headers.at("location") == "./");
    const auto cookie = opened.headers.at("set-cookie");
    CHECK(cookie.find("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict") != std::string::npos);
    CHECK(cookie.find("Secure") == std::string::npos);
    const auto me = http(served.port(), "GET", "/api/v1/me", {{"Cookie", cookie_of(opened)}});
    CHECK(member(me, "role") == "lead");
    CHECK(member(me, "by") == "login");
    const auto again = http(served.port(), "POST", "/login", form, body);
    CHECK(again.status == 401);
    CHECK(again.headers.count("set-cookie") == 0);
    CHECK(again.headers.at("content-type").starts_with("text/html"));
    CHECK(error_code(post_json(served.port(), "/api/v1/login", "{\"code\":\"nope\"}")) == "wrong_code");
    CHECK(error_code(post_json(served.port(), "/api/v1/login", "{}", bearer("wrong-token-00000001"))) == "wrong_token");
    CHECK_FALSE(cookie_of(post_json(served.port(), "/api/v1/login", "{}", bearer(view_token))).empty());
}

TEST_CASE("http login: a trusted proxy's https makes the cookie secure, a stranger's word does not", "[integration]") {
    HttpOptions options;
    options.trusted_proxies = {*parse_network("127.0.0.1/32")};
    Served behind(options, four_tokens());
    Served direct({}, four_tokens());
    HttpHeaders headers = bearer(view_token);
    headers.emplace_back("X-Forwarded-Proto", "https");
    CHECK(post_json(behind.port(), "/api/v1/login", "{}", headers).headers.at("set-cookie").ends_with("; Secure"));
    CHECK(post_json(direct.port(), "/api/v1/login", "{}", headers).headers.at("set-cookie").find("Secure") == std::string::npos);
}

TEST_CASE("http login: a cookie acts from our own page only, and by its role", "[integration]") {
    Served served({}, four_tokens());
    const auto lead = log_in(served.port(), lead_token);
    const auto viewer = log_in(served.port(), view_token);
    const std::string own = "http://127.0.0.1:" + std::to_string(served.port());
    const auto act = [&](const std::string& cookie, HttpHeaders headers) {
        headers.emplace_back("Cookie", cookie);
        headers.emplace_back("Host", "127.0.0.1:" + std::to_string(served.port()));
        return post_json(served.port(), "/api/v1/incidents/0-1/escalate", "{}", headers).status;
    };
    CHECK(act(lead, {{"Origin", own}}) == 200);
    CHECK(act(lead, {{"Sec-Fetch-Site", "same-origin"}}) == 200);
    CHECK(act(lead, {}) == 403);
    CHECK(act(lead, {{"Origin", "http://evil.example"}}) == 403);
    CHECK(act(lead, {{"Origin", own}, {"Sec-Fetch-Site", "cross-site"}}) == 403);
    CHECK(act(viewer, {{"Origin", own}}) == 403);
    CHECK(served.backend.commands().size() == 2);
    // A token that is shown wins over the cookie beside it.
    CHECK(act(viewer, {{"Authorization", "Bearer " + lead_token}}) == 200);
    CHECK(act(lead, {{"Authorization", "Bearer wrong-token-00000001"}, {"Origin", own}}) == 401);
}

TEST_CASE("http login: logging out ends the cookie and takes it back; a removed token ends its logins and their streams", "[integration]") {
    Served served({}, four_tokens());
    const auto cookie = log_in(served.port(), view_token);
    const auto kept = log_in(served.port(), view_token);
    const auto out = post_json(served.port(), "/api/v1/logout", "{}", {{"Cookie", cookie}, {"Sec-Fetch-Site", "same-origin"}});
    CHECK(out.status == 200);
    CHECK(out.headers.at("set-cookie").starts_with("surged_session_" + std::to_string(served.port()) + "=; Path=/; Max-Age=0"));
    CHECK(http(served.port(), "GET", "/api/v1/me", {{"Cookie", cookie}}).status == 401);
    CHECK(http(served.port(), "GET", "/api/v1/me", {{"Cookie", kept}}).status == 200);
    HttpConnection stream(served.port());
    REQUIRE(stream.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nCookie: " + kept + "\r\n\r\n"));
    REQUIRE(stream.receive_until("retry: 3000\n\n"));
    REQUIRE(served.server->renew({lead_only(), nullptr}));
    CHECK(stream.receive().empty());
    CHECK(http(served.port(), "GET", "/api/v1/me", {{"Cookie", kept}}).status == 401);
}

TEST_CASE("http login: who one is and what one may, by role; without tokens everybody is admin and needs no login", "[integration]") {
    Served served({}, four_tokens());
    const auto may = [&](const std::string& token) { return http(served.port(), "GET", "/api/v1/me", bearer(token)).body; };
    CHECK(may(view_token) == R"({"role":"viewer","name":"viewer","person":"","by":"token","may":["read"]})");
    CHECK(may("resp-token-00000001") ==
          R"({"role":"responder","name":"li","person":"li","by":"token","may":["read","join","decline","ack","leave","arrive"]})");
    CHECK(may(lead_token).find(R"("arrive","escalate","resolve","adopt_policy","verdict","silence","drill"])") != std::string::npos);
    CHECK(may("admi-token-00000001").find(R"("drill","override","reload"])") != std::string::npos);
    Served open;
    CHECK(http(open.port(), "GET", "/api/v1/me").body.find(R"("role":"admin","name":"local")") != std::string::npos);
    CHECK(post_json(open.port(), "/api/v1/logins", "{}").status == 409);
}
