#include "core/forecast/level.hpp"
#include "support/catch.hpp"

using namespace surged;

namespace {

LevelSettings lagged() {
    LevelSettings settings;
    settings.lag = 3;
    return settings;
}

}  // namespace

TEST_CASE("level: without evidence it is as the profile says") {
    CHECK(IntradayLevel({}).ratio() == 1.0);
}

TEST_CASE("level: a busier day is followed within an hour and doubt shrinks with evidence") {
    IntradayLevel level({});
    const double doubt = level.variance();
    for (int row = 0; row < 12; ++row) {
        level.push(240.0, 200.0, 5.0, false);
    }
    CHECK(level.ratio() == Approx(1.2).margin(0.03));
    CHECK(level.variance() < doubt / 5.0);
}

TEST_CASE("level: with little traffic it moves little") {
    IntradayLevel level({});
    for (int row = 0; row < 3; ++row) {
        level.push(4.0, 2.0, 5.0, false);
    }
    CHECK(level.ratio() < 1.05);
}

TEST_CASE("level: the newest rows wait for the lag") {
    IntradayLevel level(lagged());
    for (int row = 0; row < 3; ++row) {
        level.push(400.0, 200.0, 5.0, false);
        CHECK(level.ratio() == 1.0);
    }
    level.push(400.0, 200.0, 5.0, false);
    CHECK(level.ratio() > 1.2);
}

TEST_CASE("level: a surge that stands does not explain itself away, nor do the rows before it that waited") {
    IntradayLevel level(lagged());
    for (int row = 0; row < 10; ++row) {
        level.push(200.0, 200.0, 5.0, false);
    }
    level.push(400.0, 200.0, 5.0, false);
    for (int row = 0; row < 30; ++row) {
        level.push(400.0, 200.0, 5.0, true);
        REQUIRE(level.ratio() == Approx(1.0));
        REQUIRE(level.frozen());
    }
}

TEST_CASE("level: another day begins as its forecast says, and a freeze goes on into it") {
    IntradayLevel level(lagged());
    for (int row = 0; row < 30; ++row) {
        level.push(240.0, 200.0, 5.0, false);
    }
    REQUIRE(level.ratio() > 1.1);
    level.begin_day();
    CHECK(level.ratio() == 1.0);
    CHECK(level.variance() == IntradayLevel(lagged()).variance());
    level.push(240.0, 200.0, 5.0, true);
    level.begin_day();
    CHECK(level.frozen());
    for (int row = 0; row < 12; ++row) {
        level.push(240.0, 200.0, 5.0, false);
    }
    CHECK(level.ratio() > 1.1);
}

TEST_CASE("level: frozen for the longest time, it thaws and takes the new level") {
    LevelSettings settings = lagged();
    settings.freeze_minutes_max = 60.0;
    IntradayLevel level(settings);
    for (int row = 0; row < 11; ++row) {
        level.push(400.0, 200.0, 5.0, true);
    }
    CHECK(level.frozen());
    CHECK(level.ratio() == 1.0);
    for (int row = 0; row < 20; ++row) {
        level.push(400.0, 200.0, 5.0, true);
    }
    CHECK_FALSE(level.frozen());
    CHECK(level.ratio() > 1.7);
}

TEST_CASE("level: it stays within a twentieth and twenty times") {
    IntradayLevel level({});
    for (int row = 0; row < 20; ++row) {
        level.push(1e9, 1.0, 5.0, false);
    }
    CHECK(level.ratio() == 20.0);
}

TEST_CASE("level: saved and loaded it is the same; torn bytes are refused") {
    IntradayLevel level(lagged());
    for (int row = 0; row < 9; ++row) {
        level.push(250.0 + row, 200.0, 5.0, false);
    }
    ByteWriter out;
    level.save(out);
    IntradayLevel again(lagged());
    ByteReader in(out.bytes());
    REQUIRE(again.load(in));
    level.push(300.0, 200.0, 5.0, false);
    again.push(300.0, 200.0, 5.0, false);
    CHECK(again.ratio() == level.ratio());

    ByteReader torn(std::string_view(out.bytes()).substr(0, 40));
    CHECK_FALSE(again.load(torn));
    CHECK(again.ratio() == 1.0);
}
