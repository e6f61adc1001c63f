#include "report/report_words.hpp"
#include "support/phrase_check.hpp"

using namespace surged;

TEST_CASE("report words: every text of the report stands whole in both languages", "[unit]") {
    check_phrases(report_words);
    check_phrases(engine_words);
    CHECK(engine_word("timed_out", Language::zh) == "未答复");
    CHECK(engine_word("no such name", Language::zh) == "no such name");
}
