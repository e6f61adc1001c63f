#include "app/log.hpp"

#include "support/catch.hpp"

using namespace surged;

TEST_CASE("log: a line is the event, then key=value in order", "[unit]") {
    CHECK(Log::line("started", {{"head", 12}, {"store", "/var/lib/surged/surged.db"}}) ==
          "event=started head=12 store=/var/lib/surged/surged.db");
}

TEST_CASE("log: values with blanks, quotes, equals or nothing are quoted, and stay on one line", "[unit]") {
    CHECK(Log::line("x", {{"a", "two words"}}) == "event=x a=\"two words\"");
    CHECK(Log::line("x", {{"a", "say \"no\" \\"}}) == "event=x a=\"say \\\"no\\\" \\\\\"");
    CHECK(Log::line("x", {{"a", ""}}) == "event=x a=\"\"");
    CHECK(Log::line("x", {{"a", "b=c"}}) == "event=x a=\"b=c\"");
    CHECK(Log::line("x", {{"a", "one\ntwo\r"}}) == "event=x a=\"one\\ntwo\\n\"");
    CHECK(Log::line("x", {{"a", "\x1b[2J\u009b\u202e"}}) == "event=x a=\"\\\\u001b[2J\\\\u009b\\\\u202e\"");
}
