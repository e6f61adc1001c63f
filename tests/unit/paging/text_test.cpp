#include <limits>

#include "core/base/text.hpp"
#include "core/paging/value_text.hpp"
#include "page_facts_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {
const std::vector<PagePurpose> purposes{
    PagePurpose::handover,   PagePurpose::first,      PagePurpose::remind, PagePurpose::need,         PagePurpose::update, PagePurpose::blind,
    PagePurpose::stand_down, PagePurpose::data_back, PagePurpose::close,  PagePurpose::repeat_round, PagePurpose::test,   PagePurpose::admin};
}  // namespace

TEST_CASE("text: a first page in Chinese and in English") {
    auto f = surge();
    CHECK(render(f, Language::zh, 70).text == "【话务突增】济南/普席 红色：排队最长1分40秒>1分30秒，需6人已加入2人，请上线 #0-17");
    f.place = "jinan/general";
    f.summary = "oldest wait";
    CHECK(render(f, Language::en, 0).text ==
          "[Surge] jinan/general red: oldest wait 1 min 40 s>1 min 30 s; need 6, joined 2: please log on. 63 calls in 2m, usual 31.5 "
          "#0-17");
    CHECK(render(f, Language::en, 70).text == "[Surge] jinan/general red: oldest wait 1 min 40 s; 4 missing: log on");
}

TEST_CASE("text: evidence of a silence, a rise and a shortfall is on the long page in its language, and an SMS keeps within 70") {
    for (const std::string_view recorded :
         {"silent for 3m, 14 usual in that time", "63.0 in the last 2m, 31.5 expected from the 15m before, 4.7 standard deviations",
          "needs 18 agents, has 12.0; 6.1 calls a minute of 180 s, 9 waiting, cause demand"}) {
        INFO(recorded);
        auto f = surge();
        f.evidence = evidence_text(recorded, Language::zh);
        const auto page = render(f, Language::zh, 0).text;
        CHECK(page.find(f.evidence) != std::string::npos);
        CHECK(page.find(recorded) == std::string::npos);
        for (const auto purpose : purposes) {
            f.purpose = purpose;
            if (purpose != PagePurpose::admin) {
                CHECK(utf8_length(render(f, Language::zh, 70).text) <= 70);
                CHECK(utf8_length(render(f, Language::en, 70).text) <= 70);
            }
        }
        f.purpose = PagePurpose::first;
        f.evidence = evidence_text(recorded, Language::en);
        CHECK(render(f, Language::en, 0).text.find(recorded) != std::string::npos);
    }
}

TEST_CASE("text: further values of the queue stand beside the cause, the first the longest, and within an SMS") {
    auto f = surge();
    f.summary = "回访超时";
    f.shown = {"待回访12", "最久5小时32分"};
    CHECK(render(f, Language::zh, 70).text == "【话务突增】济南/普席 红色：回访超时1分40秒>1分30秒，待回访12、最久5小时32分，需6人已加入2人，请上线 #0-17");
    CHECK(render(f, Language::zh, 62).text.find("，待回访12、最久5小时32分，") != std::string::npos);  // the number goes before it
    f.queue = "complaint";
    const auto tight = render(f, Language::zh, 66).text;
    CHECK(tight.find("complaint 回访超时") != std::string::npos);
    CHECK(tight.find("，待回访12，") != std::string::npos);  // the second value goes before the queue's name
    CHECK(tight.find("最久") == std::string::npos);
    f.shown = {"owed 12", "oldest 5 h 32 min"};
    CHECK(render(f, Language::en, 0).text.find(">1 min 30 s, owed 12, oldest 5 h 32 min; need 6") != std::string::npos);
    for (std::size_t limit = 1; limit <= 90; ++limit) {
        CHECK(utf8_length(render(f, Language::zh, limit).text) <= limit);
        CHECK(utf8_length(render(f, Language::en, limit).text) <= limit);
    }
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
          "红色：排队最长1分40秒>1分30秒（通话变长），座席缺8人，预计等5分，需6人已加入2人，请上线；青岛可支援5人、潍坊可支援2人、"
          "烟台可支援1人 #0-17");
    CHECK(render(f, Language::zh, 70).text ==
          "【话务突增】济南/普席 红色：排队最长1分40秒>1分30秒（通话变长），座席缺8人，需6人已加入2人，请上线 #0-17");
    for (const std::size_t limit : {1U, 20U, 40U, 50U, 60U, 70U, 71U, 100U}) {
        CHECK(utf8_length(render(f, Language::zh, limit).text) <= limit);
        CHECK(utf8_length(render(f, Language::en, limit).text) <= limit);
    }
    CHECK(render(f, Language::en, 0).text ==
          "[Surge] 济南/普席 red: 排队最长 1 min 40 s>1 min 30 s (longer calls), 8 agents short, wait 5 min; need 6, joined 2: please log on; 青岛 can "
          "give 5, "
          "潍坊 can give 2, 烟台 can give 1 #0-17");
    f.missing = 0;
    f.expected_wait_s = std::numeric_limits<double>::infinity();
    f.cause = staffing::Cause::none;
    f.slack.clear();
    CHECK(render(f, Language::zh, 0).text == "【话务突增】济南/普席 红色：排队最长1分40秒>1分30秒，需6人已加入2人，请上线 #0-17");
    f.staffed = false;
    f.missing = 8;
    CHECK(render(f, Language::zh, 0).text.find("座席缺") == std::string::npos);
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
    CHECK(render(f, Language::zh, 70).text.find("oldest_wait_s 1分40秒>1分30秒") != std::string::npos);
    f.metric.clear();
    CHECK(render(f, Language::zh, 70).text.find("oldest-wait 1分40秒>1分30秒") != std::string::npos);
}

TEST_CASE("text: a repeat says so first") {
    auto f = surge();
    f.repeat = true;
    CHECK(render(f, Language::zh, 70).text.rfind("重发", 0) == 0);
    CHECK(render(f, Language::en, 70).text.rfind("Repeat: ", 0) == 0);
    f.value = std::numeric_limits<double>::quiet_NaN();
    CHECK(render(f, Language::en, 70).text.rfind("Repeat: ", 0) == 0);
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
    CHECK(render(f, Language::zh, 70).text.find("请上线") != std::string::npos);
}

TEST_CASE("text: a page for a missing skill says whom it still needs, and which queue it is about") {
    auto f = surge();
    f.need = f.joined = 3;
    f.queue = "english";
    f.lacking = {{"english", 2}};
    CHECK(render(f, Language::zh, 0).text.find("红色：english 排队最长") != std::string::npos);
    CHECK(render(f, Language::zh, 0).text.find("，需3人已加入3人，还缺english 2人，请上线") != std::string::npos);
    CHECK(render(f, Language::en, 0).text.find("; need 3, joined 3, still needs: english 2: please log on") != std::string::npos);
    CHECK(render(f, Language::en, 60).text.find("needs english 2") != std::string::npos);
}

TEST_CASE("text: the fallback list is told that it is the last") {
    auto f = surge();
    f.last_resort = true;
    CHECK(render(f, Language::zh, 0).text.find("，各级已呼完，这是最后一级，需6人") != std::string::npos);
    CHECK(render(f, Language::en, 0).text.find("this is the last resort; need 6") != std::string::npos);
    CHECK(render(f, Language::zh, 53).text.find("最后一级") != std::string::npos);
}

TEST_CASE("text: every purpose in a group names whom it speaks to, and none says arrived where joined is meant") {
    for (const auto purpose : purposes) {
        for (const auto language : {Language::zh, Language::en}) {
            for (const bool group : {false, true}) {
                auto f = surge();
                f.purpose = purpose;
                f.group = group;
                f.people = {"王芳"};
                f.takes_over = {{"王芳", "张伟"}};
                f.evidence = "x";
                f.names = {"王芳"};
                f.seated = true;
                f.ended_by = "engine";
                const auto text = render(f, language, 0).text;
                CAPTURE(text);
                const bool names_nobody = purpose == PagePurpose::admin;  // about surged itself
                if (group && !names_nobody) {
                    CHECK(text.find("王芳") != std::string::npos);
                    CHECK(text.find("您") == std::string::npos);
                    for (const auto* to_one : {"You ", "you need", "you may", "your seat", "names you"}) {
                        CHECK(text.find(to_one) == std::string::npos);
                    }
                }
                CHECK(text.find("已到") == std::string::npos);
                CHECK(text.find("到岗") == std::string::npos);
                CHECK(text.find("arrived") == std::string::npos);
                CHECK(text.find("已上线的") == std::string::npos);
            }
        }
    }
}

TEST_CASE("text: whatever a short message is for, it tells the place and what its reader is to do") {
    const std::vector<std::tuple<PagePurpose, std::string, std::string>> asks{
        {PagePurpose::first, "请上线", "log on"},         {PagePurpose::remind, "请上线", "log on"},
        {PagePurpose::need, "请上线", "log on"},          {PagePurpose::repeat_round, "请上线", "log on"},
        {PagePurpose::handover, "请上线", "log on"},      {PagePurpose::blind, "请人工确认", "please check by hand"},
        {PagePurpose::stand_down, "您无需上线", "you need not log on"}, {PagePurpose::close, "您无需上线", "You need not log on"}};
    for (const auto& [purpose, zh, en] : asks) {
        for (const auto language : {Language::zh, Language::en}) {
            for (const std::size_t limit : {46U, 52U, 62U, 70U}) {
                auto f = surge();
                f.purpose = purpose;
                f.place = "jinan/普席";
                f.takes_over = {{"王芳", "张伟"}};
                f.people = {"王芳"};
                f.ended_by = "engine";
                f.names = {"张伟", "李强", "赵敏"};
                f.age = 83min;
                const auto text = render(f, language, limit).text;
                CAPTURE(text, limit);
                CHECK(utf8_length(text) <= limit);
                CHECK(text.find("jinan/普席") != std::string::npos);
                CHECK(text.find(language == Language::zh ? zh : en) != std::string::npos);
            }
        }
    }
}

TEST_CASE("text: a short message keeps level, place and what to do; its cause is cut before them") {
    for (const std::size_t limit : {70U, 60U, 52U, 46U}) {
        for (const auto purpose : {PagePurpose::first, PagePurpose::remind, PagePurpose::need, PagePurpose::repeat_round}) {
            for (const auto language : {Language::zh, Language::en}) {
                for (const bool more : {false, true}) {
                    auto f = surge();
                    f.purpose = purpose;
                    f.place = "jinan/普席";
                    f.summary = language == Language::zh ? "最长等待" : "oldest caller waits";
                    f.need = 12;
                    f.last_resort = f.rising = f.staffed = more;
                    f.missing = 8;
                    if (more) {
                        f.also = {{"青岛/投诉", "0-18", Level::orange, 3, {}}};
                    }
                    const auto text = render(f, language, limit).text;
                    CAPTURE(text, limit);
                    CHECK(utf8_length(text) <= limit);
                    CHECK(text.find(level_text(Level::red, language)) != std::string::npos);
                    CHECK(text.find("jinan/普席") != std::string::npos);
                    CHECK(text.find(language == Language::zh ? "上线" : "log on") != std::string::npos);
                    const bool value = text.find(language == Language::zh ? "1分40秒" : "1 min 40 s") != std::string::npos;
                    CHECK((value || text.find("1m40s") != std::string::npos));
                    if (more) {
                        CHECK(text.find(language == Language::zh ? "另1起" : "1 more") != std::string::npos);
                    }
                }
            }
        }
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

TEST_CASE("text: what is kept for the next message is what would be rendered for it, whatever changes from one to the next") {
    TextMemo memo;
    const auto same = [&](const PageFacts& f, Language l = Language::zh, std::size_t limit = 70) {
        const auto fresh = render(f, l, limit);
        const auto& kept = memo.render(f, l, limit);
        return kept.text == fresh.text && kept.title == fresh.title;
    };
    auto f = surge();
    f.people = {"张三"};
    f.going = {"张三"};
    for (const auto purpose : purposes) {
        f.purpose = purpose;
        for (const bool group : {false, true}) {
            f.group = group;
            f.people = {"张三"};
            CHECK(same(f));
            f.people = {"李四"};
            CHECK(same(f));
        }
    }
    f = surge();
    CHECK(same(f));
    f.takes_over = {{"张三", "王芳"}};
    f.purpose = PagePurpose::handover;
    CHECK(same(f));
    f.takes_over = {{"李四", "王芳"}};
    CHECK(same(f));
    f = surge();
    f.joined += 1;
    CHECK(same(f));
    f.value += 1;
    CHECK(same(f));
    CHECK(same(f, Language::en));
    CHECK(same(f, Language::en, 20));
    f.value = std::numeric_limits<double>::quiet_NaN();
    CHECK(same(f));
    CHECK(same(f));
}
