// Ways that stay warm, before a real nginx that closes what is idle, as the servers of providers do.
#include <algorithm>
#include <atomic>
#include <thread>

#include "courier_kit.hpp"
#include "io/courier/warm_plan.hpp"
#include "support/free_port.hpp"
#include "support/nginx_sink.hpp"

using namespace surged;
using namespace surged::test;

namespace {

bool no_nginx() {
    if (!NginxSink::installed()) {
        WARN("nginx is not installed: skipped");
    }
    return !NginxSink::installed();
}

ChannelSpec way_to(const NginxSink& server, const std::string& keep_warm) {
    auto spec = webhook_spec("hook", server.url("/page"));
    spec.settings["ca_file"] = server.ca_file();
    spec.settings["keep_warm"] = keep_warm;
    return spec;
}

std::size_t count_of(const std::vector<NginxRequest>& requests, const std::string& method) {
    return static_cast<std::size_t>(std::ranges::count(requests, method, &NginxRequest::method));
}

/// What a page found: the last POST, with its number on its connection.
NginxRequest page_after(CourierKit& kit, const NginxSink& server, const std::string& page) {
    const auto before = count_of(server.requests(), "POST");
    const auto landed = kit.send(order_for(page, "hook"));
    INFO(landed.outcome.detail);
    CHECK(landed.outcome.outcome == OutcomeClass::ok);
    auto all = server.wait_for("POST", before + 1, patience);
    std::erase_if(all, [](const NginxRequest& one) { return one.method != "POST"; });
    REQUIRE(all.size() == before + 1);
    return all.back();
}

}  // namespace

TEST_CASE("warm: a connection that the server closed in the TLS way is not used for a page", "[integration][warm]") {
    if (no_nginx()) {
        return;
    }
    NginxSink server({.keepalive = 300ms});
    REQUIRE(server.up());
    CourierKit kit;
    kit.configure({way_to(server, "0s")});
    for (int i = 0; i < 3; ++i) {
        const auto page = page_after(kit, server, "p" + std::to_string(i));
        CHECK(page.nth == 1);
        CHECK(page.resumed == (i > 0));  // the session is remembered over connections
        std::this_thread::sleep_for(700ms);
    }
    CHECK(count_of(server.requests(), "HEAD") == 0);
}

TEST_CASE("warm: the first page after the server closed its idle connections meets a warm one", "[integration][warm]") {
    if (no_nginx()) {
        return;
    }
    NginxSink server({.keepalive = 1000ms});
    REQUIRE(server.up());
    CourierKit kit;
    SECTION("a way that is used before the server would hang up") {
        kit.configure({way_to(server, "400ms")});
        const auto first = page_after(kit, server, "evening");
        std::this_thread::sleep_for(2500ms);
        const auto later = page_after(kit, server, "night");
        CHECK(later.nth > 1);
        CHECK(count_of(server.requests(), "HEAD") >= 4);
        const auto all = server.requests();
        CHECK(std::ranges::all_of(all, [](const auto& one) { return one.method != "HEAD" || one.target == "/"; }));
        CHECK(first.at_s < later.at_s);
    }
    SECTION("a server that hangs up sooner: the way is opened again when a page may leave soon") {
        kit.configure({way_to(server, "60s")});
        REQUIRE(count_of(server.wait_for("HEAD", 1, patience), "HEAD") == 1);
        std::this_thread::sleep_for(2500ms);
        CHECK(count_of(server.requests(), "HEAD") == 1);
        kit.courier().soon();
        REQUIRE(count_of(server.wait_for("HEAD", 2, 5s), "HEAD") == 2);
        CHECK(page_after(kit, server, "night").nth == 2);
        // It hangs up again before the page comes, and the way is opened again without being asked for.
        CHECK(count_of(server.wait_for("HEAD", 3, 10s), "HEAD") >= 3);
        CHECK(page_after(kit, server, "second").nth > 1);
    }
    SECTION("while the way is warm, a page that may leave soon costs no request") {
        kit.configure({way_to(server, "500ms")});
        REQUIRE(count_of(server.wait_for("HEAD", 2, patience), "HEAD") >= 2);
        const auto before = count_of(server.requests(), "HEAD");
        for (int i = 0; i < 100; ++i) {
            kit.courier().soon();
        }
        std::this_thread::sleep_for(200ms);
        CHECK(count_of(server.requests(), "HEAD") <= before + 1);
    }
}

TEST_CASE("warm: a connection at the server's limit of requests is replaced at once", "[integration][warm]") {
    if (no_nginx()) {
        return;
    }
    NginxSink server({.requests_max = 3});
    REQUIRE(server.up());
    CourierKit kit;
    kit.configure({way_to(server, "60s")});
    REQUIRE(count_of(server.wait_for("HEAD", 1, patience), "HEAD") == 1);
    CHECK(page_after(kit, server, "p1").nth == 2);
    CHECK(page_after(kit, server, "p2").nth == 3);
    REQUIRE(count_of(server.wait_for("HEAD", 2, patience), "HEAD") == 2);
    CHECK(page_after(kit, server, "p3").nth == 2);
}

TEST_CASE("warm: who stands by uses no way; whoever takes over opens all of them at once", "[integration][warm]") {
    if (no_nginx()) {
        return;
    }
    NginxSink server({});
    REQUIRE(server.up());
    std::atomic<bool> leads{false};
    CourierOptions options;
    options.may_start = [&leads] { return leads.load(); };
    CourierKit kit(std::move(options));
    kit.configure({way_to(server, "100ms")});
    kit.courier().soon();
    std::this_thread::sleep_for(1500ms);
    CHECK(server.requests().empty());
    CHECK(kit.courier().stats().warm_ups == 0);
    leads = true;
    CHECK(count_of(server.wait_for("HEAD", 1, 5s), "HEAD") >= 1);
    leads = false;
    std::this_thread::sleep_for(200ms);
    const auto before = server.requests().size();
    std::this_thread::sleep_for(500ms);
    CHECK(server.requests().size() == before);
}

TEST_CASE("warm: plain HTTP and keep_warm = 0s are left alone, and two channels of one host share a way", "[integration][warm]") {
    HttpSink plain;
    CourierKit kit;
    kit.configure({webhook_spec("plain", plain.url("/page"))});
    kit.courier().soon();
    std::this_thread::sleep_for(300ms);
    CHECK(plain.connections() == 0);
    if (no_nginx()) {
        return;
    }
    NginxSink server({});
    REQUIRE(server.up());
    auto second = way_to(server, "60s");
    second.id = "second";
    second.settings["url"] = server.url("/other?token=secret");
    kit.configure({way_to(server, "50s"), second});
    server.wait_for("HEAD", 1, patience);
    std::this_thread::sleep_for(300ms);
    CHECK(server.requests().size() == 1);
    CHECK(kit.courier().stats().warm_ups == 1);
}

TEST_CASE("warm: a way that cannot be used is told when it begins and when it is over, and no page failed", "[integration][warm]") {
    if (no_nginx()) {
        return;
    }
    std::mutex lock;
    std::vector<ChannelProblem> told;
    CourierOptions options;
    options.on_warmth = [&](const ChannelProblem& problem) {
        const std::lock_guard hold(lock);
        told.push_back(problem);
    };
    CourierKit kit(std::move(options));
    auto server = std::make_unique<NginxSink>(NginxSink::Options{});
    REQUIRE(server->up());
    auto spec = way_to(*server, "200ms");
    const auto trusted = spec.settings["ca_file"];
    spec.settings.erase("ca_file");  // a certificate that nobody here trusts: seen long before somebody must be paged
    const auto wait_for = [&](std::size_t count) {
        for (int i = 0; i < 1000; ++i) {
            {
                const std::lock_guard hold(lock);
                if (told.size() >= count) {
                    return told;
                }
            }
            std::this_thread::sleep_for(10ms);
        }
        const std::lock_guard hold(lock);
        return told;
    };
    kit.configure({spec});
    REQUIRE(wait_for(1).size() == 1);
    CHECK(told[0].channel == "hook");
    CHECK(told[0].detail.find("certificate") != std::string::npos);
    std::this_thread::sleep_for(700ms);
    CHECK(wait_for(1).size() == 1);  // once, not each time
    spec.settings["ca_file"] = trusted;
    kit.configure({spec});
    CHECK(kit.send(order_for("p", "hook")).outcome.outcome == OutcomeClass::ok);
    server->stop();
    REQUIRE(wait_for(2).size() == 2);
    CHECK(told[1].detail.find("certificate") == std::string::npos);
    CHECK_FALSE(told[1].detail.empty());
    CHECK(kit.courier().stats().outcomes.at("hook").size() == 1);
}

namespace {
using Time = WarmPlan::Time;
constexpr Time start{1000s};
WarmPlan plan_of(milliseconds every) {
    WarmPlan plan;
    plan.offer({{"way", every}}, start);
    return plan;
}
bool due_at(WarmPlan& plan, Time at) {
    return !plan.due(at).empty();
}
}  // namespace

TEST_CASE("warm plan: a new way is used at once, then when it was idle for long enough", "[warm]") {
    auto plan = plan_of(50s);
    CHECK(plan.next() == start);
    CHECK(due_at(plan, start));
    CHECK(plan.next() == Time::max());  // under way
    plan.used("way", start + 100ms);
    plan.ended("way");
    CHECK(plan.next() == start + 100ms + 50s);
    plan.used("way", start + 20s);  // a page went by it
    CHECK_FALSE(due_at(plan, start + 70s - 1ms));
    CHECK(due_at(plan, start + 70s));
}

TEST_CASE("warm plan: a server that hangs up is left alone until a page may leave soon", "[warm]") {
    auto plan = plan_of(50s);
    CHECK(due_at(plan, start));
    plan.used("way", start);
    plan.ended("way");
    plan.lost("way", false, start + 5s);
    CHECK(plan.next() == start + 50s);
    plan.soon(start + 10s);
    CHECK(due_at(plan, start + 10s));
    plan.used("way", start + 10s);
    plan.ended("way");
    plan.soon(start + 11s);
    CHECK(plan.next() == start + 60s);  // it is warm
    SECTION("then a connection that ends is replaced, but not within the gap") {
        plan.lost("way", false, start + 11s);
        CHECK(plan.next() == start + 10s + WarmPlan::gap);
    }
    SECTION("and once nothing was expected for a while it is left alone again") {
        const auto last = start + 11s + WarmPlan::eager_for;
        plan.used("way", last);
        plan.lost("way", false, last);
        CHECK(plan.next() == last);
        plan.used("way", last);
        plan.lost("way", false, last + 1ms);
        CHECK(plan.next() == last + 50s);
    }
}

TEST_CASE("warm plan: a connection that ends with a request is replaced at once, one that never carried another is not", "[warm]") {
    auto plan = plan_of(50s);
    CHECK(due_at(plan, start));
    plan.lost("way", true, start + 1s);
    plan.ended("way");
    CHECK(plan.next() == start + 1s);
    CHECK(due_at(plan, start + 1s));
    plan.lost("way", false, start + 2s);
    plan.ended("way");
    CHECK(plan.next() == start + 51s);
}

TEST_CASE("warm plan: what a reload takes away is forgotten, and what is not known is no matter", "[warm]") {
    auto plan = plan_of(50s);
    plan.offer({{"other", 10s}}, start);
    CHECK(plan.due(start) == std::vector<std::string>{"other"});
    plan.ended("way");
    plan.used("way", start);
    plan.lost("way", true, start);
    plan.ended("other");
    CHECK(plan.next() == start + 10s);
    plan.offer({}, start);
    CHECK(plan.empty());
    CHECK(plan.next() == Time::max());
}
