#include <limits>

#include "core/base/text.hpp"
#include "core/escalation/text.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace std::chrono_literals;

namespace {
PageFacts surge() {
    PageFacts f;
    f.incident = "0-17";
    f.place = "济南/普席";
    f.level = Level::red;
    f.rule = "oldest-wait";
    f.summary = "排队最长";
    f.metric = "oldest_wait_s";
    f.value = 100;
    f.limit = "> 90";
    f.evidence = "63 calls in 2m, usual 31.5";
    f.need = 6;
    f.joined = 2;
    return f;
}
const std::vector<PagePurpose> purposes{
    PagePurpose::handover,   PagePurpose::first,      PagePurpose::remind, PagePurpose::need,         PagePurpose::update, PagePurpose::blind, PagePurpose::data_back,
    PagePurpose::stand_down, PagePurpose::close,  PagePurpose::repeat_round, PagePurpose::test,   PagePurpose::admin};
}  // namespace

TEST_CASE("text: a first page in Chinese and in English") {
    auto f = surge();
    CHECK(render(f, Language::zh, 70).text == "【话务突增】济南/普席 红色：排队最长100>90，需6人已到2，请上线 #0-17");
    f.place = "jinan/general";
    f.summary = "oldest wait";
    CHECK(render(f, Language::en, 0).text ==
          "[Surge] jinan/general red: oldest wait 100>90; need 6, joined 2: please log on. 63 calls in 2m, usual 31.5 #0-17");
    CHECK(render(f, Language::en, 70).text == "[Surge] jinan/general red; need 6, joined 2: please log on");
}

TEST_CASE("text: shortfall, cause, wait and help from elsewhere stand on the page, and go first when space is short") {
    auto f = surge();
    f.staffed = true;
    f.missing = 8;
    f.expected_wait_s = 300;
    f.cause = staffing::Cause::handling_time;
    f.slack = {{"青岛", 5}, {"潍坊", 2}, {"烟台", 1}, {"临沂", 1}};
    f.evidence.clear();
    CHECK(render(f, Language::zh, 0).text ==
          "【话务突增】济南/普席 "
          "红色：排队最长100>90（通话变长），缺8人，预计等5分，需6人已到2，请上线；青岛可支援5人、潍坊可支援2人、"
          "烟台可支援1人 #0-17");
    CHECK(render(f, Language::zh, 70).text ==
          "【话务突增】济南/普席 红色：排队最长100>90（通话变长），缺8人，需6人已到2，请上线 #0-17");
    for (const std::size_t limit : {1U, 20U, 40U, 50U, 60U, 70U, 71U, 100U}) {
        CHECK(utf8_length(render(f, Language::zh, limit).text) <= limit);
        CHECK(utf8_length(render(f, Language::en, limit).text) <= limit);
    }
    CHECK(render(f, Language::en, 0).text ==
          "[Surge] 济南/普席 red: 排队最长 100>90 (longer calls), 8 short, wait 5 min; need 6, joined 2: please log on; 青岛 can "
          "give 5, "
          "潍坊 can give 2, 烟台 can give 1 #0-17");
    f.missing = 0;
    f.expected_wait_s = std::numeric_limits<double>::infinity();
    f.cause = staffing::Cause::none;
    f.slack.clear();
    CHECK(render(f, Language::zh, 0).text == "【话务突增】济南/普席 红色：排队最长100>90，需6人已到2，请上线 #0-17");
    f.staffed = false;
    f.missing = 8;
    CHECK(render(f, Language::zh, 0).text.find("缺") == std::string::npos);
}

TEST_CASE("text: each cause has a word in both languages") {
    auto f = surge();
    f.staffed = true;
    const std::vector<std::tuple<staffing::Cause, std::string, std::string>> words{
        {staffing::Cause::demand, "（来话增多）", "(demand)"},
        {staffing::Cause::handling_time, "（通话变长）", "(longer calls)"},
        {staffing::Cause::staff, "（座席减少）", "(fewer agents)"},
        {staffing::Cause::routing, "（分配不均）", "(routing)"}};
    for (const auto& [cause, zh, en] : words) {
        f.cause = cause;
        CHECK(render(f, Language::zh, 70).text.find(zh) != std::string::npos);
        CHECK(render(f, Language::en, 0).text.find(en) != std::string::npos);
    }
}

TEST_CASE("text: the metric stands in for a missing summary, the rule for a missing metric") {
    auto f = surge();
    f.summary.clear();
    CHECK(render(f, Language::zh, 70).text.find("oldest_wait_s100>90") != std::string::npos);
    f.metric.clear();
    CHECK(render(f, Language::zh, 70).text.find("oldest-wait100>90") != std::string::npos);
}

TEST_CASE("text: a repeat says so first") {
    auto f = surge();
    f.repeat = true;
    CHECK(render(f, Language::zh, 70).text.rfind("重发", 0) == 0);
    CHECK(render(f, Language::en, 70).text.rfind("Repeat: ", 0) == 0);
    f.value = std::numeric_limits<double>::quiet_NaN();
    CHECK(render(f, Language::en, 70).text.rfind("Repeat: ", 0) == 0);
}

TEST_CASE("text: the closing message tells how long and who came") {
    PageFacts f;
    f.purpose = PagePurpose::close;
    f.incident = "0-17";
    f.place = "济南/普席";
    f.age = 23min + 40s;
    f.names = {"张三", "李四"};
    f.ended_by = "engine";
    CHECK(render(f, Language::zh, 70).text == "【话务恢复】济南/普席 历时23分，到岗2人：张三、李四，可以下线，谢谢 #0-17");
    f.ended_by = "班长";
    f.down = "14:02-14:20";
    const auto text = render(f, Language::zh, 0).text;
    CHECK(text.find("由班长关闭") != std::string::npos);
    CHECK(text.find("14:02-14:20") != std::string::npos);
    f.ended_why = "max_age";
    CHECK(render(f, Language::en, 0).text.find("closed by age") != std::string::npos);
}

TEST_CASE("text: within the limit for every purpose, language and length of names") {
    for (const std::size_t limit : {1U, 10U, 40U, 70U, 200U}) {
        for (const std::size_t size : {0U, 1U, 16U, 17U, 300U}) {
            for (const auto purpose : purposes) {
                for (const auto language : {Language::zh, Language::en}) {
                    auto f = surge();
                    f.purpose = purpose;
                    f.repeat = true;
                    f.place.clear();
                    f.summary.clear();
                    for (std::size_t i = 0; i < size; ++i) {
                        f.place += "济";
                        f.summary += "排";
                        f.names.push_back("人");
                    }
                    const auto text = render(f, language, limit).text;
                    REQUIRE(utf8_length(text) <= limit);
                    REQUIRE_FALSE(text.empty());
                    REQUIRE(utf8_valid(text));
                }
            }
        }
    }
}

TEST_CASE("text: with 70 code points and long names the request to come is still there") {
    auto f = surge();
    f.place = std::string(300, 'x');
    f.summary = std::string(300, 'y');
    CHECK(render(f, Language::zh, 70).text.find("需6人已到2，请上线") != std::string::npos);
}

TEST_CASE("text: a hand-over says whose seat it is, or who named this person, within one SMS") {
    auto f = surge();
    f.purpose = PagePurpose::handover;
    f.handed_by = "张三";
    CHECK(render(f, Language::zh, 70).text == "【话务突增接班】济南/普席 红色：排队最长100>90，张三请您接班，需6人已到2，请上线 #0-17");
    CHECK(render(f, Language::en, 70).text == "[Take over] 济南/普席 red; 张三 hands over; need 6, joined 2: please log on");
    f.substitute = true;
    CHECK(render(f, Language::zh, 0).text.find("，张三来不了，推荐您，需6人") != std::string::npos);
    CHECK(render(f, Language::en, 0).text.find("; 张三 names you; need 6") != std::string::npos);
    f.handed_by = std::string(300, 'z');
    f.place = std::string(300, 'x');
    for (const auto language : {Language::zh, Language::en}) {
        f.repeat = true;
        const auto text = render(f, language, 70).text;
        CHECK(utf8_length(text) <= 70);
        CHECK(text.find(language == Language::zh ? "请上线" : "please log on") != std::string::npos);
    }
}

TEST_CASE("text: who kept a seat for another hears that they may go, and who has it, within one SMS") {
    auto f = surge();
    f.purpose = PagePurpose::stand_down;
    f.relieved = true;
    CHECK(render(f, Language::zh, 70).text == "【交班】济南/普席 您的席位已交回，您可以下线，谢谢 #0-17");
    CHECK(render(f, Language::en, 0).text == "[Relieved] 济南/普席 your seat is given back: you may go, thank you #0-17");
    f.relieved_by = "李四";
    CHECK(render(f, Language::zh, 70).text == "【交班】济南/普席 李四已接班，您可以下线，谢谢 #0-17");
    CHECK(render(f, Language::en, 70).text == "[Relieved] 济南/普席 李四 has your seat: you may go, thank you #0-17");
    CHECK(render(f, Language::zh, 0).title == "交班");
    f.relieved_by = std::string(300, 'z');
    f.place = std::string(300, 'x');
    f.repeat = true;
    for (const auto language : {Language::zh, Language::en}) {
        const auto text = render(f, language, 70).text;
        CHECK(utf8_length(text) <= 70);
        CHECK(text.find(language == Language::zh ? "您可以下线" : "you may go") != std::string::npos);
    }
}

TEST_CASE("text: what cannot be said in words is said in raw values") {
    auto f = surge();
    f.place = "bad\xFF\xFE";
    const auto text = render(f, Language::zh, 0).text;
    CHECK(utf8_valid(text));
    CHECK(text.find("rule=oldest-wait") != std::string::npos);
    CHECK(text.find("need=6") != std::string::npos);
    f = surge();
    f.value = std::numeric_limits<double>::infinity();
    CHECK(render(f, Language::zh, 0).text.find("rule=oldest-wait") != std::string::npos);
    CHECK(utf8_length(render(f, Language::zh, 30).text) <= 30);
}

TEST_CASE("text: durations") {
    CHECK(duration_text(59s, Language::zh) == "59秒");
    CHECK(duration_text(60s, Language::zh) == "1分");
    CHECK(duration_text(1h, Language::zh) == "1小时0分");
    CHECK(duration_text(65min, Language::en) == "1 h 5 min");
    CHECK(duration_text(-5s, Language::en) == "0 s");
}
