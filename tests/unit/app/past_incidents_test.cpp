#include "app/past_incidents.hpp"

#include <map>

#include "support/catch.hpp"
#include "wire/json_text.hpp"
#include "wire/record_json.hpp"

using namespace surged;

namespace {

const Stamp now{engine_time(9'000'000), wall_time(1'800'000'000'000)};

/// An incident's records, written one after another.
struct Log {
    std::vector<std::string> records;
    std::uint64_t seq = 0;

    void add(std::int64_t ms, RecordBody body) {
        Record record;
        record.seq = ++seq;
        record.wall = wall_time(ms);
        record.body = std::move(body);
        records.push_back(encode(record));
    }
    void step(std::int64_t ms, IncidentStep step, Level level, int need, std::map<std::string, double> load = {}) {
        IncidentChange change;
        change.incident = "0-1", change.step = step, change.policy = "surge", change.scope = {{"centre", "jinan"}};
        change.level = level, change.need = need, change.tier = 2, change.by = "engine", change.load = std::move(load);
        add(ms, change);
    }
    void seat(std::int64_t ms, const std::string& person, SeatState state) {
        SeatChange change;
        change.incident = "0-1", change.person = person, change.tier = 1, change.state = state;
        add(ms, change);
    }
};

Log whole_log() {
    Log log;
    log.step(1000, IncidentStep::opened, Level::yellow, 2);
    log.step(1100, IncidentStep::load, Level::yellow, 2, {{"abandoned", 100}});
    log.seat(1200, "li", SeatState::asked);
    log.seat(1200, "wang", SeatState::asked);
    log.seat(1200, "zhao", SeatState::asked);
    log.step(1500, IncidentStep::level, Level::red, 2);
    log.seat(2000, "li", SeatState::joined);
    log.seat(2500, "zhao", SeatState::declined);
    log.seat(3000, "wang", SeatState::joined);
    log.step(3000, IncidentStep::filled, Level::red, 2);
    log.seat(3500, "li", SeatState::arrived);
    log.seat(3600, "wang", SeatState::noshow);
    log.step(4000, IncidentStep::load, Level::red, 2, {{"abandoned", 117}});
    log.step(4500, IncidentStep::load, Level::red, 2, {{"abandoned", 3}});
    log.step(5000, IncidentStep::resolved, Level::none, 2);
    log.add(6000, VerdictGiven{"0-1", IncidentVerdict::useful, "zhang", ""});
    return log;
}

std::vector<std::string> ids_in(const std::string& text, std::string* next = nullptr) {
    const auto json = parse_json(text);
    REQUIRE(json);
    std::vector<std::string> out;
    for (const auto& row : *json->find("incidents")->array()) {
        out.push_back(row.text_or("incident", ""));
    }
    if (next != nullptr) {
        *next = json->text_or("next", "");
    }
    return out;
}

}  // namespace

TEST_CASE("past incidents: one row tells how soon help came, who came, what was lost and what people said", "[unit]") {
    const auto row = past_incident("0-1", whole_log().records);
    REQUIRE(row);
    CHECK(row->policy == "surge");
    CHECK(row->worst == Level::red);
    CHECK(row->need == 2);
    CHECK(to_ms(row->opened) == 1000);
    CHECK(to_ms(*row->half) == 2000);
    CHECK(to_ms(*row->full) == 3000);
    CHECK(to_ms(*row->ended) == 5000);
    CHECK(row->asked == 3);
    CHECK(row->came == 2);
    CHECK(row->came_arrived == 1);
    CHECK(row->declined == 1);
    CHECK(row->noshow == 1);
    CHECK(row->lost == 20.0);  // 17, and 3 of a counter that began anew
    CHECK(row->verdict->verdict == IncidentVerdict::useful);
    auto cut = whole_log().records;
    cut.erase(cut.begin());
    CHECK_FALSE(past_incident("0-1", cut));
}

TEST_CASE("past incidents: one that is open or opened again has no end", "[unit]") {
    auto log = whole_log();
    log.step(7000, IncidentStep::reopened, Level::yellow, 2);
    const auto row = past_incident("0-1", log.records);
    CHECK_FALSE(row->ended);
    CHECK(row->reopened == 1);
}

TEST_CASE("past incidents: the list is by time, in parts that miss none, and ends where the log does", "[unit]") {
    PastSources sources;
    sources.newest = 120;
    sources.records = [](const std::string& id) -> ApiResult<std::vector<std::string>> {
        const auto number = std::stoi(id.substr(2));
        if (number <= 60 || number % 10 == 0) {  // trimmed, and some that never had a record
            return std::vector<std::string>();
        }
        Log log;
        log.step(std::int64_t{number} * 86'400'000, IncidentStep::opened, Level::red, 1);
        return log.records;
    };
    PastQuery query;
    query.limit = 10;
    std::vector<std::string> all;
    int parts = 0;
    do {
        const auto text = past_incidents(query, sources, now);
        REQUIRE(text);
        const auto part = ids_in(*text, &query.next);
        CHECK(part.size() <= 10);
        all.insert(all.end(), part.begin(), part.end());
    } while (!query.next.empty() && ++parts < 20);
    CHECK(all.size() == 54);
    CHECK(all.front() == "0-119");
    CHECK(all.back() == "0-61");

    PastQuery between;
    between.from = wall_time(std::int64_t{101} * 86'400'000);
    between.to = wall_time(std::int64_t{104} * 86'400'000);
    CHECK(ids_in(*past_incidents(between, sources, now)) == std::vector<std::string>{"0-103", "0-102", "0-101"});
    for (const auto* junk : {"x", "p", "p-1", "p7x", "7"}) {
        between.next = junk;
        CHECK(past_incidents(between, sources, now).error().code == "bad_request");
    }
}

TEST_CASE("past incidents: a store that cannot be read is no empty past", "[unit]") {
    PastSources sources;
    sources.newest = 3;
    sources.records = [](const std::string&) -> ApiResult<std::vector<std::string>> {
        return tl::unexpected<ApiError>(ApiError{"unavailable", "the store is busy"});
    };
    CHECK(past_incidents({}, sources, now).error().code == "unavailable");
}

TEST_CASE("past incidents: what each person was asked for: time on a seat, pages that were taken, what they answered", "[unit]") {
    auto log = whole_log();
    const auto page = [&](std::int64_t ms, const std::string& key, const std::string& person, PagePurpose purpose, PageState state) {
        PageChange change;
        change.page = key, change.incident = "0-1", change.people = {person}, change.purpose = purpose, change.state = state;
        log.add(ms, change);
    };
    page(1300, "a", "li", PagePurpose::first, PageState::accepted);
    page(1400, "a", "li", PagePurpose::first, PageState::delivered);  // the same page
    page(1500, "b", "li", PagePurpose::remind, PageState::accepted);
    page(5000, "c", "li", PagePurpose::close, PageState::accepted);
    page(1300, "d", "zhao", PagePurpose::first, PageState::failed_perm);
    const auto row = past_incident("0-1", log.records);
    REQUIRE(row);
    REQUIRE(row->people.size() == 3);
    const auto& li = row->people[0];
    CHECK(li.person == "li");
    CHECK(li.asked == wall_time(1200));
    CHECK(li.seated == Span{3000});  // from 2000 to the end at 5000
    CHECK(li.pages == 2);
    CHECK((li.came && li.arrived && !li.declined && !li.noshow));
    CHECK(row->people[1].person == "wang");
    CHECK(row->people[1].seated == Span{600});
    CHECK((row->people[1].came && row->people[1].noshow));
    CHECK(row->people[2].pages == 0);
    CHECK((row->people[2].declined && row->people[2].seated == Span{0}));
    log.seat(1900, "li", SeatState::asked);  // asked again: the first time counts
    CHECK(past_incident("0-1", log.records)->people[0].asked == wall_time(1200));
}
