#include "io/http/link_page.hpp"

#include "support/catch.hpp"
#include "support/fake_backend.hpp"

using namespace surged;
using surged::test::FakeBackend;

namespace {

LinkFacts surge() {
    LinkFacts facts;
    facts.incident = "0-17";
    facts.person_name = "张三";
    facts.place = "济南/普席";
    facts.readings = {{{"最长等待", "longest wait <b>"}, "普席", {"2分", "2 min"}, {">1分40秒", ">1 min 40 s"}, {}, Level::red}};
    facts.at = "14:02:35";
    facts.zone = "Asia/Shanghai";
    facts.lasts = {"12分", "12 min"};
    facts.state = "paging";
    facts.level = Level::red;
    facts.need = 6;
    facts.joined = 2;
    facts.open = true;
    return facts;
}

struct Fixture {
    FakeBackend backend;
    TokenTable tokens = *TokenTable::parse("admin admin-token-0000001\n", "tokens");
    ApiRouter router{backend, tokens, {*parse_network("127.0.0.1")}};
    Fixture() { backend.show_behind_links(surge()); }

    HttpResponse ask(const std::string& method, const std::string& token, const std::string& form = {}, const std::string& type = {},
                     const std::string& origin = {}, const std::string& site = {}, const std::string& forwarded = {}) {
        RequestHead head;
        head.method = method;
        head.path = "/a/" + token;
        head.headers["host"] = "surge.example";
        head.headers["content-type"] = type.empty() ? "application/x-www-form-urlencoded" : type;
        if (!origin.empty()) {
            head.headers["origin"] = origin;
        }
        if (!site.empty()) {
            head.headers["sec-fetch-site"] = site;
        }
        if (!forwarded.empty()) {
            head.peer = "127.0.0.1";
            head.add("x-forwarded-for", forwarded);
        }
        head.content_length = static_cast<long long>(form.size());
        const auto verdict = router.admit(head);
        if (const auto* refusal = std::get_if<HttpResponse>(&verdict)) {
            return *refusal;
        }
        return router.handle(std::get<Admitted>(verdict), head, form);
    }
};

}  // namespace

TEST_CASE("link page: looking shows the incident in both languages and never acts", "[unit]") {
    Fixture f;
    for (const char* method : {"GET", "HEAD"}) {
        const auto page = f.ask(method, "good");
        CHECK(page.status == 200);
        CHECK(page.content_type == "text/html; charset=utf-8");
        for (const char* text : {"济南/普席", "2 / 6", "我来接话 · Join", "来不了 · Cannot come", "张三", "&lt;b&gt;", "method=\"post\""}) {
            CAPTURE(text);
            CHECK(page.body.find(text) != std::string::npos);
        }
        CHECK(page.body.find("<b>") == std::string::npos);
        CHECK(page.body.find("<script") == std::string::npos);
    }
    CHECK(f.backend.commands().empty());
}

TEST_CASE("link page: a button is an answer of the link's person, by way of the link", "[unit]") {
    Fixture f;
    const std::vector<std::pair<std::string, AnswerKind>> buttons = {{"join", AnswerKind::join},
                                                                     {"decline", AnswerKind::decline},
                                                                     {"ack", AnswerKind::ack},
                                                                     {"leave", AnswerKind::leave},
                                                                     {"arrive", AnswerKind::arrive}};
    for (const auto& [word, kind] : buttons) {
        const auto page = f.ask("POST", "good", "action=" + word + "&person=somebody-else");
        CHECK(page.status == 200);
        CHECK(page.body.find("you have a seat") != std::string::npos);
        REQUIRE_FALSE(f.backend.commands().empty());
        const Command command = f.backend.commands().back();
        CHECK(command.answer == kind);
        CHECK(command.person == "zhang");  // whatever the form says
        CHECK(command.incident == "0-17");
        CHECK(command.way == "link");
    }
    CHECK(f.ask("POST", "good", "action=resolve").status == 400);
    CHECK(f.ask("POST", "good", "").status == 400);
    CHECK(f.backend.commands().size() == 5);
}

TEST_CASE("link page: pages of other hosts and other forms are refused", "[unit]") {
    Fixture f;
    CHECK(f.ask("POST", "good", "action=join", "", "https://evil.example").status == 403);
    CHECK(f.ask("POST", "good", "action=join", "", "https://surge.example").status == 200);
    CHECK(f.ask("POST", "good", "{}", "application/json").status == 415);
    CHECK(f.ask("POST", "good", "action=join", "text/plain").status == 415);
    CHECK(f.backend.commands().size() == 1);
}

TEST_CASE("link page: forged is 404, expired is 410, and neither acts", "[unit]") {
    Fixture f;
    CHECK(f.ask("GET", "forged").status == 404);
    CHECK(f.ask("GET", "old").status == 410);
    CHECK(f.ask("GET", "ended").status == 410);
    CHECK(f.ask("GET", "ended").body.find("该事件早已结束 · This incident ended long ago") != std::string::npos);
    CHECK(f.ask("GET", "old").body.find("链接已失效 · This link has expired") != std::string::npos);
    CHECK(f.ask("POST", "forged", "action=join").status == 404);
    CHECK(f.ask("POST", "old", "action=join").status == 410);
    CHECK(f.backend.commands().empty());
}

TEST_CASE("link page: a seated person is asked to arrive or leave; an ended incident has no buttons", "[unit]") {
    Fixture f;
    LinkFacts facts = surge();
    facts.seat = "joined";
    f.backend.show_behind_links(facts);
    auto page = f.ask("GET", "good").body;
    CHECK(page.find("已到岗") != std::string::npos);
    CHECK(page.find("我来接话") == std::string::npos);
    facts.open = false;
    f.backend.show_behind_links(facts);
    page = f.ask("GET", "good").body;
    CHECK(page.find("<form") == std::string::npos);
    CHECK(page.find("It is over") != std::string::npos);
}

TEST_CASE("link page: the words of the rule, values with units, and when they were so stand in the reader's language", "[unit]") {
    Fixture f;
    LinkFacts facts = surge();
    facts.readings.push_back({{"排队人数", "callers waiting"}, "投诉", {"30", "30"}, {">20", ">20"}, {"3分", "3 min"}, Level::yellow});
    const auto says = [&](std::optional<Language> language, std::initializer_list<const char*> texts) {
        facts.language = language;
        f.backend.show_behind_links(facts);
        const auto page = f.ask("GET", "good").body;
        for (const char* text : texts) {
            CAPTURE(text);
            CHECK(page.find(text) != std::string::npos);
        }
        return page;
    };
    const auto zh = says(Language::zh, {">最长等待<", ">2分<", "触发线 &gt;1分40秒", "3分前的数据，此后中断", "14:02:35 的数据（Asia/Shanghai）",
                                        "请上线接话，还缺 4 人", "已持续12分", "呼叫中", "红色", "刷新", "href=\"\""});
    CHECK(zh.find("longest") == std::string::npos);
    CHECK(zh.find("paging") == std::string::npos);
    const auto en = says(Language::en, {"longest wait", ">2 min<", "raised at &gt;1 min 40 s", "as of 3 min ago, no data since",
                                        "As of 14:02:35 (Asia/Shanghai)", "Please log on and take calls: 4 more needed", "for 12 min", "calling people"});
    CHECK(en.find("等待") == std::string::npos);
    says(std::nullopt, {"最长等待 · longest wait", "2分 · 2 min", ">30<", "lang=\"zh\">请上线接话，还缺 4 人", "lang=\"en\">Please log on"});
}

TEST_CASE("link page: what to do is one line, by what the person has answered and by what is so now", "[unit]") {
    Fixture f;
    LinkFacts facts = surge();
    facts.language = Language::en;
    const auto asks = [&](const char* seat, const char* state, int joined) {
        facts.seat = seat;
        facts.state = state;
        facts.joined = joined;
        f.backend.show_behind_links(facts);
        const auto page = f.ask("GET", "good").body;
        const auto from = page.find("<p class=\"do\"><span lang=\"en\">") + 30;
        return page.substr(from, page.find("</span>", from) - from);
    };
    CHECK(asks("asked", "paging", 2) == "Please log on and take calls: 4 more needed");
    CHECK(asks("timed_out", "exhausted", 5) == "Please log on and take calls: 1 more needed");
    CHECK(asks("asked", "filled", 6) == "Enough people have joined: you need not log on");
    CHECK(asks("declined", "filled", 6) == "Enough people have joined: you need not log on");
    CHECK(asks("declined", "paging", 2).starts_with("You said that you cannot come"));
    CHECK(asks("left", "paging", 2).starts_with("You have left"));
    CHECK(asks("joined", "filled", 6).starts_with("You have joined"));
    CHECK(asks("arrived", "resolving", 6).starts_with("You have arrived"));
    CHECK(asks("spare", "filled", 6).starts_with("All seats are taken: stand by"));
    CHECK(asks("asked", "resolving", 2).starts_with("It is recovering"));
    CHECK(asks("informed", "paging", 2).starts_with("For your information"));
    CHECK(asks("elsewhere", "paging", 2).starts_with("You have a seat in another incident"));
    facts.open = false;
    facts.worst = Level::red;
    facts.level = Level::none;
    CHECK(asks("released", "closed", 6) == "It is over: you need not log on. Thank you.");
    facts.came = true;
    CHECK(asks("released", "closed", 6) == "It is over. Thank you for your help.");
    CHECK(f.ask("GET", "good").body.find("was red") != std::string::npos);
}

TEST_CASE("link page: a refused answer says why, an unconfirmed one is not called recorded (P7)", "[unit]") {
    Fixture f;
    f.backend.answer({false, "closed", "the incident is closed", 2, 6});
    auto page = f.ask("POST", "good", "action=join");
    CHECK(page.status == 409);
    CHECK(page.body.find("the incident is closed") != std::string::npos);
    f.backend.fail_with({"unavailable", "not durable"});
    page = f.ask("POST", "good", "action=join");
    CHECK(page.status == 503);
    CHECK(page.body.find("已记录") == std::string::npos);
}

TEST_CASE("link page: from a group's chat nobody answers without name and number, and guessing ends after five wrong numbers", "[unit]") {
    Fixture f;
    CHECK(f.ask("GET", "group").body.find("name=\"last4\"") != std::string::npos);
    CHECK(f.ask("POST", "group", "action=join").status == 400);
    const std::string who = "person=%E5%BC%A0%E4%B8%89&action=join&last4=";
    CHECK(f.ask("POST", "group", who + "1234").status == 200);
    CHECK(f.backend.commands().back().person == "zhang");
    for (int i = 1; i <= LinkPages::tries_max; ++i) {
        CHECK(f.ask("POST", "group", who + "9999").status == 403);
    }
    CHECK(f.ask("POST", "group", who + "1234").status == 429);
    CHECK(f.backend.commands().size() == 1);
    f.backend.pass(LinkPages::tries_within);
    CHECK(f.ask("POST", "group", who + "1234").status == 200);
}

TEST_CASE("link page: a group link's wrong guesses lock out nobody else, and a right number costs nothing", "[unit]") {
    Fixture f;
    const std::string zhang = "person=%E5%BC%A0%E4%B8%89&action=join&last4=";
    const std::string li = "person=%E6%9D%8E%E5%9B%9B&action=join&last4=";
    for (int i = 0; i < 1100; ++i) {
        REQUIRE(f.ask("POST", "group", "action=join&last4=0000&person=invented-" + std::to_string(i)).status == 403);
    }
    for (int i = 0; i < 3 * LinkPages::tries_max; ++i) {
        CHECK(f.ask("POST", "group", zhang + "1234").status == 200);
    }
    for (int i = 1; i < LinkPages::tries_max; ++i) {
        CHECK(f.ask("POST", "group", zhang + "9999").status == 403);
    }
    CHECK(f.ask("POST", "group", zhang + "1234").status == 200);                           // one try is left
    CHECK(f.ask("POST", "group", "person=zhang&action=join&last4=9999").status == 403);  // the id is the same person
    CHECK(f.ask("POST", "group", zhang + "1234").status == 429);
    CHECK(f.ask("POST", "group", li + "5678").status == 200);
    CHECK(f.ask("POST", "good", "action=join").status == 200);  // the own link always works
    auto facts = surge();
    facts.incident = "0-18";
    f.backend.show_behind_links(facts);
    CHECK(f.ask("POST", "group", zhang + "1234").status == 200);  // another incident's link
}

TEST_CASE("link page: wrong numbers for one person by many links end at twenty", "[unit]") {
    Fixture f;
    const std::string zhang = "person=zhang&action=join&last4=";
    auto facts = surge();
    for (int i = 0; i < LinkPages::person_tries_max; ++i) {
        facts.incident = "0-" + std::to_string(i);
        f.backend.show_behind_links(facts);
        CHECK(f.ask("POST", "group", zhang + "9999").status == 403);
    }
    facts.incident = "0-99";
    f.backend.show_behind_links(facts);
    CHECK(f.ask("POST", "group", zhang + "1234").status == 429);
    f.backend.pass(LinkPages::tries_within);
    CHECK(f.ask("POST", "group", zhang + "1234").status == 200);
}

TEST_CASE("link page: behind a trusted proxy one holder of a group link cannot hold a named person out", "[unit]") {
    Fixture f;
    const std::string zhang = "person=zhang&action=join&last4=";
    const auto from = [&](const char* address, const char* last4) {
        return f.ask("POST", "group", zhang + last4, "", "", "", address).status;
    };
    for (int i = 0; i < LinkPages::tries_max; ++i) {
        CHECK(from("192.0.2.1", "9999") == 403);
    }
    CHECK(from("192.0.2.1", "1234") == 429);
    CHECK(from("6.6.6.6, 192.0.2.1", "1234") == 429);  // what the client adds itself changes nothing
    CHECK(from("192.0.2.2", "1234") == 200);
    CHECK(f.ask("POST", "group", zhang + "1234").status == 200);  // and those without an address count apart
    for (int i = 0; i < LinkPages::tries_max; ++i) {
        CHECK(from(("2001:db8::" + std::to_string(i + 1)).c_str(), "9999") == 403);
    }
    CHECK(from("2001:db8::ffff", "1234") == 429);  // one subscriber
    CHECK(from("2001:db8:0:1::1", "1234") == 200);
    // Other links help one address to as many again, then it has no more, whatever it holds; everybody else goes on.
    auto facts = surge();
    int wrong = 0;
    for (int i = 0; i < 10; ++i) {
        facts.incident = "0-" + std::to_string(100 + i);
        f.backend.show_behind_links(facts);
        wrong += from("192.0.2.1", "9999") == 403 ? 1 : 0;
    }
    CHECK(wrong == LinkPages::client_tries_max - LinkPages::tries_max);
    CHECK(from("192.0.2.3", "1234") == 200);
    f.backend.pass(LinkPages::tries_within);
    CHECK(from("192.0.2.1", "1234") == 200);
}

TEST_CASE("link page: many addresses together have no more than sixty wrong numbers for one person", "[unit]") {
    Fixture f;
    int wrong = 0;
    for (int i = 0; i < 200; ++i) {
        wrong += f.ask("POST", "group", "person=zhang&action=join&last4=9999", "", "", "", "192.0.2." + std::to_string(i)).status == 403 ? 1 : 0;
    }
    CHECK(wrong == LinkPages::known_tries_max);
    CHECK(f.ask("POST", "good", "action=join").status == 200);
}

TEST_CASE("link page: a wrong number keeps the name that was typed, escaped", "[unit]") {
    Fixture f;
    const auto page = f.ask("POST", "group", "person=%E5%BC%A0%E4%B8%89%22%3E%3Cb&action=join&last4=9999");
    CHECK(page.status == 403);
    CHECK(page.body.find("value=\"张三&quot;&gt;&lt;b\"") != std::string::npos);
    CHECK(page.body.find("9999") == std::string::npos);
    CHECK(f.ask("POST", "group", "person=%E5%BC%A0%E4%B8%89&action=join&last4=").body.find("value=\"张三\"") != std::string::npos);
    CHECK(f.ask("POST", "group", "person=%ff&action=join&last4=1234").status == 400);
}

TEST_CASE("link page: every refusal on a link is a page for people, never JSON", "[unit]") {
    Fixture f;
    const auto page = [](const HttpResponse& answer, int status, const char* words) {
        CAPTURE(status, words);
        CHECK(answer.status == status);
        CHECK(answer.content_type == "text/html; charset=utf-8");
        CHECK(answer.body.find(words) != std::string::npos);
        CHECK(answer.body.find("{\"error\"") == std::string::npos);
    };
    page(f.ask("POST", "good", "action=join", "", "https://evil.example"), 403, "Open the link in the message again");
    page(f.ask("POST", "good", "action=join", "application/json"), 415, "Not accepted");
    page(f.ask("DELETE", "good"), 405, "Not accepted");
    page(f.ask("GET", "no-such-link"), 404, "链接无效");
    page(f.ask("GET", "%2e%2e"), 404, "This link is not valid");
    page(f.ask("GET", ""), 404, "链接无效");
    page(f.ask("GET", "old"), 410, "链接已失效");
    page(f.ask("POST", "old", "action=join"), 410, "This link has expired");
    page(f.ask("POST", "good", std::string(ApiRouter::body_bytes_max + 1, 'a')), 413, "Not accepted");
    f.backend.fail_with({"unavailable", "busy"});
    page(f.ask("POST", "good", "action=join"), 503, "Not confirmed yet");
    CHECK(f.ask("DELETE", "good").headers.size() >= 2);  // Allow, and the page's policy
}

TEST_CASE("link page: who reads Chinese hears that the seats are full, and why an answer does not count", "[unit]") {
    Fixture f;
    auto facts = surge();
    facts.language = Language::zh;
    f.backend.show_behind_links(facts);
    f.backend.answer({true, "spare", "seats are full, you are standing by: 6 of 6 seats taken", 6, 6});
    CHECK(f.ask("POST", "good", "action=join").body.find("已记录：席位已满，请待命<") != std::string::npos);
    f.backend.answer({false, "elsewhere", "you hold a seat in another incident", 6, 6});
    CHECK(f.ask("POST", "good", "action=join").body.find("未被接受：您在另一事件中已有席位") != std::string::npos);
    facts.language = Language::en;
    f.backend.show_behind_links(facts);
    CHECK(f.ask("POST", "good", "action=join").body.find("Not accepted: you hold a seat in another incident<") != std::string::npos);
}

TEST_CASE("link page: what browsers send with our own form is taken, with or without an Origin", "[unit]") {
    Fixture f;
    for (const char* origin : {"", "null", "https://surge.example", "http://surge.example"}) {
        CAPTURE(origin);
        CHECK(f.ask("POST", "good", "action=join", "", origin).status == 200);
        CHECK(f.ask("POST", "good", "action=join", "", origin, "same-origin").status == 200);
        CHECK(f.ask("POST", "good", "action=join", "", origin, "cross-site").status == 403);
    }
    // A proxy that calls us by another name: only the browser knows that the page is ours.
    CHECK(f.ask("POST", "good", "action=join", "", "https://proxy.example", "same-origin").status == 200);
    CHECK(f.ask("POST", "good", "action=join", "", "https://proxy.example").status == 403);
    CHECK(f.ask("POST", "good", "action=join", "", "null", "same-site").status == 403);
}

TEST_CASE("link page: behind a test page it says that it is a drill, with one button; looking does not answer", "[unit]") {
    Fixture f;
    LinkFacts facts;
    facts.person_name = "张三";
    facts.drill = "test/0/zhang/sms/test/7";
    facts.open = true;
    f.backend.show_behind_links(facts);
    const auto page = f.ask("GET", "good").body;
    CHECK(page.find("演练 · Drill") != std::string::npos);
    CHECK(page.find("张三") != std::string::npos);
    CHECK(page.find("收到 · Received") != std::string::npos);
    CHECK(page.find("<button") == page.rfind("<button"));
    CHECK(page.find("joined / needed") == std::string::npos);
    CHECK(f.backend.commands().empty());
    CHECK(f.ask("POST", "good", "action=ack").status == 200);
    REQUIRE(f.backend.commands().size() == 1);
    CHECK(f.backend.commands()[0].drill == facts.drill);
    CHECK(f.backend.commands()[0].person == "zhang");
    CHECK(f.backend.commands()[0].way == "link");
    CHECK(f.backend.commands()[0].incident.empty());
    facts.open = false;
    f.backend.show_behind_links(facts);
    CHECK(f.ask("GET", "good").body.find("<form") == std::string::npos);
}

TEST_CASE("link page: a drill's link in a group's chat asks who presses", "[unit]") {
    Fixture f;
    LinkFacts facts;
    facts.drill = "test/0/zhang/ding/test/8";
    facts.open = true;
    f.backend.show_behind_links(facts);
    CHECK(f.ask("GET", "group").body.find("name=\"last4\"") != std::string::npos);
    CHECK(f.ask("POST", "group", "action=ack").status == 400);
    CHECK(f.backend.commands().empty());
}

TEST_CASE("link page: who has told a language reads that one only", "[unit]") {
    Fixture f;
    LinkFacts facts = surge();
    facts.language = Language::en;
    f.backend.show_behind_links(facts);
    auto page = f.ask("GET", "good").body;
    CHECK(page.find("<html lang=\"en\">") != std::string::npos);
    CHECK(page.find(">Cannot come<") != std::string::npos);
    CHECK(page.find("来不了") == std::string::npos);
    CHECK(page.find("济南/普席") != std::string::npos);  // a name is a name
    facts.language = Language::zh;
    f.backend.show_behind_links(facts);
    page = f.ask("GET", "good").body;
    CHECK(page.find("<html lang=\"zh\">") != std::string::npos);
    CHECK(page.find(">来不了<") != std::string::npos);
    CHECK(page.find("Cannot come") == std::string::npos);
}

TEST_CASE("link page: who is called by several incidents answers each from one page, and no other", "[unit]") {
    Fixture f;
    auto facts = surge();
    facts.seat = "elsewhere";
    facts.others = {{"0-18", "joined", "青岛/投诉 <i>", {}, Level::orange, 3, 1}};
    f.backend.show_behind_links(facts);
    const auto page = f.ask("GET", "good");
    for (const char* text :
         {"换到这里接话 · Move here", "您还被以下事件呼叫", "青岛/投诉 &lt;i&gt;", "1 / 3", "value=\"0-18\"", "离开 · Leave"}) {
        CAPTURE(text);
        CHECK(page.body.find(text) != std::string::npos);
    }
    CHECK(page.body.find("<i>") == std::string::npos);

    CHECK(f.ask("POST", "good", "action=leave&incident=0-18").status == 200);
    CHECK(f.backend.commands().back().incident == "0-18");
    CHECK_FALSE(f.backend.commands().back().move);
    CHECK(f.ask("POST", "good", "action=move&incident=0-17").status == 200);
    CHECK(f.backend.commands().back().answer == AnswerKind::join);
    CHECK(f.backend.commands().back().move);
    const auto before = f.backend.commands().size();
    CHECK(f.ask("POST", "good", "action=join&incident=0-19").status == 409);
    CHECK(f.backend.commands().size() == before);
}
