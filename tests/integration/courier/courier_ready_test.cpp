// Requests that are made while the disk still writes what they say: they leave as any other, or never.
#include <fstream>
#include <thread>

#include "channels/reply.hpp"
#include "channels/signature.hpp"
#include "courier_kit.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

namespace {

struct Prepared {
    TempDir dir;
    HttpSink sink;
    CourierKit kit;

    Prepared() {
        std::ofstream(dir.file("hook.key")) << "top secret key\n";
        configure("/page");
    }
    void configure(const std::string& path) {
        auto spec = webhook_spec("hook", sink.url(path));
        spec.settings["secret_file"] = "hook.key";
        REQUIRE(kit.configure({spec}, dir.path().string()).empty());
        sink_path = path;
    }
    /// Until the courier's thread has done what it was told.
    static void settle() { std::this_thread::sleep_for(100ms); }
    std::uint64_t ready() { return kit.courier().stats().ready; }
    std::string sink_path;
};

bool signed_well(const SinkRequest& request) {
    const auto time = request.headers.at("x-surged-timestamp");
    const auto wanted = "sha256=" + hmac_sha256_hex(Secret("top secret key"), time + "." + request.body);
    return request.headers.at("x-surged-signature").find(wanted.substr(7)) != std::string::npos;
}

}  // namespace

TEST_CASE("ready: a request made beforehand leaves as any other", "[integration]") {
    Prepared it;
    const auto order = order_for("page-1", "hook");
    it.kit.courier().make_ready({order});
    Prepared::settle();
    CHECK(it.sink.requests().empty());
    CHECK(it.kit.send(order).outcome.outcome == OutcomeClass::ok);
    CHECK(it.kit.send(order_for("page-2", "hook")).outcome.outcome == OutcomeClass::ok);

    const auto seen = it.sink.requests();
    REQUIRE(seen.size() == 2);
    CHECK(signed_well(seen[0]));
    CHECK(it.ready() == 1);
    // The same headers but for what is of the page, over one connection.
    for (const auto& [name, value] : seen[1].headers) {
        CHECK(seen[0].headers.count(name) == 1);
    }
    CHECK(seen[0].body.size() == seen[1].body.size());
    CHECK(seen[0].connection == seen[1].connection);
}

TEST_CASE("ready: what is never submitted never leaves, and so many are kept and no more", "[integration]") {
    Prepared it;
    std::vector<SendOrder> orders;
    for (int i = 0; i < 100; ++i) {
        orders.push_back(order_for("page-" + std::to_string(i), "hook"));
    }
    for (int turn = 0; turn < 3; ++turn) {
        it.kit.courier().make_ready(orders);
        Prepared::settle();
    }
    CHECK(it.sink.requests().empty());
    it.kit.courier().submit(orders);
    for (const auto& landed : it.kit.wait(100)) {
        CHECK(landed.outcome.outcome == OutcomeClass::ok);
    }
    CHECK(it.sink.requests().size() == 100);
    CHECK(it.ready() == Courier::ready_max);
}

TEST_CASE("ready: an order that became a repeat says so", "[integration]") {
    Prepared it;
    auto order = order_for("page-1", "hook");
    it.kit.courier().make_ready({order});
    Prepared::settle();
    order.repeat = true;
    order.text = "(repeat) " + order.text;
    CHECK(it.kit.send(order).outcome.outcome == OutcomeClass::ok);
    REQUIRE(it.sink.requests().size() == 1);
    CHECK(it.sink.requests()[0].body.find("(repeat) ") != std::string::npos);
    CHECK(it.ready() == 0);
}

TEST_CASE("ready: a page goes by the channel as it is when it leaves", "[integration]") {
    Prepared it;
    const auto order = order_for("page-1", "hook");
    it.kit.courier().make_ready({order});
    Prepared::settle();
    it.configure("/elsewhere");
    Prepared::settle();
    CHECK(it.kit.send(order).outcome.outcome == OutcomeClass::ok);
    REQUIRE(it.sink.requests().size() == 1);
    CHECK(it.sink.requests()[0].target == "/elsewhere");
    CHECK(it.ready() == 0);
}

TEST_CASE("ready: a signature is of about the moment in which it leaves", "[integration]") {
    Prepared it;
    const auto order = order_for("page-1", "hook");
    it.kit.courier().make_ready({order});
    std::this_thread::sleep_for(2100ms);
    CHECK(it.kit.send(order).outcome.outcome == OutcomeClass::ok);
    REQUIRE(it.sink.requests().size() == 1);
    CHECK(signed_well(it.sink.requests()[0]));
    CHECK(it.ready() == 0);
}

TEST_CASE("ready: a courier that ends takes what was ready with it", "[integration]") {
    Prepared it;
    it.kit.courier().make_ready({order_for("page-1", "hook"), order_for("page-2", "nowhere")});
    Prepared::settle();
    CHECK(it.kit.courier().stop(0ms) == 0);
    CHECK(it.kit.count() == 0);
    CHECK(it.sink.requests().empty());
}
