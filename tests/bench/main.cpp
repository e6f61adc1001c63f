// surged_bench: how fast, how soon, how much; always beside a floor or a peer in the same run. See README.md.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "child.hpp"
#include "commands.hpp"
#include "feed_parts.hpp"
#include "sender.hpp"
#include "support/temp_dir.hpp"

using namespace surged::bench;  // NOLINT: this file names one thing of every part

namespace {

using Command = void (*)(const Options&, Report&);

const std::vector<std::pair<std::string, Command>>& commands() {
    static const std::vector<std::pair<std::string, Command>> all{
        {"ingest", run_ingest},   {"memory", run_memory}, {"page", run_page},       {"storm", run_storm},
        {"scrape", run_scrape},   {"peers", run_peers},   {"cost", run_cost},       {"feed", run_feed},
        {"history", run_history}, {"period", run_period}, {"console", run_console}, {"stall", run_stall},
        {"idle", run_idle},       {"burst", run_burst}};
    return all;
}

void print_usage() {
    std::puts(
        "usage: surged_bench COMMAND... [options]\n"
        "\n"
        "commands\n"
        "  ingest   samples a second beside the floor (libzmq + simdjson) and a bare engine\n"
        "  memory   bytes a series and a rule; hostile names at the series limit\n"
        "  page     breach to first byte of the webhook, commit included, beside the floor; at idle and at half load\n"
        "  storm    a thousand incidents within one second: every page comes, once, and nobody else waits\n"
        "  scrape   the same while /metrics with 100,000 series is scraped without pause\n"
        "  peers    the same breach beside Prometheus + Alertmanager, collectd, Icinga 2 (those that are installed)\n"
        "  cost     processor time a million samples, 1,000 rules over 100,000 series, beside Prometheus\n"
        "  feed     the feeder of Asterisk's manager interface at 2,000 calls a second: processor, memory, delay through "
        "sockets; a long queue_log\n"
        "  period   the summary of a month for 10,000 queues with a year of history: time, memory, and what it keeps a look "
        "waiting\n"
        "  history  what a decision waits for the history at 10,000 queues, beside the same without; bytes a queue and day\n"
        "  console  percent of a core that 200 open pages cost at 10,000 queues, beside the bytes alone; the longest decision "
        "with and without\n"
        "  stall    what a decision waits for while snapshots, reloads, scrapes, reports and lists are made, at 1,000 open "
        "incidents\n"
        "  idle     the first page after the server closed its idle connections beside the second; TLS, kept warm and not\n"
        "  burst    20 and 300 people called at once by one host: to the last request, beside libcurl alone\n"
        "  all      every one of them\n"
        "  compare A.json B.json  two files of --json side by side\n"
        "  outcome  calls lost with and without surged, in a simulated centre; has options of its own: outcome --help\n"
        "\n"
        "options\n"
        "  --json FILE        write every number\n"
        "  --note TEXT        into that file: what its reader must know of the run\n"
        "  --quick            tiny: shows that it runs, says nothing about speed (default commands: ingest memory page storm)\n"
        "  --repetitions N    turns of every variant (5)\n"
        "  --seconds S        length of a turn (1)\n"
        "  --iterations N     pages of each kind (400)\n"
        "  --peer-iterations N  pages by each peer (12)\n"
        "  --churn-seconds S  hostile names for so long (20; an hour is 3600)\n"
        "  --gigabytes N      size of the queue_log that feed writes below --folder, reads and deletes, and of the store in "
        "stall (1)\n"
        "  --keepalive S      idle: the server closes a connection after so long (5)\n"
        "  --idle S           idle: seconds without a page (1.6 times --keepalive)\n"
        "  --row KEY          stall, burst: only the rows whose key (stall.KEY in the JSON) begins so; 'start' is the restart\n"
        "  --folder DIR       where stores and configurations go: the disk to be measured ($TMPDIR, else /tmp)");
}

/// Empty = the words make no sense; what is wrong has been printed.
std::vector<std::string> parse(const std::vector<std::string>& words, Options& options) {
    std::vector<std::string> wanted;
    const std::vector<std::pair<std::string, std::function<void(const std::string&)>>> with_value{
        {"--json", [&](const std::string& v) { options.json = v; }},
        {"--note", [&](const std::string& v) { options.note = v; }},
        {"--folder", [&](const std::string& v) { options.folder = v; }},
        {"--repetitions", [&](const std::string& v) { options.repetitions = std::atoi(v.c_str()); }},
        {"--seconds", [&](const std::string& v) { options.seconds = std::atof(v.c_str()); }},
        {"--iterations", [&](const std::string& v) { options.iterations = std::atoi(v.c_str()); }},
        {"--peer-iterations", [&](const std::string& v) { options.peer_iterations = std::atoi(v.c_str()); }},
        {"--churn-seconds", [&](const std::string& v) { options.churn_s = std::atof(v.c_str()); }},
        {"--keepalive", [&](const std::string& v) { options.keepalive_s = std::atof(v.c_str()); }},
        {"--idle", [&](const std::string& v) { options.idle_s = std::atof(v.c_str()); }},
        {"--row", [&](const std::string& v) { options.row = v; }},
        {"--gigabytes", [&](const std::string& v) { options.gigabytes = std::atof(v.c_str()); }}};
    for (std::size_t i = 0; i < words.size(); ++i) {
        bool known = words[i] == "--quick" || words[i] == "all";
        for (const auto& [name, set] : with_value) {
            if (words[i] == name && i + 1 < words.size()) {
                set(words[++i]);
                known = true;
                break;
            }
        }
        for (const auto& command : commands()) {
            if (words[i] == command.first || words[i] == "all") {
                wanted.push_back(command.first);
                known = true;
            }
        }
        if (!known) {
            std::fprintf(stderr, "surged_bench: %s is no command and no option, or lacks its value; see --help\n",
                         words[i].c_str());
            return {};
        }
    }
    return wanted;
}

int helper(const std::vector<std::string>& words) {
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    if (words.front() == "send") {
        return run_sender(rest);
    }
    if (words.front() == "profile") {
        return run_profile(rest);
    }
    if (words.front() == "memory-child") {
        return run_memory_child(rest);
    }
    if (words.front() == "compare") {
        return run_compare(rest);
    }
    if (words.front() == "outcome") {
        return run_outcome(rest);
    }
    if (words.front() == "feed-ami") {
        return run_feed_ami_child(rest);
    }
    if (words.front() == "feed-log") {
        return run_feed_log_child(rest);
    }
    if (words.front() == "page-floor") {
        return run_page_floor(rest);
    }
    if (words.front() == "burst-floor") {
        return run_burst_floor(rest);
    }
    return -1;
}

int run(const std::vector<std::string>& words) {
    if (words.empty() || words.front() == "--help" || words.front() == "-h") {
        print_usage();
        return words.empty() ? 2 : 0;
    }
    if (const int code = helper(words); code >= 0) {
        return code;
    }
    Options options;
    for (const std::string& word : words) {
        options.quick = options.quick || word == "--quick";
    }
    if (options.quick) {
        options = {.quick = true,
                   .repetitions = 2,
                   .seconds = 0.15,
                   .iterations = 15,
                   .peer_iterations = 3,
                   .churn_s = 1.0,
                   .gigabytes = 0.01};
    }
    auto wanted = parse(words, options);
    if (wanted.empty() && options.quick) {
        wanted = {"ingest", "memory", "page", "storm"};
    }
    if (wanted.empty() || options.repetitions < 1 || options.iterations < 1 || options.peer_iterations < 1 ||
        options.seconds <= 0 || options.keepalive_s < 1 || options.idle_s < 0) {
        return 2;
    }
    if (!options.folder.empty()) {
        std::filesystem::create_directories(options.folder);
        ::setenv("TMPDIR", std::filesystem::absolute(options.folder).c_str(), 1);  // NOLINT: before any thread
    }
    const double load_before = Report::load();
    const surged::test::TempDir temporary;
    options.folder = temporary.path().string();
    Report report;
    for (const auto& command : commands()) {
        for (const std::string& name : wanted) {
            if (name == command.first) {
                command.second(options, report);
                break;
            }
        }
    }
    if (!options.json.empty() && !report.write(options.json, {options.quick, load_before, options.note})) {
        give_up("cannot write " + options.json);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return work_to_the_end([&] { return run({argv + 1, argv + argc}); });
}
