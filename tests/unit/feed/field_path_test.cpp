#include "feed/field_path.hpp"

#include "feed/field_value.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {

JsonValue json(std::string_view text) {
    auto value = parse_json(text);
    REQUIRE(value);
    return *value;
}

std::string first_of(std::string_view document, std::string_view path) {
    const auto value = json(document);
    const auto parsed = FieldPath::parse(path);
    REQUIRE(parsed);
    const JsonValue* chain[] = {&value};
    const auto* found = parsed->first(RowChain(chain));
    return found == nullptr ? "-" : plain_text(*found).value_or("?");
}

std::size_t how_many(std::string_view document, std::string_view path) {
    const auto value = json(document);
    return FieldPath::parse(path).value().find(value).size();
}

std::string read(std::string_view value, FieldForm form = {}, std::int64_t now_ms = 1'780'000'000'000) {
    const auto out = read_field(json(value), form, Zone{}, now_ms);
    return !out ? out.error().message : *out ? std::to_string(**out) : "absent";
}

FieldForm with(FieldUnit unit, double scale = 1, DecimalMark mark = DecimalMark::point) {
    FieldForm form;
    form.unit = unit;
    form.scale = scale;
    form.mark = mark;
    return form;
}

}  // namespace

TEST_CASE("field path: RFC 6901 names members and items, with its escapes") {
    // The examples of the RFC, section 5.
    const auto document = R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8})";
    CHECK(first_of(document, "/foo/0") == "bar");
    CHECK(first_of(document, "/") == "0");
    CHECK(first_of(document, "/a~1b") == "1");
    CHECK(first_of(document, "/c%d") == "2");
    CHECK(first_of(document, "/i\\j") == "5");
    CHECK(first_of(document, "/ ") == "7");
    CHECK(first_of(document, "/m~0n") == "8");
    CHECK(first_of(document, "/foo/2") == "-");
    CHECK(first_of(document, "/foo/01") == "-");
    CHECK(first_of(document, "/foo/-") == "-");
    CHECK(first_of(document, "/foo/bar") == "-");
    CHECK(first_of(document, "m~n") == "8");  // a column is called as it is
}

TEST_CASE("field path: conditions choose items of a list, a star takes all") {
    const auto document =
        R"({"data":[{"metric":"oWaiting","stats":{"count":3}},{"metric":"oUsers","qualifier":"IDLE","stats":{"count":2}},
        {"metric":"oUsers","qualifier":"INTERACTING","stats":{"count":5}},{"Metric":{"Name":"A/B","On":true},"Value":7}],"by":{"x":1,"y":2}})";
    CHECK(first_of(document, "/data/[metric=oWaiting]/stats/count") == "3");
    CHECK(first_of(document, "/data/[metric=oUsers,qualifier=INTERACTING]/stats/count") == "5");
    CHECK(how_many(document, "/data/[metric=oUsers]/stats/count") == 2);
    CHECK(first_of(document, "/data/[Metric/Name=A/B]/Value") == "7");
    CHECK(first_of(document, "/data/[Metric/On=true]/Value") == "7");
    CHECK(first_of(document, "/data/[metric=none]/stats/count") == "-");
    CHECK(how_many(document, "/by/*") == 2);
    CHECK(how_many(document, "/data/*/stats/count") == 3);
}

TEST_CASE("field path: ../ climbs to the row that this one was taken out of, and no further than the document") {
    const auto outer = json(R"({"group":{"id":"q1"},"data":[1]})");
    const auto inner = json("1");
    const JsonValue* chain[] = {&outer, &inner};
    CHECK(*FieldPath::parse("../group/id").value().first(RowChain(chain))->text() == "q1");
    CHECK(FieldPath::parse("../../group/id").value().first(RowChain(chain)) == nullptr);
}

TEST_CASE("field path: what is no path is refused with its reason") {
    for (const auto* bad : {"/a~2", "/[x", "/[=1]", "/[]", "/[a=1]b"}) {
        INFO(bad);
        CHECK_FALSE(FieldPath::parse(bad));
    }
    std::string deep;
    for (int i = 0; i < 32; ++i) {
        deep += "/a";
    }
    CHECK(FieldPath::parse(deep));
    CHECK_FALSE(FieldPath::parse(deep + "/a"));
}

TEST_CASE("field value: units become seconds") {
    CHECK(read("24113.0", with(FieldUnit::ms)) == "24.113000");
    CHECK(read("2", with(FieldUnit::minutes)) == "120.000000");
    CHECK(read("0.5", with(FieldUnit::hours)) == "1800.000000");
    CHECK(read("\"1:02:03\"", with(FieldUnit::clock)) == "3723.000000");
    CHECK(read("\"12:34\"", with(FieldUnit::clock)) == "754.000000");
    CHECK(read("\":20\"", with(FieldUnit::clock)) == "20.000000");
    CHECK(read("\"20\"", with(FieldUnit::clock)) == "20.000000");
    CHECK(read("\"1:60\"", with(FieldUnit::clock)).find("no duration") != std::string::npos);
    CHECK(read("0.85", with(FieldUnit::number, 100)) == "85.000000");
}

TEST_CASE("field value: a moment is the seconds since, and never less than none") {
    CHECK(read("\"2026-05-28T20:26:00Z\"", with(FieldUnit::since)) == "40.000000");
    CHECK(read("\"2026-05-28T22:26:00.000+02:00\"", with(FieldUnit::since)) == "40.000000");
    CHECK(read("1779999970", with(FieldUnit::since)) == "30.000000");
    CHECK(read("1779999970500", with(FieldUnit::since)) == "29.500000");
    CHECK(read("\"2026-05-28T20:27:00Z\"", with(FieldUnit::since)) == "0.000000");
    CHECK(read("\"\"", with(FieldUnit::since)) == "absent");
    CHECK(read("\"soon\"", with(FieldUnit::since)).find("no moment") != std::string::npos);
}

TEST_CASE("field value: numbers as texts are read in one way or told") {
    CHECK(read("\"3\"") == "3.000000");
    CHECK(read("\"1,250\"") == "1250.000000");
    CHECK(read("\"1.250,5\"", with(FieldUnit::number, 1, DecimalMark::comma)) == "1250.500000");
    CHECK(read("\"1,5\"", with(FieldUnit::number, 1, DecimalMark::comma)) == "1.500000");
    CHECK(read("null") == "absent");
    CHECK(read("\" \"") == "absent");
    CHECK(read("\"n/a\"") == "is no number");
    CHECK(read("-1") == "is negative");
    CHECK(read("\"-1\"") == "is negative");
    CHECK(read("[1]") == "is no number");
    CHECK(read("true") == "is no number");
    CHECK(read("1e308", with(FieldUnit::hours)) == "is not finite");
}
