#include "core/series/cell.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace surged;

TEST_CASE("cell: every code is a magnitude that has this code") {
    for (int code = 0; code <= 0xFFFF; code += code == 0 ? cell::least : 1) {
        const auto value = cell::magnitude(static_cast<std::uint16_t>(code));
        CHECK(cell::keep(value).code == code);
        CHECK(cell::keep(value).magnitude == value);
        CHECK(cell::keep(value, cell::nearest).code == code);
    }
    CHECK(cell::magnitude(cell::least) == 0x1p-47F);
    CHECK(cell::magnitude(0xFFFF) == cell::largest);
}

TEST_CASE("cell: whole numbers below 1,024 are kept, what is larger loses less than 1/512, or half of that to the nearest") {
    for (int i = 0; i < 1024; ++i) {
        CHECK(cell::keep(static_cast<float>(i)).magnitude == static_cast<float>(i));
    }
    for (float value = 0x1p-47F; value < cell::largest; value *= 1.0007F) {
        const auto down = cell::keep(value).magnitude;
        const auto near = cell::keep(value, cell::nearest).magnitude;
        REQUIRE(down <= value);
        REQUIRE(value - down < value / 512);
        REQUIRE(std::abs(value - near) <= value / 1024);
    }
}

TEST_CASE("cell: below the least stands zero, up to the largest every magnitude has a code") {
    CHECK(cell::keep(std::nextafter(0x1p-47F, 0.0F)).code == 0);
    CHECK(cell::keep(std::nextafter(0x1p-47F, 0.0F)).magnitude == 0);
    CHECK(cell::keep(0x1p-47F).code == cell::least);
    CHECK(cell::keep(-1e-9F).code == 0);
    CHECK(cell::keep(-1e30F, cell::nearest).code == 0);
    CHECK(cell::keep(cell::largest, cell::nearest).code == 0xFFFF);
    CHECK(cell::keep(std::nextafter(cell::largest, 0.0F)).code == 0xFFFE);
}

TEST_CASE("cell: numbers up to 15 are kept, larger ones lose less than an eighth") {
    for (std::uint32_t number = 0; number <= 300000; ++number) {
        const auto kept = cell::number(cell::number_code(number));
        REQUIRE(kept <= number);
        REQUIRE((number < 16 ? kept == number : number > 262143 ? kept == 245760 : number - kept < (number + 7) / 8));
        REQUIRE(cell::number_code(kept) == cell::number_code(number));
    }
    CHECK(cell::number_code(0xFFFFFFFF) == 127);
}
