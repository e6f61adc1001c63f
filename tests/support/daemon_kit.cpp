#include "support/daemon_kit.hpp"

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "wire/encode_message.hpp"

namespace surged::test {
namespace {

std::string person(const std::string& id, const std::string& role) {
    return "[[person]]\nid = \"" + id + "\"\nname = \"" + id + "\"\nrole = \"" + role +
           "\"\nreach = { normal = [{ via = \"hook\" }] }\n";
}

std::string roster(const std::string& id, const std::string& people) {
    return "[[roster]]\nid = \"" + id + "\"\nshift = [{ people = [" + people + "] }]\n";
}

std::int64_t wall_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

DaemonKit::DaemonKit() : config(dir.file("surged.toml")), epoch(static_cast<std::uint64_t>(wall_ms())) {
    write_config();
}

void DaemonKit::write_config(const std::string& extra) const {
    std::ofstream out(config, std::ios::trunc);
    out << "[ingest]\nbind = [\"tcp://127.0.0.1:*\"]\n[publish]\nbind = [\"tcp://127.0.0.1:*\"]\n"
           "[metrics]\nlisten = \"127.0.0.1:0\"\n[http]\nlisten = \"127.0.0.1:0\"\n"
        << (ack_url_base.empty() ? "" : "ack_url_base = \"" + ack_url_base + "\"\n")
        << "[store]\npath = \"surged.db\"\nsnapshot_every = \"1s\"\n"
           "[defaults]\ntimezone = \"Asia/Shanghai\"\nlanguage = \"en\"\nstale_after = \"5m\"\n"
           "[[rule]]\nid = \"waiting\"\nkind = \"threshold\"\nmetric = \"calls_waiting\"\nscope = { centre = \"jinan\" }\npolicy "
           "= \"surge\"\n"
           "yellow = { raise = \"> 10\", clear = \"< 5\", raise_after = \"0s\", clear_after = \"0s\" }\n"
           "[[channel]]\nid = \"hook\"\ntype = \"webhook\"\ntimeout = \"2s\"\nurl = \""
        << sink.url("/page") << "\"\n"
        << person("lead-01", "lead") << person("lead-02", "lead") << person("lead-03", "lead") << person("sup-01", "supervisor")
        << person("sup-02", "supervisor") << person("boss", "manager") << roster("leads", "\"lead-01\", \"lead-02\", \"lead-03\"")
        << roster("sups", "\"sup-01\", \"sup-02\"") << roster("bosses", "\"boss\"")
        << "[[policy]]\nid = \"surge\"\nscope = [\"centre\"]\nneed = 2\nfallback = [\"boss\"]\nresolve_hold = "
           "\"500ms\"\nreopen_window = \"1m\"\n"
           "[[policy.tier]]\nid = \"leads\"\nrosters = [\"leads\"]\nwait = \"1m\"\n"
           "[[policy.tier]]\nid = \"supervisors\"\nrosters = [\"sups\"]\nwait = \"1m\"\n"
           "[[policy.tier]]\nid = \"management\"\nrosters = [\"bosses\"]\nwait = \"1m\"\n"
        << extra;
}

Process& DaemonKit::start(const std::string& program, std::map<std::string, std::string> environment) {
    started_at = daemon == nullptr ? 0 : daemon->err().size();
    daemon.reset();
    pusher.reset();
    daemon = std::make_unique<Process>(program.empty() ? std::string(SURGED_BIN_DIR) + "/surged" : program,
                                       std::vector<std::string>{"--config", config}, dir.file("surged"), std::move(environment));
    if (daemon->wait_for_err("event=listening", std::chrono::seconds{20}, started_at)) {
        auto opened = Pusher::open({address("ingest"), false, 1000, {}});
        if (!opened) {
            throw std::runtime_error(opened.error().message);
        }
        pusher = std::move(*opened);
    }
    return *daemon;
}

std::string DaemonKit::address(const std::string& name) const {
    const std::string log = daemon->err();
    const std::size_t line = log.find("event=listening", started_at);
    const std::size_t at = line == std::string::npos ? line : log.find(" " + name + "=", line);
    if (at == std::string::npos) {
        return {};
    }
    const std::size_t from = at + name.size() + 2;
    return log.substr(from, log.find_first_of(" \n", from) - from);
}

int DaemonKit::port(const std::string& name) const {
    const std::string text = address(name);
    return text.empty() ? 0 : std::stoi(text.substr(text.rfind(':') + 1));
}

void DaemonKit::feed(double calls_waiting) {
    if (pusher == nullptr) {
        throw std::runtime_error("the daemon did not start:\n" + (daemon == nullptr ? std::string() : daemon->err()));
    }
    Message message;
    message.source = "test";
    message.has_epoch = true;
    message.epoch = epoch;
    message.seq = ++seq;
    message.ts = source_time(wall_ms());
    message.parts.push_back({"jinan", "general", "voice", message.ts, 0, 1});
    message.values.push_back({"calls_waiting", calls_waiting});
    pusher->push(encode_json(message));
}

bool DaemonKit::feed_until(double calls_waiting, const std::function<bool()>& done, std::chrono::milliseconds within) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (!done()) {
        if (std::chrono::steady_clock::now() >= until) {
            return false;
        }
        feed(calls_waiting);
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    return true;
}

Finished DaemonKit::ctl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--server", "http://" + address("http")});
    return run_program(std::string(SURGED_BIN_DIR) + "/surgectl", arguments, dir.path().string());
}

std::size_t DaemonKit::recorded(const std::string& type) {
    const std::string word = "\"type\":\"" + type + "\"";
    const std::string show = ctl({"show", "0-1", "--timeline", "--json"}).out;
    std::size_t count = 0;
    for (std::size_t at = show.find(word); at != std::string::npos; at = show.find(word, at + 1)) {
        ++count;
    }
    return count;
}

std::vector<SinkRequest> DaemonKit::pages(const std::string& purpose) const {
    std::vector<SinkRequest> out;
    for (SinkRequest& request : sink.requests()) {
        if (request.body.find("\"purpose\":\"" + purpose + "\"") != std::string::npos) {
            out.push_back(std::move(request));
        }
    }
    return out;
}

bool eventually(const std::function<bool()>& done, std::chrono::milliseconds within) {
    const auto until = std::chrono::steady_clock::now() + within;
    while (!done()) {
        if (std::chrono::steady_clock::now() >= until) {
            return done();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return true;
}

}  // namespace surged::test
