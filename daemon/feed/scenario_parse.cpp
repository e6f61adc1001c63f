#include <algorithm>
#include <fstream>
#include <functional>

#include "core/base/text.hpp"
#include "core/base/zone.hpp"
#include "feed/scenario.hpp"
#include "feed/scenario_statement.hpp"

namespace surged {

namespace {

constexpr std::size_t lines_max = 10000;
constexpr std::size_t line_max = 4096;
constexpr std::size_t items_max = 1000;

std::vector<Word> words_of(std::string_view line) {
    std::vector<Word> words;
    std::size_t at = 0;
    while (at < line.size()) {
        if (line[at] == '#') {
            break;
        }
        if (line[at] == ' ' || line[at] == '\t' || line[at] == '\r') {
            ++at;
            continue;
        }
        const auto end = std::min(line.find_first_of(" \t\r", at), line.size());
        words.push_back({line.substr(at, end - at), static_cast<int>(at) + 1});
        at = end;
    }
    return words;
}

/// "600/h", "10/m", "2/s" -> per hour.
std::optional<double> parse_rate(std::string_view text) {
    if (text.size() < 3 || text[text.size() - 2] != '/') {
        return std::nullopt;
    }
    const auto value = parse_number(text.substr(0, text.size() - 2));
    const auto unit = text.back();
    const double per_h = unit == 'h' ? 1 : unit == 'm' ? 60 : unit == 's' ? 3600 : 0;
    if (!value || per_h <= 0 || *value < 0 || *value * per_h > 1e6) {
        return std::nullopt;
    }
    return *value * per_h;
}

template <std::size_t n>
bool parse_list(std::string_view text, std::array<double, n>& out) {
    for (std::size_t i = 0; i < n; ++i) {
        const auto comma = text.find(',');
        if ((comma == std::string_view::npos) != (i + 1 == n)) {
            return false;
        }
        const auto value = parse_number(text.substr(0, comma));
        if (!value || *value < 0 || *value > 1000) {
            return false;
        }
        out[i] = *value;
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return true;
}

std::optional<int> parse_zone(std::string_view text) {
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    const auto h = parse_number(text.substr(1, 2));
    const auto m = parse_number(text.substr(4, 2));
    if (!h || !m || *h < 0 || *h > 14 || *m < 0 || *m > 59) {
        return std::nullopt;
    }
    const int s = static_cast<int>(*h) * 3600 + static_cast<int>(*m) * 60;
    return text[0] == '-' ? -s : s;
}

class Parser {
public:
    void line(int number, std::string_view text) {
        const auto words = words_of(text);
        if (words.empty()) {
            return;
        }
        Statement statement(errors, number);
        if (text.size() > line_max) {
            statement.fail(1, "the line is longer than 4096 bytes");
            return;
        }
        static const std::vector<std::string> verbs{"seed", "start", "zone", "profile", "queue", "at"};
        const auto& verb = words[0].text;
        if (verb == "profile") {
            profile(statement, words);
        } else if (verb == "queue") {
            queue(statement, words);
        } else if (verb == "at") {
            step(statement, words);
        } else if (verb == "seed" || verb == "start" || verb == "zone") {
            setting(statement, words);
        } else {
            const auto near = nearest_name(verb, verbs);
            statement.fail(1, "unknown statement '" + std::string(verb) + "'" + (near ? "; did you mean '" + *near + "'?" : ""));
        }
    }

    /// What can only be said when all is read: profiles and targets named before they were made, and the civil start.
    void finish() {
        if (scenario.queues.empty()) {
            errors.push_back({1, 1, "the scenario has no queue"});
        }
        for (const auto& check : checks_) {
            check();
        }
        if (start_) {
            const auto days = days_from_civil(start_->year, start_->month, start_->day);
            scenario.start_ms = (days * 86400 + start_->second_of_day - scenario.zone_s) * 1000;
        }
    }

    Scenario scenario;
    std::vector<ScenarioError> errors;

private:
    void setting(Statement& s, const std::vector<Word>& words) {
        if (words.size() != 2) {
            s.fail(words[0].col, "'" + std::string(words[0].text) + "' takes one value");
            return;
        }
        const auto value = words[1].text;
        if (words[0].text == "seed") {
            const auto seed = parse_number(value);
            if (!seed || *seed < 0 || *seed > 9e15 || *seed != static_cast<double>(static_cast<std::uint64_t>(*seed))) {
                s.fail(words[1].col, "seed: expected a whole number from 0 to 9e15");
                return;
            }
            scenario.seed = static_cast<std::uint64_t>(*seed);
        } else if (words[0].text == "zone") {
            const auto zone = parse_zone(value);
            if (!zone) {
                s.fail(words[1].col, "zone: expected an offset like +08:00");
                return;
            }
            scenario.zone_s = *zone;
        } else {
            const auto civil = parse_civil(value);
            if (!civil) {
                s.fail(words[1].col, "start: " + civil.error().message);
                return;
            }
            start_ = *civil;
        }
    }

    void profile(Statement& s, const std::vector<Word>& words) {
        if (words.size() < 2 || words[1].text.find('=') != std::string_view::npos) {
            s.fail(words[0].col, "a profile has a name: profile <name> hours=...");
            return;
        }
        SimProfile out;
        s.values(words, 2);
        s.take("hours", true, "24 numbers from 0 to 1000 with commas",
               [&](std::string_view v) { return parse_list(v, out.hours); });
        s.take("week", false, "7 numbers from 0 to 1000 with commas",
               [&](std::string_view v) { return parse_list(v, out.week); });
        s.done();
        if (scenario.profiles.size() >= items_max || !scenario.profiles.emplace(words[1].text, out).second) {
            s.fail(words[1].col, "profile '" + std::string(words[1].text) + "' is there already, or one too many");
        }
    }

    void queue(Statement& s, const std::vector<Word>& words) {
        SimQueueSpec q;
        s.values(words, 1);
        s.name("centre", true, q.centre);
        s.name("queue", true, q.queue);
        q.group = q.queue;
        s.name("group", false, q.group);
        s.take("rate", true, "calls in time like 600/h, 10/m or 2/s, at most 1000000/h", [&](std::string_view v) {
            const auto rate = parse_rate(v);
            q.rate_per_h = rate.value_or(0);
            return rate.has_value();
        });
        s.count("agents", true, 100000, q.agents);
        s.seconds("aht", true, q.aht_s);
        s.number("aht_cv", false, 0, 10, q.aht_cv);
        s.take("dist", false, "lognormal or exponential", [&](std::string_view v) {
            q.exponential = v == "exponential";
            return q.exponential || v == "lognormal";
        });
        s.seconds("patience", false, q.patience_s);
        s.seconds("acw", false, q.acw_s);
        s.number("breaks", false, 0, 0.9, q.breaks);
        s.seconds("break", false, q.break_s);
        s.name("profile", false, q.profile);
        s.place("overflow", false, q.overflow_centre, q.overflow_queue);
        s.seconds("after", false, q.overflow_after_s);
        s.done();
        if (q.aht_s <= 0 || q.break_s <= 0) {
            s.fail(words[0].col, "aht and break must be longer than nothing");
        }
        const auto same = [&](const SimQueueSpec& o) { return o.centre == q.centre && o.queue == q.queue; };
        if (std::any_of(scenario.queues.begin(), scenario.queues.end(), same) || scenario.queues.size() >= items_max) {
            s.fail(words[0].col, "queue " + q.centre + "/" + q.queue + " is there already, or one too many");
        }
        if (s.failed()) {
            return;
        }
        later(
            s, words[0].col, [this, profile = q.profile] { return scenario.profiles.count(profile) != 0; },
            "there is no profile '" + q.profile + "'");
        later(
            s, words[0].col, [this, c = q.overflow_centre, n = q.overflow_queue] { return c.empty() || has(c, n); },
            "overflow: there is no queue " + q.overflow_centre + "/" + q.overflow_queue);
        scenario.queues.push_back(std::move(q));
    }

    void step(Statement& s, const std::vector<Word>& words) {
        static const std::map<std::string_view, SimStepKind> kinds{{"surge", SimStepKind::surge},
                                                                   {"drain", SimStepKind::drain},
                                                                   {"overflow", SimStepKind::overflow},
                                                                   {"aht", SimStepKind::aht},
                                                                   {"outage", SimStepKind::outage}};
        const auto at = words.size() > 1 ? parse_span(words[1].text) : std::nullopt;
        const auto kind = words.size() > 2 ? kinds.find(words[2].text) : kinds.end();
        if (!at || kind == kinds.end()) {
            s.fail(words[0].col, "expected: at <time like 30s> surge|drain|overflow|aht|outage ...");
            return;
        }
        SimStep out;
        out.at = *at;
        out.kind = kind->second;
        s.values(words, 3);
        s.name("centre", false, out.centre);
        s.span("for", false, [&](Span v) { out.lasts = v; });
        if (out.kind != SimStepKind::outage) {
            s.name("queue", false, out.queue);
        }
        if (out.kind == SimStepKind::surge || out.kind == SimStepKind::aht) {
            s.number("factor", true, 0, 1000, out.factor);
            s.span("ramp", false, [&](Span v) { out.ramp = v; });
        }
        if (out.kind == SimStepKind::drain) {
            s.count("agents", true, 100000, out.agents);
        }
        if (out.kind == SimStepKind::overflow) {
            s.place("to", true, out.to_centre, out.to_queue);
            s.number("share", true, 0, 1, out.share);
        }
        s.done();
        if (s.failed()) {
            return;
        }
        if (scenario.steps.size() >= items_max) {
            s.fail(words[0].col, "more than 1000 steps");
            return;
        }
        later(
            s, words[0].col, [this, out] { return out.to_centre.empty() || has(out.to_centre, out.to_queue); },
            "to: there is no queue " + out.to_centre + "/" + out.to_queue);
        later(
            s, words[0].col, [this, out] { return matches(out); }, "no queue matches " + out.centre + "/" + out.queue);
        scenario.steps.push_back(std::move(out));
    }

    bool has(const std::string& centre, const std::string& queue) const {
        return std::any_of(scenario.queues.begin(), scenario.queues.end(),
                           [&](const SimQueueSpec& q) { return q.centre == centre && q.queue == queue; });
    }
    bool matches(const SimStep& step) const {
        return std::any_of(scenario.queues.begin(), scenario.queues.end(), [&](const SimQueueSpec& q) {
            return glob_match(step.centre, q.centre) && glob_match(step.queue, q.queue);
        });
    }
    void later(const Statement& s, int col, std::function<bool()> holds, std::string message) {
        checks_.push_back([this, line = s.line(), col, holds = std::move(holds), message = std::move(message)] {
            if (!holds() && errors.size() < Statement::errors_max) {
                errors.push_back({line, col, message});
            }
        });
    }

    std::optional<CivilTime> start_;
    std::vector<std::function<void()>> checks_;
};

}  // namespace

Result<Scenario, std::vector<ScenarioError>> parse_scenario(std::string_view text) {
    Parser parser;
    parser.scenario.profiles = profiles_builtin();
    int number = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (static_cast<std::size_t>(++number) > lines_max) {
            parser.errors.push_back({number, 1, "more than 10000 lines"});
            break;
        }
        parser.line(number, text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    parser.finish();
    if (!parser.errors.empty()) {
        std::stable_sort(parser.errors.begin(), parser.errors.end(),
                         [](const auto& a, const auto& b) { return a.line < b.line; });
        return tl::unexpected(std::move(parser.errors));
    }
    return std::move(parser.scenario);
}

Result<Scenario> load_scenario(const std::string& path) {
    constexpr std::size_t bytes_max = std::size_t{4} << 20U;
    std::ifstream in(path, std::ios::binary);
    std::string text(bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad() || (text.empty() && !in.eof())) {
        return fail(path + ": cannot be read");
    }
    if (text.size() > bytes_max) {
        return fail(path + ": larger than 4 MiB");
    }
    auto parsed = parse_scenario(text);
    if (parsed) {
        return std::move(*parsed);
    }
    std::string all;
    for (const auto& error : parsed.error()) {
        all += (all.empty() ? "" : "\n") + path + ":" + std::to_string(error.line) + ":" + std::to_string(error.col) + ": " +
               error.message;
    }
    return fail(std::move(all));
}

}  // namespace surged
