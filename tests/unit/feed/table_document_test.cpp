#include "feed/table_document.hpp"

#include "feed/field_path.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {

std::string field(const JsonValue& document, std::string_view path) {
    const JsonValue* chain[] = {&document};
    const auto parsed = FieldPath::parse(path);
    const auto* found = parsed.value().first(RowChain(chain));
    return found == nullptr ? "-" : plain_text(*found).value_or("?");
}

}  // namespace

TEST_CASE("csv document: the header is the line that has the columns, whatever stands above it") {
    TableFaults faults;
    const auto table =
        csv_document("\xEF\xBB\xBFSplit/Skill Status\r\n\r\nSplit/Skill,Calls Waiting\r\nSales,3\r\n\"Care, 2nd\",0\r\n",
                     {',', true, {"Split/Skill", "Calls Waiting"}}, faults);
    REQUIRE(table);
    CHECK(table->array()->size() == 2);
    CHECK(field(*table, "/0/Split~1Skill") == "Sales");
    CHECK(field(*table, "/1/Split~1Skill") == "Care, 2nd");
    CHECK(field(*table, "/1/Calls Waiting") == "0");
    CHECK(faults.lines == 0);
}

TEST_CASE("csv document: a bad line costs itself and is told with its number") {
    TableFaults faults;
    const auto table = csv_document("q,n\na,1\nb\n\"c,3\nd,4,5\ne,5,\nf,\xFF\n", {',', true, {"q", "n"}}, faults);
    REQUIRE(table);
    CHECK(table->array()->size() == 2);  // a, and e with its comma at the end
    CHECK(faults.lines == 4);
    CHECK(faults.told.at(0) == "line 3: 1 fields where the header has 2");
    CHECK(faults.told.at(1) == "line 4: a quote is not closed");
}

TEST_CASE("csv document: a file without the columns says which lack and what is there") {
    TableFaults faults;
    const auto table = csv_document("queue;waiting\nsales;3\n", {';', true, {"queue", "calls"}}, faults);
    REQUIRE_FALSE(table);
    CHECK(table.error().message ==
          "no line has all the columns that are asked for; the first line lacks calls and has queue, waiting");
    CHECK_FALSE(csv_document("", {',', true, {"q"}}, faults));
    const auto numbered = csv_document("sales,3\n", {',', false, {}}, faults);
    REQUIRE(numbered);
    CHECK(field(*numbered, "/0/2") == "3");
}

TEST_CASE("csv document: rows are bounded on both sides of the limit") {
    TableLimits limits;
    limits.rows = 2;
    TableFaults faults;
    CHECK(csv_document("q\n1\n2\n", {',', true, {"q"}}, faults, limits));
    CHECK_FALSE(csv_document("q\n1\n2\n3\n", {',', true, {"q"}}, faults, limits));
}

TEST_CASE("xml document: children by name, lists of equal names, attributes, entities") {
    const auto doc = xml_document(
        "<?xml version=\"1.0\"?><!-- x --><Queues><Queue id='7'><name>Sales &amp; "
        "Care</name><n>3</n></Queue><Queue><name><![CDATA[B<]]></name></Queue>"
        "<ns:one>&#x4E2D;</ns:one><none/></Queues>");
    REQUIRE(doc);
    CHECK(field(*doc, "/Queues/Queue/0/name") == "Sales & Care");
    CHECK(field(*doc, "/Queues/Queue/0/@id") == "7");
    CHECK(field(*doc, "/Queues/Queue/1/name") == "B<");
    CHECK(field(*doc, "/Queues/one") == "\xE4\xB8\xAD");
    CHECK(field(*doc, "/Queues/none") == "");
}

TEST_CASE("xml document: what is broken, too deep or brings entities of its own is refused") {
    for (const auto* bad : {"", "text", "<a>", "<a></b>", "<a/><b/>", "<a x=1/>", "<a>&unknown;</a>", "<a>&#xD800;</a>", "<a",
                            "</a>", "<a>\xFF</a>", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a><!-- </a>"}) {
        INFO(bad);
        CHECK_FALSE(xml_document(bad));
    }
    const auto nested = [](int depth) {
        std::string out;
        for (int i = 0; i < depth; ++i) {
            out += "<a>";
        }
        for (int i = 0; i < depth; ++i) {
            out += "</a>";
        }
        return out;
    };
    CHECK(xml_document(nested(32)));
    CHECK_FALSE(xml_document(nested(33)));
    CHECK_FALSE(xml_document(nested(1'000'000)));
}
