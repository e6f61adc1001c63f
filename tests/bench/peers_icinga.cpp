// Icinga 2: passive results on its command pipe, and a notification command that starts a script.
#include <fcntl.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <thread>

#include "child.hpp"
#include "peers.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* objects = R"(
object NotificationComponent "notification" {}
object CheckCommand "none" { command = [ "/bin/true" ] }
object User "lead" {}
apply Service "queue" {
  check_command = "none"
  enable_active_checks = false
  max_check_attempts = 1
  assign where true
}
apply Notification "page" to Service {
  command = "sink"
  users = [ "lead" ]
  interval = 0
  assign where true
}
)";

class Icinga final : public PagePath {
public:
    Icinga(const PeerSettings& settings, const std::string& program) : pipe_(settings.folder + "/cmd") {
        const std::string& folder = settings.folder;
        std::string config = "object ExternalCommandListener \"command\" { command_path = \"" + pipe_ + "\" }\n" + objects +
                             "object NotificationCommand \"sink\" {\n  command = [ \"" +
                             write_script(folder, settings.url, false) + "\" ]\n  env = { NAME = \"$host.name$\" }\n}\n";
        for (int i = 0; i < settings.tokens; ++i) {
            config += "object Host \"" + token_name(settings.first_token + i) +
                      "\" {\n  check_command = \"none\"\n  enable_active_checks = false\n}\n";
        }
        write_file(folder + "/icinga2.conf", config);
        std::vector<std::string> argv{
            program, "daemon", "-c", folder + "/icinga2.conf", "-x", "warning", "-DRunAsUser=root", "-DRunAsGroup=root"};
        for (const char* kind : {"DataDir", "LogDir", "CacheDir", "InitRunDir"}) {
            std::filesystem::create_directories(folder + "/" + kind);
            argv.push_back("-D" + std::string(kind) + "=" + folder + "/" + kind);
        }
        child_ = std::make_unique<Child>(Child::Options{argv, folder + "/icinga2.log", false, folder, {}});
        for (int i = 0; i < 300 && fd_ < 0; ++i) {
            fd_ = ::open(pipe_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
            std::this_thread::sleep_for(100ms);
        }
        if (fd_ < 0) {
            give_up("Icinga 2 did not open its command pipe; see " + folder + "/icinga2.log");
        }
    }
    ~Icinga() override {
        if (fd_ >= 0) {
            ::close(fd_);
        }
        child_->stop(10s);  // it saves its state first
    }
    Icinga(const Icinga&) = delete;
    Icinga& operator=(const Icinga&) = delete;
    std::string key() const override { return "icinga"; }
    std::string name() const override { return "Icinga 2 passive + script"; }
    void calm(const std::string& token) override {
        say(token, "0;well");
        std::this_thread::sleep_for(20ms);
    }
    void breach(const std::string& token) override { say(token, "2;5000 calls wait"); }

private:
    void say(const std::string& token, const std::string& result) {
        const std::string line =
            "[" + std::to_string(std::time(nullptr)) + "] PROCESS_SERVICE_CHECK_RESULT;" + token + ";queue;" + result + "\n";
        if (::write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
            give_up("Icinga 2 does not read its command pipe");
        }
    }
    std::string pipe_;
    std::unique_ptr<Child> child_;
    int fd_ = -1;
};

}  // namespace

std::unique_ptr<PagePath> start_icinga(const PeerSettings& settings, std::string& why) {
    // /usr/sbin/icinga2 is a shell script around the program; Debian keeps the program under its library folder.
    const std::string program =
        first_program({"/usr/lib/x86_64-linux-gnu/icinga2/sbin/icinga2", "/usr/lib/aarch64-linux-gnu/icinga2/sbin/icinga2"});
    if (program.empty() || first_program({"/usr/bin/curl"}).empty()) {
        why = "icinga2-bin and curl are not both installed";
        return nullptr;
    }
    if (::geteuid() != 0) {
        why = "Icinga 2 changes its user at start and needs root for it";
        return nullptr;
    }
    return std::make_unique<Icinga>(settings, program);
}

}  // namespace surged::bench
