#include "io/http/link_phrases.hpp"
#include "support/phrase_check.hpp"

using namespace surged;

TEST_CASE("link phrases: every text of the page behind a link stands whole in both languages", "[unit]") {
    check_phrases(link_phrases);
    for (const auto& reason : link_reasons) {
        INFO(reason.code);
        CHECK(fault_of({reason.code, reason.zh, "-"}).empty());
    }
}
