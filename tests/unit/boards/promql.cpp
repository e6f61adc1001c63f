#include "promql.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "core/base/ranges.hpp"

namespace surged::test {

namespace {

bool name_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ':';
}

constexpr std::array<std::string_view, 6> label_lists{"by", "without", "on", "ignoring", "group_left", "group_right"};
constexpr std::array<std::string_view, 7> words_between{"and", "or", "unless", "bool", "offset", "inf", "nan"};

class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::vector<Selector> run() {
        while (at_ < text_.size()) {
            step();
        }
        return std::move(found_);
    }

private:
    void blanks() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
            ++at_;
        }
    }
    bool next_is(char c) {
        blanks();
        return at_ < text_.size() && text_[at_] == c;
    }
    std::string_view until(char end) {
        const std::size_t close = std::min(text_.find(end, at_), text_.size());
        const std::string_view inside = text_.substr(at_, close - at_);
        at_ = std::min(close + 1, text_.size());
        return inside;
    }

    void step() {
        const char c = text_[at_];
        if (c == '"') {
            ++at_;
            until('"');
        } else if (c == '(') {
            around_.push_back(std::exchange(pending_, ""));
            ++at_;
        } else if (c == ')') {
            ++at_;
            if (!around_.empty()) {
                around_.pop_back();
            }
        } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
            while (at_ < text_.size() && (name_char(text_[at_]) || text_[at_] == '.')) {
                ++at_;
            }
        } else if (name_char(c)) {
            word();
        } else {
            ++at_;
        }
    }

    void word() {
        const std::size_t from = at_;
        while (at_ < text_.size() && name_char(text_[at_])) {
            ++at_;
        }
        const std::string name(text_.substr(from, at_ - from));
        if (contains(words_between, name)) {
            return;
        }
        if (contains(label_lists, name)) {
            if (next_is('(')) {
                until(')');
            }
            return;
        }
        const std::size_t after = at_;
        if (next_is('(')) {
            pending_ = name;
            return;
        }
        // "sum by (a) (x)": an aggregation's name stands before its labels.
        const std::size_t second = at_;
        std::size_t end = at_;
        while (end < text_.size() && name_char(text_[end])) {
            ++end;
        }
        if (const auto next = text_.substr(second, end - second); next == "by" || next == "without") {
            pending_ = name;
            return;
        }
        at_ = after;
        selector(name);
    }

    void selector(const std::string& metric) {
        Selector out;
        out.metric = metric;
        out.around = around_;
        out.function = around_.empty() ? "" : around_.back();
        if (next_is('{')) {
            ++at_;
            while (at_ < text_.size() && !next_is('}')) {
                matcher(out);
            }
            ++at_;
        }
        if (next_is('[')) {
            ++at_;
            out.range = std::string(until(']'));
        }
        blanks();
        out.at_end = text_.substr(std::min(at_, text_.size())).starts_with("@ end()");
        at_ += out.at_end ? std::string_view("@ end()").size() : 0;
        found_.push_back(std::move(out));
    }

    void matcher(Selector& out) {
        blanks();
        const std::size_t from = at_;
        while (at_ < text_.size() && name_char(text_[at_])) {
            ++at_;
        }
        const std::string label(text_.substr(from, at_ - from));
        const std::string op(until('"'));
        out.matchers[label] = op + std::string(until('"'));
        if (next_is(',')) {
            ++at_;
        }
        if (label.empty()) {
            at_ = text_.size();
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string pending_;
    std::vector<std::string> around_;
    std::vector<Selector> found_;
};

}  // namespace

std::vector<Selector> selectors_of(std::string_view expr) {
    return Scanner(expr).run();
}

}  // namespace surged::test
