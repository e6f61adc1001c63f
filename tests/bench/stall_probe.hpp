// Breaches at a steady pace, each of a queue of its own, and when the daemon decided on them: what a decision waits for while
// something else happens. The longest of them is how long the engine was away.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "socket.hpp"

namespace surged::bench {

/// Rules "probe" and "churn": one value is one edge of an alert that pages nobody.
std::string probe_rules();

/// So many records of so many bytes before the oldest of the store, by another connection: what a daemon of years has on its disk.
void add_old_records(const std::string& store, std::int64_t rows, std::size_t bytes);

class StallProbe {
public:
    /// `store`: the daemon's database, where its decisions are read. `name`: of its sources and queues, another for each probe of one store.
    StallProbe(const std::string& endpoint, std::string store, const std::string& name);

    /// One breach, or the end of one, every two milliseconds for so long.
    void run(double seconds);
    /// Edges of other queues, in messages of five, until `stop`: so many a second.
    void churn(int edges, const std::atomic<bool>& stop);
    /// Seconds from each breach sent since the last call to its decision, to the millisecond, never too short.
    std::vector<double> delays();
    /// Wall time of the first decision of all that were sent since the last delays(), ms; 0 = none came in time.
    std::int64_t first_decision();
    /// Record of the newest snapshot in the store.
    std::int64_t newest_snapshot() const;

private:
    struct Source {
        Source(const std::string& endpoint, std::string own_name, std::string rule_name)
            : socket(endpoint), name(std::move(own_name)), rule(std::move(rule_name)) {}
        std::string queue_of(std::uint64_t edge) const;
        PushSocket socket;
        std::string name;
        std::string rule;
        std::uint64_t messages = 0;
        std::uint64_t next = 0;  ///< the next edge
    };
    static double send(Source& source, int count);
    using Edge = std::pair<std::string, bool>;  ///< queue, breach or end
    using Decisions = std::map<Edge, std::vector<std::int64_t>>;
    Decisions decisions() const;

    std::string store_;
    Source probes_;
    Source others_;
    std::map<Edge, std::vector<double>> sent_;  ///< wall time, ms
    std::int64_t from_ = 0;                     ///< wall time of the first of them
};

}  // namespace surged::bench
