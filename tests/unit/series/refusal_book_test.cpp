// What was refused of whom, with an example.
#include "core/series/refusal_book.hpp"

#include "support/catch.hpp"

using namespace surged;

TEST_CASE("refusal book: counts by source and reason and keeps the latest example") {
    RefusalBook book;
    book.add("py", {Refusal::wrong_type, "ts", "\"a\"", "a number"}, 1, engine_time(1000));
    book.add("py", {Refusal::wrong_type, "seq", "\"b\"", "a number"}, 2, engine_time(2000));
    book.add("py", {Refusal::late, "ts", "", ""}, 1, engine_time(2000));
    book.add("js", {Refusal::wrong_type, "ts", "", ""}, 1, engine_time(3000));
    REQUIRE(book.entries().size() == 3);
    CHECK(book.entries()[0].count == 3);
    CHECK(book.entries()[0].note.field == "seq");
    CHECK(book.entries()[0].first == engine_time(1000));
    CHECK(book.entries()[0].last == engine_time(2000));
}

TEST_CASE("refusal book: is bounded; whoever was silent longest gives way") {
    RefusalBook book;
    for (std::size_t i = 0; i < RefusalBook::entries_max; ++i) {
        book.add("s" + std::to_string(i), {}, 1, engine_time(static_cast<std::int64_t>(i == 7 ? 5000 : 1000 + i)));
    }
    CHECK(book.entries().size() == RefusalBook::entries_max);
    book.add("new", {}, 1, engine_time(9000));
    CHECK(book.entries().size() == RefusalBook::entries_max);
    CHECK(book.entries()[0].source == "new");
    CHECK(book.entries()[7].source == "s7");
}

TEST_CASE("printable front: cut, and nothing that a terminal would obey") {
    CHECK(printable_front("a\x1b[31m\xC2\x9B\n", 48) == "a?[31m???");
    CHECK(printable_front(std::string(48, 'x')) == std::string(48, 'x'));
    CHECK(printable_front(std::string(49, 'x')) == std::string(48, 'x') + "...");
}
