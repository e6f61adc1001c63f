#include "core/paging/page_phrases.hpp"
#include "core/paging/reply_phrases.hpp"
#include "core/paging/value_phrases.hpp"
#include "core/paging/value_text.hpp"
#include "core/rule/baseline_phrases.hpp"
#include "support/phrase_check.hpp"

using namespace surged;

TEST_CASE("phrases: every text of a page, a value and a reply stands whole in both languages") {
    check_phrases(page_phrases);
    check_phrases(value_phrases);
    check_phrases(reply_phrases);
    check_phrases(baseline_phrases);
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
                        Language::zh) == "最近一小时比一天开始时的预计少31%：最近1小时0分有6个，预计9个（今天是平时的1倍）");
    CHECK(evidence_text("212 in the last 5m, 141.0 expected (today 1.00 x usual), chance below 1 in 1000000000", Language::zh) ==
          "最近5分有212个，预计141.0个（今天是平时的1.00倍），偶然出现的机会不到1000000000分之一");
    CHECK(evidence_text("63 calls in 2m, usual 31.5", Language::zh) == "63 calls in 2m, usual 31.5");
    CHECK(evidence_text("", Language::zh).empty());
}
