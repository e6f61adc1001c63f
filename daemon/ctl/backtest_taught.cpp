#include "ctl/backtest_taught.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "core/base/ranges.hpp"
#include "ctl/learned_input.hpp"

namespace surged {

Result<Taught> find_taught(const TaughtOptions& options) {
    Taught out;
    const bool file = options.calendar.find('/') != std::string::npos || options.calendar.ends_with(".toml");
    const auto& path = file ? options.calendar : options.config;
    if (path.empty()) {
        return options.calendar.empty() ? Result<Taught>(std::move(out)) : fail("--calendar " + options.calendar + " is the id of a [[calendar]]: say --config FILE, or name a file that has one");
    }
    out.config = load_config(path);
    if (!out.config.ok()) {
        std::string first;
        for (const Diagnostic& d : out.config.diagnostics) {
            first = first.empty() && d.severity == Severity::error ? d.text() : first;
        }
        return fail(first);
    }
    if (options.calendar.empty()) {
        return out;
    }
    const auto& calendars = out.config.plan->calendars;
    const auto* found = file && calendars.size() == 1 ? &calendars.front() : find_by_id(calendars, options.calendar);
    if (found == nullptr) {
        std::string names;
        for (const CalendarSpec& c : calendars) {
            names += (names.empty() ? "" : ", ") + c.id;
        }
        return fail(path + " has " + (calendars.empty() ? "no [[calendar]]" : file ? "several: name one with --config and its id: " + names : "no calendar " + options.calendar + "; there are " + names));
    }
    out.calendar = found;
    return out;
}

Result<void> take_profile(const TaughtOptions& options, const Taught& taught, const ProfileWanted& wanted, SurgeDetector& detector) {
    if (options.profiles == "off" || (options.profiles.empty() && options.config.empty())) {
        std::fprintf(stderr, "surgectl: what `learn` wrote is not used: the history is %s; --profiles FILE takes a learned profile\n",
                     wanted.trained ? "that of --train" : "the input itself, as it goes");
        return {};
    }
    const auto path = options.profiles.empty() ? profiles_path_of(taught.config) : options.profiles;
    const auto shelf = read_profile_file(path);
    if (!shelf) {
        if (!options.profiles.empty()) {
            return tl::unexpected(shelf.error());
        }
        std::fprintf(stderr, "surgectl: no learned profile: %s\n", shelf.error().message.c_str());
        return {};
    }
    std::vector<std::pair<std::string, SurgeDetector>> fitting;
    for (const auto& [key, learned] : *shelf) {
        SurgeDetector candidate(detector.settings());
        ByteReader in(learned.bytes);
        if ((wanted.queue.empty() || key.queue.queue == wanted.queue) && (options.centre.empty() || key.queue.centre == options.centre) &&
            candidate.load(in)) {
            fitting.emplace_back(key.queue.centre + "/" + key.queue.queue + " " + learned.metric, std::move(candidate));
        }
    }
    if (fitting.size() != 1) {
        std::string names;
        for (std::size_t i = 0; i < std::min<std::size_t>(fitting.size(), 8); ++i) {
            names += (i == 0 ? "" : ", ") + fitting[i].first;
        }
        const auto why = path + (fitting.empty() ? ": no profile of this queue and interval" : ": several profiles fit, say --queue and --centre: " + names);
        if (!options.profiles.empty()) {
            return fail(why);
        }
        std::fprintf(stderr, "surgectl: no learned profile: %s\n", why.c_str());
        return {};
    }
    const bool hindsight = fitting.front().second.profile().day() > wanted.first_day;
    if (hindsight && options.profiles.empty()) {
        std::fprintf(stderr, "surgectl: the profile of %s in %s is left out: it knows days after the input's begin\n",
                     fitting.front().first.c_str(), path.c_str());
        return {};
    }
    std::fprintf(stderr, "surgectl: begins with the profile of %s from %s%s\n", fitting.front().first.c_str(), path.c_str(),
                 hindsight ? ": it knows days of the input, so what it says of those is hindsight" : "");
    detector = std::move(fitting.front().second);
    return {};
}

}  // namespace surged
