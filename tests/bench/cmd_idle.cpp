// `idle`: the first page after an idle time in which the server (a real nginx with TLS before the sink) closed its connections, beside the
// second; by a surged that keeps its ways warm, one that opens them when an alert is pending, and one that does neither.
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

struct IdleWay {
    std::string key;
    std::string name;
    Ms hold{0};  ///< of the rule: raise_after
    Daemon daemon;
    std::unique_ptr<PagePath> path;
    std::vector<double> first{};
    std::vector<double> second{};
    int lost = 0;

    IdleWay(std::string key_in, std::string name_in, Ms hold_in, const std::string& folder, const std::string& config)
        : key(std::move(key_in)),
          name(std::move(name_in)),
          hold(hold_in),
          daemon(folder, config),
          path(make_message_path(key, name, daemon.ingest())) {}
};

std::string idle_config(const test::NginxSink& server, Ms keep_warm, Ms hold) {
    const auto channel = channel_text("sink", server.url("/page"),
                                      "ca_file = \"" + server.ca_file() + "\"\nkeep_warm = \"" + std::to_string(keep_warm.count()) + "ms\"\n");
    auto rule = breach_rule_text("page", "page");
    const std::string at_once = "raise_after = \"0s\"";
    rule.replace(rule.find(at_once), at_once.size(), "raise_after = \"" + std::to_string(hold.count()) + "ms\"");
    return channel + person_text("lead-01", "sink") + policy_text("page", 1, "lead-01", {{{"lead-01"}, "24h"}}) + rule;
}

/// One page: seconds from the end of the hold to its first byte at the sink; negative = it did not come.
double idle_page(PageSink& sink, IdleWay& way, int token) {
    const auto name = token_name(token);
    const auto breach = Clock::now();
    way.path->breach(name);
    return sink.wait(name, breach + way.hold, way.hold + 10s);
}

void put_idle(Report& report, const IdleWay& way) {
    const auto first = Spread::of(way.first);
    const auto second = Spread::of(way.second);
    report.row({way.name, std::to_string(first.count), duration_text(first.p50), duration_text(first.max), duration_text(second.p50),
                duration_text(second.max), ratio_text(first.p50, second.p50)});
    const auto key = "idle." + way.key;
    report.number(key + ".first.p50_s", first.p50);
    report.number(key + ".first.max_s", first.max);
    report.number(key + ".second.p50_s", second.p50);
    report.number(key + ".ratio", second.p50 > 0 ? first.p50 / second.p50 : 0);
    report.number(key + ".lost", way.lost);
}

}  // namespace

void run_idle(const Options& options, Report& report) {
    if (!test::NginxSink::installed()) {
        report.line("idle: nginx is not installed: skipped");
        return;
    }
    const Ms keepalive{options.quick ? 1000 : static_cast<long>(options.keepalive_s * 1000)};
    const Ms idle = options.idle_s > 0 && !options.quick ? Ms{static_cast<long>(options.idle_s * 1000)} : keepalive * 8 / 5;
    const int rounds = options.quick ? 2 : options.repetitions;
    PageSink sink;
    test::NginxSink::Options nginx;
    nginx.keepalive = keepalive;
    nginx.forward = sink.url("");
    test::NginxSink server(nginx);
    if (!server.up()) {
        give_up("idle: nginx did not start");
    }
    const Ms before_it_hangs_up = keepalive * 2 / 3;  // as 50 s are of 75
    const Ms hold = std::min(Ms{1000}, keepalive / 2);
    std::vector<std::unique_ptr<IdleWay>> ways;
    const auto add = [&](const std::string& key, const std::string& name, Ms hold_of, Ms keep_warm) {
        ways.push_back(std::make_unique<IdleWay>(key, name, hold_of, options.folder + "/" + key, idle_config(server, keep_warm, hold_of)));
    };
    add("cold", "keep_warm = 0s", Ms{0}, Ms{0});
    add("warm", "kept warm", Ms{0}, before_it_hangs_up);
    add("pending", "opened while the alert is pending", hold, Ms{110000});

    report.table("idle: first page after " + fixed(std::chrono::duration<double>(idle).count(), 1) + " s, the server closes after " +
                     fixed(std::chrono::duration<double>(keepalive).count(), 1) + " s",
                 {"", "pages", "first p50", "first max", "second p50", "second max", "p50 ratio"});
    int token = 0;
    for (int round = 0; round <= rounds; ++round) {
        const int begin = token;
        for (auto& way : ways) {  // their queues are known before the night
            way->path->calm(token_name(token++));
            way->path->calm(token_name(token++));
        }
        std::this_thread::sleep_for(idle);
        for (std::size_t i = 0; i < ways.size(); ++i) {
            auto& way = *ways[i];
            const int at = begin + static_cast<int>(2 * i);
            const double first = idle_page(sink, way, at);
            std::this_thread::sleep_for(50ms);
            const double second = idle_page(sink, way, at + 1);
            if (round == 0) {
                continue;  // files, caches, the first of everything
            }
            way.lost += first < 0 || second < 0 ? 1 : 0;
            if (first >= 0 && second >= 0) {
                way.first.push_back(first);
                way.second.push_back(second);
            }
        }
    }
    int lost = 0;
    for (const auto& way : ways) {
        put_idle(report, *way);
        lost += way->lost;
    }
    report.line("first byte at the sink behind nginx; a hold is taken off. The network is this host's: a provider that is 20 ms away adds 60 ms to a first page that");
    report.line("must look up nothing, connect and agree on TLS, and nothing to one that meets a warm connection");
    if (lost > 0) {
        give_up("idle: " + std::to_string(lost) + " pages did not come");
    }
}

}  // namespace surged::bench
