// What the author of a feeder sees of a running surged: [ingest] report by `surgectl feed watch`, `status`, and what [ingest] lenient takes.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/http_client.hpp"

using namespace surged::test;
using namespace std::chrono_literals;

namespace {

/// The kit's configuration with more lines in [ingest].
void add_to_ingest(const DaemonKit& kit, const std::string& lines) {
    std::ifstream in(kit.config);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    in.close();
    const std::string head = "[ingest]\n";
    text.replace(text.find(head), head.size(), head + lines);
    std::ofstream(kit.config, std::ios::trunc) << text;
}

std::string message(const std::string& source, std::uint64_t seq, const std::string& value) {
    const auto now_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    return R"({"v":1,"source":")" + source + R"(","epoch":1,"seq":)" + std::to_string(seq) + R"(,"ts":)" + std::to_string(now_ms) +
           R"(,"queues":[{"centre":"jinan","queue":"chat","m":{"calls_waiting":)" + value + "}}]}";
}

}  // namespace

TEST_CASE("app: the author of a feeder reads field, got and want while it runs, once a second at most, and status has the same", "[integration]") {
    DaemonKit kit;
    add_to_ingest(kit, "report = \"tcp://127.0.0.1:*\"\n");
    kit.start();
    Process watch(std::string(SURGED_BIN_DIR) + "/surgectl",
                  {"--json", "feed", "watch", "py", "--listen", kit.address("report"), "--for", "60s"}, kit.dir.file("watch"));
    REQUIRE(watch.wait_for_err("event=watching", 30s));
    const auto began = std::chrono::steady_clock::now();
    std::uint64_t seq = 0;
    const auto lines = [&] {
        const auto out = watch.out();
        return std::count(out.begin(), out.end(), '\n');
    };
    REQUIRE(eventually([&] {
        for (int i = 0; i < 20; ++i) {
            kit.pusher->push(message("py", ++seq, "\"4\""));
        }
        return lines() >= 3;
    }));
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    INFO(watch.out());
    CHECK(static_cast<double>(lines()) <= seconds + 2);
    CHECK(seq > 60);
    CHECK(watch.out().find(R"("source":"py","reason":"wrong_type")") != std::string::npos);
    CHECK(watch.out().find(R"("field":"calls_waiting","got":"\"4\"","want":"a finite number")") != std::string::npos);
    watch.signal(2);
    CHECK(watch.wait(10s) == 0);
    const Finished status = kit.ctl({"status"});
    INFO(status.out);
    CHECK(status.out.find("refused of py: ") != std::string::npos);
    CHECK(status.out.find(" ago: calls_waiting: got \"4\", wanted a finite number") != std::string::npos);
    CHECK(http(kit.port("metrics"), "GET", "/metrics").body.find("surged_ingest_lenient_total 0\n") != std::string::npos);
}

TEST_CASE("app: with [ingest] lenient the same messages are taken and counted, and what is ambiguous stays refused", "[integration]") {
    DaemonKit kit;
    add_to_ingest(kit, "lenient = true\n");
    kit.start();
    kit.pusher->push(message("py", 1, "\"4\""));
    kit.pusher->push(message("py", 2, "\"1,250\""));
    kit.pusher->push(message("py", 3, "\"5.5\""));
    const auto page = [&] { return http(kit.port("metrics"), "GET", "/metrics").body; };
    REQUIRE(eventually([&] { return page().find("surged_ingest_lenient_total 2\n") != std::string::npos; }));
    CHECK(page().find("surged_queue_calls_waiting{centre=\"jinan\",queue=\"chat\",channel=\"voice\"} 5.5") != std::string::npos);
    CHECK(kit.ctl({"status"}).out.find("calls_waiting: got \"1,250\", wanted a finite number") != std::string::npos);
    CHECK(kit.ctl({"feed", "watch", "--listen", "tcp://127.0.0.1:1", "--for", "1s"}).code == 3);
}
