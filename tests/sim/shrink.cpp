#include "sim/shrink.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>

namespace surged::test {

namespace {

std::vector<Happening> without(const std::vector<Happening>& list, std::size_t from, std::size_t count) {
    std::vector<Happening> out;
    out.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i < from || i >= from + count) {
            out.push_back(list[i]);
        }
    }
    return out;
}

constexpr std::size_t happenings_shown = 200;

/// The engine's time of a breach, ms; 0 = it names none.
std::int64_t moment_in(const std::string& breach) {
    const auto word = breach.rfind(" at ");
    return word == std::string::npos ? 0 : std::strtoll(breach.c_str() + word + 4, nullptr, 10);
}

/// "0-18" of a breach that names an incident or one of its pages; empty = it names none.
std::string incident_in(const std::string& breach) {
    const auto at = breach.find(" 0-");
    const auto end = at == std::string::npos ? at : breach.find_first_of(" /", at + 1);
    return at == std::string::npos ? std::string() : breach.substr(at + 1, end - at - 1);
}

}  // namespace

Shrunk shrink(std::vector<Happening> list, const std::function<bool(const std::vector<Happening>&)>& breaks,
              std::size_t runs_max) {
    Shrunk shrunk{std::move(list), 0};
    const auto began = std::chrono::steady_clock::now();
    const auto goes_on = [&] { return shrunk.runs < runs_max && std::chrono::steady_clock::now() - began < shrink_patience; };
    std::size_t chunk = std::max<std::size_t>(1, shrunk.list.size() / 2);
    while (!shrunk.list.empty() && goes_on()) {
        bool shorter = false;
        // Begins at the end of the list: most happenings come after the breach and can go at once.
        for (std::size_t end = shrunk.list.size(); end > 0 && goes_on();) {
            const auto from = end > chunk ? end - chunk : 0;
            auto rest = without(shrunk.list, from, end - from);
            ++shrunk.runs;
            if (breaks(rest)) {
                shrunk.list = std::move(rest);
                shorter = true;
            }
            end = from;
        }
        if (chunk == 1 && !shorter) {
            break;
        }
        chunk = std::max<std::size_t>(1, shorter ? std::min(chunk, shrunk.list.size()) : chunk / 2);
    }
    return shrunk;
}

std::string promise_of(const std::string& breach) {
    return breach.substr(0, breach.find(':'));
}

std::string last_records(const WorldResult& r, const RecordsShown& shown) {
    const auto breach = r.breaches.empty() ? std::string() : r.breaches.front();
    const auto incident = shown.all_incidents ? std::string() : incident_in(breach);
    const auto moment = moment_in(breach);
    std::deque<std::string> last;
    for (const auto& line : r.timeline) {
        const bool later = moment > 0 && std::strtoll(line.c_str(), nullptr, 10) > moment;
        const auto padded = line + " ";
        const bool of_it = incident.empty() || padded.find(" " + incident + " ") != std::string::npos ||
                           padded.find(" " + incident + "/") != std::string::npos;
        if (!later && of_it) {
            last.push_back("  " + line + "\n");
        }
        if (last.size() > shown.last) {
            last.pop_front();
        }
    }
    std::string text;
    for (const auto& line : last) {
        text += line;
    }
    return text;
}

std::string report(const WorldSpec& spec, const WorldResult& broken, const std::string& again_by, const RecordsShown& records) {
    const auto promise = promise_of(broken.breaches.front());
    auto again = spec;
    again.timeline = false;
    std::vector<std::string> last;
    const auto breaks = [&](const std::vector<Happening>& list) {
        auto breaches = DeskWorld(again).run(list).breaches;
        const bool same = std::any_of(breaches.begin(), breaches.end(),
                                      [&](const std::string& breach) { return promise_of(breach) == promise; });
        if (same) {
            last = std::move(breaches);
        }
        return same;
    };
    // Later happenings cannot be part of the cause, so the world ends at the breach.
    auto list = broken.list;
    if (const auto moment = moment_in(broken.breaches.front()); moment > to_ms(broken.start)) {
        std::erase_if(list, [&](const Happening& h) { return to_ms(h.at) > moment; });
        again.length = std::min(spec.length, Span{moment - to_ms(broken.start) + 10000});
        if (!breaks(list)) {
            list = broken.list;
            again.length = spec.length;
        }
    }
    const auto shrunk = shrink(std::move(list), breaks);
    const auto skipped = shrunk.list.size() - std::min(shrunk.list.size(), happenings_shown);
    const std::vector<Happening> shown(shrunk.list.begin() + static_cast<std::ptrdiff_t>(skipped), shrunk.list.end());
    std::string text = "seed " + std::to_string(spec.seed) + " breaks " + promise + "; again: " + again_by + "\n";
    for (const auto& breach : last.empty() ? broken.breaches : last) {
        text += "  " + breach + "\n";
    }
    text += describe(make_plan(spec.seed, 0));
    text += std::to_string(shrunk.list.size()) + " of " + std::to_string(broken.list.size()) + " happenings break it (" +
            std::to_string(shrunk.runs) + " runs)" + (skipped > 0 ? ", the last of them" : "") + ":\n" +
            lines_of(shown, broken.start);
    again.timeline = true;
    text += "records before it:\n" + last_records(DeskWorld(again).run(shrunk.list), records);
    return text;
}

}  // namespace surged::test
