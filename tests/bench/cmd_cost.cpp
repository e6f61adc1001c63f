// `cost`: processor time a million samples while 1,000 rules look at 100,000 series; surged and Debian's Prometheus, one after
// the other.
//
// Prometheus scrapes one page with all series every five seconds and evaluates as often. Its rules are the same: for every centre
// and metric one, thresholds on gauges and a rate against a rate over longer on counters; each covers 100 series. Its windows are
// a minute and two, so that they hold data within the run.
#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "child.hpp"
#include "commands.hpp"
#include "daemon.hpp"
#include "measure.hpp"
#include "peers.hpp"
#include "receivers.hpp"
#include "sender.hpp"
#include "stream.hpp"
#include "support/free_port.hpp"
#include "support/http_client.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t cost_queues = 10000;

struct Cost {
    double samples = 0;
    double cpu_s = 0;
    double per_million() const { return samples > 0 ? cpu_s / samples * 1e6 : 0; }
};

/// At its best speed, and at the pace of a real centre (every queue every five seconds), where every wake-up counts.
Cost cost_of_surged(const Daemon& daemon, std::uint64_t& next, double rate, double warm_s, double seconds) {
    Sender sender({daemon.ingest(), next, rate, false, cost_queues});
    std::this_thread::sleep_for(std::chrono::duration<double>(warm_s));
    const auto before = daemon.counts();
    const double cpu = process_cpu_s(daemon.pid());
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    const double used = process_cpu_s(daemon.pid()) - cpu;
    const auto after = daemon.counts();
    next = sender.stop();
    return {static_cast<double>(after.samples - before.samples), used};
}

/// One page with every series; counters move with time. Made ahead by a thread of its own, so that a scrape is not kept waiting.
class SeriesPage {
public:
    SeriesPage() {
        make();
        server_.script([this](const test::SinkRequest&) {
            const std::lock_guard hold(lock_);
            ++served_;
            test::SinkAnswer answer;
            answer.headers = {"Content-Type: text/plain; version=0.0.4"};
            answer.body = text_;
            return answer;
        });
        maker_ = std::thread([this] {
            for (int seen = 0; !stopping_; std::this_thread::sleep_for(100ms)) {
                if (served_ != seen) {
                    seen = served_;
                    make();
                }
            }
        });
    }
    ~SeriesPage() {
        stopping_ = true;
        maker_.join();
    }
    SeriesPage(const SeriesPage&) = delete;
    SeriesPage& operator=(const SeriesPage&) = delete;
    int port() const { return server_.port(); }

private:
    void make() {
        ++turn_;
        std::string text;
        for (const StreamMetric& metric : stream_metrics()) {
            text += "# TYPE " + std::string(metric.name) + (metric.counter ? " counter\n" : " gauge\n");
            for (std::size_t q = 0; q < cost_queues; ++q) {
                const std::size_t value = metric.counter ? 100000 + turn_ * (10 + q % 5) : 10 + (q * 7 + turn_ * 3) % 30;
                text += std::string(metric.name) + "{centre=\"" + centre_name(q) + "\",queue=\"" + queue_name(q) + "\"} " +
                        std::to_string(value) + "\n";
            }
        }
        const std::lock_guard hold(lock_);
        text_ = std::move(text);
    }
    std::mutex lock_;
    std::string text_;
    std::size_t turn_ = 0;
    std::atomic<int> served_{0};
    std::atomic<bool> stopping_{false};
    test::HttpSink server_;
    std::thread maker_;
};

std::string prometheus_rules() {
    std::string out = "groups:\n";
    for (std::size_t centre = 0; centre < centres_max; ++centre) {
        const std::string name = centre_name(centre * 100);
        out += "- name: " + name + "\n  rules:\n";
        for (const StreamMetric& metric : stream_metrics()) {
            const std::string series = std::string(metric.name) + "{centre=\"" + name + "\"}";
            const std::string expr =
                metric.counter ? "rate(" + series + "[1m]) > 20000 * rate(" + series + "[2m])" : series + " > 100000";
            out += "  - alert: high_" + std::string(metric.name) + "\n    expr: '" + expr + "'\n";
        }
    }
    return out;
}

double metric_of(int port, const std::string& name) {
    const std::string text = test::http(port, "GET", "/metrics").body;
    double sum = 0;
    for (auto at = text.find("\n" + name); at != std::string::npos; at = text.find("\n" + name, at + 1)) {
        sum += std::strtod(text.c_str() + text.find(' ', at), nullptr);
    }
    return sum;
}

Cost cost_of_prometheus(const std::string& program, const std::string& folder, double warm_s, double seconds) {
    std::filesystem::create_directories(folder);
    SeriesPage page;
    const int port = test::free_port();
    write_file(folder + "/rules.yml", prometheus_rules());
    write_file(folder + "/prometheus.yml",
               "global: {scrape_interval: 5s, scrape_timeout: 5s, evaluation_interval: 5s}\nrule_files: [rules.yml]\n"
               "scrape_configs: [{job_name: centre, static_configs: [{targets: ['127.0.0.1:" +
                   std::to_string(page.port()) + "']}]}]\n");
    Child prometheus({{program, "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                       "--web.listen-address=127.0.0.1:" + std::to_string(port)},
                      folder + "/prometheus.log",
                      false,
                      folder,
                      {}});
    std::this_thread::sleep_for(std::chrono::duration<double>(warm_s));
    const double before = metric_of(port, "prometheus_tsdb_head_samples_appended_total");
    const double cpu = process_cpu_s(prometheus.pid());
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    const double used = process_cpu_s(prometheus.pid()) - cpu;
    return {metric_of(port, "prometheus_tsdb_head_samples_appended_total") - before, used};
}

void show(const std::string& key, const std::string& name, const Cost& cost, const Cost& against, Report& report) {
    report.row({name, fixed(cost.samples / 1e6, 2), fixed(cost.cpu_s, 2), fixed(cost.per_million(), 3),
                ratio_text(against.per_million(), cost.per_million())});
    report.number("cost." + key + ".samples", cost.samples);
    report.number("cost." + key + ".cpu_s", cost.cpu_s);
    report.number("cost." + key + ".cpu_s_per_million", cost.per_million());
    report.number("cost." + key + ".times_below_prometheus",
                  cost.per_million() > 0 ? against.per_million() / cost.per_million() : 0);
}

}  // namespace

void run_cost(const Options& options, Report& report) {
    Cost peer;
    const std::string program = first_program({"/usr/bin/prometheus", "/usr/local/bin/prometheus"});
    if (!program.empty()) {
        peer = cost_of_prometheus(program, options.folder + "/cost-prometheus", options.quick ? 12 : 60, options.quick ? 10 : 60);
    }
    std::uint64_t next = 0;
    Cost fast;
    Cost steady;
    {
        const Daemon daemon(options.folder + "/cost", thousand_rules("2s", "13s"));
        fast = cost_of_surged(daemon, next, 0, options.quick ? 2 : 12, options.quick ? 2 : 10);
    }
    {  // the peer's windows and the peer's pace
        const Daemon daemon(options.folder + "/cost-steady", thousand_rules("1m", "2m"));
        const double pace = static_cast<double>(cost_queues) / 32 / 5;
        steady = cost_of_surged(daemon, next, pace, options.quick ? 2 : 60, options.quick ? 3 : 60);
    }
    report.table("cost: 1,000 rules over 100,000 series", {"", "M samples", "CPU s", "CPU s / M", "below Prom."});
    if (program.empty()) {
        report.line("skipped: prometheus is not installed");
    } else {
        show("prometheus", "Prometheus, scrape and evaluation 5 s", peer, peer, report);
    }
    show("surged_flat_out", "surged, flat out", fast, peer, report);
    show("surged_steady", "surged, every queue every 5 s", steady, peer, report);
}

}  // namespace surged::bench
