#include "figures.hpp"

#include "support/catch.hpp"

using namespace surged::bench;

namespace {
const GuardCounts committed{{"reference", 1000000.0}, {"rates", 500.0}};

GuardVerdict judged(double rates, double reference = 1000000.0) {
    return judge_count(&committed, {{"reference", reference}, {"rates", rates}}, "rates");
}
}  // namespace

TEST_CASE("guard: three percent more is the same, anything beyond is worse", "[unit][guard]") {
    CHECK(judged(515.0) == GuardVerdict::same);
    CHECK(judged(515.1) == GuardVerdict::worse);
}

TEST_CASE("guard: three percent less is the same, anything beyond asks for a new figure", "[unit][guard]") {
    CHECK(judged(485.0) == GuardVerdict::same);
    CHECK(judged(484.9) == GuardVerdict::better);
}

TEST_CASE("guard: where the reference costs something else nothing is judged", "[unit][guard]") {
    CHECK(judged(600.0, 1005000.0) == GuardVerdict::worse);
    CHECK(judged(600.0, 1005001.0) == GuardVerdict::other_build);
    CHECK(judged(600.0, 994999.0) == GuardVerdict::other_build);
}

TEST_CASE("guard: a build without figures, or without one of this case, is not judged", "[unit][guard]") {
    CHECK(judge_count(nullptr, committed, "rates") == GuardVerdict::other_build);
    CHECK(judge_count(&committed, {{"reference", 1000000.0}, {"new", 5.0}}, "new") == GuardVerdict::other_build);
}

TEST_CASE("guard: growth is what a unit costs among many over what it costs among few, and none where one was not counted", "[unit][guard]") {
    const GuardGrowth growth{"few", "many", 1.5};
    CHECK(growth_of({{"few", 200.0}, {"many", 300.0}}, growth) == 1.5);
    CHECK(growth_of({{"few", 200.0}}, growth) == 0);
    CHECK(growth_of({{"many", 300.0}}, growth) == 0);
    CHECK(growth_of({{"few", 0.0}, {"many", 300.0}}, growth) == 0);
}

TEST_CASE("guard: figures are read by build, and what is no figure is left out", "[unit][guard]") {
    const auto read = read_figures("# a comment | rates | 7\n\ngcc 12 -O2 | rates | 512.5\ngcc 12 -O2 | decode | none\nclang 14 | rates | 600\nodd line\n");
    REQUIRE(read.size() == 2);
    CHECK(read.at("gcc 12 -O2") == GuardCounts{{"rates", 512.5}});
    CHECK(read.at("clang 14") == GuardCounts{{"rates", 600.0}});
}

TEST_CASE("guard: new figures take the place of the old ones of their build and leave the others", "[unit][guard]") {
    const std::string text = "# words\na | rates | 1.0\na | decode | 2.0\nb | rates | 3.0\n";
    CHECK(with_figures(text, "a", {{"rates", 9.0}}) == "# words\na | rates | 9.0\nb | rates | 3.0\n");
    CHECK(with_figures(text, "c", {{"rates", 9.0}}) == text + "c | rates | 9.0\n");
    CHECK(with_figures("", "c", {{"rates", 9.0}}) == "c | rates | 9.0\n");
}
