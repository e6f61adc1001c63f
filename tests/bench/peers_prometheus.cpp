// Prometheus + Alertmanager as fast as their settings go.
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "child.hpp"
#include "peers.hpp"
#include "support/free_port.hpp"
#include "support/http_client.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

class Prometheus final : public PagePath {
public:
    Prometheus(const PeerSettings& settings, const std::string& prometheus, const std::string& alertmanager) {
        page_.script([this](const test::SinkRequest&) {
            const std::lock_guard hold(lock_);
            std::string text = "# TYPE calls_waiting gauge\n";
            for (const auto& value : values_) {
                text += "calls_waiting{centre=\"" + value.first + "\",queue=\"general\"} " + std::to_string(value.second) + "\n";
            }
            test::SinkAnswer answer;
            answer.headers = {"Content-Type: text/plain; version=0.0.4"};
            answer.body = text;
            return answer;
        });
        const std::string& folder = settings.folder;
        const std::string am_address = "127.0.0.1:" + std::to_string(am_port_ = test::free_port());
        const std::string address = "127.0.0.1:" + std::to_string(port_ = test::free_port());
        write_file(folder + "/alertmanager.yml",
                   "route: {receiver: sink, group_by: [centre], group_wait: 0s, group_interval: 1s, repeat_interval: 24h}\n"
                   "receivers: [{name: sink, webhook_configs: [{url: '" +
                       settings.url + "', send_resolved: false}]}]\n");
        write_file(folder + "/rules.yml", "groups: [{name: surge, rules: [{alert: Surge, expr: calls_waiting > 1000}]}]\n");
        write_file(folder + "/prometheus.yml",
                   "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [rules.yml]\n"
                   "scrape_configs: [{job_name: centre, static_configs: [{targets: ['127.0.0.1:" +
                       std::to_string(page_.port()) + "']}]}]\nalerting: {alertmanagers: [{static_configs: [{targets: ['" +
                       am_address + "']}]}]}\n");
        alertmanager_ =
            std::make_unique<Child>(Child::Options{{alertmanager, "--config.file=alertmanager.yml", "--storage.path=am",
                                                    "--cluster.listen-address=", "--web.listen-address=" + am_address},
                                                   folder + "/alertmanager.log",
                                                   false,
                                                   folder,
                                                   {}});
        prometheus_ = std::make_unique<Child>(Child::Options{
            {prometheus, "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=" + address},
            folder + "/prometheus.log",
            false,
            folder,
            {}});
        wait_ready(am_port_);
        wait_ready(port_);
    }
    std::string key() const override { return "prometheus"; }
    std::string name() const override { return "Prometheus 1 s + Alertmanager 0 s"; }
    void calm(const std::string& token) override {
        set(token, 12);
        // It has been scraped while it was well; and by chance, or every breach would meet the scrape at the same phase.
        std::this_thread::sleep_for(std::chrono::milliseconds{1200 + random_() % 1000});
    }
    void breach(const std::string& token) override { set(token, 5000); }

private:
    void set(const std::string& token, int value) {
        const std::lock_guard hold(lock_);
        values_[token] = value;
    }
    static void wait_ready(int port) {
        for (int i = 0; i < 200; ++i) {
            if (test::http(port, "GET", "/-/ready").status == 200) {
                return;
            }
            std::this_thread::sleep_for(100ms);
        }
        give_up("Prometheus or Alertmanager did not become ready");
    }

    std::minstd_rand random_{5};
    std::mutex lock_;
    std::map<std::string, int> values_;
    test::HttpSink page_;
    int am_port_ = 0;
    int port_ = 0;
    std::unique_ptr<Child> alertmanager_;
    std::unique_ptr<Child> prometheus_;
};

}  // namespace

std::unique_ptr<PagePath> start_prometheus(const PeerSettings& settings, std::string& why) {
    const std::string prometheus = first_program({"/usr/bin/prometheus", "/usr/local/bin/prometheus"});
    const std::string alertmanager = first_program({"/usr/bin/prometheus-alertmanager", "/usr/local/bin/alertmanager"});
    if (prometheus.empty() || alertmanager.empty()) {
        why = "prometheus and prometheus-alertmanager are not both installed";
        return nullptr;
    }
    return std::make_unique<Prometheus>(settings, prometheus, alertmanager);
}

}  // namespace surged::bench
