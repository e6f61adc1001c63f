// `page`: from the message that breaches to the first byte of the webhook request, commit included; surged and the floor in
// turns, at idle and while surged is fed at half of what it can take. `scrape`: the same while /metrics is read without pause.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <thread>

#include "commands.hpp"
#include "daemon.hpp"
#include "measure.hpp"
#include "page_path.hpp"
#include "receivers.hpp"
#include "sender.hpp"
#include "stream.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> spread_cells(const std::string& name, const Spread& spread) {
    return {name,
            std::to_string(spread.count),
            duration_text(spread.p50),
            duration_text(spread.p90),
            duration_text(spread.p99),
            duration_text(spread.max)};
}

void put_spread(Report& report, const std::string& key, const Spread& spread) {
    report.number(key + ".count", static_cast<double>(spread.count));
    report.number(key + ".p50_s", spread.p50);
    report.number(key + ".p90_s", spread.p90);
    report.number(key + ".p99_s", spread.p99);
    report.number(key + ".max_s", spread.max);
}

/// Messages a second that the daemon takes when the sender never waits. `next` is moved on.
double most_messages(const Daemon& daemon, std::size_t queues, std::uint64_t& next, double seconds) {
    Sender sender({daemon.ingest(), next, 0, false, queues});
    std::this_thread::sleep_for(300ms);
    const auto before = daemon.counts().messages;
    const auto start = Clock::now();
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    const auto after = daemon.counts().messages;
    const double rate = static_cast<double>(after - before) / seconds_since(start);
    next = sender.stop();
    std::this_thread::sleep_for(200ms);
    return rate;
}

struct Scene {
    std::size_t queues;
    PageSink sink;
    PageFloor floor;
    Daemon daemon;
    std::unique_ptr<PagePath> surged_path;
    std::unique_ptr<PagePath> floor_path;
    int next_token = 0;
    std::uint64_t next_message = 0;

    Scene(const Options& options, const std::string& folder)
        : queues(options.quick ? 960 : 10000),
          floor(options.folder, sink.url("/floor")),
          daemon(folder, threshold_rules("high") + rate_rules("2s", "13s") + page_config(sink.url("/surged"))),
          surged_path(make_message_path("surged", "surged", daemon.ingest())),
          floor_path(make_message_path("floor", "floor", floor.endpoint())) {}

    PageTimes time(const std::vector<PagePath*>& paths, int iterations) {
        PagePlan plan;
        plan.first_token = next_token;
        plan.iterations = iterations;
        PageTimes times = time_pages(sink, paths, plan);
        next_token = times.next_token;
        return times;
    }
};

void show_lost(const std::string& key, const PageTimes& times, const std::vector<PagePath*>& paths, Report& report) {
    for (std::size_t i = 0; i < paths.size(); ++i) {
        if (times.lost[i] > 0) {
            report.line(paths[i]->name() + ": " + std::to_string(times.lost[i]) + " pages did not come within 5 s");
        }
        report.number(key + "." + paths[i]->key() + ".lost", times.lost[i]);
    }
}

void show_ratios(const std::string& key, const std::string& text, const Spread& surged, const Spread& floor, Report& report) {
    report.line(text + ": p50 " + ratio_text(surged.p50, floor.p50) + ", p90 " + ratio_text(surged.p90, floor.p90) + ", p99 " +
                ratio_text(surged.p99, floor.p99));
    report.number(key + ".p50", floor.p50 > 0 ? surged.p50 / floor.p50 : 0);
    report.number(key + ".p99", floor.p99 > 0 ? surged.p99 / floor.p99 : 0);
}

/// GET /metrics read to the end without looking at it. Returns the bytes; 0 = it failed.
std::size_t drain_metrics(int port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    constexpr std::string_view request = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    std::size_t bytes = 0;
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
        ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
        std::vector<char> buffer(1U << 18U);
        for (ssize_t got = 0; (got = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0;) {
            bytes += static_cast<std::size_t>(got);
        }
    }
    ::close(fd);
    return bytes;
}

/// Scrapes one after the other until it is destroyed.
class Scraper {
public:
    explicit Scraper(int port)
        : thread_([this, port] {
              while (!stopping_.load()) {
                  const auto start = Clock::now();
                  bytes_ = drain_metrics(port);
                  took_.push_back(seconds_since(start));
              }
          }) {}
    ~Scraper() { stop(); }
    Scraper(const Scraper&) = delete;
    Scraper& operator=(const Scraper&) = delete;
    void stop() {
        stopping_ = true;
        if (thread_.joinable()) {
            thread_.join();
        }
    }
    const std::vector<double>& took() const { return took_; }
    std::size_t bytes() const { return bytes_; }

private:
    std::atomic<bool> stopping_{false};
    std::vector<double> took_;  // after stop() only
    std::size_t bytes_ = 0;
    std::thread thread_;
};

}  // namespace

void run_page(const Options& options, Report& report) {
    Scene scene(options, options.folder + "/page");
    const std::vector<PagePath*> paths{scene.floor_path.get(), scene.surged_path.get()};
    scene.time(paths, std::min(options.iterations, 20));  // connections, caches, files
    report.table("page: breach to first byte of the webhook, commit included", {"", "pages", "p50", "p90", "p99", "max"});

    const double commits = scene.daemon.metric("surged_commit_seconds_count");
    const double commit_s = scene.daemon.metric("surged_commit_seconds_sum");
    const PageTimes idle = scene.time(paths, options.iterations);
    const double commits_after = scene.daemon.metric("surged_commit_seconds_count");
    const double commit_s_after = scene.daemon.metric("surged_commit_seconds_sum");
    const Spread floor_idle = Spread::of(idle.of[0]);
    const Spread surged_idle = Spread::of(idle.of[1]);
    report.row(spread_cells("floor, idle", floor_idle));
    report.row(spread_cells("surged, idle", surged_idle));
    show_lost("page.idle", idle, paths, report);
    put_spread(report, "page.idle.floor", floor_idle);
    put_spread(report, "page.idle.surged", surged_idle);

    const double commits_made = commits_after - commits;
    report.line("surged, idle: " + fixed(commits_made / options.iterations, 1) + " commits a page, " +
                duration_text(commits_made > 0 ? (commit_s_after - commit_s) / commits_made : 0) +
                " each (the page waits for the first)");
    report.number("page.idle.surged.commits_per_page", commits_made / options.iterations);
    report.number("page.idle.surged.commit_mean_s", commits_made > 0 ? (commit_s_after - commit_s) / commits_made : 0);

    const double most = most_messages(scene.daemon, scene.queues, scene.next_message, options.quick ? 0.5 : 3.0);
    PageTimes loaded;
    double reached = 0;
    {
        Sender background({scene.daemon.ingest(), scene.next_message, most / 2, false, scene.queues});
        std::this_thread::sleep_for(300ms);
        const auto before = scene.daemon.counts().messages;
        const auto start = Clock::now();
        loaded = scene.time(paths, options.iterations);
        reached = static_cast<double>(scene.daemon.counts().messages - before) / seconds_since(start);
        scene.next_message = background.stop();
    }
    const Spread floor_loaded = Spread::of(loaded.of[0]);
    const Spread surged_loaded = Spread::of(loaded.of[1]);
    report.row(spread_cells("floor, beside the loaded surged", floor_loaded));
    report.row(spread_cells("surged, half load", surged_loaded));
    show_lost("page.half_load", loaded, paths, report);
    put_spread(report, "page.half_load.floor", floor_loaded);
    put_spread(report, "page.half_load.surged", surged_loaded);
    report.number("page.messages_per_s_max", most);
    report.number("page.messages_per_s_half", reached);
    report.line("load: " + fixed(most, 0) + " messages/s (" + fixed(most * 320 / 1e6, 2) + " M samples/s) at most, " +
                fixed(reached, 0) + " in the loaded part");
    show_ratios("page.idle.ratio", "idle, surged / floor", surged_idle, floor_idle, report);
    show_ratios("page.half_load.ratio_idle_floor", "half load, surged / idle floor", surged_loaded, floor_idle, report);
    show_ratios("page.half_load.ratio_loaded_floor", "half load, surged / floor beside it", surged_loaded, floor_loaded, report);
}

void run_scrape(const Options& options, Report& report) {
    Scene scene(options, options.folder + "/scrape");
    const std::vector<PagePath*> paths{scene.surged_path.get()};
    // Every queue reports once a second: 100,000 series at 100,000 samples a second.
    const double rate = static_cast<double>((scene.queues + 31) / 32);
    Sender background({scene.daemon.ingest(), 0, rate, false, scene.queues});
    if (!scene.daemon.wait_for_series(scene.queues * metrics_per_queue, 20s)) {
        give_up("scrape: the series did not come");
    }
    scene.time(paths, std::min(options.iterations, 20));
    std::vector<double> quiet;
    std::vector<double> scraped;
    std::vector<double> scrapes;
    std::size_t bytes = 0;
    const int block = std::max(options.iterations / 4, 1);
    for (int turn = 0; turn < 4; ++turn) {
        const PageTimes without = scene.time(paths, block);
        quiet.insert(quiet.end(), without.of[0].begin(), without.of[0].end());
        Scraper scraper(scene.daemon.metrics_port());
        const PageTimes with = scene.time(paths, block);
        scraper.stop();
        scraped.insert(scraped.end(), with.of[0].begin(), with.of[0].end());
        scrapes.insert(scrapes.end(), scraper.took().begin(), scraper.took().end());
        bytes = scraper.bytes();
        show_lost("scrape.scraped", with, paths, report);
    }
    report.table("scrape: breach to page with " + std::to_string(scene.queues * metrics_per_queue) + " series",
                 {"", "count", "p50", "p90", "p99", "max"});
    report.row(spread_cells("page, nobody scrapes", Spread::of(quiet)));
    report.row(spread_cells("page, scraped without pause", Spread::of(scraped)));
    report.row(spread_cells("one scrape, " + fixed(static_cast<double>(bytes) / 1e6, 1) + " MB", Spread::of(scrapes)));
    put_spread(report, "scrape.quiet", Spread::of(quiet));
    put_spread(report, "scrape.scraped", Spread::of(scraped));
    put_spread(report, "scrape.scrape", Spread::of(scrapes));
    report.number("scrape.bytes", static_cast<double>(bytes));
}

}  // namespace surged::bench
