// Formulas of [[derive]]: text -> a small program over numbered inputs. The caller finds the inputs' values (NaN = unknown); the
// formula never looks a name up and never allocates when evaluated.
//
//   expression  or, and, not, comparisons (1 or 0), + - * /, unary minus, parentheses, numbers, durations only as window arguments
//   per queue   metric                    the last value
//               last|avg|min|max(metric, 10m)   over the window; increase|rate|delta(metric, 10m): rise of a counter, rise a second, change of a gauge
//   scalar      clamp(x, lo, hi), abs(x), ceil(x), floor(x), sqrt(x), min(a, b), max(a, b)  (two or more arguments, none a duration)
//               increase(metric, 4h) offset 30m   the rise in the 4 h that ended 30 min ago
//               default(x, y)           x, or y while x is unknown; a metric that nobody sends is unknown, too
//   by name     outcomes(10m), sl_positive|sl_answered_only|sl_negative|sl_ignore|sl_live(20s, 10m), sl_burn(20s, 80, 5m, 1h): formula_service.hpp
//   over queues sum|avg|min|max|count(x)  one argument: over the members, only where by = "centre" or "all"
//
// Unknown is contagious except in default(), in `or` with a true side, `and` with a false side, and over queues, where unknown members are left out
// (no known member: unknown). x / 0 is unknown.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

enum class InputFunction : std::uint8_t { last, increase, rate, delta, avg, min, max };

/// A value the formula needs of one queue: the function over `window` of `metric` (`last` has no window: 0).
struct FormulaInput {
    InputFunction function = InputFunction::last;
    std::string metric;
    Span window{0};
    bool operator==(const FormulaInput&) const = default;
};

struct FormulaError {
    std::size_t offset = 0;  ///< byte in the text, for file:line:col
    std::string message;
};

/// State of one aggregate while members are added; plain data, kept by the caller.
struct AggregateCell {
    double value = 0;
    std::uint64_t known = 0;
};

class Formula {
public:
    /// Bounds: 4,096 bytes, 256 nodes, nesting 32, 64 inputs, 16 aggregates.
    static Result<Formula, FormulaError> parse(std::string_view text);

    const std::string& text() const;
    /// Distinct inputs, in order of first use.
    const std::vector<FormulaInput>& inputs() const;
    /// Number of aggregate calls (sum(x) ...); 0 means the formula is per queue.
    std::size_t aggregates() const;
    /// Metrics used bare, outside any aggregate, in a formula that also aggregates: an error the checker reports.
    bool mixes_queue_and_group() const;
    /// Inputs used outside any aggregate, by their number.
    std::vector<std::size_t> bare_inputs() const;
    /// False when the formula may have a value without this input: it stands only inside default().
    bool needs(std::size_t input) const;

    /// Per-queue value; `inputs` in the order of inputs(). NaN = unknown. Precondition: aggregates() == 0.
    double evaluate(std::span<const double> inputs) const;

    void begin(std::span<AggregateCell> cells) const;                                       // cells.size() == aggregates()
    void add_member(std::span<const double> inputs, std::span<AggregateCell> cells) const;  // one queue
    /// NaN = unknown. `inputs`: of what stands outside the aggregates; unknown where it is not given.
    double finish(std::span<const AggregateCell> cells, std::span<const double> inputs = {}) const;

private:
    struct Program;
    std::shared_ptr<const Program> program_;  // immutable and shared: specs are copied at reload
};

}  // namespace surged
