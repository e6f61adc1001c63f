// collectd: values on its unix socket, the threshold plugin, and the exec plugin that starts a script for every notification.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

#include "child.hpp"
#include "peers.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

class Collectd final : public PagePath {
public:
    Collectd(const PeerSettings& settings, const std::string& program, const std::string& plugins) {
        const std::string& folder = settings.folder;
        const std::string script = write_script(folder, settings.url, true);
        write_file(folder + "/collectd.conf", "Hostname \"bench\"\nFQDNLookup false\nBaseDir \"" + folder + "\"\nPIDFile \"" +
                                                  folder + "/pid\"\nPluginDir \"" + plugins +
                                                  "\"\nTypesDB \"/usr/share/collectd/types.db\"\nInterval 1\nLoadPlugin "
                                                  "unixsock\nLoadPlugin threshold\nLoadPlugin exec\n"
                                                  "<Plugin unixsock>\nSocketFile \"" +
                                                  folder +
                                                  "/sock\"\nSocketGroup \"root\"\nDeleteSocket true\n</Plugin>\n<Plugin "
                                                  "threshold>\n<Type \"gauge\">\nFailureMax 1000\n" +
                                                  "</Type>\n</Plugin>\n<Plugin exec>\nNotificationExec \"nobody\" \"" + script +
                                                  "\"\n</Plugin>\n");
        child_ = std::make_unique<Child>(
            Child::Options{{program, "-f", "-C", folder + "/collectd.conf"}, folder + "/collectd.log", false, folder, {}});
        for (int i = 0; i < 100 && !connect_to(folder + "/sock"); ++i) {
            std::this_thread::sleep_for(50ms);
        }
        if (fd_ < 0) {
            give_up("collectd did not open its socket");
        }
    }
    ~Collectd() override {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Collectd(const Collectd&) = delete;
    Collectd& operator=(const Collectd&) = delete;
    std::string key() const override { return "collectd"; }
    std::string name() const override { return "collectd threshold + exec script"; }
    /// Nothing: collectd also tells when a new host is well, and that would be taken for the page.
    void calm(const std::string&) override {}
    void breach(const std::string& token) override {
        const std::string line = "PUTVAL \"" + token + "/bench/gauge-calls_waiting\" interval=1 N:5000\n";
        std::array<char, 256> answer{};
        if (::send(fd_, line.data(), line.size(), MSG_NOSIGNAL) < 0 || ::recv(fd_, answer.data(), answer.size(), 0) <= 0 ||
            answer[0] != '0') {
            give_up("collectd refused a value");
        }
    }

private:
    bool connect_to(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path.size() >= sizeof(address.sun_path)) {
            give_up("the folder's name is too long for a unix socket: " + path);
        }
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
            ::close(fd);
            return false;
        }
        fd_ = fd;
        return true;
    }
    std::unique_ptr<Child> child_;
    int fd_ = -1;
};

}  // namespace

std::unique_ptr<PagePath> start_collectd(const PeerSettings& settings, std::string& why) {
    const std::string program = first_program({"/usr/sbin/collectd"});
    const std::string plugins = ::access("/usr/lib/collectd/threshold.so", R_OK) == 0 ? "/usr/lib/collectd" : "";
    if (program.empty() || plugins.empty() || first_program({"/usr/bin/curl"}).empty()) {
        why = "collectd-core and curl are not both installed";
        return nullptr;
    }
    if (::geteuid() != 0) {
        why = "collectd's exec plugin needs root to become another user";
        return nullptr;
    }
    return std::make_unique<Collectd>(settings, program, plugins);
}

}  // namespace surged::bench
