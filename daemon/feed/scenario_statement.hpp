// One statement of a scenario while it is read: a bag of key=value words. Knows columns and error texts; refuses to know what a
// key means. The hardest rule: what nobody took out is an error with the nearest known key named.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/text.hpp"
#include "feed/scenario.hpp"

namespace surged {

struct Word {
    std::string_view text;
    int col = 0;
};

/// One statement while it is read: named values are taken out one by one; what is left over at the end is unknown.
class Statement {
public:
    static constexpr std::size_t errors_max = 50;

    Statement(std::vector<ScenarioError>& errors, int line) : errors_(errors), line_(line) {}

    void fail(int col, std::string message) {
        failed_ = true;
        if (errors_.size() < errors_max) {
            errors_.push_back({line_, col, std::move(message)});
        }
    }
    bool failed() const { return failed_; }
    int line() const { return line_; }

    void values(const std::vector<Word>& words, std::size_t first) {
        for (std::size_t i = first; i < words.size(); ++i) {
            const auto equals = words[i].text.find('=');
            if (equals == std::string_view::npos || equals == 0) {
                fail(words[i].col, "expected key=value, found '" + std::string(words[i].text) + "'");
                continue;
            }
            const Word key{words[i].text.substr(0, equals), words[i].col};
            const Word value{words[i].text.substr(equals + 1), words[i].col + static_cast<int>(equals) + 1};
            if (!values_.emplace(key.text, value).second) {
                fail(key.col, "'" + std::string(key.text) + "' is given twice");
            }
            keys_.emplace(key.text, key.col);
        }
        end_col_ = words.empty() ? 1 : words.back().col + static_cast<int>(words.back().text.size());
    }

    /// Takes the value of `key`; `read` returns false when it does not understand it.
    void take(std::string_view key, bool required, std::string_view expected, const std::function<bool(std::string_view)>& read) {
        known_.emplace_back(key);
        const auto at = values_.find(key);
        if (at == values_.end()) {
            if (required) {
                fail(end_col_, "'" + std::string(key) + "=' is missing");
            }
            return;
        }
        if (!read(at->second.text)) {
            fail(at->second.col,
                 std::string(key) + ": expected " + std::string(expected) + ", found '" + std::string(at->second.text) + "'");
        }
        values_.erase(at);
    }
    void name(std::string_view key, bool required, std::string& out) {
        take(key, required, "a name of 1 to 64 bytes", [&](std::string_view v) {
            out = v;
            return !v.empty() && v.size() <= 64 && utf8_valid(v) &&
                   std::none_of(v.begin(), v.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
        });
    }
    void number(std::string_view key, bool required, double low, double high, double& out) {
        take(key, required, "a number from " + format_number(low) + " to " + format_number(high), [&](std::string_view v) {
            const auto value = parse_number(v);
            out = value.value_or(0);
            return value && *value >= low && *value <= high;
        });
    }
    void count(std::string_view key, bool required, int high, int& out) {
        take(key, required, "a whole number from 0 to " + std::to_string(high), [&](std::string_view v) {
            const auto value = parse_number(v);
            out = static_cast<int>(std::clamp(value.value_or(0), 0.0, static_cast<double>(high)));
            return value && *value == out;
        });
    }
    void span(std::string_view key, bool required, const std::function<void(Span)>& out) {
        take(key, required, "a duration with its unit, like 90s or 5m", [&](std::string_view v) {
            const auto value = parse_span(v);
            if (value) {
                out(*value);
            }
            return value.has_value();
        });
    }
    void seconds(std::string_view key, bool required, double& out) {
        span(key, required, [&](Span s) { out = surged::seconds(s); });
    }
    void place(std::string_view key, bool required, std::string& centre, std::string& queue) {
        take(key, required, "<centre>/<queue>", [&](std::string_view v) {
            const auto slash = v.find('/');
            if (slash == std::string_view::npos || slash == 0 || slash + 1 == v.size()) {
                return false;
            }
            centre = v.substr(0, slash);
            queue = v.substr(slash + 1);
            return true;
        });
    }
    void done() {
        for (const auto& [key, value] : values_) {
            const auto near = nearest_name(key, known_);
            fail(keys_.at(key), "unknown key '" + std::string(key) + "'" + (near ? "; did you mean '" + *near + "'?" : ""));
        }
    }

private:
    std::vector<ScenarioError>& errors_;
    int line_;
    bool failed_ = false;
    int end_col_ = 1;
    std::map<std::string_view, Word> values_;
    std::map<std::string_view, int> keys_;
    std::vector<std::string> known_;
};

}  // namespace surged
