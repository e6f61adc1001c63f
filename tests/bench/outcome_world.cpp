#include "outcome_world.hpp"

#include <algorithm>
#include <cmath>

#include "core/staffing/erlang.hpp"
#include "feed/random.hpp"

namespace surged::bench {

namespace {

constexpr double warm_up_s = 2 * 3600.0;
constexpr double learned_s = 12 * 86400.0;
constexpr double quiet_s = 30 * 86400.0;

Span span_s(double s) {
    return Span{std::llround(s * 1000)};
}

/// What n agents make of it, by Erlang A, and the calls a second that they meet: calls / (1 - share who call again x share who give up),
/// found by iteration.
struct WithRepeats {
    staffing::Outlook outlook;
    double calls_per_s = 0;
};

WithRepeats with_repeats(double first_per_s, double aht, int agents, const Desk& desk) {
    WithRepeats out{{}, first_per_s};
    for (int i = 0; i < 20; ++i) {
        out.outlook = staffing::outlook({out.calls_per_s, aht, desk.patience_s}, agents, desk.within_s).value_or(staffing::Outlook{});
        out.calls_per_s = first_per_s / (1 - calls_again * out.outlook.abandon_probability);
    }
    return out;
}

/// Fewest agents that keep 80/20. With patience, those who call again are counted among the calls.
int fewest(double calls_per_h, double aht, bool erlang_c, const Desk& desk) {
    const staffing::Target target{0.8, desk.within_s};
    const double first = calls_per_h / 3600;
    int agents = staffing::required_agents({first, aht, erlang_c ? 0 : desk.patience_s}, target).value_or(0);
    while (!erlang_c && agents > 0 && with_repeats(first, aht, agents, desk).outlook.service_level < target.share) {
        ++agents;
    }
    return (agents + desk.at_once - 1) / desk.at_once * desk.at_once;
}

SimStep step(SimStepKind kind, double at_s, double for_s, double factor, double ramp_s = 0) {
    SimStep out;
    out.kind = kind;
    out.at = span_s(at_s);
    out.lasts = span_s(for_s);
    out.ramp = span_s(ramp_s);
    out.factor = factor;
    return out;
}

Scenario simulated(const WorldScenario& scenario, const CentreSize& size, std::uint64_t seed) {
    Scenario out;
    out.seed = seed;
    out.profiles = profiles_builtin();
    for (int i = 0; i < scenario.centres; ++i) {
        SimQueueSpec queue;
        queue.centre = World::centre_name(i);
        queue.queue = "general";
        queue.group = "hotline";
        queue.rate_per_h = size.calls_per_h;
        queue.agents = size.agents;
        queue.aht_s = size.desk.aht_s;
        queue.exponential = true;
        queue.patience_s = size.desk.patience_s;
        queue.by_call = true;
        queue.retry = scenario.calls_again;
        queue.retry_after_s = again_s;
        out.queues.push_back(queue);
    }
    out.steps = scenario.steps;
    return out;
}

/// A helper holds as many chats as the others do.
std::string place_of(int person, int place) {
    return std::to_string(person) + (place > 0 ? "." + std::to_string(place) : std::string());
}

}  // namespace

CentreSize centre_size(int calls_per_h, bool erlang_c, const Desk& desk) {
    CentreSize out;
    out.calls_per_h = calls_per_h;
    out.desk = desk;
    out.agents = fewest(calls_per_h, desk.aht_s, erlang_c, desk);
    const double work = desk.aht_s / aht_s / desk.at_once;
    out.people = std::max(2, static_cast<int>(std::lround(calls_per_h * 0.03 * work)));
    return out;
}

int CentreSize::needed(double calls_factor, double aht_factor) const {
    return fewest(calls_per_h * calls_factor, desk.aht_s * aht_factor, false, desk);
}

int CentreSize::missing(const WorldScenario& scenario) const {
    const int left = agents - static_cast<int>(std::lround(agents * scenario.agents_lost));
    return std::max(0, needed(scenario.calls_factor, scenario.aht_factor) - left) / desk.at_once;
}

double CentreSize::calls_with_repeats() const {
    return 3600 * with_repeats(calls_per_h / 3600.0, desk.aht_s, agents, desk).calls_per_s;
}

double CentreSize::lost_per_h() const {
    return with_repeats(calls_per_h / 3600.0, desk.aht_s, agents, desk).outlook.abandon_probability * calls_with_repeats() * (1 - bench::calls_again);
}

std::vector<std::string> scenario_names() {
    return {"x1.3", "x1.5", "x2", "x4", "x1.3-ramp", "x1.5-ramp", "x2-ramp", "x4-ramp", "aht+30", "drain", "region", "feed-outage", "rebound", "quiet"};
}

std::optional<WorldScenario> world_scenario(const std::string& name, const CentreSize& size, std::uint64_t seed) {
    WorldScenario s;
    s.name = name;
    if (name == "quiet" || name == "quiet-short") {
        s.quiet = true;
        s.from_s = name == "quiet" ? learned_s : warm_up_s;
        s.until_s = s.end_s = s.from_s + (name == "quiet" ? quiet_s : 86400.0);
        return s;
    }
    // Where in a slot of a learned baseline the surge begins is chance.
    const double from = warm_up_s + std::floor(300 * uniform_of(seed, 7));
    double lasts = 3600;
    double tail = 5400;
    const bool ramp = name.ends_with("-ramp");
    if (name.starts_with("x")) {
        s.calls_factor = std::stod(name.substr(1));
        const double ramp_s = ramp ? 1800 : 0;
        lasts += ramp_s;
        s.steps.push_back(step(SimStepKind::surge, from, lasts, s.calls_factor, ramp_s));
        tail += ramp_s;
    } else if (name == "aht+30") {
        s.aht_factor = 1.3;
        s.steps.push_back(step(SimStepKind::aht, from, lasts, 1.3));
    } else if (name == "drain") {
        s.agents_lost = 1.0 / 3;
        auto drain = step(SimStepKind::drain, from, lasts, 1);
        drain.agents = static_cast<int>(std::lround(size.agents / 3.0));
        s.steps.push_back(drain);
    } else if (name == "region") {
        s.centres = 3;
        s.calls_factor = 1.5;
        s.steps.push_back(step(SimStepKind::surge, from, lasts, 1.5));
    } else if (name == "feed-outage") {
        // The feed is silent from two minutes before a surge until ten minutes after its beginning.
        s.calls_factor = 2;
        s.steps.push_back(step(SimStepKind::surge, from, lasts, 2));
        s.steps.push_back(step(SimStepKind::outage, from - 120, 720, 1));
    } else if (name == "rebound") {
        // No call comes through for twenty minutes; then three times as many, back to usual within half an hour.
        s.calls_factor = 3;
        s.steps.push_back(step(SimStepKind::surge, from - 1200, 1200, 0));
        s.steps.push_back(step(SimStepKind::surge, from, 600, 3));
        for (int i = 0; i < 10; ++i) {
            s.steps.push_back(step(SimStepKind::surge, from + 600 + 120 * i, 120, 3 - 0.2 * (i + 0.5)));
        }
        lasts = 1800;
    } else {
        return std::nullopt;
    }
    s.from_s = from;
    s.until_s = from + lasts;
    s.end_s = s.until_s + tail;
    return s;
}

World::World(const WorldScenario& scenario, const CentreSize& size, std::uint64_t seed)
    : scenario_(scenario),
      size_(size),
      seed_(seed),
      simulator_(simulated(scenario, size, seed), source_time(world_start_ms)),
      feed_(size.desk, size.lost_per_h(), seed) {}

bool World::would_help(int person) const {
    const auto day = static_cast<std::uint64_t>(now_s_ / 86400);
    return uniform_of(RandomStream::mix(seed_, "helps") + day, static_cast<std::uint64_t>(person)) < helps;
}

void World::call(int person, const std::string& tag, double at_s) {
    if (!asked_.insert(tag + "/" + std::to_string(person)).second) {
        return;
    }
    if (counting_) {
        outcome_.called += people_called_.insert({person, stints_[person]}).second ? 1 : 0;
        if (!outcome_.detected_s) {
            outcome_.detected_s = std::max(0.0, at_s - scenario_.from_s);
        }
    }
    if (would_help(person)) {
        const auto day = static_cast<std::uint64_t>(now_s_ / 86400);
        const auto name = RandomStream::mix(seed_, "answers") + day;
        const auto n = static_cast<std::uint64_t>(person);
        const double delay = RandomStream::lognormal_of(uniform_of(name, 2 * n), uniform_of(name, 2 * n + 1), answer_s, 0.8);
        due_.insert({at_s + delay, ++order_, person, tag});
    }
}

void World::incident_opened(const std::string& incident) {
    open_.insert(incident);
    outcome_.incidents += counting_ ? 1 : 0;
}

void World::incident_ended(const std::string& incident) {
    open_.erase(incident);
}

void World::message_out(bool calls) {
    outcome_.messages_out += counting_ ? 1 : 0;
    outcome_.calls_out += counting_ && calls ? 1 : 0;
}

void World::join(const std::string& centre, int person) {
    SimScope scope;
    scope.centre = centre;
    for (int place = 0; place < size_.desk.at_once; ++place) {
        if (simulator_.join(place_of(person, place), scope, span_s(travel_s))) {
            seated_[person] = now_s_ + travel_s;
        }
    }
}

void World::send_home(int person) {
    for (int place = 0; place < size_.desk.at_once; ++place) {
        simulator_.release(place_of(person, place));
    }
    stints_[person] += seated_.erase(person) > 0 ? 1 : 0;
}

void World::count_from_here() {
    counting_ = true;
    outcome_.open_before = !open_.empty();
    int could = 0;
    for (int i = 0; i < people(); ++i) {
        could += would_help(i) ? 1 : 0;
    }
    const int missing = std::max(1, size_.missing(scenario_));
    half_of_ = std::max(1, std::min(could, scenario_.centres * missing) / 2);
}

void World::tell(OutcomePolicy& policy) {
    simulator_.messages("sim", 1, [&](const Message& m) {
        std::uint64_t lost = 0;
        for (std::size_t i = 0; i < simulator_.size(); ++i) {
            lost += centre_name(static_cast<int>(i)) == m.parts.front().centre ? simulator_.lost(i) : 0;
        }
        policy.message(*this, feed_.shown(m, now_s_, static_cast<std::int64_t>(lost)));
    });
}

Outcome World::run(OutcomePolicy& policy) {
    policy.start(*this);
    double lost = 0;
    double offered = 0;
    double in_20 = 0;
    const auto sums = [&](double sign) {
        for (std::size_t i = 0; i < simulator_.size(); ++i) {
            const auto& c = simulator_.queue(i).counters();
            lost += sign * static_cast<double>(simulator_.lost(i));
            offered += sign * static_cast<double>(c.offered);
            in_20 += sign * static_cast<double>(c.answered_in_20);
        }
    };
    const auto steps = static_cast<std::int64_t>(scenario_.end_s) / report_s;
    for (std::int64_t n = 1; n <= steps; ++n) {
        const double t = static_cast<double>(n * report_s);
        if (!counting_ && t >= scenario_.from_s) {
            now_s_ = scenario_.from_s;
            simulator_.run_until(span_s(now_s_));
            sums(-1);
            count_from_here();
        }
        while (!due_.empty() && due_.begin()->at_s <= t) {
            const Due due = *due_.begin();
            due_.erase(due_.begin());
            now_s_ = std::max(now_s_, due.at_s);
            simulator_.run_until(span_s(now_s_));
            policy.answers(*this, due.person, due.tag);
        }
        now_s_ = t;
        simulator_.run_until(span_s(t));
        tell(policy);
        policy.tick(*this);
        if (counting_ && !outcome_.half_s) {
            const auto on_phone = std::count_if(seated_.begin(), seated_.end(), [&](const auto& s) { return s.second <= t; });
            outcome_.joined_max = std::max(outcome_.joined_max, static_cast<int>(on_phone));
            if (on_phone >= half_of_) {
                outcome_.half_s = t - scenario_.from_s;
            }
        }
    }
    sums(1);
    outcome_.lost = lost;
    outcome_.offered = offered;
    outcome_.in_20 = in_20;
    outcome_.days = (scenario_.end_s - scenario_.from_s) / 86400;
    const int missing = size_.missing(scenario_);
    const int to_call = scenario_.quiet ? 0 : scenario_.centres * static_cast<int>(std::ceil(missing / helps));
    outcome_.in_vain = std::max(0, outcome_.called - to_call);
    return outcome_;
}

HistoryRows history_of(const CentreSize& size, std::uint64_t seed, int days, const std::vector<std::string>& metrics) {
    WorldScenario plain;
    plain.name = "history";
    Simulator simulator(simulated(plain, size, RandomStream::mix(seed, "history")), source_time(world_start_ms - std::int64_t{days} * 86400000));
    HistoryRows out;
    out.days = days;
    std::map<std::string, double> before;
    for (int slot = 1; slot <= days * 288; ++slot) {
        simulator.run_until(std::chrono::seconds{300 * slot});
        simulator.messages("sim", 1, [&](const Message& m) {
            for (const auto& value : m.values) {
                const std::string name(value.name);
                if (std::find(metrics.begin(), metrics.end(), name) != metrics.end()) {
                    out.counts[name].push_back(value.value - before[name]);
                    before[name] = value.value;
                }
            }
        });
    }
    return out;
}

}  // namespace surged::bench
