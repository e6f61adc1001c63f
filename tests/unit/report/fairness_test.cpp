// Who was asked how often, out of incidents' timelines.
#include "report/fairness.hpp"

#include "ctl/read_after_action.hpp"
#include "support/catch.hpp"
#include "wire/json_text.hpp"
#include "wire/record_json.hpp"

using namespace surged;

namespace {
/// 2026-03-02, minutes after midnight UTC.
WallTime at(int minute) {
    return wall_time(1772409600000 + minute * 60000LL);
}

class Told {
public:
    explicit Told(int minute) : minute_(minute) {
        IncidentChange c;
        c.incident = "0-7";
        c.need = 2;
        add(c);
    }
    Told& seat(const std::string& person, SeatState state) { return add(SeatChange{"0-7", person, 1, state, "", {}}); }
    Told& answer(const std::string& person, AnswerKind kind, AnswerResult result) {
        return add(AnswerGiven{"0-7", person, kind, result, person, "link", "", "", {}, {}});
    }
    Told& page(const std::string& key, std::vector<std::string> people, PagePurpose purpose, PageState state) {
        PageChange c;
        c.page = key;
        c.incident = "0-7";
        c.people = std::move(people);
        c.purpose = purpose;
        c.state = state;
        return add(c);
    }
    AfterAction read() const {
        const auto json = parse_json(R"({"incident":"0-7","state":"closed","seats":[{"person":"ann","name":"安, \"A\""}],"timeline":[)" + text_ + "]}",
                                     {std::size_t{1} << 20U, 32, 100000});
        REQUIRE(json);
        const auto out = read_after_action(*json);
        REQUIRE(out);
        return *out;
    }

private:
    Told& add(RecordBody body) {
        const Record record{++seq_, engine_time(to_ms(at(minute_))), at(minute_), std::move(body)};
        text_ += (text_.empty() ? "" : ",") + encode(record);
        return *this;
    }
    int minute_;
    std::uint64_t seq_ = 0;
    std::string text_;
};

Burden of(const Fairness& fairness, const std::string& person) {
    for (const auto& burden : fairness.people()) {
        if (burden.person == person) {
            return burden;
        }
    }
    return {};
}
}  // namespace

TEST_CASE("fairness: asked, joined, declined, silent and no-shows are told apart; who was only informed was not asked", "[unit]") {
    Fairness fairness(Zone{});
    auto day = Told(600);
    day.seat("ann", SeatState::asked).seat("bob", SeatState::asked).seat("cy", SeatState::asked).seat("boss", SeatState::informed);
    day.page("p1", {"ann", "bob"}, PagePurpose::first, PageState::accepted).page("p1", {"ann", "bob"}, PagePurpose::first, PageState::delivered);
    day.page("p2", {"cy"}, PagePurpose::first, PageState::failed_perm).page("p3", {"ann"}, PagePurpose::close, PageState::accepted);
    day.answer("ann", AnswerKind::join, AnswerResult::seated).seat("ann", SeatState::joined).seat("ann", SeatState::noshow);
    day.answer("bob", AnswerKind::decline, AnswerResult::noted).seat("bob", SeatState::declined).seat("cy", SeatState::unreachable);
    fairness.add(day.read());
    auto night = Told(1439);
    night.seat("ann", SeatState::asked).answer("ann", AnswerKind::join, AnswerResult::seated).seat("ann", SeatState::joined);
    night.seat("ann", SeatState::arrived);
    fairness.add(night.read());

    const auto ann = of(fairness, "ann");
    CHECK(ann.asked == 2);
    CHECK(ann.joined == 2);
    CHECK(ann.arrived == 1);
    CHECK(ann.noshow == 1);
    CHECK(ann.silent == 0);
    CHECK(ann.night == 1);
    CHECK(ann.pages == 1);
    CHECK(ann.last == at(1439));
    CHECK(of(fairness, "bob").declined == 1);
    CHECK(of(fairness, "bob").pages == 1);
    CHECK(of(fairness, "cy").silent == 1);
    CHECK(of(fairness, "cy").pages == 0);
    CHECK(of(fairness, "boss").person.empty());
    CHECK(fairness.people().front().person == "ann");
}

TEST_CASE("fairness: night begins at 22:00 and ends at 06:00, in the given zone", "[unit]") {
    for (const auto& [minute, night] : std::vector<std::pair<int, int>>{{1319, 0}, {1320, 1}, {359, 1}, {360, 0}}) {
        Fairness fairness(Zone{});
        fairness.add(Told(minute).seat("ann", SeatState::asked).read());
        CHECK(of(fairness, "ann").night == night);
    }
}

TEST_CASE("fairness: as CSV nothing ends its field, and no name is a formula", "[unit]") {
    Fairness fairness(Zone{});
    fairness.add(Told(600).seat("ann", SeatState::asked).seat("=1+1", SeatState::asked).read());
    CHECK(fairness_csv(fairness.people()) ==
          "person,name,asked,joined,arrived,declined,silent,noshow,night,pages,last_asked,false_alarms\n"
          "'=1+1,,1,0,0,0,1,0,0,0,2026-03-02 10:00:00Z,0\n"
          "ann,\"安, \"\"A\"\"\",1,0,0,0,1,0,0,0,2026-03-02 10:00:00Z,0\n");
}

TEST_CASE("fairness: as JSON one object a person, with the last time they were asked, 0 when never", "[unit]") {
    Burden burden{"ann", "安", 2, 2, 1, 0, 0, 1, 1, 3, wall_time(1772413200000)};
    CHECK(fairness_json(burden) == R"({"person":"ann","name":"安","asked":2,"joined":2,"arrived":1,"declined":0,"silent":0,"noshow":1,)"
                                   R"("night":1,"pages":3,"last_asked":1772413200000,"false_alarms":0})");
    burden.last.reset();
    CHECK(fairness_json(burden).ends_with(R"("last_asked":0,"false_alarms":0})"));
}
