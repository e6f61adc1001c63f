// A contact centre in closed loop with whoever calls for help: the feed's simulator, the people who may help, and the books of what was
// lost. It knows no rule and no engine: a policy sees the messages and calls people.
//
// The hardest rule: common random numbers. A run is made by (size, scenario, seed) and the policy; what callers do (when they come, how long
// they hold on, how long they talk, whether they call again) and what helpers do (whether they help, how fast they answer) depends on the
// first three alone, so that two policies differ by their decisions only.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "core/series/message.hpp"
#include "feed/scenario.hpp"
#include "feed/simulator.hpp"
#include "outcome_desk.hpp"

namespace surged::bench {

/// Seconds of talk, of patience; what a helper takes to answer (mean of a lognormal) and to be on the phone after that.
inline constexpr double aht_s = 180;
inline constexpr double patience_s = 300;
inline constexpr double answer_s = 45;
inline constexpr double travel_s = 180;
inline constexpr double helps = 0.6;     ///< share of people who come when they are called
inline constexpr double calls_again = 0.3;  ///< share of those who gave up who call again ...
inline constexpr double again_s = 300;      ///< ... after so long in the mean
inline constexpr int report_s = 5;          ///< one message
// Monday, 00:00 UTC
inline constexpr std::int64_t world_start_ms = 1772409600000;

struct WorldScenario;

/// One centre's size: calls an hour, and what follows from it.
struct CentreSize {
    int calls_per_h = 0;
    int agents = 0;   ///< fewest that keep 80/20, by Erlang A with those who call again; of a desk of chats: places for a chat
    int people = 0;   ///< on the rosters: three for each hundred calls an hour, as many for the work of as many chats
    Desk desk;
    int needed(double calls_factor, double aht_factor) const;  ///< agents that keep 80/20 then
    int missing(const WorldScenario& scenario) const;          ///< people, at its height
    double calls_with_repeats() const;                         ///< an hour, those who gave up and call again counted
    double lost_per_h() const;                                 ///< callers who gave up for good, in an ordinary hour
};
CentreSize centre_size(int calls_per_h, bool erlang_c, const Desk& desk = {});

/// What happens. Times are seconds after the beginning.
struct WorldScenario {
    std::string name;
    std::vector<SimStep> steps;   ///< of every centre
    int centres = 1;
    double from_s = 0;            ///< the surge begins: from here on everything counts
    double until_s = 0;           ///< and ends
    double end_s = 0;
    double calls_factor = 1;      ///< at its height, for the agents needed
    double aht_factor = 1;
    double agents_lost = 0;       ///< share of the agents who leave
    double calls_again = bench::calls_again;  ///< share of those who gave up who call again
    bool quiet = false;           ///< no surge: false alarms are counted
};
/// All of them, or the one of this name. The surge begins at a time within a slot of five minutes that depends on the seed.
std::vector<std::string> scenario_names();
std::optional<WorldScenario> world_scenario(const std::string& name, const CentreSize& size, std::uint64_t seed);

/// What one run came to.
struct Outcome {
    double offered = 0;      ///< calls, repeated ones too, from the beginning of the surge on
    double lost = 0;         ///< callers who gave up for good
    double in_20 = 0;        ///< calls answered within 20 s
    std::optional<double> detected_s;  ///< first call for help after the beginning
    bool open_before = false;          ///< an incident was open when it began
    std::optional<double> half_s;      ///< half of the help that could come was on the phone
    int called = 0;          ///< people called; who came, was sent home and is called again counts again, who is asked twice does not
    int in_vain = 0;         ///< of them beyond what is needed
    int joined_max = 0;
    double days = 0;         ///< quiet: days counted
    int incidents = 0;       ///< quiet: opened in them
    int calls_out = 0;       ///< quiet: pages that ask somebody to come
    int messages_out = 0;    ///< quiet: pages of all kinds
};

class World;

/// Who sees the numbers and calls for help.
class OutcomePolicy {
public:
    virtual ~OutcomePolicy() = default;
    virtual void start(World& world) = 0;
    virtual void message(World& world, const Message& message) = 0;
    /// After the messages of this moment.
    virtual void tick(World&) {}
    /// The person who was called under this tag says that they come.
    virtual void answers(World& world, int person, const std::string& tag) = 0;
};

class World {
public:
    World(const WorldScenario& scenario, const CentreSize& size, std::uint64_t seed);
    Outcome run(OutcomePolicy& policy);

    // ---- for policies -----------------------------------------------------------------------------------------------------
    double now_s() const { return now_s_; }
    const WorldScenario& scenario() const { return scenario_; }
    const CentreSize& size() const { return size_; }
    std::uint64_t seed() const { return seed_; }
    static std::string centre_name(int i) { return std::string("c").append(std::to_string(i + 1)); }
    /// Somebody is called to help; the same person and tag twice is one call. Answers come back by OutcomePolicy::answers.
    void call(int person, const std::string& tag, double at_s);
    /// People on the rosters, of all centres; numbered from 0.
    int people() const { return size_.people * scenario_.centres; }
    void incident_opened(const std::string& incident);
    void incident_ended(const std::string& incident);
    void message_out(bool calls);
    /// Takes a seat in a centre ("*": where it is worst): on the phone after the travel.
    void join(const std::string& centre, int person);
    void send_home(int person);
    bool would_help(int person) const;
    bool counting() const { return counting_; }

private:
    struct Due {
        double at_s = 0;
        std::uint64_t order = 0;
        int person = 0;
        std::string tag;
        bool operator<(const Due& o) const { return at_s != o.at_s ? at_s < o.at_s : order < o.order; }
    };
    void count_from_here();
    void tell(OutcomePolicy& policy);

    WorldScenario scenario_;
    CentreSize size_;
    std::uint64_t seed_;
    Simulator simulator_;
    DeskFeed feed_;
    double now_s_ = 0;
    std::uint64_t order_ = 0;
    std::set<Due> due_;
    std::set<std::string> asked_;
    std::set<std::pair<int, int>> people_called_;  ///< person, stints before
    std::map<int, double> seated_;  ///< person -> on the phone at
    std::map<int, int> stints_;     ///< how often they came and were sent home
    Outcome outcome_;
    std::set<std::string> open_;
    bool counting_ = false;
    int half_of_ = 0;
};

/// Rows of slots of five minutes that a simulator of this size gives in so many days before the world's beginning: counts by metric.
struct HistoryRows {
    std::map<std::string, std::vector<double>> counts;
    int days = 0;
};
HistoryRows history_of(const CentreSize& size, std::uint64_t seed, int days, const std::vector<std::string>& metrics);

}  // namespace surged::bench
