#include "app/refused_log.hpp"

#include <array>
#include <utility>

namespace surged {

namespace {
/// What happens to connections and to names, not to values: those are the feeder's own mistakes and told by their reasons.
constexpr std::array network_reasons{Refusal::source_limit,     Refusal::foreign_source, Refusal::not_zmtp,     Refusal::handshake_timeout,
                                     Refusal::connection_limit, Refusal::memory_limit,   Refusal::wrong_socket, Refusal::wrong_key};

constexpr std::size_t at(Refusal reason) {
    return static_cast<std::size_t>(reason);
}
}  // namespace

void RefusedLog::turn(Ingest& ingest, Publisher& publisher, const Engine& engine, const RefusalCounts& rejected, Stamp now,
                      const Log& log) {
    auto stats = publisher.stats();
    facts_.feeders = ingest.connections();
    facts_.subscribers = stats.connections;
    facts_.published = stats.published;
    facts_.not_published = stats.dropped;
    for (std::size_t i = 0; i < refusal_count; ++i) {
        if (stats.refused[i] != 0) {
            publish_refused_[i] += stats.refused[i];
            facts_.publish_refused[std::string(to_string(static_cast<Refusal>(i)))] = publish_refused_[i];
        }
    }
    if (!stats.refused_peer.empty()) {
        publish_peer_ = std::move(stats.refused_peer);
    }
    if (auto peer = ingest.take_refused_peer(); !peer.empty()) {
        ingest_peer_ = std::move(peer);
    }
    if (now.at >= next_) {
        next_ = tell(engine, rejected, log) ? now.at + every : next_;
    }
}

bool RefusedLog::tell(const Engine& engine, const RefusalCounts& rejected, const Log& log) {
    bool told = false;
    for (const Refusal reason : network_reasons) {
        if (const auto more = rejected[at(reason)] - told_[at(reason)]; more > 0) {
            const std::string last = reason == Refusal::source_limit ? "" : reason == Refusal::foreign_source ? foreign_ : ingest_peer_;
            told = true;
            log.warning("refused", {{"reason", to_string(reason)},
                                    {"more", more},
                                    {"total", rejected[at(reason)]},
                                    {"last", last}});
        }
        if (const auto more = publish_refused_[at(reason)] - publish_told_[at(reason)]; more > 0) {
            told = true;
            log.warning("subscriber_refused", {{"reason", to_string(reason)}, {"more", more}, {"last", publish_peer_}});
        }
    }
    told_ = rejected;
    publish_told_ = publish_refused_;
    if (facts_.not_published > dropped_told_) {
        told = true;
        log.warning("not_published", {{"more", facts_.not_published - dropped_told_}, {"why", "the queue before PUB was full"}});
        dropped_told_ = facts_.not_published;
    }
    std::map<std::string, std::string> problems;
    for (const SourceView& source : engine.sources()) {
        if (!source.problem.empty()) {
            problems[source.source] = source.problem;
            if (problems_[source.source] != source.problem) {
                told = true;
                log.warning("source_problem",
                            {{"source", source.source}, {"why", source.problem}, {"restarts", source.restarts}});
            }
        }
    }
    problems_ = std::move(problems);
    return told;
}

}  // namespace surged
