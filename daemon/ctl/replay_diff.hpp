// What another configuration would have made of the same recording: alerts and incidents that appear, disappear or shift, and who
// would have been called more or less.
//
// Knows records and orders; refuses to know files. Hardest rule: two episodes are the same one only when they are of the same
// rule and queue (policy and scope) and overlap in time; everything else is an appearance and a disappearance, never a silent
// match.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
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

    template <typename V>
    void fields(V& v) {
        v("what", what), v("who", who), v("from", from), v("until", until), v("level", worst), v("tier", tier);
    }
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

    /// One that shifts is both, any other the one there is.
    template <typename V>
    void fields(V& v) {
        if (kind == Kind::shifts) {
            v("before", before), v("after", after);
        } else {
            (before ? before : after)->fields(v);
        }
    }
};
std::string_view to_string(Difference::Kind kind);
struct CallDifference {
    std::string person;
    int before = 0;
    int after = 0;

    template <typename V>
    void fields(V& v) {
        v("person", person), v("before", before), v("after", after);
    }
};
struct ReplayDifference {
    std::vector<Difference> episodes;  ///< in order of time
    std::vector<CallDifference> calls;
    std::size_t same = 0;  ///< episodes that are alike in start, end, level and tier
    bool any() const { return !episodes.empty() || !calls.empty(); }

    /// The episodes stand by kind.
    template <typename V>
    void fields(V& v) {
        for (const auto kind : {Difference::Kind::appears, Difference::Kind::disappears, Difference::Kind::shifts}) {
            std::vector<Difference> of_kind;
            std::ranges::copy_if(episodes, std::back_inserter(of_kind), [kind](const Difference& one) { return one.kind == kind; });
            v(to_string(kind), of_kind);
        }
        v("calls", calls), v("same", std::uint64_t{same});
    }
};

ReplayDifference compare(const ReplayStory& before, const ReplayStory& after);

std::string diff_text(const ReplayDifference& difference, const Zone& zone);
/// One object: {"appears":[..],"disappears":[..],"shifts":[{"before":..,"after":..}],"calls":[..],"same":n}
std::string diff_json(const ReplayDifference& difference);

}  // namespace surged
