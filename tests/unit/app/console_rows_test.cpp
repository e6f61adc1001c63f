#include "app/console_rows.hpp"

#include "support/catch.hpp"

using namespace surged;

namespace {

/// One round with these rows, in this order.
void round_of(ConsoleRows<std::string>& rows, const std::vector<std::pair<std::string, std::string>>& now) {
    rows.begin();
    for (const auto& [key, text] : now) {
        auto& row = rows.see(key);
        if (row.text != text) {
            rows.set(row, text);
        }
    }
    rows.end();
}

std::string told(const ConsoleRows<std::string>& rows) {
    std::string out;
    for (const auto* row : rows.changed()) {
        out += row->text + " ";
    }
    for (const auto& key : rows.gone()) {
        out += "-" + key + " ";
    }
    return out;
}

}  // namespace

TEST_CASE("console rows: what is new, changed and gone is told once", "[unit]") {
    ConsoleRows<std::string> rows;
    round_of(rows, {{"a", "a1"}, {"b", "b1"}});
    CHECK(told(rows) == "a1 b1 ");
    round_of(rows, {{"a", "a1"}, {"b", "b2"}});
    CHECK(told(rows) == "b2 ");
    round_of(rows, {{"b", "b2"}, {"c", "c1"}});  // another order, and one less
    CHECK(told(rows) == "c1 -a ");
    round_of(rows, {{"c", "c1"}, {"b", "b2"}});
    CHECK(told(rows).empty());
    CHECK(rows.all().size() == 2);
    round_of(rows, {{"a", "a1"}});
    CHECK(told(rows) == "a1 -b -c ");
}

TEST_CASE("console rows: a round may leave out rows that it did not look at", "[unit]") {
    ConsoleRows<std::string> rows;
    round_of(rows, {{"a", "a1"}, {"b", "b1"}});
    rows.begin();
    rows.see("a");
    rows.end([](const std::string& key, const auto&) { return key == "b"; });
    CHECK(told(rows).empty());
    CHECK(rows.all().size() == 2);
}

TEST_CASE("console rows: members of an object are found whatever their values hold", "[unit]") {
    const std::string text = R"({"a":1,"b":{"x":[1,"}",{"y":"\"],{"}]},"c":"a,\"b","d":[],"e":null})";
    const auto members = object_members(text);
    REQUIRE(members.size() == 5);
    CHECK(members[0] == std::pair<std::string_view, std::string_view>("a", "1"));
    CHECK(members[1].second == R"({"x":[1,"}",{"y":"\"],{"}]})");
    CHECK(members[2].second == R"("a,\"b")");
    CHECK(members[3].second == "[]");
    CHECK(members[4] == std::pair<std::string_view, std::string_view>("e", "null"));
    CHECK(object_members("{}").empty());
}

TEST_CASE("console rows: a fingerprint tells values, their order and unknown ones apart", "[unit]") {
    const auto of = [](double a, double b) {
        Fingerprint print;
        print.add(a);
        print.add(b);
        return print.value();
    };
    CHECK(of(1, 2) == of(1, 2));
    CHECK(of(1, 2) != of(2, 1));
    CHECK(of(0, 0) != of(0, 1));
    CHECK(of(1, 0) != of(1, std::numeric_limits<double>::quiet_NaN()));
}
