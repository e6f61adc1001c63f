#include "core/paging/text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/text.hpp"
#include "core/paging/text_parts.hpp"

namespace surged {

namespace wording {

namespace {

std::string title_of(PagePurpose purpose, const PageSay& say) {
    switch (purpose) {
        case PagePurpose::first: return say("title.first");
        case PagePurpose::remind: return say("title.remind");
        case PagePurpose::need: return say("title.need");
        case PagePurpose::repeat_round: return say("title.repeat_round");
        case PagePurpose::update: return say("title.update");
        case PagePurpose::blind: return say("title.blind");
        case PagePurpose::stand_down: return say("title.stand_down");
        case PagePurpose::close: return say("title.close");
        case PagePurpose::test: return say("title.test");
        case PagePurpose::admin: return say("title.admin");
        case PagePurpose::act: return say("title.act");
        case PagePurpose::undo: return say("title.undo");
        case PagePurpose::handover: return say("title.handover");
        case PagePurpose::data_back: return say("title.data_back");
    }
    return {};
}

/// The title tells how an incident ended: one that a person or the clock closed has not recovered.
std::string title_of(const PageFacts& f, const PageSay& say) {
    if (f.purpose == PagePurpose::stand_down && f.relieved) {
        return say("title.relieved");
    }
    if (f.purpose == PagePurpose::close && by_age(f)) {
        return say("title.closed_by_age");
    }
    if (f.purpose == PagePurpose::close && by_hand(f)) {
        return say("title.closed_by_hand");
    }
    return title_of(f.purpose, say);
}

Parts without_data(const PageFacts& f, Language l) {
    const PageSay say{l};
    const auto who = addressed(f, l);
    const auto level = f.level == Level::none ? std::string() : " " + level_text(f.level, l);
    return {{level, kept},
            {say("blind.what"), kept, {{counts, say("blind.what_short")}}},
            {who.empty() ? say("blind.ask_you") : say("blind.ask_group", {{"who", who}}), kept}};
}

/// Those who heard that data stopped hear how it stands.
Parts with_data(const PageFacts& f, Language l, std::size_t limit) {
    const PageSay say{l};
    const auto who = addressed(f, l);
    const auto level = level_text(f.level, l);
    Parts parts{{say("data_back.what", {{"level", level}}), kept, {{counts, say("data_back.what_short", {{"level", level}})}}}};
    cause_parts(f, limit, l, parts);
    parts.push_back({who.empty() ? say("data_back.you") : say("data_back.group", {{"who", who}}), aside});
    return parts;
}

Parts drill(const PageFacts& f, Language l) {
    const PageSay say{l};
    const auto who = addressed(f, l);
    return {{who.empty() ? say("drill.you") : say("drill.group", {{"who", who}}), kept}};
}

Parts body(const PageFacts& f, Language l, std::size_t limit) {
    switch (f.purpose) {
        case PagePurpose::close: return closing(f, l, limit);
        case PagePurpose::blind: return without_data(f, l);
        case PagePurpose::data_back: return with_data(f, l, limit);
        case PagePurpose::stand_down: return standing_down(f, l, limit);
        case PagePurpose::test: return drill(f, l);
        case PagePurpose::admin:
        case PagePurpose::act:
        case PagePurpose::undo: return {{" " + f.evidence, kept}};
        case PagePurpose::first:
        case PagePurpose::remind:
        case PagePurpose::need:
        case PagePurpose::repeat_round:
        case PagePurpose::handover:
        case PagePurpose::update: return calling(f, l, limit);
    }
    return {};
}

bool calls(PagePurpose purpose) {
    return purpose != PagePurpose::close && purpose != PagePurpose::stand_down && purpose != PagePurpose::test &&
           !is_action(purpose);
}

Parts in_trouble(const PageFacts& f, Language l) {
    const PageSay say{l};
    Parts parts{{say("trouble"), kept}, {f.evidence, kept}};
    if (const auto who = addressed(f, l); !who.empty()) {
        parts.push_back({say("trouble.ask", {{"who", who}}), kept});
    }
    return parts;
}

/// Used when the text would not be true or not be UTF-8: raw values, with bytes beyond ASCII and control bytes as '?'.
std::string raw_text(const PageFacts& f, std::size_t limit) {
    std::string text = (f.repeat ? "Repeat: surge " : "surge ") + f.incident + " " + f.place +
                       " level=" + std::to_string(static_cast<int>(f.level)) + " rule=" + f.rule +
                       " value=" + format_number(f.value) + " limit=" + (f.raise ? f.raise->text() : f.limit) +
                       " need=" + std::to_string(f.need) + " joined=" + std::to_string(f.joined);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return limit > 0 ? utf8_cut(text, limit) : text;
}

}  // namespace

std::string as_repeat(const std::string& text, Language l, std::size_t limit) {
    const std::string labelled = PageSay{l}("repeat") + text;
    return limit > 0 ? utf8_cut(labelled, limit) : labelled;
}

PageText page_text(const PageFacts& f, Language l, std::size_t limit) {
    const PageSay say{l};
    const bool ours = f.rule == overload_rule;  // trouble with surged itself: nobody is asked to take calls
    const auto title = ours && calls(f.purpose) ? title_of(PagePurpose::admin, say) : title_of(f, say);
    Parts parts;
    if (f.repeat) {
        parts.push_back({say("repeat"), kept});
    }
    parts.push_back({say("title.frame", {{"title", title}}), kept});
    if (!ours && calls(f.purpose) && f.purpose != PagePurpose::blind) {
        parts.back().shorter.push_back({title_cut, say("title.frame", {{"title", say("title.short")}})});
    }
    parts.push_back({limit > 0 ? utf8_cut(f.place, short_name) : f.place, place_cut, {}, true});
    for (auto& part : ours && calls(f.purpose) ? in_trouble(f, l) : body(f, l, limit)) {
        parts.push_back(std::move(part));
    }
    if (!f.incident.empty()) {
        parts.push_back({" #" + f.incident, number});
    }
    PageText out{title, fit(std::move(parts), limit)};
    if (std::isinf(f.value) || !utf8_valid(out.text)) {
        out.text = raw_text(f, limit);
    }
    return out;
}

}  // namespace wording

PageText render(const PageFacts& f, Language l, std::size_t limit) {
    return wording::page_text(f, l, limit);
}

const PageText& TextMemo::render(const PageFacts& f, Language l, std::size_t limit) {
    // What goes to one person alone names nobody, but where somebody's seat or going is told.
    PageFacts asked = f;
    if (!f.group && f.purpose != PagePurpose::stand_down && f.takes_over.empty()) {
        asked.people.clear();
    }
    if (!text_ || language_ != l || limit_ != limit || facts_ != asked) {
        text_ = surged::render(f, l, limit);
        facts_ = std::move(asked);
        language_ = l;
        limit_ = limit;
    }
    return *text_;
}

std::string reading_text(const AlertReading& reading, const RuleSpec& rule, Level level, ValueForm form, Language l,
                         EngineTime now) {
    const PageSay say{l};
    const auto spec = std::ranges::find(rule.levels, level, &LevelSpec::level);
    const auto* limit = spec != rule.levels.end() ? &spec->raise : rule.levels.empty() ? nullptr : &rule.levels.front().raise;
    if (!reading.known || limit == nullptr) {
        return {};
    }
    const auto value = value_beside(reading.value, *limit, form, l);
    auto out = say("value.raised", {{"value", value}, {"limit", limit_text(*limit, form, l)}});
    if (reading.stale) {
        out += say("reading.stale", {{"ago", duration_text(now - reading.seen, l)}});
    }
    if (!std::isnan(reading.worst)) {
        out += say("reading.worst", {{"worst", value_beside(reading.worst, *limit, form, l)},
                                     {"ago", duration_text(now - reading.worst_at, l)}});
    }
    return out;
}

}  // namespace surged
