// What another configuration would have made of the same recording: alerts and incidents that appear, disappear or shift, and who
// would have been called more or less.
//
// Knows records and orders; refuses to know files. Hardest rule: two episodes are the same one only when they are of the same
// rule and queue (policy and scope) and overlap in time; everything else is an appearance and a disappearance, never a silent
// match.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/zone.hpp"
#include "core/record/order.hpp"
#include "core/record/record.hpp"

namespace surged {

/// One alert from firing to rest, or one incident from opening to its end.
struct Episode {
    std::string what;  ///< "alert", "incident"
    std::string who;   ///< "oldest-wait jinan/general", "surge centre=jinan"
    WallTime from{};
    std::optional<WallTime> until;  ///< nullopt = still so at the end of the recording
    Level worst = Level::none;
    int tier = 0;  ///< incidents: highest called
};

/// What happened under one configuration.
class ReplayStory {
public:
    void record(const Record& record);
    void order(const SendOrder& order);
    const std::vector<Episode>& episodes() const { return episodes_; }
    /// Calls for help by person.
    const std::map<std::string, int>& calls() const { return calls_; }

private:
    std::size_t begin(std::string what, std::string who, WallTime at);
    void alert(const AlertEdge& edge, WallTime at);
    void incident(const IncidentChange& change, WallTime at);

    std::vector<Episode> episodes_;
    std::map<std::string, std::size_t> open_;  // by what and whose; index into episodes_
    std::map<std::string, int> calls_;
};

struct Difference {
    enum class Kind { appears, disappears, shifts } kind = Kind::shifts;
    std::optional<Episode> before;
    std::optional<Episode> after;
};
struct CallDifference {
    std::string person;
    int before = 0;
    int after = 0;
};
struct ReplayDifference {
    std::vector<Difference> episodes;  ///< in order of time
    std::vector<CallDifference> calls;
    std::size_t same = 0;  ///< episodes that are alike in start, end, level and tier
    bool any() const { return !episodes.empty() || !calls.empty(); }
};

ReplayDifference compare(const ReplayStory& before, const ReplayStory& after);

std::string diff_text(const ReplayDifference& difference, const Zone& zone);
/// One object: {"appears":[..],"disappears":[..],"shifts":[{"before":..,"after":..}],"calls":[..],"same":n}
std::string diff_json(const ReplayDifference& difference);

}  // namespace surged
