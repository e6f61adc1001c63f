// Pages that let people go: the end of an incident, seats that are filled, and a seat that is handed over.
#include "core/base/text.hpp"
#include "page_facts_kit.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

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
