// What pages of the console are told, by the real daemon over a real socket: everything, then what changed, then that it lives; a page
// that lags gets everything anew, and what a page holds is what the lists say.
#include <thread>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "wire/encode_message.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

const JsonLimits large{64UL << 20U, 16, 4'000'000};

/// A page as console/model.ts is one: it keeps rows by their keys.
struct Page {
    explicit Page(const DaemonKit& kit, bool small_buffer = false) : connection(kit.port("http"), 20s) {
        if (small_buffer) {
            connection.shrink_receive_buffer(64 * 1024);
        }
        connection.send("GET /api/v1/events?view=console HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(kit.port("http")) + "\r\n\r\n");
    }
    /// The next event, taken in; its type, empty when nothing came in time.
    std::string next() {
        for (;;) {
            const auto begin = connection.received().find("event: ", at);
            const auto end = begin == std::string::npos ? begin : connection.received().find("\n\n", begin);
            if (end != std::string::npos) {
                at = end + 2;
                return take(connection.received().substr(begin, end - begin));
            }
            if (connection.receive().empty()) {
                return {};
            }
        }
    }
    /// Reads until one of this type has come.
    bool until(const std::string& type, int most = 50) {
        for (int i = 0; i < most; ++i) {
            const auto got = next();
            if (got == type || got.empty()) {
                return got == type;
            }
        }
        return false;
    }
    std::string take(const std::string& text) {
        const auto line = text.find('\n');
        const auto type = text.substr(7, line - 7);
        auto data = parse_json(std::string_view(text).substr(line + 7), large);
        REQUIRE(data);
        last = std::move(*data);
        if (type == "beat") {
            ++beats;
            return type;
        }
        if (type == "snapshot") {
            ++snapshots;
            queues.clear();
            incidents.clear();
        }
        for (const JsonValue& row : *last.find("queues")->array()) {
            queues[row.text_or("centre", "") + "/" + row.text_or("queue", "")] = row.find("m")->find("calls_waiting")->number().value_or(-1);
        }
        for (const JsonValue& row : *last.find("incidents")->array()) {
            incidents[row.text_or("incident", "")] = row.text_or("state", "");
        }
        return type;
    }

    HttpConnection connection;
    std::size_t at = 0;
    int snapshots = 0;
    int beats = 0;
    JsonValue last;
    std::map<std::string, double> queues;
    std::map<std::string, std::string> incidents;
};

void feed_crowd(DaemonKit& kit, int queues, double value) {
    for (int first = 0; first < queues; first += 1000) {
        Message message;
        message.source = "crowd";
        message.has_epoch = true;
        message.epoch = kit.epoch;
        static std::uint64_t seq = 0;
        message.seq = ++seq;
        message.ts = source_time(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
        std::vector<std::string> names;
        names.reserve(1000);
        for (int i = first; i < std::min(queues, first + 1000); ++i) {
            names.push_back("queue-" + std::to_string(i));
            message.parts.push_back({"crowd", names.back(), "voice", message.ts, static_cast<std::uint32_t>(message.values.size()), 1});
            message.values.push_back({"calls_waiting", value});
        }
        kit.pusher->push(encode_json(message));
    }
}

}  // namespace

TEST_CASE("app: a page of the console gets everything, then what changed and no more, and a beat while nothing does", "[integration]") {
    DaemonKit kit;
    kit.start();
    Page page(kit);
    REQUIRE(page.next() == "snapshot");
    CHECK(page.queues.empty());
    CHECK(*page.last.find("status")->find("ready")->boolean());
    feed_crowd(kit, 20, 3);
    kit.feed(4);
    CHECK(eventually([&] { return page.until("delta") && page.queues.size() == 21; }));
    CHECK(page.queues.at("jinan/general") == 4);
    CHECK(page.queues.at("crowd/queue-7") == 3);
    CHECK(page.until("beat"));  // nothing changes now
    kit.feed(7);
    CHECK(eventually([&] { return page.until("delta") && page.queues.at("jinan/general") == 7; }));
    CHECK(page.last.find("queues")->array()->size() == 1);  // only what changed
    CHECK(page.last.find("incidents")->array()->empty());
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    CHECK(eventually([&] { return page.until("delta") && page.incidents.count("0-1") == 1; }));
    Page late(kit);  // who comes later gets what there is
    REQUIRE(late.next() == "snapshot");
    CHECK(late.queues == page.queues);
    CHECK(late.incidents.at("0-1") == page.incidents.at("0-1"));
    CHECK(page.snapshots == 1);
    CHECK(kit.ctl({"join", "0-1", "--as", "lead-01"}).code == 0);
    CHECK(kit.ctl({"join", "0-1", "--as", "lead-02"}).code == 0);
    for (auto* reader : {&page, &late}) {
        CHECK(eventually([&] { return reader->until("delta") && reader->incidents.at("0-1") == "filled"; }));
    }
}

TEST_CASE("app: a page that does not read loses what waited, is given everything anew, and holds what the lists say; others are not held up", "[integration]") {
    DaemonKit kit;
    kit.start();
    constexpr int many = 6000;
    feed_crowd(kit, many, 0);
    REQUIRE(eventually([&] { return kit.ctl({"status"}).out.find(std::to_string(many)) != std::string::npos; }, 30s));
    Page slow(kit, true);
    Page quick(kit);
    REQUIRE(slow.next() == "snapshot");
    REQUIRE(quick.next() == "snapshot");
    REQUIRE(quick.queues.size() == many);
    // The slow one takes nothing for all this time: more than the kernel keeps for it, and less than the 15 s after which it counts as gone.
    const auto begun = std::chrono::steady_clock::now();
    double round = 0;
    while (std::chrono::steady_clock::now() - begun < 12s) {
        feed_crowd(kit, many, ++round);
        CHECK(eventually([&] { return quick.until("delta") && quick.queues.at("crowd/queue-5999") == round; }, 20s));
    }
    CHECK(quick.snapshots == 1);
    REQUIRE(slow.until("snapshot"));
    CHECK(eventually([&] { return slow.queues == quick.queues || (slow.next(), false); }, 20s));
    CHECK(slow.snapshots >= 2);
    CHECK(slow.queues.at("crowd/queue-0") == round);
    feed_crowd(kit, many, 1000);  // and it goes on with changes
    CHECK(slow.until("delta"));
    CHECK(eventually([&] { return slow.queues.at("crowd/queue-5999") == 1000 || (slow.next(), false); }, 20s));
}

TEST_CASE("app: over a reload a page holds the queues and incidents that there are", "[integration]") {
    DaemonKit kit;
    kit.start();
    feed_crowd(kit, 50, 1);
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    Page page(kit);
    REQUIRE(page.next() == "snapshot");
    CHECK(page.queues.size() == 51);
    kit.write_config("[[rule]]\nid = \"more\"\nkind = \"threshold\"\nmetric = \"calls_waiting\"\nscope = { centre = \"crowd\" }\n"
                     "yellow = { raise = \"> 100\", clear = \"< 50\" }\n");
    REQUIRE(kit.ctl({"reload"}).code == 0);
    feed_crowd(kit, 50, 2);
    CHECK(eventually([&] { return page.queues["crowd/queue-49"] == 2 || (page.next(), false); }));
    CHECK(page.queues.size() == 51);
    CHECK(page.incidents.size() == 1);
}

TEST_CASE("app: what an incident does next is told with its time, and so is that there is nothing", "[integration]") {
    DaemonKit kit;
    kit.start();
    REQUIRE(kit.feed_until(20, [&] { return kit.pages("first").size() == 3; }));
    const auto next = [&]() -> std::pair<std::string, std::int64_t> {
        const auto incident = parse_json(kit.ctl({"show", "0-1", "--json"}).out, large);
        REQUIRE(incident);
        const auto* step = incident->find("next_step");
        if (step == nullptr || !step->is_object()) {
            return {};
        }
        return {step->text_or("what", "") + (step->find("tier") != nullptr ? std::to_string(step->find("tier")->integer().value_or(0)) : ""),
                (step->find("at_ms")->integer().value_or(0) - incident->find("opened_ms")->integer().value_or(0)) / 1000};
    };
    CHECK(next().first == "tier2");
    CHECK(next().second >= 59);
    CHECK(next().second <= 62);
    CHECK(kit.ctl({"escalate", "0-1"}).code == 0);
    CHECK(next().first == "tier3");
    CHECK(kit.ctl({"escalate", "0-1"}).code == 0);
    CHECK(next().first == "fallback");
    for (const char* person : {"lead-01", "lead-02"}) {
        CHECK(kit.ctl({"join", "0-1", "--as", person}).code == 0);
    }
    CHECK(next().first != "tier3");
    CHECK(next().first != "fallback");  // nobody is called any more
    REQUIRE(kit.feed_until(1, [&] { return kit.pages("close").size() >= 3; }));
    CHECK(next().first.empty());
}
