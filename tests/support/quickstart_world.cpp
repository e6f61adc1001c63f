#include "support/quickstart_world.hpp"

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "support/http_client.hpp"

namespace surged::test {
namespace {

const std::string quickstart = std::string(SURGED_SOURCE_DIR) + "/rules/quickstart/";

}  // namespace

QuickstartWorld::QuickstartWorld() {
    std::ostringstream text;
    text << std::ifstream(quickstart + "surged.toml").rdbuf();
    auto config = std::regex_replace(text.str(), std::regex("tcp://127\\.0\\.0\\.1:[0-9]+"), "tcp://127.0.0.1:*");
    config = std::regex_replace(config, std::regex("\"127\\.0\\.0\\.1:[0-9]+\""), "\"127.0.0.1:0\"");
    std::ofstream(kit.config) << config;
    std::filesystem::copy_file(quickstart + "team.toml", kit.dir.file("team.toml"));
    kit.start();
    const std::string ctl = std::string(SURGED_BIN_DIR) + "/surgectl";
    people_ = std::make_unique<Process>(ctl, std::vector<std::string>{"--server", api(), "feed", "respond", "--listen", kit.address("publish"), "--seed", "7"},
                                        kit.dir.file("respond"));
    centre_ = std::make_unique<Process>(ctl, std::vector<std::string>{"feed", "sim", "--scenario", quickstart + "scenario.txt", "--to", kit.address("ingest"),
                                                                     "--react", kit.address("publish"), "--quiet"},
                                        kit.dir.file("sim"));
}

bool QuickstartWorld::incidents_say(const std::string& text) {
    return eventually([&] { return http(kit.port("http"), "GET", "/api/v1/incidents").body.find(text) != std::string::npos; }, std::chrono::minutes{2});
}

std::string QuickstartWorld::api() const {
    return "http://127.0.0.1:" + std::to_string(kit.port("http"));
}

}  // namespace surged::test
