// Names of refusals are label values of a metric: a contract.
#include <set>
#include <string>

#include "core/series/message.hpp"
#include "support/catch.hpp"

using namespace surged;

TEST_CASE("refusal: every reason has its own name, made of lower case and underscores", "[unit]") {
    std::set<std::string> names;
    for (std::size_t i = 0; i < refusal_count; ++i) {
        const std::string name(to_string(static_cast<Refusal>(i)));
        CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
        CHECK(name != "unknown");
        names.insert(name);
    }
    CHECK(names.size() == refusal_count);
    CHECK(to_string(Refusal::repeat) == "repeat");
    CHECK(to_string(Refusal::series_limit) == "series_limit");
    CHECK(to_string(Refusal::count_) == "unknown");
}
