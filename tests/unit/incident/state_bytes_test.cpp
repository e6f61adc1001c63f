#include <cstring>

#include "core/base/encoding.hpp"
#include "core/base/fields.hpp"
#include "core/incident/state.hpp"
#include "core/record/policy_bytes.hpp"
#include "support/catch.hpp"
#include "support/desk_line.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

TEST_CASE("policy bytes: every field survives, anything torn is refused") {
    auto policy = team_plan().policies[0];
    policy.need = {7, "clamp(gap, 2, 20)", 5min, 2, 20};
    policy.tiers[1].mode = TierMode::batch;
    policy.tiers[1].overask = 1.5;
    policy.tiers[1].require = {{"supervisor", "vip", 2}};
    policy.tiers[2].inform_only = {"management"};
    policy.repeat = {"supervisors", 3min, 4, 2.5, 9min};
    policy.ack_stops = true;
    policy.page_from = Level::orange;
    policy.tiers[1].arrive_within = 7min;
    policy.person_max = {6, 60min};
    policy.actions = {{"announce", 2, Level::red, "publish", {{"a", "1"}}, true, {{"b", "2"}}, 90s, 2h}};
    policy.region = {4, 3min, {"centre"}, 40, {"centre", "queue"}};
    policy.handover_within = 6min;
    policy.arrive_by = ArriveBy::answer;
    policy.stand_down = true;
    const auto text = encode_policy(policy);
    const auto back = decode_policy(text);
    REQUIRE(back.has_value());
    CHECK(encode_policy(*back) == text);
    CHECK(back->need.expression == policy.need.expression);
    CHECK(back->tiers[1].require[0].skill == "vip");
    CHECK(back->repeat.backoff == 2.5);
    CHECK(back->page_from == Level::orange);
    CHECK(back->tiers[1].arrive_within == 7min);
    CHECK(back->tiers[2].arrive_within == 0min);
    CHECK(back->person_max.count == 6);
    REQUIRE(back->actions.size() == 1);
    CHECK(back->actions[0].undo_params.at("b") == "2");
    CHECK(back->actions[0].undo_deadline == 2h);
    CHECK(back->region.of == std::vector<std::string>{"centre", "queue"});
    CHECK(back->handover_within == 6min);
    CHECK(back->arrive_by == ArriveBy::answer);
    CHECK(back->stand_down);

    const auto bytes = *from_base64(text);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        REQUIRE_FALSE(decode_policy(base64(bytes.substr(0, cut))).has_value());
    }
    CHECK_FALSE(decode_policy(base64(bytes + "x")).has_value());
    CHECK_FALSE(decode_policy("not base64!").has_value());
}

TEST_CASE("policy bytes: those of another version are refused") {
    auto bytes = *from_base64(encode_policy(team_plan().policies[0]));
    REQUIRE(decode_policy(base64(bytes)).has_value());
    for (const char version : {char{0}, char{2}, char{4}}) {
        bytes[0] = version;
        CHECK_FALSE(decode_policy(base64(bytes)).has_value());
    }
}

TEST_CASE("state bytes: those of another version are refused, although they are whole, and change nothing") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"});
    const auto now = line.desk().snapshot();
    for (const auto version : {std::uint16_t{0}, std::uint16_t{2}, std::uint16_t{9}}) {
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
