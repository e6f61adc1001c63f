#include "ctl/api_json.hpp"
#include "ctl/context.hpp"
#include "support/catch.hpp"

using namespace surged;

TEST_CASE("table: columns align, also with wide characters, and the last is not padded", "[unit]") {
    TextTable table({"NAME", "N"});
    table.add({"张伟", "1"});
    table.add({"x", "22"});
    CHECK(table.text() == "NAME  N\n张伟  1\nx     22\n");
    CHECK(table.size() == 2);
}

TEST_CASE("json lines: what was read is written again, whole numbers to the last digit", "[unit]") {
    const std::string text = R"({"a":[1,-2,0.5,true,null,"x\ny"],"b":{"c":18446744073709551615}})";
    CHECK(to_text(*parse_json(text)) == text);
}
