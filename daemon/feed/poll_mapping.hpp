// What a foreign document says of our queues: rows, names, and numbers with their units. Document in, readings out.
//
// Knows documents and the rules of one ask; refuses to know where the document came from, what was read before, and clocks.
// Hardest rule: what cannot be read is a fault that names row, field and text, and costs itself only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"
#include "core/base/zone.hpp"
#include "core/series/queue_key.hpp"
#include "feed/field_path.hpp"
#include "feed/field_value.hpp"

namespace surged {

/// A name that is the same for every row, or stands in a field, or both: the fixed one for rows without the field.
struct NameRule {
    std::string fixed;
    std::optional<FieldPath> path;
    std::map<std::string, std::string, std::less<>> names;  ///< what the field says -> what we call it
    bool only_named = false;                                ///< rows whose field is not in `names` are left out
};

struct FieldCondition {
    FieldPath path;
    std::vector<std::string> values;  ///< one of them
};

enum class Combine : std::uint8_t { none, sum, max, min };
/// What is sent of a queue, or a metric, that a whole answer does not have.
enum class WhenIdle : std::uint8_t { absent, zeros };

struct MetricRule {
    std::string metric;
    bool counter = false;
    bool count_rows = false;       ///< the value is the number of rows
    std::vector<FieldPath> value;  ///< their sum
    FieldForm form;
    Combine combine = Combine::none;  ///< of several rows of one queue
    std::vector<FieldCondition> where;
    WhenIdle idle = WhenIdle::absent;
};

struct MapRule {
    std::vector<FieldPath> rows;  ///< each inside what the one before found; none = the document is the row, or the list of rows
    NameRule centre;
    NameRule queue;
    NameRule channel;
    std::vector<FieldCondition> where;
    std::optional<FieldPath> period;  ///< which interval a count belongs to
    std::optional<FieldPath> time;    ///< of the document, from its outermost level
    DateOrder order = DateOrder::unknown;
    std::vector<MetricRule> metrics;
};

struct Reading {
    double value = 0;
    std::size_t rows = 0;  ///< how many rows went into it
};

/// All readings of one answer, which may come in several documents (pages).
struct MappedAnswer {
    static constexpr std::size_t faults_told_max = 20;

    struct OfQueue {
        /// Metric (its place in MapRule::metrics) -> period ("" without one) -> value. Periods in the order of their texts, which
        /// is that of time for ISO 8601 and for numbers of one length.
        std::map<std::size_t, std::map<std::string, Reading>> metrics;
        std::set<std::size_t>
            unreadable;  ///< metrics of which a field could not be read: nothing is said of them, no zero either
    };
    std::map<QueueKey, OfQueue> queues;
    /// Some row could not be read, so that nothing is known of queues that are not here.
    bool incomplete = false;
    std::size_t rows = 0;
    std::size_t left_out = 0;  ///< rows that conditions or names exclude
    std::size_t faults = 0;
    std::vector<std::string> told;            ///< the first of them
    std::optional<std::int64_t> document_ms;  ///< the oldest, where MapRule::time names it

    void fault(const std::string& text);
};

inline constexpr std::size_t poll_queues_max = 4096;
inline constexpr std::size_t poll_rows_max = 200000;

/// Adds what `document` says to `answer`. `fixed_period` stands for MapRule::period where that is not set.
void map_document(const JsonValue& document, const MapRule& rule, const std::string& fixed_period, const Zone& zone,
                  std::int64_t now_ms, MappedAnswer& answer);

}  // namespace surged
