// Kill -9 at every numbered step between breach and closing message, restart, and compare what the sink saw with what must have
// happened.
#include <csignal>
#include <map>
#include <set>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// The daemon under the knife: started once to die, then as the product.
class Patient {
public:
    explicit Patient(int step) {
        kit.write_config("[[policy.action]]\nid = \"campaign\"\ntier = \"leads\"\ndo = \"hook\"\nundo = true\n");
        kit.start(std::string(SURGED_BIN_DIR) + "/surged_stepped", {{"SURGED_CRASH_AT", std::to_string(step)}});
    }
    /// Starts the product when the stepped one is dead.
    void keep_alive() {
        if (kit.daemon->running()) {
            return;
        }
        REQUIRE(kit.daemon->wait(1s) == 128 + SIGKILL);
        REQUIRE_FALSE(died);
        died = true;
        kit.start();
        REQUIRE(kit.daemon->running());
    }
    void feed_until(double value, const std::function<bool()>& done) {
        REQUIRE(kit.feed_until(
            value,
            [&] {
                keep_alive();
                return done();
            },
            20s));
    }
    /// People joined: the answer counts only when it was confirmed.
    void join(const std::string& person) {
        feed_until(20, [&] {
            const auto reply = post_json(kit.port("http"), "/api/v1/incidents/0-1/join", "{\"person\":\"" + person + "\"}",
                                         {{"Idempotency-Key", "key-" + person}});
            return reply.status == 200;
        });
    }
    /// person -> bodies of the pages of this purpose, in order of arrival.
    std::map<std::string, std::vector<JsonValue>> pages(const std::string& purpose) const {
        std::map<std::string, std::vector<JsonValue>> out;
        for (const SinkRequest& request : kit.pages(purpose)) {
            auto body = parse_json(request.body, {std::size_t{1} << 20U, 16, 100000});
            REQUIRE(body);
            const std::string person = body->find("people")->array()->at(0).text_or("person", "");
            out[person].push_back(*body);
        }
        return out;
    }
    /// Bodies of the doings or undoings of the playbook's one step, in order of arrival.
    std::vector<JsonValue> steps(bool undo) const {
        std::vector<JsonValue> out;
        for (const SinkRequest& request : kit.sink.requests()) {
            auto body = parse_json(request.body, {std::size_t{1} << 20U, 16, 100000});
            REQUIRE(body);
            if (body->text_or("type", "") == "action" && *body->find("undo")->boolean() == undo) {
                out.push_back(*body);
            }
        }
        return out;
    }
    /// A whole answer, from whichever daemon lives by then: the step may come at any moment.
    std::string get(const std::string& path) {
        HttpReply reply;
        REQUIRE(eventually([&] {
            keep_alive();
            reply = http(kit.port("http"), "GET", path);
            return reply.status == 200;
        }));
        return reply.body;
    }
    std::string incidents() { return get("/api/v1/incidents"); }

    DaemonKit kit;
    bool died = false;
};

const std::set<std::string> leads{"lead-01", "lead-02", "lead-03"};

/// At least once, at most one repeat, and the repeat says so under the same key (P3).
void check_once(const std::map<std::string, std::vector<JsonValue>>& pages, const std::string& purpose) {
    std::set<std::string> people;
    for (const auto& [person, bodies] : pages) {
        INFO(purpose << " to " << person << ": " << bodies.size());
        people.insert(person);
        CHECK(bodies.size() <= 2);
        // The first may be labelled too: when the attempt before it was cut off before its first byte, nobody can know that.
        if (bodies.size() == 2) {
            CHECK(*bodies[1].find("repeat")->boolean());
            CHECK(bodies[1].text_or("page", "x") == bodies[0].text_or("page", "y"));
        }
    }
    CHECK(people == leads);
}

/// Done and undone: each at least once, at most one repeat that says so, under one key, which the other does not have.
void check_playbook(const Patient& patient) {
    const auto done = patient.steps(false);
    const auto undone = patient.steps(true);
    for (const auto* steps : {&done, &undone}) {
        INFO((steps == &done ? "done " : "undone ") << steps->size());
        REQUIRE(!steps->empty());
        CHECK(steps->size() <= 2);
        CHECK(steps->front().text_or("key", "x") == steps->back().text_or("key", "y"));
        if (steps->size() == 2) {
            CHECK(*steps->back().find("repeat")->boolean());
        }
    }
    CHECK(done.front().text_or("key", "x") != undone.front().text_or("key", "x"));
}

/// One surge, from breach to closing message, with a death at `step`. False: it was over before that step came.
bool live_through(int step) {
    Patient patient(step);
    patient.feed_until(20, [&] { return patient.pages("first").size() == 3; });
    patient.join("lead-01");
    patient.join("lead-02");
    patient.feed_until(1, [&] {
        return patient.pages("close").size() == 3 && patient.incidents().find("\"state\":\"closed\"") != std::string::npos;
    });

    check_once(patient.pages("first"), "first");
    check_once(patient.pages("close"), "close");
    check_playbook(patient);
    const std::string incidents = patient.incidents();
    CHECK(incidents.find("0-1") != std::string::npos);
    CHECK(incidents.find("\"0-2\"") == std::string::npos);  // one surge is one incident
    const std::string story = patient.get("/api/v1/incidents/0-1");
    for (const char* person : {"lead-01", "lead-02"}) {
        CHECK(story.find("\"type\":\"seat.joined\",\"incident\":\"0-1\",\"person\":\"" + std::string(person)) !=
              std::string::npos);
    }
    return patient.died;
}

}  // namespace

TEST_CASE("crash: kill -9 at every step from breach to closing message loses nothing and repeats at most once", "[integration]") {
    int step = 1;
    for (; step <= 500; ++step) {
        INFO("killed at step " << step);
        if (!live_through(step)) {
            break;
        }
    }
    // Fewer steps than pages and commits there must be: then the hook is not connected.
    CHECK(step > 20);
    CHECK(step < 500);
    WARN("steps between start and closing message: " << step - 1);
}
