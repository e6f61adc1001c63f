#include "core/paging/text_parts.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"
#include "core/paging/value_phrases.hpp"

namespace surged::wording {

namespace {

constexpr std::size_t least_name = 6;  ///< code points; fewer say nothing

std::string joined_text(const Parts& parts) {
    std::string out;
    for (const auto& part : parts) {
        out += part.text;
    }
    return out;
}

/// Shortens one part, or takes it out.
void give_way(Parts& parts, Parts::iterator part, std::size_t over) {
    if (!part->shorter.empty()) {
        part->text = part->shorter.front().second;
        part->shorter.erase(part->shorter.begin());
        return;
    }
    const auto size = utf8_length(part->text);
    if (part->elastic && size >= over + least_name) {
        part->text = utf8_cut(part->text, size - over);
        part->drop = kept;
        return;
    }
    parts.erase(part);
}

/// Two blanks meet where a part between them was left out.
std::string without_gaps(std::string text) {
    for (auto at = text.find("  "); at != std::string::npos; at = text.find("  ", at)) {
        text.erase(at, 1);
    }
    return text;
}

/// "1 min 40 s" as "1m40s": for short messages in English.
std::string compact(std::string text) {
    const std::initializer_list<std::pair<std::string_view, std::string_view>> words{
        {" min ", "m"}, {" min", "m"}, {" h ", "h"}, {" h", "h"}, {" s", "s"}};
    for (const auto& [word, letter] : words) {
        for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
            text.replace(at, word.size(), letter);
        }
    }
    return text;
}

/// The value with its limit as they stand now, and the value alone where space is short.
std::pair<std::string, std::string> value_of(const PageFacts& f, Language l) {
    const PageSay say{l};
    if (!f.raise) {
        std::string bound;
        std::ranges::copy_if(f.limit, std::back_inserter(bound), [](char c) { return c != ' '; });
        const auto value = std::isnan(f.value) ? ValueSay{l}("unknown") : format_rounded(f.value, 1);
        return {value + bound, value};
    }
    const auto value = value_beside(f.value, *f.raise, f.form, l);
    const auto bound = limit_text(*f.raise, f.form, l);
    if (f.stale) {
        const auto then = say("value.stale", {{"value", value}, {"ago", duration_text(f.seen_ago, l)}});
        return {then, then};
    }
    const auto falls = f.falling ? say("value.falling") : std::string();
    const auto beside = say("value.raised", {{"value", value}, {"limit", bound}});
    if (std::isnan(f.value)) {
        return {beside, value};
    }
    if (f.raise->holds(f.value)) {
        return {value + bound + falls, value};
    }
    return {beside + falls, value + falls};
}

}  // namespace

std::string fit(Parts parts, std::size_t limit) {
    auto text = joined_text(parts);
    while (limit > 0 && utf8_length(text) > limit) {
        const auto least = std::ranges::max_element(parts, [](const Part& a, const Part& b) { return a.next() < b.next(); });
        if (least == parts.end() || least->next() == kept) {
            return utf8_cut(text, limit);
        }
        give_way(parts, least, utf8_length(text) - limit);
        text = without_gaps(joined_text(parts));
    }
    return text;
}

bool by_age(const PageFacts& f) {
    return f.ended_why == reason_max_age;
}
bool by_hand(const PageFacts& f) {
    return !by_age(f) && f.ended_by != by_engine && !f.ended_by.empty();
}

std::string list_of(const std::vector<std::string>& names, Language l, std::size_t most) {
    const PageSay say{l};
    std::string out;
    for (std::size_t i = 0; i < std::min(most, names.size()); ++i) {
        out += (i == 0 ? "" : say("list.between")) + names[i];
    }
    if (names.size() > most) {
        // "A、B等12人" counts all of them, "A, B and 10 more" the rest.
        const auto n = l == Language::zh ? names.size() : names.size() - most;
        out += say("list.cut", {{"n", std::to_string(n)}});
    }
    return out;
}

std::string addressed(const PageFacts& f, Language l, std::size_t most) {
    return f.group ? list_of(f.people, l, most) : std::string();
}

void cause_parts(const PageFacts& f, std::size_t limit, Language l, Parts& parts) {
    if (f.rule.empty()) {
        return;
    }
    const PageSay say{l};
    auto name = !f.summary.empty() ? f.summary : !f.metric.empty() ? f.metric : f.rule;
    name = limit > 0 ? utf8_cut(name, short_name) : name;
    parts.push_back({say("colon"), kept});
    if (!f.queue.empty()) {
        parts.push_back({(limit > 0 ? utf8_cut(f.queue, short_name) : f.queue) + " ", aside});
    }
    auto [whole, bare] = value_of(f, l);
    const auto before = std::string(gap_after(name, l));
    parts.push_back({std::move(name), cause_cut, {}, true});
    // In English a duration loses its blanks before its seconds: "1 min 40 s" becomes "1m40s".
    const auto shortest = l == Language::zh ? bare : compact(bare.substr(0, bare.find(',')));
    parts.push_back({before + whole, kept, {{cause_short, before + bare}, {title_cut, before + shortest}}});
    if (!f.shown.empty()) {
        const auto comma = say("comma");
        const auto first = comma + f.shown.front();
        parts.push_back({comma + list_of(f.shown, l, f.shown.size()), aside, {{shown, first}}});
    }
}

}  // namespace surged::wording
