// `peers`: the same breach to the same sink by surged and by what people use today, in turns.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "child.hpp"
#include "commands.hpp"
#include "daemon.hpp"
#include "page_path.hpp"
#include "peers.hpp"

namespace surged::bench {

void write_file(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::trunc);
    file << text;
    if (!file.flush()) {
        give_up("cannot write " + path);
    }
}

std::string write_script(const std::string& folder, const std::string& url, bool from_input) {
    const std::string path = folder + "/notify.sh";
    write_file(path, std::string("#!/bin/sh\nexec /usr/bin/curl -s -o /dev/null ") +
                         (from_input ? "--data-binary @-" : "--data-binary \"$NAME\"") + " " + url + "\n");
    ::chmod(path.c_str(), 0755);
    return path;
}

void run_peers(const Options& options, Report& report) {
    using Start = std::unique_ptr<PagePath> (*)(const PeerSettings&, std::string&);
    const std::vector<std::pair<std::string, Start>> known{
        {"prometheus", start_prometheus}, {"collectd", start_collectd}, {"icinga", start_icinga}};
    // collectd's script runs as another user, who must be able to reach it.
    ::chmod(options.folder.c_str(), 0711);
    PageSink sink;
    Daemon daemon(options.folder + "/peers", page_config(sink.url("/surged")));
    const auto surged = make_message_path("surged", "surged", daemon.ingest());
    std::vector<PagePath*> paths{surged.get()};
    std::vector<std::unique_ptr<PagePath>> peers;
    const int rounds = options.peer_iterations + 2;
    for (const auto& [key, start] : known) {
        PeerSettings settings{options.folder + "/" + key, sink.url("/" + key), 0, rounds * static_cast<int>(known.size() + 1)};
        std::filesystem::create_directories(settings.folder);
        std::string why;
        auto peer = start(settings, why);
        if (peer == nullptr) {
            report.line("skipped: " + why);
            continue;
        }
        paths.push_back(peer.get());
        peers.push_back(std::move(peer));
    }
    PagePlan plan;
    plan.iterations = 2;
    plan.within = std::chrono::seconds{30};
    plan.quiet = std::chrono::milliseconds{30};
    plan.first_token = time_pages(sink, paths, plan).next_token;  // the first ones pay for connections and caches
    plan.iterations = options.peer_iterations;
    const PageTimes times = time_pages(sink, paths, plan);
    report.table("peers: breach to first byte of the webhook", {"", "pages", "lost", "p50", "p90", "max", "p50 / surged"});
    const double own = Spread::of(times.of[0]).p50;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const Spread spread = Spread::of(times.of[i]);
        report.row({paths[i]->name(), std::to_string(spread.count), std::to_string(times.lost[i]), duration_text(spread.p50),
                    duration_text(spread.p90), duration_text(spread.max), ratio_text(spread.p50, own)});
        report.number("peers." + paths[i]->key() + ".p50_s", spread.p50);
        report.number("peers." + paths[i]->key() + ".max_s", spread.max);
        report.number("peers." + paths[i]->key() + ".of_surged_p50", own > 0 ? spread.p50 / own : 0);
    }
}

}  // namespace surged::bench
