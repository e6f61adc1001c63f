// Formula text -> postfix steps, by recursive descent of bounded depth. What is made of it is formula_maker.hpp's.
//
//   or    := and ("or" and)*                       call := name "(" arguments ")"
//   and   := not ("and" not)*                      metric := [a-z][a-z0-9_]*
//   not   := "not" not | compare
//   compare := sum (("<"|"<="|">"|">="|"=="|"!=") sum)?
//   an increase over a window may be followed by "offset" duration
//   sum   := term (("+"|"-") term)*                term := unary (("*"|"/") unary)*
//   unary := "-" unary | number | metric | call | "(" or ")"
#include <algorithm>
#include <optional>
#include <utility>

#include "core/series/formula_functions.hpp"
#include "core/series/formula_maker.hpp"
#include "core/series/formula_program.hpp"
#include "core/series/formula_service.hpp"
#include "core/series/formula_token.hpp"

namespace surged::detail {

namespace {
bool is_word(std::string_view text) {
    return text == "and" || text == "or" || text == "not";
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::string shown(const Token& token) {
    return token.kind == TokenKind::end ? "the end" : quoted(token.text);
}

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<FormulaProgram, FormulaError> parse() {
        if (text_.size() > formula_bytes_max) {
            fail_at(formula_bytes_max, "the formula is longer than " + std::to_string(formula_bytes_max) + " bytes");
        } else if (step_to(0) && token_.kind == TokenKind::end) {
            fail_at(0, "the formula is empty");
        } else if (!made_.error() && expression() && token_.kind != TokenKind::end) {
            complain_of_rest();
        }
        return made_.finish(text_);
    }

private:
    bool fail_at(std::size_t offset, std::string message) { return made_.fail_at(offset, std::move(message)); }
    bool emit(Step step, std::size_t offset) { return made_.emit(step, offset); }
    bool emit(StepKind kind, std::size_t offset) { return emit(Step{kind, 0, 0}, offset); }

    bool step_to(std::size_t offset) {
        token_ = next_token(text_, offset);
        return token_.kind != TokenKind::invalid || fail_at(token_.offset, token_.complaint);
    }
    bool step() { return step_to(token_.offset + token_.text.size()); }
    bool at_word(std::string_view word) const { return token_.kind == TokenKind::name && token_.text == word; }

    bool expect(TokenKind kind, std::string_view what) {
        if (token_.kind != kind) {
            return fail_at(token_.offset, "expected " + std::string(what) + " before " + shown(token_));
        }
        return step();
    }

    /// One more level of parentheses, calls, `not` and minus signs; leave() ends it.
    bool enter(std::size_t offset) {
        if (nesting_ >= formula_nesting_max) {
            return fail_at(offset, "the formula is nested deeper than " + std::to_string(formula_nesting_max));
        }
        ++nesting_;
        return true;
    }
    bool leave() {
        --nesting_;
        return true;
    }

    // grammar

    bool expression() {
        if (!conjunction()) {
            return false;
        }
        while (at_word("or")) {
            const auto offset = token_.offset;
            if (!step() || !conjunction() || !emit(StepKind::logical_or, offset)) {
                return false;
            }
        }
        return true;
    }

    bool conjunction() {
        if (!negation()) {
            return false;
        }
        while (at_word("and")) {
            const auto offset = token_.offset;
            if (!step() || !negation() || !emit(StepKind::logical_and, offset)) {
                return false;
            }
        }
        return true;
    }

    bool negation() {
        if (!at_word("not")) {
            return comparison();
        }
        const auto offset = token_.offset;
        return enter(offset) && step() && negation() && emit(StepKind::logical_not, offset) && leave();
    }

    static std::optional<StepKind> comparison_of(TokenKind kind) {
        switch (kind) {
            case TokenKind::less: return StepKind::less;
            case TokenKind::less_equal: return StepKind::less_equal;
            case TokenKind::greater: return StepKind::greater;
            case TokenKind::greater_equal: return StepKind::greater_equal;
            case TokenKind::equal: return StepKind::equal;
            case TokenKind::not_equal: return StepKind::not_equal;
            default: return std::nullopt;
        }
    }

    bool comparison() {
        if (!sum()) {
            return false;
        }
        const auto kind = comparison_of(token_.kind);
        if (!kind) {
            return true;
        }
        const auto offset = token_.offset;
        if (!step() || !sum() || !emit(*kind, offset)) {
            return false;
        }
        return !comparison_of(token_.kind) || fail_at(token_.offset, "comparisons do not chain: write a < b and b < c");
    }

    bool sum() {
        if (!term()) {
            return false;
        }
        while (token_.kind == TokenKind::plus || token_.kind == TokenKind::minus) {
            const auto kind = token_.kind == TokenKind::plus ? StepKind::add : StepKind::subtract;
            const auto offset = token_.offset;
            if (!step() || !term() || !emit(kind, offset)) {
                return false;
            }
        }
        return true;
    }

    bool term() {
        if (!unary()) {
            return false;
        }
        while (token_.kind == TokenKind::times || token_.kind == TokenKind::divide) {
            const auto kind = token_.kind == TokenKind::times ? StepKind::multiply : StepKind::divide;
            const auto offset = token_.offset;
            if (!step() || !unary() || !emit(kind, offset)) {
                return false;
            }
        }
        return true;
    }

    bool unary() {
        const auto offset = token_.offset;
        switch (token_.kind) {
            case TokenKind::minus: return enter(offset) && step() && unary() && emit(StepKind::negate, offset) && leave();
            case TokenKind::number: {
                const double number = token_.number;
                return step() && emit(Step{StepKind::number, 0, number}, offset);
            }
            case TokenKind::open: return enter(offset) && step() && expression() && expect(TokenKind::close, "\")\"") && leave();
            case TokenKind::name: return metric_or_call();
            case TokenKind::duration:
                return fail_at(offset, "a duration stands only as the window of a function, as in increase(metric, 10m)");
            default: return fail_at(offset, "expected a metric, a number or a function before " + shown(token_));
        }
    }

    bool metric_or_call() {
        const Token name = token_;
        if (is_word(name.text)) {
            return fail_at(name.offset, name.text == "not" ? "put \"not\" and what it denies in parentheses"
                                                           : "expected a value before " + quoted(name.text));
        }
        if (!step()) {
            return false;
        }
        if (token_.kind == TokenKind::open) {
            return call(name);
        }
        return check_metric(name) && made_.emit_input({InputFunction::last, std::string(name.text), Span{0}}, name.offset);
    }

    bool check_metric(const Token& name) {
        if (is_metric_name(name.text)) {
            return true;
        }
        return fail_at(name.offset, "metrics are written in lower case letters, digits and _, beginning with a letter: " +
                                        quoted(name.text) + " is none");
    }

    // calls

    bool call(const Token& name) {
        if (!service_level_usage(name.text).empty()) {
            return service_level_call(name);
        }
        const Function* function = find_function(name.text);
        if (function == nullptr) {
            return fail_at(name.offset, unknown_function(name.text));
        }
        if (!enter(token_.offset) || !step()) {
            return false;
        }
        const bool windowed = function->window && ((!function->aggregate && !function->scalar) || window_follows());
        return (windowed ? window_call(*function, name) : plain_call(*function, name)) && leave();
    }

    bool take_duration(std::string& text, Span& span, const std::string& usage) {
        if (token_.kind != TokenKind::duration || token_.span <= Span{0}) {
            return fail_at(token_.offset, "expected a time with a unit before " + shown(token_) + ": " + usage);
        }
        text = token_.text;
        span = token_.span;
        return step();
    }

    /// A service level by name: its formula is parsed in place of the call.
    bool service_level_call(const Token& name) {
        const auto usage = std::string(name.text) + std::string(service_level_usage(name.text));
        const bool burn = name.text == "sl_burn";
        const bool outcomes = name.text == "outcomes";
        ServiceLevelArguments arguments;
        std::string threshold;
        Span window{0};
        Span longer{0};
        if (!enter(token_.offset) || !step()) {
            return false;
        }
        const auto threshold_at = token_.offset;
        if (!outcomes && (!take_duration(threshold, arguments.threshold, usage) || !expect(TokenKind::comma, "a comma"))) {
            return false;
        }
        if (arguments.threshold.count() % 1000 != 0) {
            return fail_at(threshold_at, "the time to answer is in whole seconds: " + usage);
        }
        if (burn) {
            const bool good = token_.kind == TokenKind::number && token_.number > 0 && token_.number < 100;
            if (!good) {
                return fail_at(token_.offset, "the target is a number of percent above 0 and below 100: " + usage);
            }
            arguments.target = token_.text;
            if (!step() || !expect(TokenKind::comma, "a comma")) {
                return false;
            }
        }
        if (!take_duration(arguments.window, window, usage)) {
            return false;
        }
        const auto longer_at = token_.offset;
        if (burn && (!expect(TokenKind::comma, "a comma") || !take_duration(arguments.longer, longer, usage))) {
            return false;
        }
        if (burn && longer <= window) {
            return fail_at(longer_at, "the second window is the longer one: " + usage);
        }
        if (!expect(TokenKind::close, "\")\"")) {
            return false;
        }
        const auto formula = service_level_formula(name.text, arguments);
        const auto outer = std::exchange(text_, formula);
        const auto after = token_;
        const bool good = step_to(0) && expression();
        text_ = outer;
        token_ = after;
        if (!good && made_.error()) {
            made_.error()->offset =
                name.offset;  // a bound of the whole formula: the place in our text means nothing to the reader
        }
        return good && leave();
    }

    /// At the first argument: is it `metric, duration`?
    bool window_follows() const {
        if (token_.kind != TokenKind::name) {
            return false;
        }
        const auto comma = next_token(text_, token_.offset + token_.text.size());
        return comma.kind == TokenKind::comma && next_token(text_, comma.offset + comma.text.size()).kind == TokenKind::duration;
    }

    bool window_call(const Function& function, const Token& name) {
        const Token metric = token_;
        if (metric.kind != TokenKind::name || is_word(metric.text)) {
            return fail_at(metric.offset, "expected a metric before " + shown(metric) + ": " + usage(function));
        }
        if (!check_metric(metric) || !step()) {
            return false;
        }
        if (token_.kind == TokenKind::close) {
            return fail_at(token_.offset, std::string(function.name) + " needs a window: " + usage(function));
        }
        if (token_.kind != TokenKind::comma) {
            return fail_at(token_.offset, "only a bare metric has a window: " + usage(function));
        }
        if (!step()) {
            return false;
        }
        if (token_.kind != TokenKind::duration) {
            return fail_at(token_.offset, token_.kind == TokenKind::number
                                              ? "a window carries a unit, as 30s or 10m"
                                              : "expected a window before " + shown(token_) + ": " + usage(function));
        }
        const Span window = token_.span;
        if (window <= Span{0}) {
            return fail_at(token_.offset, "a window must be longer than 0");
        }
        if (!step() || !expect(TokenKind::close, "\")\"")) {
            return false;
        }
        if (at_word("offset")) {
            return earlier_window(function, std::string(metric.text), window, name.offset);
        }
        return made_.emit_input({*function.window, std::string(metric.text), window}, name.offset);
    }

    /// `increase(metric, 4h) offset 30m`: what came in 4 h 30 min less what came in the last 30 min.
    bool earlier_window(const Function& function, const std::string& metric, Span window, std::size_t offset) {
        if (function.window != InputFunction::increase) {
            return fail_at(token_.offset, "only increase() can look at an earlier window");
        }
        if (!step()) {
            return false;
        }
        if (token_.kind != TokenKind::duration || token_.span <= Span{0}) {
            return fail_at(token_.offset, "expected a time with a unit before " + shown(token_) + ": " + usage(function) +
                                              " offset 30m");
        }
        const Span delay = token_.span;
        // The two windows have cells of different width, so rounding may make the difference slightly negative.
        return step() && made_.emit_input({InputFunction::increase, metric, window + delay}, offset) &&
               made_.emit_input({InputFunction::increase, metric, delay}, offset) && emit(StepKind::subtract, offset) &&
               emit(Step{StepKind::number, 0, 0}, offset) && emit(StepKind::maximum, offset);
    }

    /// Aggregates and functions of numbers.
    bool plain_call(const Function& function, const Token& name) {
        const std::size_t start = made_.steps();
        const bool folds = function.scalar && function.scalar_arguments == 0;
        const std::size_t most = folds ? formula_nodes_max : std::max<std::size_t>(1, function.scalar_arguments);
        const bool optional = function.scalar == StepKind::fallback;
        if (optional) {
            made_.begin_optional();
        }
        if (!expression()) {
            return false;
        }
        std::size_t arguments = 1;
        while (token_.kind == TokenKind::comma) {
            if (arguments == most) {
                return fail_at(token_.offset, "too many arguments: " + usage(function));
            }
            if (!step() || !expression() || (folds && !emit(*function.scalar, name.offset))) {
                return false;
            }
            ++arguments;
        }
        if (optional) {
            made_.end_optional();
        }
        const auto end = token_.offset;
        if (!expect(TokenKind::close, "\",\" or \")\"")) {
            return false;
        }
        if (arguments == 1 && function.aggregate) {
            return made_.fold(*function.aggregate, start, name.text, name.offset);
        }
        if (folds) {
            return true;
        }
        return arguments == most ? emit(*function.scalar, name.offset) : fail_at(end, "too few arguments: " + usage(function));
    }

    void complain_of_rest() {
        switch (token_.kind) {
            case TokenKind::close: fail_at(token_.offset, "\")\" closes nothing"); break;
            case TokenKind::comma: fail_at(token_.offset, "a comma stands only between the arguments of a function"); break;
            default: fail_at(token_.offset, "expected an operator before " + shown(token_)); break;
        }
    }

    std::string_view text_;
    Token token_;
    FormulaMaker made_;
    std::size_t nesting_ = 0;
};
}  // namespace

Result<FormulaProgram, FormulaError> parse_formula(std::string_view text) {
    return Parser(text).parse();
}

}  // namespace surged::detail
