// What went through the queues of an incident while it was open, and what it would have cost without the people it called.
//
// Out of the `incident.load` records, one a minute (core/incident/load.cpp). Hardest rule: what no record says is unknown, and the
// model says nothing of minutes in which load, agents or handling time are unknown.
#pragma once

#include <optional>
#include <vector>

#include "core/base/time.hpp"
#include "core/record/record.hpp"

namespace surged {

/// The state at `at`, and what came since the point before.
struct LoadPoint {
    WallTime at{};
    std::optional<double> offered;    ///< calls since the point before; unknown at the first and where a counter restarted
    std::optional<double> answered;   ///< likewise
    std::optional<double> abandoned;  ///< likewise
    std::optional<double> load_per_min;
    std::optional<double> waiting;
    std::optional<double> productive;  ///< agents at work
    std::optional<double> required;
    std::optional<double> capacity_per_min;  ///< calls that these agents can take
    std::optional<double> forecast_per_min;
    std::optional<double> aht_s;
    std::optional<double> patience_s;  ///< 0 = nobody gives up
    int joined = 0;                    ///< of the called, at that moment
    int arrived = 0;

    template <typename V>
    void fields(V& v) {
        v("ts", at), v("offered", offered), v("answered", answered), v("abandoned", abandoned), v("waiting", waiting);
        v("agents", productive), v("required", required), v("load_per_min", load_per_min), v("capacity_per_min", capacity_per_min);
        v("forecast_per_min", forecast_per_min), v("joined", joined), v("arrived", arrived);
    }
};

/// A fluid model with its fluctuation, run over the same minutes twice: with the agents as they were, and without those who were called. Handling time
/// and patience are those of the incident's own counts where they tell them, and the handling time is then fitted, within bounds, to
/// the calls that were lost: what the model says of the other case is worth no more than what it says of this one.
struct HelpersWorth {
    std::optional<double> counted;  ///< calls that gave up by the counter; unknown = the model is held against nothing
    double lost_with = 0;           ///< ... and by the model
    double lost_without = 0;
    double aht_s = 0;      ///< mean handling time it was run with
    double patience_s = 0; ///< at the end; 0 = nobody gives up
    double longest_with = 0;  ///< most calls waiting at one time
    double longest_without = 0;
    Span modelled{0};  ///< time of which enough was known

    /// The model explains what was counted to a fifth, or to five calls: only then is what it says of the helpers told.
    bool explains() const;

    template <typename V>
    void fields(V& v) {
        v("explains", explains()), v("counted", counted), v("lost_with", lost_with), v("lost_without", lost_without);
        v("longest_with", longest_with), v("longest_without", longest_without), v("modelled_ms", modelled);
    }
};

class LoadStory {
public:
    /// A record of step `load`; `joined`, `arrived`: people of the incident then (arrived are among the joined).
    void add(const IncidentChange& change, WallTime at, int joined, int arrived);

    const std::vector<LoadPoint>& points() const { return points_; }
    std::optional<double> offered() const { return total(&LoadPoint::offered); }
    std::optional<double> abandoned() const { return total(&LoadPoint::abandoned); }
    /// Work: some forty runs of a second's step. nullopt: nobody came, or too little is known. Helpers are those who arrived; when nobody ever said so, those who joined.
    std::optional<HelpersWorth> worth() const;

    template <typename V>
    void fields(V& v) {
        v("offered", offered()), v("abandoned", abandoned()), v("load", points_), v("without_helpers", worth());
    }

private:
    struct Measured;
    Measured measured() const;
    std::optional<double> total(std::optional<double> LoadPoint::*value) const;

    std::vector<LoadPoint> points_;
    std::optional<double> offered_, answered_, abandoned_;  ///< as the counters stood last
};

}  // namespace surged
