#include "channels/message_phrases.hpp"
#include "support/phrase_check.hpp"

using namespace surged;

TEST_CASE("message phrases: what a channel adds to a page stands whole in both languages") {
    check_phrases(message_phrases);
}
