// Where a value stands in a row of a document: a column by its name, or a JSON pointer (RFC 6901) with two things more.
//
//   calls              the member (the column) of that name; an empty path is the row itself
//   /stats/count       a JSON pointer; ~1 is a slash and ~0 a tilde inside a name; digits count the items of a list from 0
//   /data/[metric=oWaiting]/stats/count    those items of a list whose member `metric` is `oWaiting`; several conditions are
//                      parted by commas, and a condition's own path may have slashes: [Metric/Name=CONTACTS_IN_QUEUE]
//   /states/*/count    every item of a list, every member of an object
//   ../group/queueId   the row that this one was taken out of, once for each ../
//
// Knows documents; refuses to know what a value means. Hardest rule: whatever the document is, a look costs at most its size.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "wire/json_text.hpp"

namespace surged {

/// A row and those it was taken out of, the innermost last.
using RowChain = std::span<const JsonValue* const>;

class FieldPath {
public:
    static constexpr std::size_t steps_max = 32;

    static Result<FieldPath> parse(std::string_view text);

    /// Everything that the path names, in the document's order; empty where there is none.
    std::vector<const JsonValue*> find(RowChain rows) const;
    std::vector<const JsonValue*> find(const JsonValue& row) const;
    /// The first of them that is no null; nullptr where there is none.
    const JsonValue* first(RowChain rows) const;
    /// Of a path with several steps: whether what holds its last step is there, so that nothing was left out but that step.
    bool parent_there(RowChain rows) const;
    const std::string& text() const { return text_; }

private:
    struct Condition {
        std::vector<std::string> path;
        std::string value;
    };
    struct Step {
        std::string name;  ///< without conditions: a member, or the place in a list
        bool every = false;
        std::vector<Condition> conditions;
    };

    static Result<Step> parse_step(std::string_view token);
    static bool holds(const JsonValue& item, const Condition& condition);
    std::vector<const JsonValue*> find(RowChain rows, std::size_t steps) const;
    static void walk(const Step& step, const JsonValue& from, std::vector<const JsonValue*>& out);

    std::string text_;
    std::size_t up_ = 0;
    std::vector<Step> steps_;
};

/// A text, a number or a truth value as the text that conditions and names are compared with; nullopt for anything else.
std::optional<std::string> plain_text(const JsonValue& value);

}  // namespace surged
