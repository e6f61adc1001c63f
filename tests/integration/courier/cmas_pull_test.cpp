// Receipts and messages of people by Cloud MAS: its bodies, when it is asked, and what happens when it does not answer well.
#include <condition_variable>
#include <fstream>

#include "channels/cmas_pull.hpp"
#include "courier_kit.hpp"
#include "io/courier/pull_plan.hpp"
#include "support/mas_sink.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

namespace {

HttpReply said(const std::string& body, long status = 200) {
    HttpReply reply;
    reply.status = status;
    reply.body = body;
    reply.body_whole = true;
    return reply;
}

/// A courier with one SMS channel before a gateway, and what it was told.
class PullKit {
public:
    explicit PullKit(std::map<std::string, std::string> settings = {}) {
        std::ofstream(dir.file("mas.key")) << "mas-secret\n";
        spec.id = "sms";
        spec.type = "cmas_sms";
        spec.settings = {
            {"url", mas.sink.url("/")}, {"ec_name", "EC"}, {"ap_id", "ap1"}, {"secret_file", "mas.key"}, {"sign", "s"}};
        spec.settings.insert(settings.begin(), settings.end());
        spec.receipt_within = 60s;
        spec.replies = true;
        spec.pull_every = 50ms;
        CourierOptions options;
        options.on_outcome = [this](SendOutcome outcome, SendTiming) {
            const std::lock_guard hold(lock_);
            outcomes_.push_back(std::move(outcome));
            changed_.notify_all();
        };
        options.on_pulled = [this](Pulled pulled) {
            const std::lock_guard hold(lock_);
            pulled_.push_back(std::move(pulled));
            changed_.notify_all();
        };
        courier = std::make_unique<Courier>(std::move(options));
        REQUIRE(courier->configure({spec}, dir.path().string()).empty());
    }

    template <typename Done>
    bool wait(const Done& done) {
        std::unique_lock hold(lock_);
        return changed_.wait_for(hold, patience, [&] { return done(pulled_); });
    }
    SendOutcome send() {
        courier->submit(order_for("page", "sms"));
        std::unique_lock hold(lock_);
        REQUIRE(changed_.wait_for(hold, patience, [&] { return !outcomes_.empty(); }));
        return outcomes_.back();
    }
    static std::vector<DeliveryReceipt> receipts(const std::vector<Pulled>& pulled) {
        std::vector<DeliveryReceipt> out;
        for (const auto& one : pulled) {
            out.insert(out.end(), one.receipts.begin(), one.receipts.end());
        }
        return out;
    }
    static std::vector<IncomingText> texts(const std::vector<Pulled>& pulled) {
        std::vector<IncomingText> out;
        for (const auto& one : pulled) {
            out.insert(out.end(), one.texts.begin(), one.texts.end());
        }
        return out;
    }
    static std::string problem(const std::vector<Pulled>& pulled) {
        for (const auto& one : pulled) {
            if (!one.problem.empty()) {
                return one.problem;
            }
        }
        return {};
    }

    TempDir dir;
    MasSink mas;
    ChannelSpec spec;

private:
    std::mutex lock_;
    std::condition_variable changed_;
    std::vector<SendOutcome> outcomes_;
    std::vector<Pulled> pulled_;

public:
    std::unique_ptr<Courier> courier;  // last: its thread ends before what it writes to
};

}  // namespace

TEST_CASE("cmas pull: what the two words of a receipt come to, whichever says it", "[integration]") {
    struct Row {
        std::string status, error;
        int receipts;
        bool delivered;
        std::string code;
    };
    for (const auto& row : std::vector<Row>{{"CM:0000", "DELIVRD", 1, true, "DELIVRD"},
                                            {"DELIVRD", "", 1, true, "DELIVRD"},
                                            {"DELIVRD", "0", 1, true, "DELIVRD"},
                                            {"DELIVRD", "CM:0000", 1, true, "DELIVRD"},
                                            {"CM:0000", "", 0, false, ""},
                                            {"CM:0000", "success", 0, false, ""},
                                            {"CM:3000", "success", 0, false, ""},
                                            {"ACCEPTD", "", 0, false, ""},
                                            {"CM:0000", "DB:0140", 1, false, "DB:0140"},
                                            {"UNDELIV", "MK:0001", 1, false, "MK:0001"},
                                            {"EXPIRED", "", 1, false, "EXPIRED"},
                                            {"CM:8003", "", 1, false, "CM:8003"},
                                            {"DELIVRD", "DB:0140", 1, false, "DB:0140"}}) {
        INFO(row.status << " " << row.error);
        std::string body;
        JsonWriter(body)
            .begin_array()
            .begin_object()
            .field("reportStatus", row.status)
            .field("errorCode", row.error)
            .field("mobile", "13800000000")
            .field("msgGroup", "0826")
            .end_object()
            .end_array();
        const auto read = read_cmas_pull(PullKind::receipts, said(body));
        CHECK(read.problem.empty());
        CHECK(read.ignored == 0);
        REQUIRE(read.receipts.size() == static_cast<std::size_t>(row.receipts));
        if (row.receipts == 1) {
            CHECK(read.receipts[0].delivered == row.delivered);
            CHECK(read.receipts[0].code == row.code);
            CHECK(read.receipts[0].message == "0826");
            CHECK(read.receipts[0].number == "13800000000");
        }
    }
}

TEST_CASE("cmas pull: several numbers in one receipt, and entries that are none", "[integration]") {
    const auto read = read_cmas_pull(
        PullKind::receipts,
        said(R"([{"reportStatus":"DELIVRD","mobile":["13800000001","13800000002"],"msgGroup":"g","errorCode":""},)"
             R"({"reportStatus":"DELIVRD","mobile":"13800000001"},{"msgGroup":"g","reportStatus":"DELIVRD"},7,"x",null,[]])"));
    CHECK(read.receipts.size() == 2);
    CHECK(read.ignored == 6);
    const auto texts =
        read_cmas_pull(PullKind::texts, said(R"([{"smsContent":"1","mobile":"138","sendTime":"t"},{"smsContent":"1"},{}])"));
    CHECK(texts.texts.size() == 1);
    CHECK(texts.ignored == 2);
}

TEST_CASE("cmas pull: nothing, in every spelling of it, is no problem; everything else is said", "[integration]") {
    for (const char* nothing : {"[]", "", "  \r\n", "null"}) {
        INFO(nothing);
        CHECK(read_cmas_pull(PullKind::receipts, said(nothing)).problem.empty());
    }
    const auto problem = [](const HttpReply& reply) { return read_cmas_pull(PullKind::texts, reply).problem; };
    CHECK(problem(said(R"({"success":false,"rspcod":"InvalidUsrOrPwd"})")) == "refused: InvalidUsrOrPwd");
    CHECK(problem(said(R"({"x":1})")) == "the answer is no list");
    CHECK(problem(said("<html>portal</html>")).find("not the provider's answer") != std::string::npos);
    CHECK(problem(said("[]", 404)) == "HTTP 404");
    auto torn = said("[{");
    torn.body_whole = false;
    CHECK(problem(torn).find("torn") != std::string::npos);
    HttpReply nobody;
    nobody.transport = Transport::unreachable;
    CHECK_FALSE(problem(nobody).empty());
    std::string deep(64, '[');
    CHECK_FALSE(problem(said(deep)).empty());
}

TEST_CASE("cmas pull: 5000 entries of one answer count, one more is ignored and counted", "[integration]") {
    std::string body = "[";
    for (std::size_t i = 0; i <= pull_entries_max; ++i) {
        body += (i > 0 ? "," : "") + MasSink::entry("g" + std::to_string(i), "13800000000", "DELIVRD");
    }
    const auto read = read_cmas_pull(PullKind::receipts, said(body + "]"));
    CHECK(read.problem.empty());
    CHECK(read.receipts.size() == pull_entries_max);
    CHECK(read.ignored == 1);
}

TEST_CASE("cmas pull: a message has one identity however often it is given, another text or second has another",
          "[integration]") {
    const auto identity = [](const std::string& body) {
        return read_cmas_pull(PullKind::texts, said("[" + body + "]")).texts.at(0).identity;
    };
    const std::string once = R"({"smsContent":"1","mobile":"13800000000","sendTime":"20261127200000","addSerial":"1"})";
    CHECK(identity(once) == identity(once));
    CHECK(identity(once).size() == 32);
    CHECK(identity(once) != identity(R"({"smsContent":"2","mobile":"13800000000","sendTime":"20261127200000","addSerial":"1"})"));
    CHECK(identity(once) != identity(R"({"smsContent":"1","mobile":"13800000000","sendTime":"20261127200001","addSerial":"1"})"));
    CHECK(identity(once) != identity(R"({"smsContent":"1","mobile":"13800000001","sendTime":"20261127200000","addSerial":"1"})"));
    std::string endless(2000, 'x');
    const auto read = read_cmas_pull(PullKind::texts, said("[{\"smsContent\":\"" + endless + "\",\"mobile\":\"138\"}]"));
    CHECK(read.texts.at(0).text.size() == incoming_bytes_max);
}

TEST_CASE("pull plan: nothing is asked unless expected, then every so often, and ten minutes longer", "[integration]") {
    const PullPlan::Key key{"sms", PullKind::receipts};
    PullPlan plan;
    PullPlan::Time now{std::chrono::hours{1}};
    plan.offer({{key, 10000ms}});
    CHECK(plan.next() == PullPlan::Time::max());
    CHECK(plan.due(now).empty());

    plan.expect({"sms", "another"}, now);
    REQUIRE(plan.due(now) == std::vector<PullPlan::Key>{key});
    CHECK(plan.due(now).empty());  // one question at a time
    plan.ended(key, false, now);
    CHECK(plan.next() == now + 10s);
    CHECK(plan.due(now + 9999ms).empty());
    now += 10s;
    REQUIRE(plan.due(now).size() == 1);
    plan.ended(key, true, now);  // there was something: ask on
    REQUIRE(plan.due(now).size() == 1);
    plan.ended(key, false, now);

    plan.expect({}, now);
    CHECK(plan.due(now + PullPlan::linger).size() == 1);
    plan.ended(key, false, now + PullPlan::linger);
    CHECK(plan.due(now + PullPlan::linger + 10s).empty());
    CHECK(plan.next() == PullPlan::Time::max());
    plan.expect({"sms"}, now + 1h);
    CHECK(plan.due(now + 1h).size() == 1);
    plan.ended(key, false, now + 1h);
    plan.expect({}, now + 1h);
    CHECK(plan.next() == now + 1h + 10s);
    CHECK(plan.due(now + 2h).empty());  // the host slept over it
    CHECK(plan.next() == PullPlan::Time::max());
}

TEST_CASE("pull plan: a provider that always has something is still asked no more than 20 times in a row", "[integration]") {
    const PullPlan::Key key{"sms", PullKind::texts};
    PullPlan plan;
    const PullPlan::Time now{std::chrono::hours{1}};
    plan.offer({{key, 10000ms}});
    plan.expect({"sms"}, now);
    int asked = 0;
    for (; !plan.due(now).empty(); ++asked) {
        REQUIRE(asked < 100);
        plan.ended(key, true, now);
    }
    CHECK(asked == PullPlan::rounds_max + 1);
    CHECK(plan.next() == now + 10s);
    plan.offer({});  // not configured any more: what is under way ends quietly
    plan.ended(key, true, now);
    CHECK(plan.next() == PullPlan::Time::max());
}

TEST_CASE("cmas pull: a message is taken, asked about while word is expected, and its receipt comes back by its id",
          "[integration]") {
    PullKit kit;
    const auto outcome = kit.send();
    CHECK(outcome.outcome == OutcomeClass::ok);
    REQUIRE(outcome.message == kit.mas.taken().at(0).group);
    std::this_thread::sleep_for(200ms);
    CHECK(kit.mas.asked("/sms/report") == 0);  // nobody said that word is expected

    kit.mas.report(outcome.message, "13800000000");
    kit.mas.writes("13800000000", "1 K7MPRA");
    kit.courier->expect({"sms"});
    REQUIRE(kit.wait([](const auto& p) { return PullKit::receipts(p).size() == 1 && PullKit::texts(p).size() == 1; }));
    kit.wait([&](const auto& p) {
        const auto receipt = PullKit::receipts(p).front();
        CHECK(receipt.channel == "sms");
        CHECK(receipt.message == outcome.message);
        CHECK(receipt.delivered);
        CHECK(PullKit::texts(p).front().text == "1 K7MPRA");
        CHECK(PullKit::texts(p).front().channel == "sms");
        return true;
    });
}

TEST_CASE("cmas pull: a gateway that refuses, hangs, tears or talks without end is said, without the key, and asked again",
          "[integration]") {
    PullKit kit;
    kit.spec.timeout = 300ms;
    kit.courier->configure({kit.spec}, kit.dir.path().string());
    std::string words;
    SECTION("refuses, and shows the key") {
        SinkAnswer refuses;
        refuses.body = R"({"rspcod":"mas-secret"})";
        kit.mas.next_pull(refuses);
        words = "refused";
    }
    SECTION("hangs") {
        SinkAnswer hangs;
        hangs.manner = SinkAnswer::Manner::hang;
        kit.mas.next_pull(hangs);
        words = "timeout";
    }
    SECTION("tears") {
        SinkAnswer tears;
        tears.manner = SinkAnswer::Manner::close_after_headers;
        tears.body = "[{}]";
        kit.mas.next_pull(tears);
        words = "torn";
    }
    SECTION("talks without end") {
        SinkAnswer endless;
        endless.manner = SinkAnswer::Manner::endless;
        kit.mas.next_pull(endless);
        words = "torn";
    }
    kit.courier->expect({"sms"});
    REQUIRE(kit.wait([](const auto& p) { return !PullKit::problem(p).empty(); }));
    kit.mas.writes("13800000000", "2");
    CHECK(kit.wait([](const auto& p) { return PullKit::texts(p).size() == 1; }));
    kit.wait([&](const auto& p) {
        INFO(PullKit::problem(p));
        CHECK(PullKit::problem(p).find(words) != std::string::npos);
        CHECK(PullKit::problem(p).find("mas-secret") == std::string::npos);
        return true;
    });
}

TEST_CASE("cmas pull: the addresses are the gateway's own unless configured", "[integration]") {
    const std::map<std::string, std::string> elsewhere{{"report_url", "http://127.0.0.1:1/elsewhere"}};
    PullKit kit(elsewhere);
    kit.courier->expect({"sms"});
    REQUIRE(kit.wait([](const auto& p) { return !PullKit::problem(p).empty() && p.size() > 3; }));
    CHECK(kit.mas.asked("/sms/report") == 0);
    CHECK(kit.mas.asked("/sms/deliver") > 0);
}

TEST_CASE("cmas pull: a courier that stops waits for the answer under way, for it is given once", "[integration]") {
    PullKit kit;
    SinkAnswer late;
    late.delay = 400ms;
    late.body = "[" + MasSink::entry("g", "13800000000", "DELIVRD") + "]";
    kit.mas.next_pull(late);
    kit.mas.next_pull(late);
    kit.courier->expect({"sms"});
    while (kit.mas.asked("/sms/report") == 0) {
        std::this_thread::sleep_for(5ms);
    }
    CHECK(kit.courier->stop(5000ms) == 0);
    CHECK(kit.wait([](const auto& p) { return !PullKit::receipts(p).empty(); }));
}
