// surged_bench outcome: what the product is for, measured in closed loop. See README.md.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <sstream>
#include <thread>

#include "commands.hpp"
#include "measure.hpp"
#include "outcome_oncall.hpp"
#include "outcome_policies.hpp"
#include "outcome_report.hpp"
#include "replay/timeline.hpp"

namespace surged::bench {

namespace {

struct OutcomeOptions {
    PackFiles pack;
    std::vector<int> sizes;
    std::vector<std::string> scenarios;
    std::vector<std::string> policies;
    int seeds = 20;
    int only_seed = 0;  ///< its time line is printed
    unsigned threads = 0;
    bool erlang_c = false;
    bool quick = false;
    std::string json;
    std::string plot;
    bool curve = false;
};

const std::vector<std::string>& policy_names() {
    static const std::vector<std::string> all{"nobody", "oracle", "surged", "surged+history",
                                              "prom15-ack", "prom60-ack", "prom15-chain", "prom60-chain"};
    return all;
}

void print_outcome_usage() {
    std::puts(
        "usage: surged_bench outcome [options]\n"
        "\n"
        "Calls lost in a simulated centre, by who called for help. Options may be given again where it says so.\n"
        "  --rules FILE      a rule file of surged's (again); without it rules/voice.toml and rules/staffing.toml\n"
        "  --team FILE       whose [[policy]] says who is called; without it systemd/etc/team.toml\n"
        "  --size N          calls an hour (again): 60 200 400 1200 4000\n"
        "  --scenario NAME   (again) x1.3 x1.5 x2 x4, each also -ramp; aht+30 drain region feed-outage rebound quiet quiet-short\n"
        "  --policy NAME     (again) nobody oracle surged surged+history; prom15-ack prom60-ack prom15-chain prom60-chain\n"
        "  --seeds N         runs of each (20)\n"
        "  --trace SEED      one run of each, and what surged's engine recorded in it, line by line\n"
        "  --threads N       (one a processor)\n"
        "  --staffing a|c    agents that keep 80/20 by Erlang A (the truth here) or C (some more)\n"
        "  --json FILE       every figure\n"
        "  --plot FILE       bars of it all, as HTML\n"
        "  --curve LIST      the trade-off, for limits so many times as far from usual: 0.7,1,1.4,2,2.8\n"
        "  --quick           x2 at 400 calls an hour and one quiet day, four seeds; fails unless surged saves more than the one who acknowledges");
}

bool parse_outcome(const std::vector<std::string>& words, OutcomeOptions& o) {
    const std::string root = SURGED_SOURCE_DIR;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& word = words[i];
        if (word == "--quick") {
            o.quick = true;
            continue;
        }
        if (i + 1 >= words.size()) {
            std::fprintf(stderr, "surged_bench outcome: %s is no option, or lacks its value; see --help\n", word.c_str());
            return false;
        }
        const auto& value = words[++i];
        if (word == "--rules") {
            o.pack.rules.push_back(value);
        } else if (word == "--team") {
            o.pack.team = value;
        } else if (word == "--size") {
            o.sizes.push_back(std::atoi(value.c_str()));
        } else if (word == "--scenario") {
            o.scenarios.push_back(value);
        } else if (word == "--policy") {
            o.policies.push_back(value);
        } else if (word == "--seeds") {
            o.seeds = std::atoi(value.c_str());
        } else if (word == "--trace") {
            o.only_seed = o.seeds = std::atoi(value.c_str());
        } else if (word == "--threads") {
            o.threads = static_cast<unsigned>(std::atoi(value.c_str()));
        } else if (word == "--staffing" && (value == "a" || value == "c")) {
            o.erlang_c = value == "c";
        } else if (word == "--json") {
            o.json = value;
        } else if (word == "--plot") {
            o.plot = value;
        } else if (word == "--curve") {
            o.curve = true;
            std::stringstream list(value);
            for (std::string one; std::getline(list, one, ',');) {
                o.policies.push_back("surged*" + one);
                o.policies.push_back("surged+history*" + one);
            }
        } else {
            std::fprintf(stderr, "surged_bench outcome: %s %s makes no sense; see --help\n", word.c_str(), value.c_str());
            return false;
        }
    }
    if (o.curve) {
        o.policies.insert(o.policies.begin(), {"nobody", "oracle"});
        if (o.scenarios.empty()) {
            o.scenarios = {"x1.3", "x1.5", "x2", "quiet-short"};
        }
    }
    if (o.quick) {
        o.seeds = 4;
        o.sizes = {400};
        o.scenarios = {"x2", "quiet-short"};
    }
    if (o.pack.rules.empty()) {
        o.pack.rules = {root + "/rules/voice.toml", root + "/rules/staffing.toml"};
    }
    if (o.pack.team.empty()) {
        o.pack.team = root + "/systemd/etc/team.toml";
    }
    if (o.sizes.empty()) {
        o.sizes = {60, 200, 400, 1200, 4000};
    }
    if (o.scenarios.empty()) {
        o.scenarios = scenario_names();
    }
    if (o.policies.empty()) {
        o.policies = policy_names();
    }
    for (const auto& name : o.scenarios) {
        if (!world_scenario(name, centre_size(200, false), 1)) {
            std::fprintf(stderr, "surged_bench outcome: no scenario is named %s\n", name.c_str());
            return false;
        }
    }
    for (const int size : o.sizes) {
        if (size < 10 || size > 100000) {
            std::fprintf(stderr, "surged_bench outcome: --size is 10 to 100000 calls an hour\n");
            return false;
        }
    }
    for (const auto& name : o.policies) {
        const auto& known = policy_names();
        const auto star = name.find('*');
        if (std::find(known.begin(), known.end(), name.substr(0, star)) == known.end() ||
            (star != std::string::npos && std::atof(name.c_str() + star + 1) <= 0)) {
            std::fprintf(stderr, "surged_bench outcome: no policy is named %s\n", name.c_str());
            return false;
        }
    }
    if (o.only_seed > 0) {
        o.threads = 1;  // lines of two runs would mix
    }
    return o.seeds > 0;
}

/// One thread's work: all policies of one scenario, size and seed.
class OutcomeBatch {
public:
    explicit OutcomeBatch(OutcomeOptions options) : options_(std::move(options)) {}

    /// Empty = fine; else what is wrong with the configuration.
    std::string check() const {
        const auto config = outcome_config(options_.pack, 1, 12);
        std::string out;
        for (const auto& one : config.diagnostics) {
            if (one.severity == Severity::error) {
                out += one.text() + "\n";
            }
        }
        return config.ok() ? "" : out;
    }

    OutcomeRuns run() {
        // Long ones first, so that no thread is left alone with one at the end.
        std::vector<Job> jobs;
        for (const bool quiet : {true, false}) {
            for (auto size = options_.sizes.rbegin(); size != options_.sizes.rend(); ++size) {
                for (int seed = std::max(1, options_.only_seed); seed <= options_.seeds; ++seed) {
                    Job job{*size, seed, {}};
                    for (const auto& scenario : options_.scenarios) {
                        if (scenario.starts_with("quiet") == quiet) {
                            job.scenarios.push_back(scenario);
                        }
                    }
                    if (!job.scenarios.empty()) {
                        jobs.push_back(std::move(job));
                    }
                }
            }
        }
        for (const auto& job : jobs) {
            for (const auto& scenario : job.scenarios) {
                for (const auto& policy : options_.policies) {
                    if (wanted(scenario, policy)) {
                        runs_[{scenario, job.size, policy}].resize(options_.only_seed > 0 ? 1 : static_cast<std::size_t>(options_.seeds));
                    }
                }
            }
        }
        std::atomic<std::size_t> next{0};
        std::vector<std::thread> threads;
        const unsigned count = options_.threads > 0 ? options_.threads : std::max(1U, std::thread::hardware_concurrency());
        for (unsigned i = 0; i < count; ++i) {
            threads.emplace_back([&] {
                for (std::size_t n = next++; n < jobs.size(); n = next++) {
                    work(jobs[n]);
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        return std::move(runs_);
    }
    double world_seconds() const { return static_cast<double>(world_s_); }
    const std::map<std::string, int>& opened_by() const { return opened_by_; }

private:
    struct Job {
        int size = 0;
        int seed = 0;
        std::vector<std::string> scenarios;
    };

    /// Without a surge nobody and the oracle do nothing, and a history is what the first days teach.
    static bool wanted(const std::string& scenario, const std::string& policy) {
        const bool history = policy.starts_with("surged+history");
        return !scenario.starts_with("quiet") || (policy != "oracle" && !(history && scenario == "quiet"));
    }

    void work(const Job& job) {
        const auto size = centre_size(job.size, options_.erlang_c);
        const auto seed = static_cast<std::uint64_t>(job.seed);
        std::optional<HistoryRows> history;
        for (const auto& name : job.scenarios) {
            const auto scenario = *world_scenario(name, size, seed);
            for (const auto& policy : options_.policies) {
                if (!wanted(name, policy)) {
                    continue;
                }
                World world(scenario, size, seed);
                std::unique_ptr<OutcomePolicy> who;
                SurgedPolicy* surged = nullptr;
                if (policy == "nobody") {
                    who = std::make_unique<Nobody>();
                } else if (policy == "oracle") {
                    who = std::make_unique<Oracle>();
                } else if (policy.starts_with("prom")) {
                    who = std::make_unique<OnCallPolicy>(policy.starts_with("prom15") ? 15 : 60, policy.ends_with("chain"));
                } else {
                    const auto star = policy.find('*');
                    auto config = outcome_config(options_.pack, scenario.centres, world.people());
                    ProfileShelf shelf;
                    if (star != std::string::npos) {
                        config.plan = scaled_limits(*config.plan, std::atof(policy.c_str() + star + 1));
                    }
                    if (policy.starts_with("surged+history")) {
                        if (!history) {
                            history = history_of(size, seed, 12, learned_metrics(*config.plan));
                        }
                        shelf = learned_shelf(*config.plan, *history, scenario.centres);
                    }
                    std::function<void(const Record&)> watch;
                    if (options_.only_seed > 0) {
                        std::printf("\n%s, %d calls/h, %s: the surge begins %s\n", name.c_str(), job.size, policy.c_str(),
                                    civil_text(wall_time(world_start_ms + static_cast<std::int64_t>(scenario.from_s * 1000)), utc_).c_str());
                        watch = [this](const Record& record) {
                            if (!is_load(record)) {
                                std::printf("%s\n", line_of(narrate(record, utc_), true).c_str());
                            }
                        };
                    }
                    auto made = std::make_unique<SurgedPolicy>(std::move(config.plan), std::move(shelf), std::move(watch));
                    surged = made.get();
                    who = std::move(made);
                }
                const auto outcome = world.run(*who);
                const std::lock_guard lock(mutex_);
                runs_[{name, job.size, policy}][options_.only_seed > 0 ? 0 : static_cast<std::size_t>(job.seed - 1)] = outcome;
                world_s_ = world_s_ + scenario.end_s;
                if (surged != nullptr && scenario.quiet && (policy == "surged" || policy == "surged+history")) {
                    for (const auto& [rule, n] : surged->opened_by()) {
                        opened_by_[policy + ", " + std::to_string(job.size) + "/h: " + rule] += n;
                    }
                }
            }
        }
    }

    OutcomeOptions options_;
    Zone utc_;
    std::mutex mutex_;
    OutcomeRuns runs_;
    double world_s_ = 0;
    std::map<std::string, int> opened_by_;  ///< quiet: by size and rule
};

}  // namespace

int run_outcome(const std::vector<std::string>& words) {
    if (!words.empty() && (words.front() == "--help" || words.front() == "-h")) {
        print_outcome_usage();
        return 0;
    }
    OutcomeOptions options;
    if (!parse_outcome(words, options)) {
        return 2;
    }
    OutcomeBatch batch(options);
    if (const auto wrong = batch.check(); !wrong.empty()) {
        std::fprintf(stderr, "%s", wrong.c_str());
        return 2;
    }
    const auto begin = Clock::now();
    const auto runs = batch.run();
    const double took = seconds_since(begin);
    std::vector<CentreSize> sizes;
    for (const int size : options.sizes) {
        sizes.push_back(centre_size(size, options.erlang_c));
    }
    if (options.curve) {
        print_curve(runs, options.scenarios, sizes, options.policies);
    } else {
        print_outcomes(runs, options.scenarios, sizes, options.policies);
    }
    if (!batch.opened_by().empty()) {
        std::puts("\n  incidents without a surge, by the rule that opened them (all seeds)");
        for (const auto& [name, n] : batch.opened_by()) {
            std::printf("    %-50s %d\n", name.c_str(), n);
        }
    }
    std::printf("\n  %d seeds; %.0f days lived in %.1f s, %.0f x real time\n", options.seeds, batch.world_seconds() / 86400, took,
                batch.world_seconds() / took);
    if (!options.json.empty() && !write_outcome_json(options.json, runs)) {
        std::fprintf(stderr, "surged_bench: cannot write %s\n", options.json.c_str());
        return 1;
    }
    if (!options.plot.empty() && !write_outcome_plot(options.plot, runs, options.policies)) {
        std::fprintf(stderr, "surged_bench: cannot write %s\n", options.plot.c_str());
        return 1;
    }
    if (options.quick) {
        const auto lost = [&](const char* policy) {
            const OutcomeKey key{"x2", 400, policy};
            return runs.contains(key) ? outcome_row(runs, key).lost : 0;
        };
        const bool better = lost("surged") < lost("prom15-ack") && lost("oracle") <= lost("surged");
        std::printf("  at x2 surged loses %.1f callers, the one who acknowledges %.1f, the oracle %.1f: %s\n", lost("surged"),
                    lost("prom15-ack"), lost("oracle"), better ? "fine" : "WRONG");
        return better ? 0 : 1;
    }
    return 0;
}

}  // namespace surged::bench
