#include "core/paging/page_phrases.hpp"
#include "core/paging/reply_phrases.hpp"
#include "core/paging/value_phrases.hpp"
#include "support/phrase_check.hpp"

using namespace surged;

TEST_CASE("phrases: every text of a page, a value and a reply stands whole in both languages") {
    check_phrases(page_phrases);
    check_phrases(value_phrases);
    check_phrases(reply_phrases);
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
