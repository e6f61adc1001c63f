#include "core/base/phone_number.hpp"
#include "support/catch.hpp"

using namespace surged;

TEST_CASE("phone number: one spelling for what is written in several", "[unit]") {
    for (const auto* text :
         {"13800000000", "+8613800000000", "008613800000000", "8613800000000", "+86 138-0000-0000", "138 0000 0000"}) {
        INFO(text);
        CHECK(national_number(text) == "13800000000");
    }
    CHECK(national_number("10086") == "10086");          // the shortest
    CHECK(national_number("861380000") == "861380000");  // no country code before a mobile
    CHECK(national_number("862180000000") == "862180000000");
    CHECK(national_number("123456789012345").size() == 15);  // the longest
}

TEST_CASE("phone number: what is none is empty", "[unit]") {
    for (const auto* text : {"", "1008", "1234567890123456", "13800000000x", "+1 202", "-13800000000", "１３８００００００００",
                             "13800000000,139"}) {
        INFO(text);
        CHECK(national_number(text).empty());
    }
}
