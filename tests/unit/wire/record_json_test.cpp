// Records come back from their JSON exactly: the log is folded from it.
#include <cmath>
#include <random>

#include "support/catch.hpp"
#include "wire/record_json.hpp"

using namespace surged;

namespace {

/// Fills any field with random content, within its type.
class Randomizer {
public:
    explicit Randomizer(std::uint64_t seed) : random_(seed) {}

    std::string text() {
        static const std::vector<std::string> pieces{
            "a", "0-17", "\"", "\\", "\n", std::string(1, '\0'), "\x1f", "\x7f", "普席", "😀", "/", "</b>", " ", "\xC2\x80"};
        std::string out;
        for (std::size_t n = random_() % 6; n > 0; --n) {
            out += pieces[random_() % pieces.size()];
        }
        return out;
    }
    std::int64_t whole() { return static_cast<std::int64_t>(random_() >> (random_() % 64)); }

    /// Left out of the JSON when it says nothing.
    template <typename T>
    void maybe(std::string_view name, T& v) {
        (*this)(name, v);
    }
    void operator()(std::string_view, std::string& v) { v = text(); }
    void operator()(std::string_view, bool& v) { v = random_() % 2 == 0; }
    void operator()(std::string_view, int& v) { v = static_cast<int>(random_()); }
    void operator()(std::string_view, double& v) { v = number(); }
    template <typename Clock>
    void operator()(std::string_view, std::chrono::time_point<Clock, Span>& v) {
        v = random_() % 8 == 0 ? std::chrono::time_point<Clock, Span>::max()
                               : std::chrono::time_point<Clock, Span>(Span{whole()});
    }
    void operator()(std::string_view, std::vector<std::string>& v) {
        for (std::size_t n = random_() % 4; n > 0; --n) {
            v.push_back(text());
        }
    }
    void operator()(std::string_view, std::map<std::string, std::string>& v) {
        for (std::size_t n = random_() % 4; n > 0; --n) {
            v[text()] = text();
        }
    }
    void operator()(std::string_view, std::optional<double>& v) {
        v = random_() % 2 == 0 ? std::nullopt : std::optional(static_cast<double>(random_() % 100000) / 10);
    }
    void operator()(std::string_view, std::map<std::string, int>& v) {
        for (std::size_t n = random_() % 4; n > 0; --n) {
            v[text()] = static_cast<int>(random_());
        }
    }
    void operator()(std::string_view, std::map<std::string, double>& v) {
        for (std::size_t n = random_() % 4; n > 0; --n) {
            v[text()] = static_cast<double>(random_() % 100000) / 100;
        }
    }
    void operator()(std::string_view, Trend& v) { v = static_cast<Trend>(random_() % 3); }
    void operator()(std::string_view, IncidentVerdict& v) { v = static_cast<IncidentVerdict>(random_() % 4); }
    template <typename E>
    requires std::is_enum_v<E>
    void operator()(std::string_view, E& v) { v = static_cast<E>(random_() % 5); }
    void level(Level& v) { v = static_cast<Level>(random_() % 4); }
    double number() {
        const double v = std::bit_cast<double>(random_());
        return std::isfinite(v) && random_() % 2 == 0 ? v : static_cast<double>(whole()) / 8.0;
    }

private:
    std::mt19937_64 random_;
};

AlertEdge random_edge(Randomizer& r) {
    AlertEdge e;
    e.rule = r.text(), e.policy = r.text(), e.queue = {r.text(), r.text(), r.text()}, e.group = r.text(), e.metric = r.text();
    r("", e.from), r("", e.to), r.level(e.level), r.level(e.pending), r("", e.stale), r("", e.stale_changed), r("", e.muted);
    e.value = r.number(), e.limit = r.text(), e.evidence = r.text();
    r("", e.ts), r("", e.at), r("", e.since);
    return e;
}

template <typename Body>
RecordBody random_body(Randomizer& r) {
    Body body;
    body.fields(r);
    return body;
}

void check_round_trip(const Record& record) {
    const std::string json = encode(record);
    INFO(json);
    const Result<Record> back = decode_record(json);
    REQUIRE(back);
    CHECK(back->seq == record.seq);
    CHECK(back->at == record.at);
    CHECK(back->wall == record.wall);
    CHECK(back->body.index() == record.body.index());
    CHECK(encode(*back) == json);
}

}  // namespace

TEST_CASE("record json: every body comes back exactly, whatever its text holds", "[unit]") {
    Randomizer r(2026);
    for (int round = 0; round < 300; ++round) {
        Record record;
        record.seq = static_cast<std::uint64_t>(r.whole());
        record.at = engine_time(r.whole());
        record.wall = wall_time(r.whole());
        IncidentChange incident;
        incident.fields(r);
        r.level(incident.level);
        const std::vector<RecordBody> bodies{random_edge(r),
                                             incident,
                                             random_body<SeatChange>(r),
                                             random_body<PageChange>(r),
                                             random_body<AnswerGiven>(r),
                                             random_body<SilenceChange>(r),
                                             random_body<OverrideChange>(r),
                                             random_body<SystemNote>(r),
                                             random_body<VerdictGiven>(r)};
        for (const RecordBody& body : bodies) {
            record.body = body;
            check_round_trip(record);
        }
    }
}

TEST_CASE("record json: every word of every enum comes back", "[unit]") {
    Record record;
    for (int i = 0; i <= static_cast<int>(IncidentStep::adopted); ++i) {
        IncidentChange body;
        body.step = static_cast<IncidentStep>(i);
        record.body = body;
        CHECK(std::get<IncidentChange>(decode_record(encode(record))->body).step == body.step);
    }
    for (int i = 0; i <= static_cast<int>(SeatState::elsewhere); ++i) {
        SeatChange body;
        body.state = static_cast<SeatState>(i);
        record.body = body;
        CHECK(std::get<SeatChange>(decode_record(encode(record))->body).state == body.state);
    }
    for (int i = 0; i <= static_cast<int>(PagePurpose::data_back); ++i) {
        PageChange body;
        body.purpose = static_cast<PagePurpose>(i);
        body.state = static_cast<PageState>(i % (static_cast<int>(PageState::unknown) + 1));
        body.carrier = i % 2 == 0 ? "" : "0-1/1/li/sms/first/1";
        record.body = body;
        const auto back = std::get<PageChange>(decode_record(encode(record))->body);
        CHECK(back.purpose == body.purpose);
        CHECK(back.state == body.state);
        CHECK(back.carrier == body.carrier);
    }
    for (int i = 0; i <= static_cast<int>(AnswerResult::elsewhere); ++i) {
        AnswerGiven body;
        body.result = static_cast<AnswerResult>(i);
        body.kind = static_cast<AnswerKind>(i % (static_cast<int>(AnswerKind::arrive) + 1));
        record.body = body;
        const auto back = std::get<AnswerGiven>(decode_record(encode(record))->body);
        CHECK(back.result == body.result);
        CHECK(back.kind == body.kind);
    }
}

TEST_CASE("record json: a step of the playbook is an action, in its own words", "[unit]") {
    PageChange body;
    body.purpose = PagePurpose::act;
    body.action = "announce";
    Record record;
    const std::vector<std::pair<PageState, std::string>> words{
        {PageState::queued, "queued"},      {PageState::held, "held"},      {PageState::sending, "sending"},
        {PageState::accepted, "done"},      {PageState::delivered, "done"}, {PageState::failed_temp, "retry"},
        {PageState::failed_perm, "failed"}, {PageState::expired, "failed"}, {PageState::cancelled, "cancelled"},
        {PageState::unknown, "unknown"}};
    for (const auto& [state, word] : words) {
        body.state = state;
        record.body = body;
        CHECK(record_type(record) == "action." + word);
        const auto back = decode_record(encode(record));
        REQUIRE(back);
        CHECK(std::get<PageChange>(back->body).state == state);
        CHECK(std::get<PageChange>(back->body).action == "announce");
    }
    body.purpose = PagePurpose::first;
    body.action.clear();
    record.body = body;
    CHECK(encode(record).find("action") == std::string::npos);
}

TEST_CASE("record json: an alert edge says the contract's words", "[unit]") {
    AlertEdge edge;
    edge.rule = "oldest-wait", edge.policy = "surge", edge.queue = {"jinan", "general", "voice"}, edge.group = "普席",
    edge.metric = "oldest_wait_s";
    edge.from = AlertState::pending, edge.to = AlertState::firing, edge.level = Level::red, edge.value = 101.5,
    edge.limit = "> 100";
    edge.evidence = "101.5 s", edge.ts = source_time(5), edge.at = engine_time(7), edge.since = engine_time(6);
    const Record record{9, engine_time(7), wall_time(1795330800123), edge};
    CHECK(
        encode(record) ==
        R"({"seq":9,"ts":1795330800123,"at":7,"type":"alert.firing","rule":"oldest-wait","policy":"surge","centre":"jinan","queue":"general",)"
        R"("channel":"voice","group":"普席","metric":"oldest_wait_s","from":"pending","state":"firing","level":"red","pending":"none",)"
        R"("stale":false,"stale_changed":false,"muted":false,"flapping":false,"value":101.5,"limit":"> 100","evidence":"101.5 s","source_ts":5,"decided":7,"since":6})");
    CHECK(topic_of(record) == "alert.oldest-wait.jinan.general");
}

TEST_CASE("record json: what a seat's state is decided by stands in fields of its own, and is left out when it says nothing", "[unit]") {
    SeatChange seat{"0-1", "lead-1", 1, SeatState::timed_out, "off duty", {12, 2}, SeatCause::off_duty};
    const auto json = encode({1, engine_time(7), wall_time(8), seat});
    CHECK(json.find(R"("agents":12,"agents_queues":2,"cause":"off_duty")") != std::string::npos);
    const auto back = std::get<SeatChange>(decode_record(json)->body);
    CHECK(back.cause == SeatCause::off_duty);
    CHECK(back.seen.agents == 12);
    CHECK(back.seen.queues == 2);

    seat.seen = {};
    seat.cause = SeatCause::none;
    const auto plain = encode({1, engine_time(7), wall_time(8), seat});
    CHECK(plain.find("agents") == std::string::npos);
    CHECK(plain.find("cause") == std::string::npos);
    CHECK(std::get<SeatChange>(decode_record(plain)->body).cause == SeatCause::none);

    SystemNote note{"channel_paused", "sms for 1m: HTTP 429"};
    note.channel = "sms";
    note.until = engine_time(60000);
    const auto told = std::get<SystemNote>(decode_record(encode({1, engine_time(7), wall_time(8), note}))->body);
    CHECK(told.channel == "sms");
    CHECK(told.until == engine_time(60000));
}

TEST_CASE("record json: what is missing and what scopes want are numbers, and decimal text on the wire", "[unit]") {
    IncidentChange change;
    change.step = IncidentStep::recheck;
    change.missing = 2.5;
    change.trend = Trend::rising;
    change.shares = {{"jinan/general", 3}, {"qingdao/general", 0}};
    const auto json = encode({1, engine_time(7), wall_time(8), change});
    CHECK(json.find(R"("missing":"2.5","trend":"rising")") != std::string::npos);
    CHECK(json.find(R"("shares":{"jinan/general":"3","qingdao/general":"0"})") != std::string::npos);
    const auto back = std::get<IncidentChange>(decode_record(json)->body);
    CHECK(back.missing == 2.5);
    CHECK(back.trend == Trend::rising);
    CHECK(back.shares == change.shares);
    auto wrong = json;
    wrong.replace(wrong.find("\"2.5\""), 5, "\"2,5\"");
    CHECK_FALSE(decode_record(wrong));
}

TEST_CASE("record json: an edge from a log older than the flag reads as not flapping, a flag of another kind is refused",
          "[unit]") {
    AlertEdge edge;
    edge.flapping = true;
    auto json = encode(Record{1, {}, {}, edge});
    CHECK(std::get<AlertEdge>(decode_record(json)->body).flapping);
    const std::string flag = "\"flapping\":true,";
    const auto at = json.find(flag);
    REQUIRE(at != std::string::npos);
    auto wrong = json;
    wrong.replace(at, flag.size(), "\"flapping\":1,");
    CHECK_FALSE(decode_record(wrong));
    json.erase(at, flag.size());
    REQUIRE(decode_record(json));
    CHECK_FALSE(std::get<AlertEdge>(decode_record(json)->body).flapping);
}

TEST_CASE("record json: a value that is not a number is null and comes back as one", "[unit]") {
    AlertEdge edge;
    edge.value = std::nan("");
    const std::string json = encode(Record{1, {}, {}, edge});
    CHECK(json.find("\"value\":null") != std::string::npos);
    CHECK(std::isnan(std::get<AlertEdge>(decode_record(json)->body).value));
}

TEST_CASE("record json: bytes that are no UTF-8 do not spoil the log", "[unit]") {
    PageChange page;
    page.reason = "exec said \xFF\xFE";
    const auto back = decode_record(encode(Record{1, {}, {}, page}));
    REQUIRE(back);
    CHECK(std::get<PageChange>(back->body).reason == "exec said \xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("record json: what is no record is an error that names the field", "[unit]") {
    CHECK(decode_record("nonsense").error().message == "record: not JSON");
    CHECK(decode_record(R"({"seq":1,"ts":2,"at":3,"type":"party"})").error().message == "record: unknown type \"party\"");
    CHECK(decode_record(R"({"seq":-1,"ts":2,"at":3,"type":"system"})").error().message ==
          "record: seq, ts and at must be whole numbers");
    CHECK(decode_record(R"({"seq":1,"ts":2,"at":3,"type":"system","what":"x"})").error().message ==
          "record: bad or missing field \"detail\"");
    CHECK(
        decode_record(
            R"({"seq":1,"ts":2,"at":3,"type":"seat.asked","incident":"0-1","person":"p","tier":1,"state":"sleeping","reason":""})")
            .error()
            .message == "record: bad or missing field \"state\"");
    CHECK(
        decode_record(
            R"({"seq":1,"ts":2,"at":3,"type":"seat.asked","incident":"0-1","person":"p","tier":9999999999,"state":"asked","reason":""})")
            .error()
            .message == "record: bad or missing field \"tier\"");
}

TEST_CASE("topics: each record is published under its incident, alert or own word", "[unit]") {
    const auto topic = [](RecordBody body) { return topic_of(Record{1, {}, {}, std::move(body)}); };
    IncidentChange incident;
    incident.incident = "0-17";
    PageChange page;
    page.incident = "0-17";
    SilenceChange silence;
    silence.silence = "s-4";
    OverrideChange change;
    change.roster = "leads";
    CHECK(topic(incident) == "incident.0-17");
    CHECK(topic(page) == "incident.0-17");
    CHECK(topic(silence) == "silence.s-4");
    CHECK(topic(change) == "override.leads");
    CHECK(topic(SystemNote{"started", ""}) == "system.started");
}

TEST_CASE("record json: what went through the queues is numbers in memory and decimal text in the log", "[unit]") {
    Record record;
    IncidentChange change;
    change.incident = "0-17", change.step = IncidentStep::load;
    change.load = {{"offered", 1070}, {"aht_s", 61.257}, {"productive", 0.004}};
    record.seq = 1, record.body = change;
    const std::string json = encode(record);
    CHECK(json.find(R"("load":{"aht_s":"61.26","offered":"1070","productive":"0"})") != std::string::npos);
    const auto read = decode_record(json);
    REQUIRE(read);
    CHECK(std::get<IncidentChange>(read->body).load == std::map<std::string, double>{{"aht_s", 61.26}, {"offered", 1070}, {"productive", 0}});
    CHECK(encode(*read) == json);
    std::string bad = json;
    bad.replace(bad.find("1070"), 4, "lots");
    CHECK(decode_record(bad).error().message == "record: bad or missing field \"load\"");
}
