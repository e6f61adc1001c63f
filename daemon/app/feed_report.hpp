// What is refused, told to the authors of feeders while it happens: [ingest] report, one topic a source.
//
// Knows the book of refusals; refuses to know sockets. Hardest rule: whoever sends rubbish at line rate makes one message a second for
// each source and reason, and no more topics than the book has entries.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "core/base/time.hpp"
#include "core/series/refusal_book.hpp"

namespace surged {

class FeedReport {
public:
    static constexpr Span every{1000};
    using Publish = std::function<void(const std::string& topic, const std::string& json)>;

    /// Called often; at most once in `every` it publishes each entry of the book to which something was added since the last time: topic
    /// "feed.<source>", the entry as `status` has it, with `ts` (now) and `more` (refused since its message before).
    void turn(const RefusalBook& book, Stamp now, const Publish& publish);

private:
    struct Told {
        std::uint64_t count = 0;
        EngineTime first{};
    };
    std::map<std::pair<std::string, Refusal>, Told> told_;  ///< of entries that are in the book
    std::uint64_t generation_ = 0;
    EngineTime next_ = EngineTime::min();
};

/// {"ts":..,"more":..,"source":..,"reason":..,"count":..,"field":..,"got":..,"want":..,"first":..,"last":..}; times in ms UTC.
std::string feed_report_json(const RefusalBook::Entry& entry, std::uint64_t more, Stamp now);

}  // namespace surged
