#include "ctl/replay_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/text.hpp"
#include "replay/timeline.hpp"
#include "wire/json_fields.hpp"

namespace surged {
namespace {

bool fires(AlertState state) {
    return state == AlertState::firing || state == AlertState::clearing;
}

bool overlap(const Episode& a, const Episode& b) {
    return (!a.until || b.from < *a.until) && (!b.until || a.from < *b.until);
}

bool alike(const Episode& a, const Episode& b) {
    return a.from == b.from && a.until == b.until && a.worst == b.worst && a.tier == b.tier;
}

std::string later(Span span) {
    return format_span(Span{std::abs(span.count())}) + (span.count() < 0 ? " earlier" : " later");
}

}  // namespace

std::size_t ReplayStory::begin(std::string what, std::string who, WallTime at) {
    const auto key = what + " " + who;
    const auto known = open_.find(key);
    if (known != open_.end()) {
        return known->second;
    }
    Episode episode;
    episode.what = std::move(what);
    episode.who = std::move(who);
    episode.from = at;
    episodes_.push_back(std::move(episode));
    return open_[key] = episodes_.size() - 1;
}

void ReplayStory::alert(const AlertEdge& edge, WallTime at) {
    const auto who = edge.rule + " " + queue_text(edge.queue);
    if (fires(edge.to)) {
        auto& episode = episodes_[begin("alert", who, at)];
        episode.worst = std::max(episode.worst, edge.level);
    } else if (const auto open = open_.find("alert " + who); open != open_.end()) {
        episodes_[open->second].until = at;
        open_.erase(open);
    }
}

void ReplayStory::incident(const IncidentChange& change, WallTime at) {
    const auto who = change.policy + (change.scope.empty() ? "" : " " + scope_text(change.scope));
    const auto open = open_.find("incident " + who);
    if (change.step == IncidentStep::resolved || change.step == IncidentStep::merged) {
        if (open != open_.end()) {
            episodes_[open->second].until = at;
            open_.erase(open);
        }
        return;
    }
    const bool begins = change.step == IncidentStep::opened || change.step == IncidentStep::reopened;
    if (!begins && open == open_.end()) {
        return;
    }
    auto& episode = episodes_[begin("incident", who, at)];
    episode.worst = std::max(episode.worst, change.level);
    episode.tier = std::max(episode.tier, change.tier);
}

void ReplayStory::record(const Record& record) {
    if (const auto* edge = std::get_if<AlertEdge>(&record.body)) {
        alert(*edge, record.wall);
    } else if (const auto* change = std::get_if<IncidentChange>(&record.body)) {
        incident(*change, record.wall);
    }
}

void ReplayStory::order(const SendOrder& order) {
    if (order.purpose != PagePurpose::close && order.purpose != PagePurpose::stand_down) {
        for (const Recipient& recipient : order.people) {
            ++calls_[recipient.person];
        }
    }
}

ReplayDifference compare(const ReplayStory& before, const ReplayStory& after) {
    ReplayDifference out;
    std::map<std::string, std::vector<const Episode*>> theirs;
    for (const Episode& episode : after.episodes()) {
        theirs[episode.what + " " + episode.who].push_back(&episode);
    }
    std::set<const Episode*> matched;
    for (const Episode& mine : before.episodes()) {
        const auto& candidates = theirs[mine.what + " " + mine.who];
        const auto found = std::ranges::find_if(candidates, [&](const Episode* e) { return matched.count(e) == 0 && overlap(mine, *e); });
        if (found == candidates.end()) {
            out.episodes.push_back({Difference::Kind::disappears, mine, std::nullopt});
            continue;
        }
        matched.insert(*found);
        if (alike(mine, **found)) {
            ++out.same;
        } else {
            out.episodes.push_back({Difference::Kind::shifts, mine, **found});
        }
    }
    for (const Episode& episode : after.episodes()) {
        if (matched.count(&episode) == 0) {
            out.episodes.push_back({Difference::Kind::appears, std::nullopt, episode});
        }
    }
    std::ranges::stable_sort(out.episodes, [](const Difference& a, const Difference& b) {
        return (a.before ? a.before : a.after)->from < (b.before ? b.before : b.after)->from;
    });
    std::set<std::string> people;
    for (const auto* story : {&before, &after}) {
        for (const auto& [person, count] : story->calls()) {
            people.insert(person);
        }
    }
    for (const std::string& person : people) {
        const auto count = [&](const ReplayStory& story) {
            const auto found = story.calls().find(person);
            return found == story.calls().end() ? 0 : found->second;
        };
        if (count(before) != count(after)) {
            out.calls.push_back({person, count(before), count(after)});
        }
    }
    return out;
}

namespace {

std::string line_of(const Difference& difference, const Zone& zone) {
    const Episode& first = difference.before ? *difference.before : *difference.after;
    std::string out = fmt::format("{}  {:<10}  {} {} {}", civil_text(first.from, zone), to_string(difference.kind), first.what,
                                  first.who, to_string(first.worst));
    if (difference.kind != Difference::Kind::shifts) {
        const auto length = first.until ? "for " + format_span(*first.until - first.from) : std::string("to the end");
        return out + ", " + length + (first.tier > 0 ? fmt::format(", tier {}", first.tier) : "");
    }
    const Episode& a = *difference.before;
    const Episode& b = *difference.after;
    if (a.from != b.from) {
        out += ": starts " + later(b.from - a.from);
    }
    if (a.until != b.until) {
        out += a.from != b.from ? "," : ":";
        out += !b.until ? " does not end" : !a.until ? " ends" : " ends " + later(*b.until - *a.until);
    }
    if (a.worst != b.worst) {
        out += fmt::format("; {} instead of {}", to_string(b.worst), to_string(a.worst));
    }
    if (a.tier != b.tier) {
        out += fmt::format("; up to tier {} instead of {}", b.tier, a.tier);
    }
    return out;
}

}  // namespace

std::string_view to_string(Difference::Kind kind) {
    switch (kind) {
        case Difference::Kind::appears: return "appears";
        case Difference::Kind::disappears: return "disappears";
        case Difference::Kind::shifts: return "shifts";
    }
    return "";
}

std::string diff_text(const ReplayDifference& difference, const Zone& zone) {
    std::string out;
    std::map<Difference::Kind, int> counts;
    for (const Difference& one : difference.episodes) {
        out += line_of(one, zone) + "\n";
        ++counts[one.kind];
    }
    for (const CallDifference& call : difference.calls) {
        out += fmt::format("{}: called {} instead of {} times ({:+})\n", call.person, call.after, call.before,
                           call.after - call.before);
    }
    return out + fmt::format("{} appear, {} disappear, {} shift, {} stay the same; {} people are called more or less\n",
                             counts[Difference::Kind::appears], counts[Difference::Kind::disappears],
                             counts[Difference::Kind::shifts], difference.same, difference.calls.size());
}

std::string diff_json(const ReplayDifference& difference) {
    return to_json(difference);
}

}  // namespace surged
