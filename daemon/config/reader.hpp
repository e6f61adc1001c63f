// Typed access to one table. Every key that is asked for is a known key; finish() complains about the others, with the nearest
// known.
//
// It knows types, bounds and texts of diagnostics; it knows nothing of rules or people. Hardest rule: a bad value is reported
// once, at its own place, and the target keeps its default, so that the rest of the configuration is still checked.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/report.hpp"
#include "core/base/ranges.hpp"
#include "core/base/time.hpp"

namespace surged {

/// Inclusive bounds of a duration.
struct SpanBounds {
    Span min{0};
    Span max{std::chrono::hours{24 * 366}};
};

class TableReader {
public:
    /// `what` names the table in diagnostics: "[[rule]]". Both references are borrowed.
    TableReader(const Node& table, std::string what, Report& report);

    // Each returns true when the key is there and good; else `out` is untouched and a bad value has been reported.
    bool text(std::string_view key, std::string& out);
    bool flag(std::string_view key, bool& out);
    bool number(std::string_view key, double& out, double min, double max);
    bool span(std::string_view key, Span& out, SpanBounds bounds = {});
    bool texts(std::string_view key, std::vector<PlacedText>& out);  ///< an array of strings
    bool text_or_texts(std::string_view key, std::vector<PlacedText>& out);
    template <typename Integer>
    bool integer(std::string_view key, Integer& out, std::int64_t min, std::int64_t max) {
        std::int64_t value = 0;
        if (!whole(key, value, min, max)) {
            return false;
        }
        out = static_cast<Integer>(value);
        return true;
    }
    template <typename Value, std::size_t size>
    bool choice(std::string_view key, Value& out, const std::array<std::pair<std::string_view, Value>, size>& words) {
        std::vector<std::string> names;
        names.reserve(size);
        for (const auto& word : words) {
            names.emplace_back(word.first);
        }
        const auto index = one_of(key, names);
        if (index >= size) {
            return false;
        }
        out = words[index].second;
        return true;
    }
    /// An id of our own: a letter or digit, then letters, digits and `_ . @ -`, at most 64 bytes.
    bool id(std::string_view key, std::string& out);

    const Node* table(std::string_view key);                ///< nullptr when absent or no table
    std::vector<const Node*> tables(std::string_view key);  ///< an array of tables
    const Node* any(std::string_view key);                  ///< whatever is there
    bool has(std::string_view key) const { return table_.find(key) != nullptr; }
    bool knows(std::string_view key) const { return contains(known_, key); }
    /// Declares a key known without reading it.
    void know(std::string_view key) { known_.emplace_back(key); }

    /// Reports a missing key at the table.
    void require(std::string_view key);
    /// Place of the key's value; of the table when it is absent.
    Place at(std::string_view key) const;
    const Place& place() const { return table_.place; }
    const std::string& what() const { return what_; }
    Report& report() { return report_; }
    void error(std::string_view key, std::string message) { report_.error(at(key), std::move(message)); }

    /// Unknown keys are errors; keys that look like a secret say where secrets belong.
    void finish();

private:
    const Node* typed(std::string_view key, Node::Kind kind);
    bool whole(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max);
    std::size_t one_of(std::string_view key, const std::vector<std::string>& names);

    const Node& table_;
    std::string what_;
    Report& report_;
    std::vector<std::string> known_;
};

/// Reads a duration node; reports and returns false on a bare number, a bad unit or a value out of bounds.
bool read_span(const Node& node, std::string_view key, Span& out, SpanBounds bounds, Report& report);
/// True for a name that the wire accepts as a metric: [a-z][a-z0-9_]*, at most 64 bytes.
bool metric_name_valid(std::string_view name);
/// True for an id of our own (see TableReader::id).
bool id_valid(std::string_view id);
/// True for a centre, queue or channel as the wire accepts it: no control bytes, 1..64 bytes.
bool queue_name_valid(std::string_view name);

}  // namespace surged
