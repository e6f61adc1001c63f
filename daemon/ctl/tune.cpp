#include "ctl/tune.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"

namespace surged {

namespace {
/// Half as sensitive to four times as quiet, a quarter apart: finer than a month of history can tell.
constexpr std::array<double, 10> factors{0.6, 0.8, 1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0};
/// A surprise is a logarithm already: 3 to 8 of 4.
constexpr std::array<double, 8> surprises{0.75, 0.875, 1.0, 1.125, 1.25, 1.5, 1.75, 2.0};
constexpr std::array<double, 5> of_baseline{0.9, 1.0, 1.25, 1.5, 2.0};  // each rung learns a profile of its own
constexpr double days_least = 7;  // fewer say nothing about what is usual
constexpr double usual_surprise = 4;

/// Three digits tell as much as a month of history knows.
double rounded(double value) {
    if (value == 0 || !std::isfinite(value)) {
        return value;
    }
    const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 2);
    return std::strtod(format_rounded(std::round(value / unit) * unit, 6).c_str(), nullptr);
}

bool is_share(const RuleSpec& rule) {
    return rule.kind == RuleKind::threshold && std::ranges::all_of(rule.levels, [](const LevelSpec& l) {
               return !l.raise.upward() && l.raise.value > 0 && l.raise.value < 1 && l.clear.value <= 1;
           });
}

bool by_surprise(const RuleSpec& rule) {
    return (rule.kind == RuleKind::rate_of_change && rule.levels.front().raise.unit == LimitUnit::percent) || rule.kind == RuleKind::shortfall;
}

Limit scaled(const Limit& limit, double factor, bool share, bool upward) {
    Limit out = limit;
    out.value = share ? 1 - (1 - limit.value) * factor : upward ? limit.value * factor : limit.value / factor;
    out.value = rounded(out.value);
    return out;
}

/// nullopt where the limits leave what the metric can be.
std::optional<RuleSpec> at_factor(const RuleSpec& rule, double factor) {
    RuleSpec out = rule;
    if (by_surprise(rule)) {
        out.surprise = rounded((rule.surprise > 0 ? rule.surprise : usual_surprise) * factor);
        return out;
    }
    const bool share = is_share(rule);
    for (auto& level : out.levels) {
        const bool upward = level.raise.upward();
        level.raise = factor == 1 ? level.raise : scaled(level.raise, factor, share, upward);
        level.clear = factor == 1 ? level.clear : scaled(level.clear, factor, share, upward);
        if (share && !(level.raise.value > 0.02 && level.clear.value < 1)) {
            return std::nullopt;
        }
        // A share that rises (people who give up) has its end at 1.
        if (!share && upward && rule.kind == RuleKind::threshold && rule.levels.back().raise.value <= 1 && level.raise.value > 0.9) {
            return std::nullopt;
        }
    }
    return out;
}

std::string why_not(const RuleSpec& rule) {
    if (rule.policy.empty()) {
        return "it calls nobody";
    }
    if (rule.kind == RuleKind::absence || rule.kind == RuleKind::volatility) {
        return "a time of silence, or a number of swings, is not tuned";
    }
    if (rule.kind == RuleKind::threshold && std::ranges::any_of(rule.levels, [](const LevelSpec& l) { return l.raise.value <= 0; })) {
        return "a limit of 0 is no matter of degree";
    }
    return {};
}

std::string rung_id(const std::string& rule, std::size_t rung) {
    return rule + "~" + std::to_string(rung);
}

std::string level_line(const LevelSpec& level) {
    std::string out = std::string(to_string(level.level)) + " = { raise = \"" + level.raise.text() + "\", clear = \"" + level.clear.text() + "\"";
    if (level.raise_after > Span{0}) {
        out += ", raise_after = \"" + format_span(level.raise_after) + "\"";
    }
    return out + ", clear_after = \"" + format_span(level.clear_after) + "\" }";
}

std::string a_day(double raised, double days) {
    return format_rounded(days > 0 ? raised / days : 0, 2);
}

std::string limit_of(const RuleSpec& rule) {
    return by_surprise(rule) && rule.surprise > 0 ? "surprise " + format_number(rule.surprise) : rule.levels.front().raise.text();
}

std::string_view without_indent(std::string_view line) {
    const auto at = line.find_first_not_of(" \t");
    return at == std::string_view::npos ? std::string_view() : line.substr(at);
}

/// "[[rule]]" and "[rule.flap]" are of "rule"; empty: no header.
std::string header_of(std::string_view line) {
    line = without_indent(line);
    if (!line.starts_with('[')) {
        return {};
    }
    line.remove_prefix(line.starts_with("[[") ? 2 : 1);
    return std::string(line.substr(0, line.find_first_of(".] \t")));
}

/// `key` of a line "key = ..."; empty for any other.
std::string key_of(std::string_view line) {
    line = without_indent(line);
    const auto end = line.find_first_of(" \t=");
    const auto equals = line.find('=');
    return end == std::string_view::npos || equals == std::string_view::npos || line.starts_with('#') ? std::string() : std::string(line.substr(0, end));
}

/// The lines of one [[rule]] with the limits taken.
std::vector<std::string> rewritten(const std::vector<std::string>& lines, const TuneChoice& choice, const std::string& history, bool& found) {
    std::vector<std::string> out;
    const auto* taken = choice.rungs.empty() ? nullptr : &choice.rungs[choice.taken].rule;
    const bool surprise = taken != nullptr && by_surprise(*taken);
    const auto why = "# tune, " + history + ": " + tune_reason(choice);
    bool told = false;
    found = taken == nullptr;
    for (const auto& line : lines) {
        const auto key = key_of(line);
        const auto level = level_from(key);
        if (surprise && key == "surprise") {
            continue;
        }
        if (!told && level) {
            out.push_back(why);
            told = true;
            if (surprise) {
                out.push_back("surprise = " + format_number(taken->surprise));
                found = true;
            }
        }
        if (taken != nullptr && !surprise && level && choice.taken != choice.as_is && line.find('}') != std::string::npos) {
            const auto spec = std::ranges::find(taken->levels, *level, &LevelSpec::level);
            if (spec != taken->levels.end()) {
                out.push_back(level_line(*spec));
                found = true;
                continue;
            }
        }
        out.push_back(line);
    }
    found = found || choice.taken == choice.as_is;
    return out;
}
}  // namespace

namespace {
/// A queue that needs limits of its own shows by what it makes of everybody's.
void note_loudest(TuneChoice& choice, const TuneCount& count) {
    choice.loudest.clear();
    const auto found = count.by_queue.find(rung_id(choice.rule, choice.as_is));
    if (found == count.by_queue.end() || found->second.size() < 2) {
        return;
    }
    const auto most = std::ranges::max_element(found->second, {}, [](const auto& entry) { return entry.second; });
    if (most->second * 2 > choice.rungs[choice.as_is].raised) {
        choice.loudest = most->first;
        choice.loudest_raised = most->second;
    }
}
}  // namespace

std::uint64_t TuneCount::of(const std::string& rule) const {
    std::uint64_t sum = 0;
    if (const auto found = raised.find(rule); found != raised.end()) {
        for (const auto& [level, count] : found->second) {
            sum += count;
        }
    }
    return sum;
}

void TuneCounter::record(const Record& record) {
    if (const auto* change = std::get_if<IncidentChange>(&record.body)) {
        count_.incidents += change->step == IncidentStep::opened ? 1U : 0U;
    }
    const auto* edge = std::get_if<AlertEdge>(&record.body);
    if (edge == nullptr || edge->stale_changed) {
        return;
    }
    const AlertKey key{edge->rule, edge->queue};
    if (edge->to == AlertState::firing || edge->to == AlertState::clearing) {
        auto& level = firing_.try_emplace(key, edge->level).first->second;
        level = std::max(level, edge->level);
    } else {
        close(key);
    }
}

void TuneCounter::close(const AlertKey& key) {
    if (const auto found = firing_.find(key); found != firing_.end()) {
        ++count_.raised[key.rule][found->second];
        ++count_.by_queue[key.rule][key.queue.centre + "/" + key.queue.queue];
        firing_.erase(found);
    }
}

void TuneCounter::order(const SendOrder& order) {
    const bool calls = !is_action(order.purpose) && order.purpose != PagePurpose::close && order.purpose != PagePurpose::stand_down;
    count_.calls += calls ? 1U : 0U;
}

TuneCount TuneCounter::finish() {
    while (!firing_.empty()) {
        close(AlertKey(firing_.begin()->first));
    }
    return std::move(count_);
}

std::vector<TuneChoice> tune_ladders(const Plan& plan) {
    std::vector<TuneChoice> out;
    for (const auto& rule : plan.rules) {
        TuneChoice choice;
        choice.rule = rule.id;
        choice.why = why_not(rule);
        if (choice.why.empty()) {
            const auto add = [&](double factor) {
                if (auto made = at_factor(rule, factor)) {
                    choice.as_is = factor == 1 ? choice.rungs.size() : choice.as_is;
                    choice.rungs.push_back({factor, std::move(*made), 0});
                }
            };
            if (by_surprise(rule)) {
                std::ranges::for_each(surprises, add);
            } else if (rule.kind == RuleKind::baseline) {
                std::ranges::for_each(of_baseline, add);
            } else {
                std::ranges::for_each(factors, add);
            }
            choice.taken = choice.as_is;
        }
        out.push_back(std::move(choice));
    }
    return out;
}

std::unique_ptr<const Plan> tune_plan(const Plan& plan, const std::vector<TuneChoice>& choices) {
    auto out = std::make_unique<Plan>(plan);
    out->rules.clear();
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (choices[i].rungs.empty()) {
            auto rule = plan.rules[i];
            rule.policy.clear();
            rule.depends_on.clear();
            out->rules.push_back(std::move(rule));
        }
        for (std::size_t r = 0; r < choices[i].rungs.size(); ++r) {
            auto rule = choices[i].rungs[r].rule;
            rule.id = rung_id(choices[i].rule, r);
            rule.policy.clear();
            rule.depends_on.clear();
            rule.levels.resize(1);
            rule.flap.edges = 0;
            out->rules.push_back(std::move(rule));
        }
    }
    return out;
}

double TuneVerdicts::allowance() const {
    constexpr int enough = 3;
    if (judged < enough) {
        return 1;
    }
    return false_alarms * 2 > judged ? 0.25 : late * 2 > judged ? 2 : 1;
}

void tune_choose(std::vector<TuneChoice>& choices, const TuneCount& count, double days, double per_day) {
    for (auto& choice : choices) {
        choice.days = days;
        if (choice.rungs.empty()) {
            continue;
        }
        for (std::size_t r = 0; r < choice.rungs.size(); ++r) {
            choice.rungs[r].raised = count.of(rung_id(choice.rule, r));
        }
        const auto& rule = choice.rungs.front().rule;
        if (rule.kind == RuleKind::baseline) {
            choice.days = std::max(0.0, days - static_cast<double>(rule.min_history));
        }
        note_loudest(choice, count);
        choice.taken = choice.as_is;
        if (choice.days < days_least) {
            continue;
        }
        choice.lasting = choice.rungs.back().raised;
        if (choice.rungs.front().raised == 0) {
            continue;  // it never came near, or what it measures is not sent: no reason to be more sensitive
        }
        const auto allowed = static_cast<double>(choice.lasting) + std::max(1.0, per_day * choice.days) * choice.verdicts.allowance();
        choice.taken = choice.rungs.size() - 1;
        // From the quiet end: a rung is taken as long as it and all above it are quiet enough.
        while (choice.taken > 0 && static_cast<double>(choice.rungs[choice.taken - 1].raised) <= allowed) {
            --choice.taken;
        }
        choice.quiet = static_cast<double>(choice.lasting) <= std::max(1.0, per_day * 2) * choice.days;
    }
}

std::unique_ptr<const Plan> tuned_plan(const Plan& plan, const std::vector<TuneChoice>& choices) {
    auto out = std::make_unique<Plan>(plan);
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (!choices[i].rungs.empty()) {
            out->rules[i] = choices[i].rungs[choices[i].taken].rule;
        }
    }
    return out;
}

std::string tune_reason(const TuneChoice& choice) {
    if (choice.rungs.empty()) {
        return "left as it is: " + choice.why;
    }
    if (choice.days < days_least) {
        return "left as it is: " + format_rounded(choice.days, 0) + " days that it judged say nothing yet";
    }
    if (choice.rungs.front().raised == 0) {
        return "left as it is: never raised, nor at " + limit_of(choice.rungs.front().rule);
    }
    const auto& taken = choice.rungs[choice.taken];
    const auto& before = choice.rungs[choice.as_is];
    std::string out = choice.taken == choice.as_is ? "kept: raised " + a_day(static_cast<double>(taken.raised), choice.days) + " a day"
                                                   : "raised " + a_day(static_cast<double>(taken.raised), choice.days) + " a day; at " + limit_of(before.rule) +
                                                         " it was " + a_day(static_cast<double>(before.raised), choice.days);
    if (choice.taken > 0) {
        const auto& below = choice.rungs[choice.taken - 1];
        out += "; at " + limit_of(below.rule) + " it would be " + a_day(static_cast<double>(below.raised), choice.days);
    }
    if (choice.lasting > 0) {
        out += "; " + std::to_string(choice.lasting) + (choice.lasting == 1 ? " time" : " times") + " at any limit tried";
    }
    if (!choice.loudest.empty()) {
        out += "; " + std::to_string(choice.loudest_raised) + " of " + std::to_string(choice.rungs[choice.as_is].raised) + " at " +
               limit_of(choice.rungs[choice.as_is].rule) + " by " + choice.loudest + ", which may want limits of its own";
    }
    if (choice.verdicts.allowance() != 1) {
        const bool less = choice.verdicts.allowance() < 1;
        out += "; people judged " + std::to_string(less ? choice.verdicts.false_alarms : choice.verdicts.late) + " of " +
               std::to_string(choice.verdicts.judged) + " of its incidents " + (less ? "false" : "late");
    }
    return choice.quiet ? out : out + ": LOUD AT EVERY LIMIT, look at what it measures";
}

std::string tune_text(const std::string& text, const std::vector<TuneChoice>& choices, const std::string& history,
                      std::vector<std::string>& missed) {
    static const std::array<std::string_view, 4> kept{"rule", "derive", "metric", "calendar"};
    std::vector<std::string> ahead;  // comments and blank lines, which belong to what follows
    std::vector<std::string> table;
    std::string name;
    std::string out;
    const auto end_table = [&] {
        const bool wanted = contains(kept, name);
        if (name == "rule") {
            std::string id;
            for (const auto& line : table) {
                if (id.empty() && key_of(line) == "id") {
                    const auto open = line.find_first_of("\"'");
                    id = open == std::string::npos ? "" : line.substr(open + 1, line.find_first_of("\"'", open + 1) - open - 1);
                }
            }
            const auto choice = std::ranges::find(choices, id, &TuneChoice::rule);
            if (choice != choices.end()) {
                bool found = false;
                table = rewritten(table, *choice, history, found);
                if (!found) {
                    missed.push_back(id);
                }
            }
        }
        for (const auto& line : table) {
            out += wanted ? line + "\n" : "";
        }
        table.clear();
    };
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        const auto header = header_of(line);
        const bool sub = !header.empty() && header == name && line.find('.') != std::string::npos && line.find('.') < line.find(']');
        if (!header.empty() && !sub) {
            end_table();
            name = header;
        }
        const auto body = without_indent(line);
        if (header.empty() && (body.empty() || body.starts_with('#'))) {
            ahead.push_back(line);
            continue;
        }
        table.insert(table.end(), ahead.begin(), ahead.end());
        ahead.clear();
        table.push_back(line);
    }
    table.insert(table.end(), ahead.begin(), ahead.end());
    end_table();
    return out;
}

}  // namespace surged
