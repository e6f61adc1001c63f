#include <cstring>

#include "core/incident/state.hpp"
#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

TEST_CASE("state bytes: those of another version are refused, although they are whole, and change nothing") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"});
    const auto now = line.desk().snapshot();
    for (const auto version : {std::uint16_t{0}, std::uint16_t{2}, std::uint16_t{4}, std::uint16_t{9}}) {
        auto other = now;
        std::memcpy(other.data() + sizeof(std::uint32_t), &version, sizeof(version));
        Desk desk(line.plan());
        const auto empty = desk.snapshot();
        CHECK_FALSE(desk.restore(other));
        CHECK(desk.snapshot() == empty);
    }
}

TEST_CASE("state bytes: restore gives the same bytes, a cut or grown snapshot is refused and changes nothing") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::orange);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4", "sms first sup-1",
                 "sms first sup-2", "sms first sup-3"});
    line.answer(AnswerKind::join, "lead-1", "key");
    Command silence;
    silence.kind = Command::Kind::silence;
    silence.silence.rule = "other";
    silence.silence.until = line.now().at + 1h;
    line.command(silence);
    const auto bytes = line.desk().snapshot();
    CHECK(line.desk().snapshot() == bytes);

    Desk other(line.plan());
    const auto empty = other.snapshot();
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        REQUIRE_FALSE(other.restore(std::string_view(bytes).substr(0, cut)));
    }
    CHECK_FALSE(other.restore(bytes + "x"));
    CHECK(other.snapshot() == empty);
    REQUIRE(other.restore(bytes));
    CHECK(other.snapshot() == bytes);
    CHECK(other.silences().size() == 1);
    CHECK(other.incidents().at(0).joined == 1);
    CHECK(other.open_for({"jinan", "general", "voice"}, "普席"));
}

TEST_CASE("state bytes: a flipped byte anywhere is refused") {
    DeskLine line;
    line.at(0s)
        .fire("wait", "general", Level::yellow)
        .expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"});
    const auto bytes = line.desk().snapshot();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        auto flipped = bytes;
        flipped[i] = static_cast<char>(flipped[i] ^ 0x5A);
        Desk desk(line.plan());
        REQUIRE_FALSE(desk.restore(flipped));
    }
}

TEST_CASE("replay: records applied one by one, from any prefix, end in the same bytes") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::red);
    line.says("sms", {OutcomeClass::retry});
    line.answer(AnswerKind::join, "lead-1", "k");
    line.answer(AnswerKind::ack, "lead-2");
    line.crash(5s);
    const auto& records = line.records();
    Desk whole(line.plan());
    for (const auto& record : records) {
        whole.apply(record);
    }
    CHECK(whole.snapshot() == line.desk().snapshot());
    for (std::size_t cut = 0; cut <= records.size(); ++cut) {
        Desk first(line.plan());
        for (std::size_t i = 0; i < cut; ++i) {
            first.apply(records[i]);
        }
        Desk second(line.plan());
        REQUIRE(second.restore(first.snapshot()));
        for (std::size_t i = cut; i < records.size(); ++i) {
            second.apply(records[i]);
        }
        REQUIRE(second.snapshot() == whole.snapshot());
    }
}
