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
#include "outcome_floor.hpp"
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
    int first_seed = 1;
    bool trace = false;  ///< the time line of every run is printed
    unsigned threads = 0;
    bool erlang_c = false;
    Desk desk;
    bool quick = false;
    std::string json;
    std::string plot;
    bool curve = false;
};

const std::vector<std::string>& policy_names() {
    static const std::vector<std::string> all{"nobody", "oracle", "floor", "surged", "surged+history", "surged-all",
                                              "surged+history-all", "prom15-ack", "prom60-ack", "prom15-chain", "prom60-chain"};
    return all;
}

/// False alarms a day that the noise floor is told for.
constexpr double false_goal = 0.2;

/// The number behind the star; nullopt: none.
std::optional<double> scale_of(const std::string& policy) {
    const auto star = policy.find('*');
    return star == std::string::npos ? std::nullopt : std::optional(std::atof(policy.c_str() + star + 1));
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
        "  --policy NAME     (again) nobody oracle floor surged surged+history surged-all surged+history-all;\n"
        "                    prom15-ack prom60-ack prom15-chain prom60-chain. floor*0.05: at so many false alarms a day; surged*1.4: limits so\n"
        "                    many times as far from usual; -all: the first call for help calls everybody\n"
        "  --seeds N         runs of each (20)\n"
        "  --seed N          the first seed (1): limits chosen on some seeds are judged on others\n"
        "  --trace SEED      one run of each, and what surged's engine recorded in it, line by line\n"
        "  --threads N       (one a processor)\n"
        "  --staffing a|c    agents that keep 80/20 by Erlang A (the truth here) or C (some more)\n"
        "  --desk NAME       voice; chat: the world and the numbers of chats, for rules/chat.toml; callback: lost callers are called back, for\n"
        "                    rules/callback.toml\n"
        "  --json FILE       every figure\n"
        "  --plot FILE       bars of it all, as HTML\n"
        "  --curve LIST      the trade-off, for limits so many times as far from usual: 0.7,1,1.4,2,2.8\n"
        "  --quick           x2 at 400 calls an hour and one quiet day, four seeds; fails unless surged saves 80 %, more than the one\n"
        "                    who acknowledges, and opens one incident a day at most");
}

/// One option that has a value. False: there is none of this name, or the value makes no sense.
bool take_option(const std::string& word, const std::string& value, OutcomeOptions& o) {
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
        o.first_seed = std::atoi(value.c_str());
        o.seeds = 1;
        o.trace = true;
    } else if (word == "--seed") {
        o.first_seed = std::atoi(value.c_str());
    } else if (word == "--threads") {
        o.threads = static_cast<unsigned>(std::atoi(value.c_str()));
    } else if (word == "--staffing" && (value == "a" || value == "c")) {
        o.erlang_c = value == "c";
    } else if (word == "--desk" && desk_named(value)) {
        o.desk = *desk_named(value);
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
        return false;
    }
    return true;
}

/// What was not said.
void complete(OutcomeOptions& o) {
    const std::string root = SURGED_SOURCE_DIR;
    if (o.curve) {
        o.policies.insert(o.policies.begin(), {"nobody", "oracle", "floor*0.05", "floor*0.2", "floor*1"});
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
    if (o.trace) {
        o.threads = 1;  // lines of two runs would mix
    }
}

/// Says what is wrong; empty: nothing.
std::string problem_of(const OutcomeOptions& o) {
    for (const auto& name : o.scenarios) {
        if (!world_scenario(name, centre_size(200, false), 1)) {
            return "no scenario is named " + name;
        }
    }
    for (const int size : o.sizes) {
        if (size < 10 || size > 100000) {
            return "--size is 10 to 100000 calls an hour";
        }
    }
    for (const auto& name : o.policies) {
        const auto& known = policy_names();
        const auto star = name.find('*');
        if (std::find(known.begin(), known.end(), name.substr(0, star)) == known.end() ||
            scale_of(name).value_or(1) <= 0) {
            return "no policy is named " + name;
        }
    }
    if (o.seeds < 1 || o.first_seed < 1) {
        return "--seeds, --seed and --trace are 1 or more";
    }
    return {};
}

bool parse_outcome(const std::vector<std::string>& words, OutcomeOptions& o) {
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
        if (!take_option(word, value, o)) {
            std::fprintf(stderr, "surged_bench outcome: %s %s makes no sense; see --help\n", word.c_str(), value.c_str());
            return false;
        }
    }
    complete(o);
    const auto problem = problem_of(o);
    if (!problem.empty()) {
        std::fprintf(stderr, "surged_bench outcome: %s\n", problem.c_str());
    }
    return problem.empty();
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
                for (int run = 0; run < options_.seeds; ++run) {
                    Job job{*size, run, {}};
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
                        runs_[{scenario, job.size, policy}].resize(static_cast<std::size_t>(options_.seeds));
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
    const OutcomeOpeners& openers() const { return openers_; }

private:
    struct Job {
        int size = 0;
        int run = 0;  ///< seeds after the first
        std::vector<std::string> scenarios;
    };

    /// Without a surge nobody and the oracle do nothing, and a history is what the first days teach.
    static bool wanted(const std::string& scenario, const std::string& policy) {
        const bool history = policy.starts_with("surged+history");
        if (policy.starts_with("floor")) {
            return FloorPolicy::sees(scenario);
        }
        return !scenario.starts_with("quiet") || (policy != "oracle" && !(history && scenario == "quiet"));
    }

    void work(const Job& job) {
        const auto size = centre_size(job.size, options_.erlang_c, options_.desk);
        const auto seed = static_cast<std::uint64_t>(options_.first_seed + job.run);
        std::optional<HistoryRows> history;
        for (const auto& name : job.scenarios) {
            const auto scenario = *world_scenario(name, size, seed);
            for (const auto& policy : options_.policies) {
                if (!wanted(name, policy)) {
                    continue;
                }
                World world(scenario, size, seed);
                const auto who = policy.starts_with("surged") ? surged_policy(policy, world, history) : other_policy(policy);
                const auto outcome = world.run(*who);
                const std::lock_guard lock(mutex_);
                runs_[{name, job.size, policy}][static_cast<std::size_t>(job.run)] = outcome;
                world_s_ = world_s_ + scenario.end_s;
                if (const auto* surged = dynamic_cast<const SurgedPolicy*>(who.get()); surged != nullptr && policy.find('*') == std::string::npos) {
                    note_openers(*surged, {name, job.size, policy});
                }
            }
        }
    }

    static std::unique_ptr<OutcomePolicy> other_policy(const std::string& policy) {
        if (policy == "nobody") {
            return std::make_unique<Nobody>();
        }
        if (policy == "oracle") {
            return std::make_unique<Oracle>();
        }
        if (policy.starts_with("floor")) {
            return std::make_unique<FloorPolicy>(scale_of(policy).value_or(false_goal));
        }
        return std::make_unique<OnCallPolicy>(policy.starts_with("prom15") ? 15 : 60, policy.ends_with("chain"));
    }

    std::unique_ptr<OutcomePolicy> surged_policy(const std::string& policy, const World& world, std::optional<HistoryRows>& history) {
        const auto& scenario = world.scenario();
        auto config = outcome_config(options_.pack, scenario.centres, world.people());
        if (const auto scale = scale_of(policy)) {
            config.plan = scaled_limits(*config.plan, *scale);
        }
        ProfileShelf shelf;
        if (policy.starts_with("surged+history")) {
            if (!history) {
                history = history_of(world.size(), world.seed(), 12, learned_metrics(*config.plan));
            }
            shelf = learned_shelf(*config.plan, *history, scenario.centres);
        }
        std::function<void(const Record&)> watch;
        if (options_.trace) {
            std::printf("\n%s, %d calls/h, %s: the surge begins %s\n", scenario.name.c_str(), world.size().calls_per_h, policy.c_str(),
                        civil_text(wall_time(world_start_ms + static_cast<std::int64_t>(scenario.from_s * 1000)), utc_).c_str());
            watch = [this](const Record& record) {
                if (!is_load(record)) {
                    std::printf("%s\n", line_of(narrate(record, utc_), true).c_str());
                }
            };
        }
        return std::make_unique<SurgedPolicy>(std::move(config.plan), std::move(shelf), std::move(watch), policy.ends_with("-all"));
    }

    /// Without a surge every opening counts, in one the first.
    void note_openers(const SurgedPolicy& surged, const OutcomeKey& key) {
        auto& openers = openers_[key];
        if (std::get<0>(key).starts_with("quiet")) {
            for (const auto& [rule, n] : surged.opened_by()) {
                openers[rule] += n;
            }
        } else {
            ++openers[surged.opened_first().empty() ? "nothing" : surged.opened_first()];
        }
    }

    OutcomeOptions options_;
    Zone utc_;
    std::mutex mutex_;
    OutcomeRuns runs_;
    double world_s_ = 0;
    OutcomeOpeners openers_;
};

/// What a gross fault breaks: seen 91 and 95 % saved, and 0 incidents in four quiet days.
int judge_quick(const OutcomeRuns& runs) {
    constexpr double saved_least = 0.8;
    constexpr double incidents_a_day_most = 1;
    const auto row = [&](const char* scenario, const char* policy) { return outcome_row(runs, {scenario, 400, policy}); };
    const auto own = row("x2", "surged");
    const auto learned = row("x2", "surged+history");
    const auto quiet = row("quiet-short", "surged");
    const double ack = row("x2", "prom15-ack").lost;
    const bool good = own.lost < ack && own.saved >= saved_least && learned.saved >= saved_least && quiet.incidents_a_day <= incidents_a_day_most;
    std::printf("  at x2 surged loses %.1f callers, the one who acknowledges %.1f, the oracle %.1f; saved %.0f %%, with history %.0f %%; %.2f incidents a day without "
                "a surge: %s\n",
                own.lost, ack, row("x2", "oracle").lost, 100 * own.saved, 100 * learned.saved, quiet.incidents_a_day, good ? "fine" : "WRONG");
    return good ? 0 : 1;
}

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
        sizes.push_back(centre_size(size, options.erlang_c, options.desk));
    }
    if (options.curve) {
        print_curve(runs, options.scenarios, sizes, options.policies);
    } else {
        print_outcomes(runs, options.scenarios, sizes, options.policies);
    }
    print_openers(runs, batch.openers());
    std::printf("\n  seeds %d to %d; %.0f days lived in %.1f s, %.0f x real time\n", options.first_seed, options.first_seed + options.seeds - 1,
                batch.world_seconds() / 86400, took, batch.world_seconds() / took);
    if (!options.json.empty() && !write_outcome_json(options.json, runs)) {
        std::fprintf(stderr, "surged_bench: cannot write %s\n", options.json.c_str());
        return 1;
    }
    if (!options.plot.empty() && !write_outcome_plot(options.plot, runs, options.policies)) {
        std::fprintf(stderr, "surged_bench: cannot write %s\n", options.plot.c_str());
        return 1;
    }
    return options.quick ? judge_quick(runs) : 0;
}

}  // namespace surged::bench
