// The two feeders of surged-feed(7), taken from the page as they are printed and run against two real daemons: what surged has of
// them is what they were given, over a restart of surged and of the feeder.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "support/catch.hpp"
#include "support/daemon_kit.hpp"
#include "support/free_port.hpp"
#include "support/http_client.hpp"
#include "support/man_page.hpp"
#include "wire/json_text.hpp"

using namespace surged;
using namespace surged::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const char* const page_name = "surged-feed.7";

/// A daemon that listens for feeders on one port in all its lives, and counts what was offered in ten minutes.
struct Watcher {
    Watcher() {
        std::ifstream in(kit.config);
        std::string text(std::istreambuf_iterator<char>(in), {});
        const std::string any = "tcp://127.0.0.1:*";
        text.replace(text.find(any), any.size(), endpoint);
        std::ofstream(kit.config) << text << "[[derive]]\nmetric = \"offered_lately\"\nformula = \"increase(offered, 10m)\"\n";
        kit.start();
    }

    JsonValue get(const std::string& what) {
        const HttpReply reply = http(kit.port("http"), "GET", "/api/v1/" + what);
        auto json = parse_json(reply.body, {1U << 20U, 16, 100000});
        return reply.status == 200 && json ? *std::move(json) : JsonValue{};
    }
    /// The latest value of a metric of jinan/`queue`; nullopt while there is none.
    std::optional<double> value(const std::string& queue, const std::string& metric) {
        const auto json = get("queues");
        const JsonValue* list = json.find("queues");
        for (const JsonValue& entry : list == nullptr || list->array() == nullptr ? JsonValue::Array{} : *list->array()) {
            const JsonValue* m =
                entry.text_or("centre", "") == "jinan" && entry.text_or("queue", "") == queue ? entry.find("m") : nullptr;
            if (const JsonValue* found = m == nullptr ? nullptr : m->find(metric)) {
                return found->number();
            }
        }
        return std::nullopt;
    }
    /// Whether jinan/general comes to these values.
    bool comes_to(double offered, double answered, double waiting, double agents) {
        return eventually([&] {
            std::this_thread::sleep_for(100ms);
            return value("general", "offered") == offered && value("general", "answered") == answered &&
                   value("general", "calls_waiting") == waiting && value("general", "agents_staffed") == agents;
        });
    }
    /// A number of the only source.
    std::uint64_t of_source(const std::string& field) {
        const auto json = get("status");
        const JsonValue* ingest = json.find("ingest");
        const JsonValue* sources = ingest == nullptr ? nullptr : ingest->find("sources");
        REQUIRE((sources != nullptr && sources->array() != nullptr));
        REQUIRE(sources->array()->size() == 1);
        CHECK(sources->array()->front().text_or("problem", "") == "");
        return sources->array()->front().find(field)->natural().value_or(0);
    }
    /// Nothing was refused, and the feeder's only other queue is idle.
    void is_well() {
        const auto json = get("status");
        REQUIRE(json.find("ingest") != nullptr);
        for (const auto& [reason, count] : *json.find("ingest")->find("rejected")->object()) {
            INFO(reason);
            CHECK(count.natural() == 0U);
        }
        CHECK(json.find("ingest")->find("queues")->natural() == 2U);
        CHECK(value("complaint", "calls_waiting") == 0.0);
        CHECK(value("complaint", "offered") == 0.0);
        CHECK_FALSE(value("complaint", "agents_staffed").has_value());
    }

    std::string endpoint = "tcp://127.0.0.1:" + std::to_string(free_port());
    DaemonKit kit;
};

/// What the telephone system says, in the form of the page's example: of this interval so far.
struct Switch {
    TempDir dir;
    std::string file = dir.file("switch.json");

    void says(const std::string& interval, int offered, int answered, int waiting, int agents) const {
        std::ofstream(file + ".new") << R"({"interval": ")" << interval << R"(", "queues": {"general": {"offered": )" << offered
                                     << R"(, "answered": )" << answered << R"(, "waiting": )" << waiting << R"(, "agents": )"
                                     << agents << "}}}";
        fs::rename(file + ".new", file);
    }
};

struct Program {
    std::string interpreter;
    std::string file;  ///< in the switch's folder
};

/// `surgectl feed record` in the place of a daemon: what goes over the wire.
struct Recorder {
    TempDir dir;
    std::string endpoint = "tcp://127.0.0.1:" + std::to_string(free_port());
    Process record{surgectl(), {"feed", "record", "--bind", endpoint}, dir.file("record")};

    static std::string surgectl() { return std::string(SURGED_BIN_DIR) + "/surgectl"; }
    /// Judges the messages so far as surged's own checker does. A feeder that restarts under the same epoch repeats its numbers
    /// there.
    void is_well() {
        record.signal(SIGTERM);
        CHECK(record.wait(10s) == 0);
        const auto judged = run_program(surgectl(), {"feed", "check", "--quiet", dir.file("record.out")}, dir.path().string());
        INFO(judged.out);
        CHECK(judged.code == 0);
        std::set<std::string> epochs;
        std::istringstream lines(record.out());
        for (std::string line; std::getline(lines, line);) {
            const auto at = line.find("\"epoch\":");
            REQUIRE(at != std::string::npos);
            epochs.insert(line.substr(at, line.find(',', at) - at));
        }
        CHECK(epochs.size() == 2);
    }
};

void survives_restarts(const Switch& phones, const Program& program) {
    Watcher one;
    Watcher other;
    Recorder recorder;
    const auto begin = [&] {
        return std::make_unique<Process>(
            program.interpreter,
            std::vector<std::string>{phones.dir.file(program.file), phones.file, one.endpoint, other.endpoint, recorder.endpoint},
            phones.dir.file("feeder"));
    };
    std::ofstream(phones.file) << man_example(man_source(page_name), ".SH EXAMPLES");
    auto feeder = begin();
    // The first look is where counting begins: the 12 of the page's example had been counted before.
    // Both must have heard it: who hears of a feeder's counters at 3 counts from 3.
    CHECK(one.comes_to(0, 0, 3, 9));
    CHECK(other.comes_to(0, 0, 3, 9));
    phones.says("2026-11-29 12:30", 15, 13, 5, 9);
    CHECK(one.comes_to(3, 2, 5, 9));
    CHECK(other.comes_to(3, 2, 5, 9));
    phones.says("2026-11-29 13:00", 4, 1, 5, 8);
    CHECK(one.comes_to(7, 3, 5, 8));
    CHECK(other.comes_to(7, 3, 5, 8));

    one.kit.daemon->signal(SIGTERM);
    REQUIRE(one.kit.daemon->wait(20s) == 0);
    phones.says("2026-11-29 13:00", 9, 6, 2, 8);
    CHECK(other.comes_to(12, 8, 2, 8));
    one.kit.start();
    INFO(feeder->err());
    CHECK(one.comes_to(12, 8, 2, 8));
    for (Watcher* surged : {&one, &other}) {
        CHECK(surged->value("general", "offered_lately").value_or(-1) == Approx(12).margin(0.01));
        CHECK(surged->of_source("restarts") == 0);
        CHECK(surged->of_source("repeats") == 0);
        surged->is_well();
    }
    CHECK(other.of_source("gaps") == 0);  // it does not hear of its neighbour's absence
    CHECK(one.of_source("gaps") >= 1);    // what it missed is told

    std::ofstream(phones.file) << "{\"interval\": \"2026-11-29 13:";  // half a file: nothing is known
    std::this_thread::sleep_for(1500ms);
    const auto heard = one.of_source("messages");
    std::this_thread::sleep_for(2500ms);
    CHECK(one.of_source("messages") == heard);

    feeder->signal(SIGTERM);
    CHECK(feeder->wait(10s) != -1);
    phones.says("2026-11-29 13:00", 11, 8, 1, 7);
    feeder = begin();
    CHECK(one.comes_to(0, 0, 1, 7));
    CHECK(other.comes_to(0, 0, 1, 7));
    phones.says("2026-11-29 13:00", 14, 10, 1, 7);
    for (Watcher* surged : {&one, &other}) {
        CHECK(surged->comes_to(3, 2, 1, 7));
        CHECK(surged->of_source("restarts") == 1);
        CHECK(surged->value("general", "offered_lately").value_or(-1) == Approx(15).margin(0.01));
        surged->is_well();
    }
    recorder.is_well();
    CHECK(feeder->running());
    CHECK(feeder->err().empty());
}

std::string output_of(const std::string& command) {
    const TempDir folder;
    auto out = run_program("/bin/sh", {"-c", command}, folder.path().string(), 150s).out;
    out.erase(out.find_last_not_of('\n') + 1);
    return out;
}

/// A folder with zeromq in its node_modules: kept in the build tree, filled by npm where it is at hand. Empty: why is said.
std::string folder_of_zeromq(const std::string& node) {
    if (node.empty()) {
        WARN("node is not installed: skipped");
        return {};
    }
    const auto folder = (fs::path(SURGED_BIN_DIR).parent_path() / "node").string();
    const auto loads = "cd '" + folder + "' && '" + node + "' -e 'require(\"zeromq\")' 2>&1 && echo yes";
    fs::create_directories(folder);
    if (output_of(loads) == "yes") {
        return folder;
    }
    const auto said = output_of("command -v npm >/dev/null || { echo 'no npm'; exit; }; timeout 120 npm install --prefix '" +
                                folder + "' --no-audit --no-fund --no-progress zeromq@6 2>&1");
    const auto now = output_of(loads);
    if (now == "yes") {
        return folder;
    }
    WARN("zeromq of npm cannot be had, skipped: " << said << "\n" << now);
    return {};
}

}  // namespace

TEST_CASE("feed manual: its Python feeder survives surged's restart and its own, as it is printed", "[integration]") {
    if (std::system("/usr/bin/python3 -c 'import zmq' > /dev/null 2>&1") != 0) {
        WARN("python3-zmq is not installed: skipped");
        return;
    }
    const Switch phones;
    std::ofstream(phones.dir.file("feeder.py")) << man_example(man_source(page_name), ".SS Python");
    survives_restarts(phones, {"/usr/bin/python3", "feeder.py"});
}

TEST_CASE("feed manual: its Node feeder survives surged's restart and its own, as it is printed", "[integration]") {
    const auto node = output_of("command -v node");
    const auto modules = folder_of_zeromq(node);
    if (modules.empty()) {
        return;
    }
    const Switch phones;
    fs::create_directory_symlink(modules + "/node_modules", phones.dir.path() / "node_modules");
    std::ofstream(phones.dir.file("feeder.mjs")) << man_example(man_source(page_name), ".SS Node");
    survives_restarts(phones, {node, "feeder.mjs"});
}

TEST_CASE("manual: mandoc has nothing to warn of, and prints the feeders as the tests run them", "[integration]") {
    if (output_of("command -v mandoc").empty()) {
        WARN("mandoc is not installed: skipped");
        return;
    }
    const std::string folder = std::string(SURGED_SOURCE_DIR) + "/daemon/ctl/man";
    for (const auto& file : fs::directory_iterator(folder)) {
        INFO(file.path());
        CHECK(output_of("mandoc -T lint -W warning '" + file.path().string() + "' 2>&1") == "");
    }
    // Bold and underlined letters are printed over each other: letter, backspace, letter.
    auto printed = output_of("mandoc -T utf8 -O width=80 '" + folder + "/" + page_name + "'");
    for (auto at = printed.find('\b'); at != std::string::npos; at = printed.find('\b')) {
        printed.erase(at == 0 ? 0 : at - 1, at == 0 ? 1 : 2);
    }
    const std::string indent(7, ' ');
    for (const char* heading : {".SH SYNOPSIS", ".SH EXAMPLES", ".SS Python", ".SS Node"}) {
        INFO(heading);
        std::istringstream lines(man_example(man_source(page_name), heading));
        std::string shown;
        for (std::string line; std::getline(lines, line);) {
            shown += indent + line + "\n";
        }
        CHECK(printed.find("\n" + shown) != std::string::npos);
    }
}
