#include "core/paging/metric_phrases.hpp"
#include "core/paging/page_phrases.hpp"
#include "core/paging/reply_phrases.hpp"
#include "core/paging/value_phrases.hpp"
#include "core/paging/value_text.hpp"
#include "core/rule/baseline_phrases.hpp"
#include "core/rule/explain_phrases.hpp"
#include "core/rule/kind_phrases.hpp"
#include "support/phrase_check.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

using namespace surged;

TEST_CASE("phrases: every text of a page, a value and a reply stands whole in both languages") {
    check_phrases(page_phrases);
    check_phrases(value_phrases);
    check_phrases(metric_phrases);
    check_phrases(reply_phrases);
    check_phrases(baseline_phrases);
    check_phrases(kind_phrases);
    check_phrases(explain_phrases);
}

TEST_CASE("phrases: the check finds an empty cell, another placeholder, half of one and ASCII punctuation in Chinese") {
    CHECK(fault_of({"k", "缺{n}人", "{n} missing"}).empty());
    CHECK_FALSE(fault_of({"k", "", "nothing"}).empty());
    CHECK_FALSE(fault_of({"k", "无", ""}).empty());
    CHECK_FALSE(fault_of({"k", "缺{n}人", "{m} missing"}).empty());
    CHECK_FALSE(fault_of({"k", "缺{n人", "{n missing"}).empty());
    CHECK_FALSE(fault_of({"k", "缺{}人", "{} missing"}).empty());
    CHECK_FALSE(fault_of({"k", "缺,人", "missing"}).empty());
    CHECK_FALSE(fault_of({"k", "缺人", "缺人"}).empty());
}

TEST_CASE("phrases: a value that looks like a placeholder stays as it is, and so does a name without a value") {
    CHECK(fill("{a} and {b}", {{"a", "{b}"}, {"b", "{a}"}}) == "{b} and {a}");
    CHECK(fill("{a}{", {{"b", "x"}}) == "{a}{");
    CHECK(fill("", {}).empty());
    CHECK(PageSay{Language::zh}("list.cut", {{"n", "12"}}) == "等12人");
    CHECK(PageSay::find("no such row") == nullptr);
}

TEST_CASE("phrases: what was filled in is found again, as short as what follows allows, and another text is no such text") {
    const auto values = taken_apart("{a} in {b}, so{rest}", "3 in 4 in 5, so it is, so");
    REQUIRE(values.size() == 3);
    CHECK(values[0].value == "3");
    CHECK(values[1].value == "4 in 5");
    CHECK(values[2].value == " it is, so");
    CHECK(taken_apart("{a} in {b}", "3 of 4").empty());
    CHECK(taken_apart("x{a}", "3").empty());
    CHECK(taken_apart("{a} end", "3 end and more").empty());
    CHECK(taken_apart("", "").empty());
}

TEST_CASE("phrases: a high day's evidence is said in Chinese in a Chinese page, and what has no row stays as it was recorded") {
    const std::string day =
        "the whole day is 28 % above what was expected as it began: 1450 in the last 1h5m, 1136.4 expected (today 1.02 x usual), "
        "chance 1 in 12000";
    CHECK(evidence_text(day, Language::zh) ==
          "全天比一天开始时的预计多28%：最近1小时5分有1450个，预计1136.4个（今天是平时的1.02倍），偶然出现的机会是12000分之一");
    CHECK(evidence_text(day, Language::en) == day);
    CHECK(evidence_text("the last hour is 31 % below what was expected as it began: 6 in the last 1h, 9 expected (today 1 x usual)",
                        Language::zh) == "最近一小时比一天开始时的预计少31%：最近1小时有6个，预计9个（今天是平时的1倍）");
    CHECK(evidence_text("212 in the last 5m, 141.0 expected (today 1.00 x usual), chance below 1 in 1000000000", Language::zh) ==
          "最近5分有212个，预计141.0个（今天是平时的1.00倍），偶然出现的机会不到1000000000分之一");
    CHECK(evidence_text("63 calls in 2m, usual 31.5", Language::zh) == "63 calls in 2m, usual 31.5");
    CHECK(evidence_text("", Language::zh).empty());
}

TEST_CASE("phrases: every row of evidence is found again by its own English line, whatever stands beside it in the table") {
    const auto value_of = [](std::string_view name, Language l) -> std::string {
        if (name == "window" || name == "before") {
            return l == Language::en ? "1m30s" : "1分30秒";
        }
        if (name == "rest") {
            return l == Language::en ? "data again" : "数据已恢复";
        }
        if (name == "cause") {
            return l == Language::en ? "staff" : "座席减少";
        }
        return name == "metric" || name == "rule" || name == "queue" ? "a/b" : "12.5";
    };
    const auto check = [&](const Phrase& row) {
        INFO(row.key);
        const auto line = [&](Language l) {
            std::string out(row.in(l));
            for (const auto& place : placeholders(row.in(l))) {
                const auto value = value_of(std::string_view(place).substr(1, place.size() - 2), l);
                out.replace(out.find(place), place.size(), value);
            }
            return out;
        };
        CHECK(evidence_text(line(Language::en), Language::zh) == line(Language::zh));
    };
    for (const Phrase& row : kind_phrases) {
        check(row);
    }
    for (const Phrase& row : baseline_phrases) {
        check(row);
    }
    for (const Phrase& row : explain_phrases) {
        check(row);
    }
}

namespace {

/// The literals of code that have two words or more: what people read, and neither names nor formats.
std::vector<std::string> sentences_in(const std::string& code) {
    static const std::regex literal(R"re("((?:[^"\\\n]|\\.)*)")re");
    std::vector<std::string> out;
    for (std::sregex_iterator it(code.begin(), code.end(), literal), end; it != end; ++it) {
        std::string text = (*it)[1];
        for (std::size_t at = 0; (at = text.find('\\', at)) != std::string::npos; ++at) {
            text.erase(at, 1);
        }
        text.erase(0, text.find_first_not_of(" \""));  // a name between quotes stands beside it
        text.erase(text.find_last_not_of(" \"") + 1);
        if (text.find(' ') != std::string::npos && std::ranges::count_if(text, [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }) > 2) {
            out.push_back(text);
        }
    }
    return out;
}

std::string code_of(const std::filesystem::path& file, const std::string& from = {}, const std::string& to = {}) {
    std::ifstream in(file);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    text = std::regex_replace(text, std::regex("//[^\n]*|#include[^\n]*"), "");
    const auto begin = from.empty() ? 0 : text.find(from);
    REQUIRE(begin != std::string::npos);
    const auto end = to.empty() ? std::string::npos : text.find(to, begin);
    REQUIRE((to.empty() || end != std::string::npos));
    return text.substr(begin, end == std::string::npos ? end : end - begin);
}

/// Those that no row's English has: whoever reads Chinese would read English.
std::vector<std::string> untranslated(const std::string& code) {
    std::vector<std::string> out;
    for (const auto& text : sentences_in(code)) {
        const auto has = [&text](const Phrase& row) { return row.en.find(text) != std::string_view::npos; };
        if (std::ranges::none_of(explain_phrases, has) && std::ranges::none_of(kind_phrases, has) && std::ranges::none_of(baseline_phrases, has)) {
            out.push_back(text);
        }
    }
    return out;
}

}  // namespace

TEST_CASE("phrases: nothing that explain, a rule's health or a source's says stands in English only") {
    const auto core = std::filesystem::path(SURGED_SOURCE_DIR) / "daemon/core";
    std::string code = code_of(core / "rule/explain.cpp") + code_of(core / "rule/explain_derive.cpp");
    for (const auto& entry : std::filesystem::directory_iterator(core / "rule/kinds")) {
        code += entry.path().extension() == ".cpp" ? code_of(entry.path()) : std::string();
    }
    code += code_of(core / "engine/engine_state.cpp", "Engine::rule_health", "Engine::staffing");
    code += code_of(core / "series/source_tracker.cpp", "SourceTracker::trouble_of", "SourceTracker::troubled(");
    CHECK(sentences_in(code).size() > 60);
    CHECK(untranslated(code) == std::vector<std::string>{});
    CHECK(untranslated("out.notes.push_back(\"nobody has put this in Chinese \" + x);") == std::vector<std::string>{"nobody has put this in Chinese"});
}

TEST_CASE("phrases: a rule's health and a source's are said in Chinese") {
    const auto zh = [](std::string_view english) { return evidence_text(english, Language::zh); };
    CHECK(zh("no queue in its scope has ever reported \"offered\"") == "其范围内没有队列上报过offered");
    CHECK(zh("this queue has never reported \"load\": it is derived, and \"a\", \"b\" never came") == "该队列从未上报load：它是计算得出的，而\"a\", \"b\"一直没有");
    CHECK(zh("learning: no queue has 10 days yet") == "学习中：还没有一个队列满10天");
    CHECK(zh("restarts again and again") == "反复重启");
    CHECK(zh("s, not settled: 3 calls so far, 2 in progress, configured 180 s") == "秒，尚未稳定：至今3个来话，2个进行中，配置值180秒");
}

TEST_CASE("phrases: what explain says of a rule is said in Chinese too") {
    const auto zh = [](std::string_view english) { return evidence_text(english, Language::zh); };
    CHECK(zh("the guard is not met (increase(offered, 10m) >= 20): the value is unknown and changes nothing") ==
          "未达到前提条件（increase(offered, 10m) >= 20）：值未知，不改变任何状态");
    CHECK(zh("learned from 4 finished days (needs 10), zone Asia/Shanghai") == "已学4个完整的日子（需10个），时区Asia/Shanghai");
    CHECK(zh("offered, in the last 2m") == "offered，最近2分");
    CHECK(zh("s, of 120 calls in the last 15m") == "秒，按最近15分的120个来话");
    CHECK(zh("cause: staff") == "原因：座席减少");
    CHECK(zh("calls_waiting") == "calls_waiting");  // a name stays one
    CHECK(zh("").empty());
}

TEST_CASE("phrases: what every kind of rule finds is said in Chinese in a Chinese page") {
    const auto zh = [](std::string_view recorded) {
        CHECK(evidence_text(recorded, Language::en) == recorded);
        return evidence_text(recorded, Language::zh);
    };
    CHECK(zh("silent for 3m, 14 usual in that time") == "已中断3分，平时这段时间有14个");
    CHECK(zh("silent for 1m30s") == "已中断1分30秒");
    CHECK(zh("traffic resumed") == "来话恢复");
    CHECK(zh("63.0 in the last 2m, 31.5 expected from the 15m before") == "最近2分为63.0，按此前15分应为31.5");
    CHECK(zh("63.0 in the last 2m, 31.5 expected from the 15m before, 4.7 standard deviations") ==
          "最近2分为63.0，按此前15分应为31.5，偏离4.7个标准差");
    CHECK(zh("needs 18 agents, has 12.0; 6.1 calls a minute of 180 s, 9 waiting, cause demand") ==
          "需18名座席，现有12.0名；每分钟来话6.1个，每个180秒，9个在排队，原因：来话增多");
    CHECK(zh("needs 18 agents, has 12.0; 6.1 calls a minute of 180 s, 9 waiting") ==
          "需18名座席，现有12.0名；每分钟来话6.1个，每个180秒，9个在排队");
    CHECK(zh("needs 18 agents, has 12.0; 6.1 calls a minute of 180 s, waiting calls not known, cause handling_time") ==
          "需18名座席，现有12.0名；每分钟来话6.1个，每个180秒，排队数未知，原因：通话变长");
    CHECK(zh("12.0 now, rising 1.5 a minute over the last 10m: passes 20 in 5.3 min") ==
          "现为12.0，每分钟增加1.5（最近10分的趋势）：5.3分钟后越过20");
    CHECK(zh("12.0 now, falling 0.2 a minute by arrivals and agents") == "现为12.0，每分钟减少0.2（按来话和座席推算）");
    CHECK(zh("5 turns of 10 or more in the last 30m, now 12.125") == "最近30分内起落5次，幅度10以上，现为12.125");
    CHECK(zh("no data of offered") == "没有offered的数据");
    CHECK(zh("offered-surge on jinan/general speaks for it") == "已由jinan/general的offered-surge代表");
    CHECK(zh("learning: 3 of 10 days") == "学习中：已学3天，需10天");
}
