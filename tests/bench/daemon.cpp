#include "daemon.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "measure.hpp"
#include "support/http_client.hpp"
#include "wire/json_text.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* shell = R"(
[ingest]
bind = ["tcp://127.0.0.1:*"]
[metrics]
listen = "127.0.0.1:0"
[http]
listen = "127.0.0.1:0"
[store]
path = "surged.db"
[defaults]
timezone = "UTC"
stale_after = "1h"
)";

/// The port at the end of `name=...:port` in the line that tells the listeners.
int port_in(const std::string& line, const std::string& name) {
    const auto at = line.find(" " + name + "=");
    const auto end = at == std::string::npos ? at : line.find_first_of(" \n", at + 1);
    const auto colon = at == std::string::npos ? at : line.rfind(':', end);
    return colon == std::string::npos || colon < at ? 0 : std::atoi(line.c_str() + colon + 1);
}

std::uint64_t natural_at(const JsonValue* object, std::string_view name) {
    const JsonValue* found = object == nullptr ? nullptr : object->find(name);
    return found == nullptr ? 0 : found->natural().value_or(0);
}

}  // namespace

Daemon::Daemon(const std::string& folder, const std::string& config, std::vector<std::string> before) {
    std::filesystem::create_directories(folder);
    const std::string file = folder + "/surged.toml";
    const std::string log = folder + "/surged.log";
    std::ofstream(file) << shell << config;
    const std::string program = beside_own("surged");
    if (first_program({program}).empty()) {
        give_up("no daemon at " + program);
    }
    auto words = std::move(before);
    words.insert(words.end(), {program, "--config", file, "--store", folder + "/surged.db"});
    child_ = std::make_unique<Child>(Child::Options{std::move(words), log, false, folder, {}});
    const std::string told = wait_for_text(log, "event=listening", 20s);
    const auto at = told.find("event=listening");
    const std::string line = at == std::string::npos ? "" : told.substr(at, told.find('\n', at) - at);
    ingest_ = port_in(line, "ingest");
    http_ = port_in(line, "http");
    metrics_ = port_in(line, "metrics");
    if (ingest_ == 0 || http_ == 0 || metrics_ == 0) {
        std::ifstream all(log);
        give_up("surged did not start:\n" + std::string(std::istreambuf_iterator<char>(all), {}));
    }
}

Daemon::Counts Daemon::counts() const {
    const auto reply = test::http(http_, "GET", "/api/v1/status");
    const auto json = parse_json(reply.body, {16U << 20U, 16, 1000000});
    if (reply.status != 200 || !json) {
        give_up("surged does not answer: status " + std::to_string(reply.status));
    }
    Counts out;
    const JsonValue* ingest = json->find("ingest");
    out.messages = natural_at(ingest, "messages");
    out.samples = natural_at(ingest, "samples");
    out.series = natural_at(ingest, "series");
    out.bound = natural_at(&*json, "bound");
    out.incidents = natural_at(&*json, "incidents_open");
    const JsonValue* rejected = ingest == nullptr ? nullptr : ingest->find("rejected");
    if (rejected != nullptr && rejected->object() != nullptr) {
        for (const auto& reason : *rejected->object()) {
            out.rejected += reason.second.natural().value_or(0);
        }
    }
    return out;
}

bool Daemon::wait_for_series(std::uint64_t series, std::chrono::milliseconds within) const {
    const auto end = Clock::now() + within;
    while (Clock::now() < end) {
        if (counts().series >= series) {
            return true;
        }
        std::this_thread::sleep_for(20ms);
    }
    return false;
}

double Daemon::metric(const std::string& line_start) const {
    const std::string text = "\n" + test::http(metrics_, "GET", "/metrics").body;
    const auto at = text.find("\n" + line_start);
    return at == std::string::npos ? 0.0 : std::strtod(text.c_str() + text.find(' ', at + line_start.size()), nullptr);
}

}  // namespace surged::bench
