#include "ctl/learned_input.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "core/base/bytes.hpp"
#include "core/base/clock_text.hpp"
#include "core/base/zone.hpp"
#include "core/engine/engine.hpp"
#include "core/rule/baseline.hpp"
#include "ctl/command_line.hpp"
#include "io/store/side_file.hpp"

namespace surged {

namespace {
void tell(const std::string& line) {
    std::fprintf(stderr, "surgectl: %s\n", line.c_str());
}

bool has_baseline(const Plan& plan) {
    return std::ranges::any_of(plan.rules, [](const RuleSpec& r) { return r.kind == RuleKind::baseline; });
}

/// The last day that a profile has begun to learn; nullopt when it does not fit the rule.
std::optional<std::int64_t> last_day(const LearnedProfile& learned, const RuleSpec& rule) {
    SurgeDetector detector(surge_settings(rule));
    ByteReader in(learned.bytes);
    return detector.load(in) ? std::optional(detector.profile().day()) : std::nullopt;
}

std::string date_text(std::int64_t day) {
    return civil_text(civil_from_days(day)).substr(0, std::string_view("2026-03-02").size());
}
}  // namespace

Result<ProfileShelf> read_profile_file(const std::string& path) {
    const auto content = read_checked_file(path);
    if (!content) {
        return fail(path + ": " + content.error().message);
    }
    if (!*content) {
        return fail(path + ": there is no such file");
    }
    auto profiles = read_profiles(**content);
    return profiles ? std::move(profiles) : fail(path + ": " + profiles.error().message);
}

std::string profiles_path_of(const LoadedConfig& config) {
    const auto& store = config.settings.store.path;
    return profiles_path_of(config.settings, store.empty() || store.front() == '/' ? store : config.settings.base_dir + "/" + store);
}

void LearnedInput::add_option(CliCommand command) {
    command
        .option("--profiles", choice,
                "what `learn` wrote, or off; default: the file that the daemon of this configuration reads, unless it knows days of the "
                "recording")
        .type("FILE|off");
}

bool LearnedInput::load(Context& context, const LoadedConfig& config) {
    if (off() || !has_baseline(*config.plan)) {
        note = off() ? "--profiles off" : "";
        return true;
    }
    path = choice.empty() ? profiles_path_of(config) : choice;
    std::error_code ignored;
    if (choice.empty() && !std::filesystem::exists(path, ignored)) {
        note = "there is no " + path + " (surgectl learn writes it)";
        return true;
    }
    auto read = read_profile_file(path);
    if (read) {
        shelf = std::move(*read);
        return true;
    }
    note = read.error().message;
    if (!choice.empty()) {
        context.fail(ctl_usage, note);
    }
    return choice.empty();
}

void LearnedInput::offer(Engine& engine, WallTime first) const {
    const auto& plan = engine.plan();
    if (shelf.empty()) {
        if (!note.empty() && has_baseline(plan)) {
            tell("rules of kind baseline begin with nothing learned: " + note);
        }
        return;
    }
    ProfileShelf fitting;
    std::int64_t latest = INT64_MIN;
    bool hindsight = false;
    for (const auto& [key, learned] : shelf) {
        const auto rule = std::ranges::find_if(plan.rules, [&, profile = key.profile](const RuleSpec& r) {
            return r.kind == RuleKind::baseline && r.profile == profile;
        });
        const auto day = rule != plan.rules.end() ? last_day(learned, *rule) : std::nullopt;
        if (!day) {
            continue;
        }
        const auto zone = plan.zones.find(learned.zone);
        const auto begin = (zone != plan.zones.end() ? zone->second : Zone{}).to_civil(first);
        hindsight = hindsight || days_from_civil(begin.year, begin.month, begin.day) < *day;
        latest = std::max(latest, *day);
        fitting.insert_or_assign(key, learned);
    }
    const auto count = std::to_string(fitting.size());
    if (fitting.empty()) {
        return tell("rules of kind baseline begin with nothing learned: none of the " + std::to_string(shelf.size()) + " profiles in " + path +
                    " is of their metrics and slots");
    }
    if (hindsight && choice.empty()) {
        return tell(count + " profiles in " + path + " are left out: they know days up to " + date_text(latest) +
                    ", after the recording's begin; --profiles " + path + " takes them all the same");
    }
    tell(count + " profiles from " + path + ", learned up to " + date_text(latest) +
         (hindsight ? ": they know days of this recording, so what they say of those is hindsight" : ""));
    engine.offer_profiles(std::move(fitting));
}

}  // namespace surged
