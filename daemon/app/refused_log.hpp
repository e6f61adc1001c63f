// Peers that were refused, and output that was lost: kept for `status`, and logged once a minute.
//
// Knows counts. Hardest rule: what a stranger does a million times is one line.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "app/log.hpp"
#include "core/engine/engine.hpp"
#include "io/zmq/ingest.hpp"
#include "io/zmq/publisher.hpp"

namespace surged {

/// What `status` shows of the sockets.
struct NetworkFacts {
    std::uint64_t feeders = 0;      ///< connections now
    std::uint64_t subscribers = 0;  ///< the same, of [publish]
    std::uint64_t published = 0;
    std::uint64_t not_published = 0;                         ///< found the queue full
    std::map<std::string, std::uint64_t> publish_refused;  ///< connections of subscribers, by reason
};

class RefusedLog {
public:
    static constexpr Span every{60000};

    /// A message under a source name that is bound to another key.
    void foreign(std::string_view source) { foreign_ = source; }
    /// Once a second: takes what was counted, and once in `every` says what is new.
    void turn(Ingest& ingest, Publisher& publisher, const Engine& engine, const RefusalCounts& rejected, Stamp now, const Log& log);
    const NetworkFacts& facts() const { return facts_; }

private:
    /// True when there was something to say.
    bool tell(const Engine& engine, const RefusalCounts& rejected, const Log& log);

    NetworkFacts facts_;
    RefusalCounts told_{};
    RefusalCounts publish_refused_{};
    RefusalCounts publish_told_{};
    std::uint64_t dropped_told_ = 0;
    std::string ingest_peer_;
    std::string publish_peer_;
    std::string foreign_;
    std::map<std::string, std::string> problems_;  // of sources, as last told
    EngineTime next_{};
};

}  // namespace surged
