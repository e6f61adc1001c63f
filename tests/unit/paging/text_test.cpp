#include <limits>

#include "core/base/text.hpp"
#include "core/paging/text.hpp"
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
    f.raise = Limit{Comparison::above, 90};
    f.form.metric = MetricUnit::seconds;
    f.evidence = "63 calls in 2m, usual 31.5";
    f.need = 6;
    f.joined = 2;
    return f;
}
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

TEST_CASE("text: the closing message tells how long it lasted, who stayed to the end, and what its reader is to do") {
    PageFacts f;
    f.purpose = PagePurpose::close;
    f.incident = "0-17";
    f.place = "济南/普席";
    f.age = 23min + 40s;
    f.names = {"张三", "李四"};
    f.ended_by = "engine";
    f.seated = true;
    CHECK(render(f, Language::zh, 70).text == "【话务恢复】济南/普席 历时23分，已加入2人：张三、李四，您可以下线，谢谢 #0-17");
    f.seated = false;
    CHECK(render(f, Language::zh, 70).text == "【话务恢复】济南/普席 历时23分，已加入2人：张三、李四，您无需上线 #0-17");
    CHECK(render(f, Language::en, 0).text == "[All clear] 济南/普席 after 23 min, joined 2: 张三, 李四. You need not log on #0-17");
    f.ended_by = "班长";
    f.down = "14:02-14:20";
    const auto text = render(f, Language::zh, 0).text;
    CHECK(text.find("由班长关闭") != std::string::npos);
    CHECK(text.find("14:02-14:20") != std::string::npos);
    CHECK(text.find("人工关闭") != std::string::npos);
}

TEST_CASE("text: what was closed by hand or by age while it fires is no recovery, and sends nobody home") {
    auto f = surge();
    f.purpose = PagePurpose::close;
    f.age = 16min;
    f.names = {"张三"};
    f.seated = true;
    f.still = Level::red;
    f.ended_by = "值班台";
    CHECK(render(f, Language::zh, 0).text ==
          "【人工关闭】济南/普席 由值班台关闭，仍为红色：排队最长1分40秒>1分30秒，不再呼叫，历时16分，已加入1人：张三，"
          "是否下线请听值班台安排 #0-17");
    CHECK(render(f, Language::en, 0).text ==
          "[Closed by hand] 济南/普席 closed by 值班台, still red: 排队最长 1 min 40 s>1 min 30 s; nobody is called any more; after 16 "
          "min, joined 1: 张三. Ask the duty desk whether to stay #0-17");
    f.ended_by = "engine";
    f.ended_why = "max_age";
    for (const auto language : {Language::zh, Language::en}) {
        for (const std::size_t limit : {0U, 70U, 46U}) {
            for (const bool group : {false, true}) {
                f.group = group;
                const auto said = render(f, language, limit);
                CAPTURE(said.text);
                CHECK(said.title == (language == Language::zh ? "到期关闭" : "Closed by age"));
                CHECK(said.text.find(language == Language::zh ? "仍为红色" : "still red") != std::string::npos);
                CHECK(said.text.find("恢复") == std::string::npos);
                CHECK(said.text.find("可以下线") == std::string::npos);
                CHECK(said.text.find("may go") == std::string::npos);
                CHECK(said.text.find("All clear") == std::string::npos);
            }
        }
    }
    f.still = Level::none;  // its time was up, and nothing fires any more
    CHECK(render(f, Language::zh, 0).text.find("可以下线") != std::string::npos);
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

TEST_CASE("text: a hand-over says first whose seat it is, or who named this person, within one SMS") {
    auto f = surge();
    f.purpose = PagePurpose::handover;
    f.people = {"李四"};
    f.takes_over = {{"李四", "张三"}};
    CHECK(render(f, Language::zh, 70).text ==
          "【话务突增接班】济南/普席 请您接替张三，红色：排队最长1分40秒>1分30秒，需6人已加入2人，请上线 #0-17");
    CHECK(render(f, Language::en, 0).text.rfind("[Take over] 济南/普席 take over from 张三; red: ", 0) == 0);
    f.joined = 6;  // nobody else is wanted: then the counts would only make them wonder
    CHECK(render(f, Language::zh, 70).text == "【话务突增接班】济南/普席 请您接替张三，红色：排队最长1分40秒>1分30秒，请上线 #0-17");
    f.group = true;
    CHECK(render(f, Language::zh, 0).text.find("请李四接替张三，") != std::string::npos);
    CHECK(render(f, Language::en, 0).text.find("李四 to take over from 张三;") != std::string::npos);
    f.group = false;
    f.substitute = true;
    f.joined = 2;
    CHECK(render(f, Language::zh, 0).text.find("张三来不了，推荐您，") != std::string::npos);
    CHECK(render(f, Language::en, 0).text.find("张三 cannot come and names you;") != std::string::npos);
    f.takes_over = {{"李四", std::string(300, 'z')}};
    f.place = std::string(300, 'x');
    for (const auto language : {Language::zh, Language::en}) {
        f.repeat = true;
        const auto text = render(f, language, 70).text;
        CHECK(utf8_length(text) <= 70);
        CHECK(text.find(language == Language::zh ? "请上线" : "log on") != std::string::npos);
    }
}

TEST_CASE("text: who kept a seat for another hears that they may go, and who has it, within one SMS") {
    auto f = surge();
    f.purpose = PagePurpose::stand_down;
    f.relieved = true;
    f.people = {"张三"};
    f.relief = {{"张三", ""}};
    CHECK(render(f, Language::zh, 70).text == "【交班】济南/普席 您的席位已交回，您可以下线，谢谢 #0-17");
    CHECK(render(f, Language::en, 0).text == "[Relieved] 济南/普席 your seat is given back: you may go, thank you #0-17");
    f.relief = {{"张三", "李四"}};
    CHECK(render(f, Language::zh, 70).text == "【交班】济南/普席 李四已接班，您可以下线，谢谢 #0-17");
    CHECK(render(f, Language::en, 70).text == "[Relieved] 济南/普席 李四 has your seat: you may go, thank you #0-17");
    CHECK(render(f, Language::zh, 0).title == "交班");
    f.group = true;
    CHECK(render(f, Language::zh, 0).text == "【交班】济南/普席 李四已接替张三，张三可以下线，谢谢 #0-17");
    CHECK(render(f, Language::en, 0).text == "[Relieved] 济南/普席 李四 has the seat of 张三: 张三 may go, thank you #0-17");
    f.group = false;
    f.relief = {{"张三", std::string(300, 'z')}};
    f.place = std::string(300, 'x');
    f.repeat = true;
    for (const auto language : {Language::zh, Language::en}) {
        const auto text = render(f, language, 70).text;
        CHECK(utf8_length(text) <= 70);
        CHECK(text.find(language == Language::zh ? "您可以下线" : "you may go") != std::string::npos);
    }
}

TEST_CASE("text: seats are filled: who was not needed and who may go are told apart, by name in a group") {
    auto f = surge();
    f.purpose = PagePurpose::stand_down;
    f.people = {"王芳"};
    CHECK(render(f, Language::zh, 70).text == "【人手已够】济南/普席 人手已够，您无需上线，谢谢 #0-17");
    f.going = {"王芳"};
    CHECK(render(f, Language::zh, 70).text == "【人手已够】济南/普席 人手已够，您可以下线，谢谢 #0-17");
    f.group = true;
    f.people = {"王芳", "钱伟"};
    CHECK(render(f, Language::zh, 0).text == "【人手已够】济南/普席 人手已够，钱伟无需上线；王芳可以下线，谢谢 #0-17");
    CHECK(render(f, Language::en, 0).text ==
          "[Seats filled] 济南/普席 seats are filled: 钱伟 need not log on; 王芳 may go, thank you #0-17");
}

TEST_CASE("text: a value that has come back is shown as it is, beside the limit that raised it") {
    auto f = surge();
    f.evidence.clear();
    f.value = 70;
    f.falling = true;
    CHECK(render(f, Language::zh, 0).text.find("排队最长1分10秒（触发线>1分30秒），正在回落，需6人") != std::string::npos);
    CHECK(render(f, Language::en, 0).text.find("排队最长 1 min 10 s (raised at >1 min 30 s), falling; need 6") != std::string::npos);
    f.falling = false;
    CHECK(render(f, Language::zh, 0).text.find("回落") == std::string::npos);
    f.value = 90;  // the limit itself does not raise
    CHECK(render(f, Language::zh, 0).text.find("排队最长1分30秒（触发线>1分30秒）") != std::string::npos);
    f.value = 90.4;
    CHECK(render(f, Language::zh, 0).text.find("排队最长90.4秒>1分30秒") != std::string::npos);
    f.stale = true;
    f.seen_ago = 5min;
    CHECK(render(f, Language::zh, 0).text.find("（5分前，此后无数据）") != std::string::npos);
    CHECK(render(f, Language::en, 0).text.find("(5 min ago, no data since)") != std::string::npos);
    f.stale = false;
    f.value = std::numeric_limits<double>::quiet_NaN();
    CHECK(render(f, Language::zh, 0).text.find("排队最长未知（触发线>1分30秒）") != std::string::npos);
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

TEST_CASE("text: values read as what they are: durations, percent, changes") {
    const ValueForm time{LimitUnit::plain, MetricUnit::seconds};
    const ValueForm share{LimitUnit::plain, MetricUnit::ratio};
    CHECK(value_text(92, time, Language::zh) == "1分32秒");
    CHECK(value_text(92, time, Language::en) == "1 min 32 s");
    CHECK(value_text(7200, time, Language::zh) == "2小时");
    CHECK(value_text(7200, time, Language::en) == "2 h 0 min");
    CHECK(value_text(33.4, time, Language::zh) == "33秒");
    CHECK(value_text(59.7, time, Language::zh) == "1分");
    CHECK(value_text(-5, time, Language::en) == "-5 s");
    CHECK(value_text(0.523, share, Language::zh) == "52.3%");
    CHECK(value_text(35, {LimitUnit::percent, MetricUnit::none}, Language::zh) == "+35%");
    CHECK(value_text(-12, {LimitUnit::per_minute, MetricUnit::none}, Language::zh) == "-12/分");
    CHECK(value_text(std::numeric_limits<double>::quiet_NaN(), share, Language::en) == "unknown");
    CHECK(limit_text({Comparison::below, 0.8}, share, Language::zh) == "<80%");
    CHECK(limit_text({Comparison::above, 7200}, time, Language::zh) == ">2小时");
    CHECK(limit_text({Comparison::at_least, 180, LimitUnit::span}, {LimitUnit::span, MetricUnit::none}, Language::en) == ">=3 min");
}

TEST_CASE("text: a value and its limit are written alike only when they are alike") {
    const ValueForm time{LimitUnit::plain, MetricUnit::seconds};
    const ValueForm share{LimitUnit::plain, MetricUnit::ratio};
    CHECK(value_beside(0.1004, {Comparison::above, 0.1}, share, Language::zh) == "10.04%");
    CHECK(value_beside(0.1, {Comparison::above, 0.1}, share, Language::zh) == "10%");
    CHECK(value_beside(7236, {Comparison::above, 7200}, time, Language::zh) == "2小时0分36秒");
    CHECK(value_beside(60.04, {Comparison::above, 60}, time, Language::zh) == "60.04秒");
    CHECK(value_beside(3.0001, {Comparison::above, 3}, {}, Language::zh) == "3.0001");
}

TEST_CASE("text: a metric's unit is declared, or told by its name, or by the limits of a derived rate") {
    Plan plan;
    plan.metrics = canonical_metrics();
    plan.metrics.push_back({"hold", MetricKind::gauge, MetricUnit::seconds});
    plan.derives.push_back({});
    plan.derives.back().metric = "connection_rate";
    plan.derives.push_back({});
    plan.derives.back().metric = "calls_rate_s";
    plan.derives.back().unit = MetricUnit::none;
    CHECK(unit_of(plan, "oldest_wait_s") == MetricUnit::seconds);
    CHECK(unit_of(plan, "hold") == MetricUnit::seconds);
    CHECK(unit_of(plan, "calls_rate_s") == MetricUnit::none);
    CHECK(unit_of(plan, "abandon_ratio") == MetricUnit::ratio);
    CHECK(unit_of(plan, "calls_waiting") == MetricUnit::none);
    RuleSpec rule;
    rule.metric = "connection_rate";
    rule.levels = {{Level::yellow, {Comparison::below, 0.85}, {Comparison::above, 0.9}}};
    CHECK(form_of(plan, rule).metric == MetricUnit::ratio);
    rule.levels.front().raise.value = 3;  // three of something is no share
    CHECK(form_of(plan, rule).metric == MetricUnit::none);
}

TEST_CASE("text: durations") {
    CHECK(duration_text(59s, Language::zh) == "59秒");
    CHECK(duration_text(60s, Language::zh) == "1分");
    CHECK(duration_text(1h, Language::zh) == "1小时0分");
    CHECK(duration_text(65min, Language::en) == "1 h 5 min");
    CHECK(duration_text(-5s, Language::en) == "0 s");
}
