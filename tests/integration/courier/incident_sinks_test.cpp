// PagerDuty, Alertmanager, GoAlert and Cloud MAS against a server that speaks their answers: one key for all pages of an
// incident, closed by the closing message.
#include "support/http_client.hpp"  // first: its `patience` is not courier_kit's

#include <cstdlib>
#include <thread>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "channels/message_text.hpp"
#include "channels/signature.hpp"
#include "provider_kit.hpp"
#include "support/process.hpp"

using namespace surged;
using namespace surged::test;

namespace {

SendOrder with_alert(SendOrder order) {
    AlertEdge edge;
    edge.rule = "oldest-wait";
    edge.metric = "oldest_wait_s";
    edge.queue = {"jinan", "general", "voice"};
    edge.level = Level::orange;
    edge.value = 104.25;
    edge.limit = "> 100";
    edge.evidence = "63 calls in 2m";
    edge.since = EngineTime{Span{1000}};
    order.alerts = {edge};
    order.decided = EngineTime{Span{31000}};
    order.wall = WallTime{Span{1789776000123}};
    return order;
}

}  // namespace

TEST_CASE("pagerduty: trigger and resolve share one key; severity follows the level", "[integration]") {
    ProviderKit kit("pagerduty", "/", {{"routing_key_file", "R0123456789ABCDEFR0123456789ABCD"}, {"site", "sd"}});
    REQUIRE(kit.problems.empty());
    kit.says(202, R"({"status":"success","message":"Event processed","dedup_key":"sd/surge/0-17"})");
    auto order = with_alert(kit.order());
    CHECK(kit.send(order).outcome == ok);
    CHECK(kit.request().target == "/v2/enqueue");  // the URL names the host only
    auto body = kit.body();
    CHECK(text_at(body, {"routing_key"}) == "R0123456789ABCDEFR0123456789ABCD");
    CHECK(text_at(body, {"event_action"}) == "trigger");
    CHECK(text_at(body, {"dedup_key"}) == "sd/surge/0-17");
    CHECK(text_at(body, {"payload", "severity"}) == "error");
    CHECK(text_at(body, {"payload", "summary"}) == order.text);
    CHECK(text_at(body, {"payload", "source"}) == "jinan / 普席");
    CHECK(text_at(body, {"payload", "timestamp"}) == "2026-09-19T00:00:00.123Z");
    CHECK(text_at(body, {"payload", "custom_details", "alerts"}) ==
          "橙色 oldest-wait jinan/general：oldest_wait_s 变级时 104.25 (> 100)，63 calls in 2m\n");
    CHECK(kit.request().body.find("13800000000") == std::string::npos);  // nobody's number leaves the house
    order.purpose = PagePurpose::close;
    order.level = Level::none;
    kit.send(order);
    CHECK(text_at(kit.body(), {"event_action"}) == "resolve");
    CHECK(text_at(kit.body(), {"dedup_key"}) == "sd/surge/0-17");
    order.text = std::string(3000, 'x');
    kit.send(order);
    CHECK(text_at(kit.body(), {"payload", "summary"}).size() <= 1024);
}

TEST_CASE("incident sinks: the link to answer by goes where each of them shows one", "[integration]") {
    const std::string link = "https://surge.example/a/AbC-_1";
    const auto body_of = [&](const char* type, const std::string& path, std::map<std::string, std::string> settings, bool with) {
        ProviderKit kit(type, path, std::move(settings));
        kit.says(std::string(type) == "pagerduty" ? 202 : 200, R"({"status":"success"})");
        auto order = with_alert(kit.order());
        order.link = with ? link : "";
        kit.send(order);
        return kit.request().body;
    };
    const std::string key = "R0123456789ABCDEFR0123456789ABCD";
    CHECK(body_of("pagerduty", "/", {{"routing_key_file", key}}, true).find(R"("links":[{"href":")" + link) != std::string::npos);
    CHECK(body_of("pagerduty", "/", {{"routing_key_file", key}}, false).find("links") == std::string::npos);
    CHECK(body_of("alertmanager", "/", {}, true).find(R"("answer":")" + link) != std::string::npos);
    CHECK(body_of("alertmanager", "/", {}, false).find("answer") == std::string::npos);
    CHECK(body_of("goalert", "/", {{"token_file", "t"}}, true).find("&details=https%3A%2F%2Fsurge.example%2Fa%2FAbC-_1%0A") !=
          std::string::npos);
}

TEST_CASE("pagerduty: 202 is accepted, 400 is never tried again, 429 waits minutes", "[integration]") {
    ProviderKit kit("pagerduty", "/v2/enqueue", {{"routing_key_file", "R0123456789ABCDEFR0123456789ABCD"}});
    kit.check(
        {{202, R"({"status":"success"})", ok, 0s, ""},
         {400, R"({"status":"invalid event","message":"Event object is invalid","errors":["'payload.summary' is missing"]})",
          reject, 0s, "Event object is invalid"},
         {400, R"({"status":"invalid key","message":"Invalid routing key R0123456789ABCDEFR0123456789ABCD"})", config, 0s,
          "not valid"},
         {429, "", retry, 2min, ""},
         {429, "", retry, 90s, "", {"Retry-After: 90"}},
         {500, "", retry, 0s, ""},
         {503, "", retry, 5s, "", {"Retry-After: 5"}},
         {403, "", config, 0s, ""}},
        "R0123456789ABCDEFR0123456789ABCD");
    kit.check_broken();
    CHECK(kit.torn.outcome == ok);  // the status decides
    const auto missing = ProviderKit("pagerduty", "/v2/enqueue").problems;
    REQUIRE(missing.size() == 1);
    CHECK(missing[0].detail == "routing_key_file is not set");
}

TEST_CASE("alertmanager: labels hold nothing that is measured; firing ends later, closing ends now", "[integration]") {
    ProviderKit kit("alertmanager", "/", {{"token_file", "hunter2222"}, {"severity", "page"}, {"hold", "5m"}});
    REQUIRE(kit.problems.empty());
    kit.says(200, "");
    auto order = with_alert(kit.order());
    CHECK(kit.send(order).outcome == ok);
    CHECK(kit.request().target == "/api/v2/alerts");
    CHECK(kit.request().headers.at("authorization") == "Bearer hunter2222");
    const auto first = (*kit.body().array())[0];
    std::string labels;
    for (const auto& [name, value] : *first.find("labels")->object()) {
        labels += name + "=" + *value.text() + " ";
    }
    CHECK(labels == "alertname=CallSurge centre=jinan group=普席 policy=surge severity=page site=surged ");
    CHECK(text_at(first, {"annotations", "need"}) == "6");
    CHECK(text_at(first, {"annotations", "level"}) == "orange");
    CHECK(text_at(first, {"startsAt"}) == "2026-09-18T23:59:30.123Z");  // 30 s before the order
    CHECK(text_at(first, {"endsAt"}) > text_at(first, {"startsAt"}));
    order.level = Level::red;
    order.need = 9;
    order.alerts[0].value = 300;
    kit.send(order);
    const auto second = (*kit.body().array())[0];
    std::string again;
    for (const auto& [name, value] : *second.find("labels")->object()) {
        again += name + "=" + *value.text() + " ";
    }
    CHECK(again == labels);
    order.purpose = PagePurpose::close;
    kit.send(order);
    CHECK((*kit.body().array())[0].find("startsAt") == nullptr);
    CHECK(text_at((*kit.body().array())[0], {"endsAt"}) > "2026-");
    kit.check({{200, "", ok, 0s, ""},
               {400, R"("bad matcher format")", reject, 0s, "bad matcher"},
               {401, "hunter2222", config, 0s, ""},
               {503, "", retry, 0s, ""}},
              "hunter2222");
    kit.check_broken();
}

TEST_CASE("goalert: the token is in the query, the dedup key is the incident's, closing closes", "[integration]") {
    ProviderKit kit("goalert", "", {{"token_file", "0a1b2c3d-token&x"}});
    kit.says(204, "");
    auto order = with_alert(kit.order());
    CHECK(kit.send(order).outcome == ok);
    CHECK(kit.request().target == "/api/v2/generic/incoming?token=0a1b2c3d-token%26x");
    CHECK(kit.request().headers.at("content-type") == "application/x-www-form-urlencoded");
    auto body = kit.request().body;
    CHECK(body.starts_with("summary=%E6%B5%8E%E5%8D%97%20"));
    CHECK(body.find("&dedup=surged%2Fsurge%2F0-17&") != std::string::npos);
    CHECK(body.find("action=close") == std::string::npos);
    order.purpose = PagePurpose::close;
    kit.send(order);
    body = kit.request().body;
    CHECK(body.find("&dedup=surged%2Fsurge%2F0-17&") != std::string::npos);
    CHECK(body.ends_with("&action=close"));
    kit.check({{204, "", ok, 0s, ""},
               {200, R"({"AlertID":1,"ServiceID":"x","IsNew":true})", ok, 0s, ""},
               {401, "token 0a1b2c3d-token&x", config, 0s, ""},
               {400, "invalid summary", reject, 0s, "invalid summary"},
               {429, "", retry, 30s, ""}},
              "0a1b2c3d-token");
    kit.check_broken();
}

TEST_CASE("cmas_sms: base64 of the fields, MD5 of them in a row by the golden vector", "[integration]") {
    ProviderKit kit("cmas_sms", "/", {{"ec_name", "EC"}, {"ap_id", "ap1"}, {"secret_file", "key1"}, {"sign", "sgn"}});
    REQUIRE(kit.problems.empty());
    kit.says(200, R"({"success":true,"rspcod":"success","msgGroup":"0811101053331000061832"})");
    auto order = kit.order();
    order.text = "hello";
    const auto taken = kit.send(order);
    CHECK(taken.outcome == ok);
    CHECK(taken.detail.find("0811101053331000061832") != std::string::npos);  // what the gateway calls it
    CHECK(kit.request().target == "/sms/norsubmit");
    const auto text = from_base64(kit.request().body);
    REQUIRE(text.has_value());
    const auto body = *parse_json(*text);
    CHECK(text_at(body, {"ecName"}) == "EC");
    CHECK(text_at(body, {"mobiles"}) == "13800000000");
    CHECK(text_at(body, {"content"}) == "hello");
    CHECK(text_at(body, {"addSerial"}).empty());
    CHECK(text_at(body, {"mac"}) == "88d5994bae898dba53fcd1e54997a694");

    order.people[0].mobile = "+8613900000000";
    kit.send(order);
    CHECK(from_base64(kit.request().body)->find("\"13900000000\"") != std::string::npos);
    const auto before = kit.sink.count();
    order.people[0].mobile = "none, call home";
    const auto none = kit.send(order);
    CHECK(none.outcome == reject);
    CHECK(none.detail == "no mobile number that can be called");
    CHECK(kit.sink.count() == before);  // nothing left
}

TEST_CASE("cmas_sms: with a template the text is its one variable, and the checksum covers both", "[integration]") {
    ProviderKit kit("cmas_sms", "/",
                    {{"ec_name", "EC"}, {"ap_id", "ap1"}, {"secret_file", "key1"}, {"sign", "sgn"}, {"template_id", "t9"}});
    kit.says(200, R"({"success":true,"rspcod":"success"})");
    auto order = kit.order();
    order.text = "a\"b";
    CHECK(kit.send(order).outcome == ok);
    CHECK(kit.request().target == "/sms/tmpsubmit");
    const auto body = *parse_json(from_base64(kit.request().body).value_or(""));
    CHECK(text_at(body, {"templateId"}) == "t9");
    CHECK(text_at(body, {"params"}) == R"(["a\"b"])");
    CHECK(body.find("content") == nullptr);
    CHECK(text_at(body, {"mac"}) == md5_hex(R"(ECap1key1t913800000000["a\"b"]sgn)"));
}

TEST_CASE("cmas_sms: its words have their classes, and a word nobody knows is a failure", "[integration]") {
    ProviderKit kit("cmas_sms", "/sms/norsubmit",
                    {{"ec_name", "EC"}, {"ap_id", "ap1"}, {"secret_file", "hunter2222"}, {"sign", "sgn"}});
    kit.check({{200, R"({"success":true,"rspcod":"success","msgGroup":"1"})", ok, 0s, ""},
               {200, R"({"success":false,"rspcod":"IllegalMac","msgGroup":""})", config, 0s, "checksum"},
               {200, R"({"success":false,"rspcod":"IllegalSignId"})", config, 0s, "`sign`"},
               {200, R"({"success":false,"rspcod":"NoSignId"})", config, 0s, "`sign`"},
               {200, R"({"success":false,"rspcod":"InvalidUsrOrPwd","secretKey":"hunter2222"})", config, 0s, "ap_id"},
               {200, R"({"success":false,"rspcod":"NOT_WHITE_IP"})", config, 0s, "list"},
               {200, R"({"success":false,"rspcod":"InvalidMessage"})", reject, 0s, ""},
               {200, R"({"success":false,"rspcod":"TooManyMobiles"})", reject, 0s, ""},
               {200, R"({"success":false,"rspcod":"Brandnew"})", reject, 0s, "unknown code Brandnew"},
               {200, "gateway portal", down, 0s, ""},
               {503, "", retry, 0s, ""}},
              "hunter2222");
    kit.check_broken();
}

TEST_CASE("alertmanager: a real one shows the alert once, keeps it by re-posts, and ends it by the closing message",
          "[integration]") {
    if (std::system("command -v prometheus-alertmanager > /dev/null 2>&1") != 0) {
        WARN("prometheus-alertmanager is not installed: skipped");
        return;
    }
    const TempDir dir;
    std::ofstream(dir.file("am.yml")) << "route:\n  receiver: none\nreceivers:\n  - name: none\n";
    int port = 0;
    {
        const BusyPort probe;  // free a moment later
        port = probe.port();
    }
    Process server("/usr/bin/prometheus-alertmanager",
                   {"--config.file=" + dir.file("am.yml"), "--storage.path=" + dir.file("data"),
                    "--cluster.listen-address=", "--web.listen-address=127.0.0.1:" + std::to_string(port)},
                   dir.file("am"));
    ChannelSpec spec;
    spec.id = "way";
    spec.type = "alertmanager";
    spec.settings = {{"url", "http://127.0.0.1:" + std::to_string(port)}, {"hold", "5m"}};
    CourierKit kit;
    REQUIRE(kit.configure({spec}).empty());
    const auto send = [&](SendOrder order, const std::string& page) {
        order.page = page;
        return kit.send(order).outcome;
    };
    auto order = with_alert(order_for("first", "way"));
    order.wall = std::chrono::floor<Span>(std::chrono::system_clock::now());
    auto outcome = send(order, "p0");
    for (int i = 1; i < 200 && outcome.outcome != ok; ++i) {  // until it listens and is ready
        std::this_thread::sleep_for(100ms);
        outcome = send(order, "p" + std::to_string(i));
    }
    INFO(outcome.detail << "\n" << server.err());
    REQUIRE(outcome.outcome == ok);

    const auto shown = [&] {
        const auto reply = http(port, "GET", "/api/v2/alerts", {{"Connection", "close"}});
        const auto json = parse_json(reply.body);
        INFO(reply.body);
        REQUIRE(json.has_value());
        REQUIRE(json->array() != nullptr);
        return *json->array();
    };
    auto alerts = shown();
    REQUIRE(alerts.size() == 1);
    CHECK(text_at(alerts[0], {"labels", "group"}) == "普席");
    CHECK(text_at(alerts[0], {"status", "state"}) == "active");
    CHECK(text_at(alerts[0], {"annotations", "joined"}) == "2");
    const auto starts = text_at(alerts[0], {"startsAt"});
    CHECK(starts == utc_text(order.wall - Span{30000}));

    order.purpose = PagePurpose::update;
    order.joined = 4;
    order.level = Level::red;
    order.alerts[0].since += Span{10000};  // the oldest alert cleared meanwhile: the start stays
    CHECK(send(order, "again").outcome == ok);
    alerts = shown();
    REQUIRE(alerts.size() == 1);
    CHECK(text_at(alerts[0], {"annotations", "joined"}) == "4");
    CHECK(text_at(alerts[0], {"startsAt"}) == starts);

    order.purpose = PagePurpose::close;
    CHECK(send(order, "close").outcome == ok);
    CHECK(shown().empty());  // it lists what fires
    CHECK(send(order, "close twice").outcome == ok);
    CHECK(shown().empty());
}
