#include "core/base/encoding.hpp"
#include "core/escalation/archive.hpp"
#include "core/escalation/policy_bytes.hpp"
#include "core/escalation/state.hpp"
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

TEST_CASE("policy bytes: what version 1 wrote is still read, later fields are as if not configured") {
    auto policy = team_plan().policies[0];
    policy.tiers[0].arrive_within = 7min;
    ArchiveOut out;
    std::uint8_t version = 1;
    out(version);
    archive_policy_1(out, policy);
    const auto back = decode_policy(base64(out.take()));
    REQUIRE(back.has_value());
    CHECK(back->tiers.size() == 3);
    CHECK(back->fallback == policy.fallback);
    CHECK(back->tiers[0].arrive_within == 0min);
    CHECK(back->person_max.count == 0);
}

TEST_CASE("policy bytes: what version 2 wrote is still read, without a playbook and a region") {
    auto policy = team_plan().policies[0];
    policy.tiers[0].arrive_within = 7min;
    ArchiveOut out;
    std::uint8_t version = 2;
    out(version);
    out(policy);
    const auto back = decode_policy(base64(out.take()));
    REQUIRE(back.has_value());
    CHECK(back->tiers[0].arrive_within == 7min);
    CHECK(back->actions.empty());
    CHECK(back->region.scopes == 0);
}

TEST_CASE("policy bytes: what version 3 wrote is still read, with the defaults of what came later") {
    auto policy = team_plan().policies[0];
    policy.handover_within = 1min;
    policy.actions = {{"announce", 2, Level::red, "publish", {}, true, {}, 90s, 2h}};
    policy.stand_down = true;
    ArchiveOut out;
    std::uint8_t version = 3;
    out(version);
    out(policy), out(policy.actions), out(policy.region);
    const auto back = decode_policy(base64(out.take()));
    REQUIRE(back.has_value());
    CHECK(back->actions.size() == 1);
    CHECK(back->handover_within == 10min);
    CHECK(back->arrive_by == ArriveBy::metrics);
    CHECK_FALSE(back->stand_down);
}

TEST_CASE("state bytes: what versions 3 to 8 wrote is still read") {
    DeskLine line;
    line.at(0s).fire("wait", "general", Level::yellow);
    line.expect({"sms first lead-1", "sms first lead-2", "sms first lead-3", "sms first lead-4"});
    line.clear("wait", "general");
    line.at(5min).expect({"sms close lead-1", "sms close lead-2", "sms close lead-3", "sms close lead-4"});
    const auto now = line.desk().snapshot();
    const auto head = sizeof(std::uint32_t) + sizeof(std::uint16_t) + sizeof(std::uint32_t);
    Incident plain;
    plain.load_at = line.incident().opened - load_pace;
    const auto bytes_of = [](auto&& write) {
        ArchiveOut out;
        write(out);
        return out.take();
    };
    const auto of_4 = bytes_of([&](ArchiveOut& out) { plain.later_fields(out); });
    const auto of_5 = bytes_of([&](ArchiveOut& out) {
        for (std::size_t i = 0; i < line.count_type("page.queued"); ++i) {
            Page page;
            page.later_fields(out);
        }
        ChannelState sms;  // the only channel that was used
        out(sms.unreceipted);
    });
    const auto of_6 = bytes_of([&](ArchiveOut& out) {
        std::map<std::string, DrillMark> drills;
        plain.fields_of_6(out);
        out(drills);
    });
    const auto of_7 = bytes_of([&](ArchiveOut& out) { plain.fields_of_7(out); });
    const auto of_9 = bytes_of([&](ArchiveOut& out) {
        auto seated = plain;
        for (const auto* id : {"lead-1", "lead-2", "lead-3", "lead-4"}) {
            seated.seats[id] = {};
        }
        seated.fields_of_9(out);
        for (std::size_t i = 0; i < line.count_type("page.queued"); ++i) {
            Page page;
            page.fields_of_9(out);
        }
    });
    const auto of_10_with = [&](Level worst) {
        return bytes_of([&](ArchiveOut& out) {
            auto seated = plain;
            seated.worst = worst;
            for (const auto* id : {"lead-1", "lead-2", "lead-3", "lead-4"}) {
                seated.seats[id] = {};
            }
            seated.fields_of_10(out);
        });
    };
    const auto of_10 = of_10_with(line.incident().worst);
    // It is over: of what it was, older bytes know nothing.
    auto read_body = now.substr(head);
    const auto unknown = of_10_with(Level::none);
    read_body.replace(read_body.size() - sizeof(std::uint32_t) - of_10.size(), of_10.size(), unknown);
    ByteWriter read_writer;
    read_writer.put_raw(now.data(), sizeof(std::uint32_t) + sizeof(std::uint16_t));
    read_writer.put(crc32c(read_body));
    read_writer.put_raw(read_body.data(), read_body.size());
    const auto read = read_writer.take();
    for (std::uint16_t version = 3; version <= 9; ++version) {
        auto body = now.substr(head);
        const auto added = (version < 4 ? of_4 : std::string()) + (version < 5 ? of_5 : std::string()) +
                           (version < 6 ? of_6 : std::string()) + (version < 7 ? of_7 : std::string()) + (version < 9 ? of_9 : std::string()) + of_10;
        const auto at = body.size() - sizeof(std::uint32_t) - added.size();  // before the table of alerts, which is empty
        REQUIRE(body.substr(at, added.size()) == added);
        body.erase(at, added.size());
        body.insert(at, version == 8 ? sizeof(std::uint32_t) : 0, '\0');  // an empty list that is read no more
        ByteWriter old;
        old.put_raw(now.data(), sizeof(std::uint32_t));
        old.put(version);
        old.put(crc32c(body));
        old.put_raw(body.data(), body.size());
        Desk desk(line.plan());
        REQUIRE(desk.restore(old.take()));
        CHECK(desk.snapshot() == read);
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

TEST_CASE("fold: records applied one by one, from any prefix, end in the same bytes") {
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
