#include "core/base/ranges.hpp"

#include <array>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace surged;

namespace {
struct Named {
    std::string id;
    int value = 0;
};
}  // namespace

TEST_CASE("ranges: a value is found wherever it stands, and nowhere in an empty range", "[unit]") {
    const std::vector<std::string> words{"a", "b", "c"};

    CHECK(contains(words, "a"));
    CHECK(contains(words, std::string("c")));
    CHECK_FALSE(contains(words, "d"));
    CHECK_FALSE(contains(std::vector<int>{}, 0));
    CHECK(contains(std::array{1, 2}, 2));
}

TEST_CASE("ranges: of two with one id the first is found, and it can be changed in place", "[unit]") {
    std::vector<Named> items{{"x", 1}, {"y", 2}, {"y", 3}};

    REQUIRE(find_by_id(items, "y") != nullptr);
    CHECK(find_by_id(items, "y")->value == 2);
    find_by_id(items, "x")->value = 7;
    CHECK(items[0].value == 7);
    CHECK(find_by_id(items, "z") == nullptr);
    const std::vector<Named> none;
    CHECK(find_by_id(none, "x") == nullptr);
}
