// `burst`: as many people as a tier or a region has are called at once, by one host. From the breach to the last request, beside a bare program
// that posts as many by libcurl's multi interface to the same sink, and to one that makes the same durable first.
#include <algorithm>
#include <thread>

#include "commands.hpp"
#include "config_text.hpp"
#include "daemon.hpp"
#include "measure.hpp"
#include "page_path.hpp"
#include "support/nginx_sink.hpp"

namespace surged::bench {
namespace {

using namespace std::chrono_literals;
using Ms = std::chrono::milliseconds;

/// When the first and the last of the requests that name a token came.
class BurstSink {
public:
    /// It answers `delay` after a request is whole.
    explicit BurstSink(Ms delay) {
        sink_.script([this, delay](const test::SinkRequest& request) {
            const auto at = request.body.find("tk");
            const std::lock_guard hold(lock_);
            if (at != std::string::npos) {
                seen_[request.body.substr(at, 8)].push_back(request.first_byte);
            }
            changed_.notify_all();
            test::SinkAnswer answer;
            answer.delay = delay;
            return answer;
        });
    }
    std::string url(const std::string& path) const { return sink_.url(path); }
    struct Took {
        double first = -1;
        double last = -1;  ///< negative: fewer came within ten seconds
    };
    Took wait(const std::string& token, std::size_t count, Clock::time_point breach) {
        std::unique_lock hold(lock_);
        if (!changed_.wait_for(hold, 10s, [&] { return seen_[token].size() >= count; })) {
            return {};
        }
        const auto [first, last] = std::ranges::minmax(seen_[token]);
        return {std::chrono::duration<double>(first - breach).count(), std::chrono::duration<double>(last - breach).count()};
    }

private:
    std::mutex lock_;
    std::condition_variable changed_;
    std::map<std::string, std::vector<Clock::time_point>> seen_;
    test::HttpSink sink_;  // last: its threads end before what they use
};

struct BurstWay {
    std::string key;
    std::string name;
    std::unique_ptr<PagePath> path;
    std::vector<double> first{};
    std::vector<double> last{};
};

/// One program that is none of surged: `store` empty = nothing is made durable.
std::unique_ptr<Child> start_floor(const std::string& store, const std::string& url, const std::string& ca_file, int people, std::string& endpoint) {
    Child::Options options;
    options.argv = {own_path(), "burst-floor", store.empty() ? "-" : store, url, ca_file.empty() ? "-" : ca_file, std::to_string(people)};
    options.pipe = true;
    auto child = std::make_unique<Child>(options);
    endpoint = child->read_line(10s);
    if (endpoint.empty()) {
        give_up("the floor of burst did not start");
    }
    return child;
}

struct BurstCase {
    std::string key;
    std::string name;
    int people = 0;
    bool tls = false;
    Ms quiet{300};  ///< between two bursts
    Ms delay{0};    ///< the sink answers so late
};

void put_burst(Report& report, const BurstCase& what, const std::vector<BurstWay>& ways) {
    const double bare = median(ways[0].last);
    for (const auto& way : ways) {
        report.row({what.name + ", " + way.name, std::to_string(way.last.size()), duration_text(median(way.first)), duration_text(median(way.last)),
                    duration_text(Spread::of(way.last).max), ratio_text(median(way.last), bare)});
        const auto key = "burst." + what.key + "." + way.key;
        report.number(key + ".first_s", median(way.first));
        report.number(key + ".last_s", median(way.last));
    }
    // What the courier is answerable for: the decision and its commit are before the first.
    const double spread = median(ways[2].last) - median(ways[2].first);
    const double bare_spread = bare - median(ways[0].first);
    report.line("first to last request, surged / libcurl alone: " + ratio_text(spread, bare_spread));
    report.number("burst." + what.key + ".ratio_first_to_last", bare_spread > 0 ? spread / bare_spread : 0);
    const double durable = median(ways[1].last);
    report.number("burst." + what.key + ".ratio_bare", bare > 0 ? median(ways[2].last) / bare : 0);
    report.number("burst." + what.key + ".ratio_durable", durable > 0 ? median(ways[2].last) / durable : 0);
}

void run_case(const Options& options, const BurstCase& what, Report& report) {
    BurstSink sink(what.delay);
    std::unique_ptr<test::NginxSink> server;
    if (what.tls) {
        test::NginxSink::Options nginx;
        nginx.keepalive = Ms{500};
        nginx.forward = sink.url("");
        server = std::make_unique<test::NginxSink>(nginx);
        if (!server->up()) {
            give_up("burst: nginx did not start");
        }
    }
    const auto url = [&](const std::string& path) { return server ? server->url(path) : sink.url(path); };
    const auto ca_file = server ? server->ca_file() : std::string();
    std::vector<std::string> endpoints(2);
    const auto bare = start_floor("", url("/bare"), ca_file, what.people, endpoints[0]);
    const auto durable = start_floor(options.folder + "/" + what.key + ".db", url("/durable"), ca_file, what.people, endpoints[1]);
    const Daemon daemon(options.folder + "/" + what.key, burst_config(url("/surged"), ca_file.empty() ? "" : "ca_file = \"" + ca_file + "\"\n", what.people));
    std::vector<BurstWay> ways;
    ways.push_back({"bare", "libcurl alone", make_message_path("bare", "bare", endpoints[0])});
    ways.push_back({"durable", "one commit, then libcurl", make_message_path("durable", "durable", endpoints[1])});
    ways.push_back({"surged", "surged", make_message_path("surged", "surged", daemon.ingest())});
    const int rounds = options.quick ? 3 : std::max(options.iterations / 20, 5);
    int token = 0;
    for (int round = 0; round <= rounds; ++round) {
        for (auto& way : ways) {
            const auto name = token_name(token++);
            way.path->calm(name);
            std::this_thread::sleep_for(what.quiet);
            const auto breach = Clock::now();
            way.path->breach(name);
            const auto took = sink.wait(name, static_cast<std::size_t>(what.people), breach);
            if (took.last < 0) {
                give_up("burst: " + way.name + ": not all of " + std::to_string(what.people) + " requests came");
            }
            if (round > 0) {
                way.first.push_back(took.first);
                way.last.push_back(took.last);
            }
        }
    }
    put_burst(report, what, ways);
}

}  // namespace

void run_burst(const Options& options, Report& report) {
    report.table("burst: many people called at once by one host, from the breach", {"", "bursts", "first p50", "last p50", "last max", "of libcurl alone"});
    std::vector<BurstCase> cases{{"http_20", "20 people", 20, false}, {"http_300", "300 people", 300, false},
                                 {"late_20", "20, answers after 50 ms", 20, false, Ms{300}, Ms{50}},
                                 {"late_300", "300, answers after 50 ms", 300, false, Ms{300}, Ms{50}}};
    if (test::NginxSink::installed()) {
        cases.push_back({"https_20", "20, TLS, server hung up", 20, true, Ms{800}, Ms{0}});
        cases.push_back({"https_300", "300, TLS, server hung up", 300, true, Ms{800}, Ms{0}});
    } else {
        report.line("nginx is not installed: no rows with TLS");
    }
    for (const auto& what : cases) {
        if (options.row.empty() || what.key.starts_with(options.row)) {
            run_case(options, what, report);
        }
    }
}

}  // namespace surged::bench
