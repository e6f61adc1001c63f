// The message that calls people to a surge, or keeps them informed about it: cause, staffing, what is wanted of whom.
#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"
#include "core/paging/text_parts.hpp"

namespace surged::wording {

namespace {

/// "，请上线", "，请张伟、王芳上线": the request alone, with at most `most` names.
std::string asked_of(const PageFacts& f, const PageSay& say, std::size_t most) {
    const auto who = addressed(f, say.language(), most);
    if (f.purpose == PagePurpose::update) {
        return who.empty() ? say("note.you") : say("note.group", {{"who", who}});
    }
    return who.empty() ? say("ask.you") : say("ask.group", {{"who", who}});
}

/// "，需6人已加入2人，请上线": what is wanted of whom.
Part request(const PageFacts& f, Language l) {
    const PageSay say{l};
    std::string lacks;
    for (const auto& [what, n] : f.lacking) {
        lacks += (lacks.empty() ? "" : say("list.between")) + say("need.lacking_one", {{"what", what}, {"n", std::to_string(n)}});
    }
    const auto missing = std::max(0, f.need - f.joined);
    std::string whole;
    std::string brief;
    // Someone who takes a seat over is told whose it is; that all other seats are taken would only confuse them.
    if (f.purpose != PagePurpose::handover || missing > 0 || !lacks.empty()) {
        whole = say("need.counts", {{"need", std::to_string(f.need)}, {"joined", std::to_string(f.joined)}});
        if (!lacks.empty()) {
            whole += say("need.lacking", {{"list", lacks}});
            brief = say("need.lacking_short", {{"list", lacks}});
        } else if (missing > 0) {
            brief = say("need.missing_short", {{"n", std::to_string(missing)}});
        }
    }
    std::string last;
    std::string short_ask;
    if (f.group || (l == Language::zh && f.purpose == PagePurpose::update)) {
        last = asked_of(f, say, 1);
        short_ask = asked_of(f, say, 2);
    } else if (f.purpose != PagePurpose::update) {  // English has no short form of "for your information"
        last = say("ask.you_shortest");
        short_ask = say("ask.you_short");
    }
    return {whole + asked_of(f, say, named_max), kept, {{counts, brief + short_ask}, {title_cut, last}}};
}

std::string cause_text(staffing::Cause cause, const PageSay& say) {
    switch (cause) {
        case staffing::Cause::none: break;
        case staffing::Cause::demand: return say("cause.demand");
        case staffing::Cause::handling_time: return say("cause.handling_time");
        case staffing::Cause::staff: return say("cause.staff");
        case staffing::Cause::routing: return say("cause.routing");
    }
    return {};
}

/// "（来话增多），缺8人，预计等5分", and after the request "；青岛可支援5人".
void staffing_parts(const PageFacts& f, Language l, Parts& parts) {
    const PageSay say{l};
    if (!f.staffed) {
        return;
    }
    if (f.cause != staffing::Cause::none) {
        parts.push_back({say("staffing.cause", {{"cause", cause_text(f.cause, say)}}), extra});
    }
    if (f.missing >= 1 && std::isfinite(f.missing)) {
        parts.push_back({say("staffing.missing", {{"n", format_rounded(f.missing, 0)}}), extra});
    }
    constexpr double shown_max_s = 86400;
    if (f.expected_wait_s >= 1 && f.expected_wait_s < shown_max_s) {
        const auto wait = duration_text(Span{static_cast<std::int64_t>(f.expected_wait_s * 1000)}, l);
        parts.push_back({say("staffing.wait", {{"wait", wait}}), spare});
    }
}

void slack_parts(const PageFacts& f, Language l, std::size_t limit, Parts& parts) {
    const PageSay say{l};
    constexpr std::size_t centres_max = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(f.slack.size(), centres_max); ++i) {
        const auto name = limit > 0 ? utf8_cut(f.slack[i].first, short_name) : f.slack[i].first;
        text += text.empty() ? say("semicolon") : say("list.between");
        text += say("slack.centre", {{"name", name}, {"n", std::to_string(f.slack[i].second)}});
    }
    if (!text.empty()) {
        parts.push_back({text, spare});
    }
}

/// "；另2起：青岛/投诉 橙色缺3人、…": that there are others is said whatever else is left out.
void also_parts(const PageFacts& f, Language l, std::size_t limit, Parts& parts) {
    if (f.also.empty()) {
        return;
    }
    const PageSay say{l};
    parts.push_back({say("also.count", {{"n", std::to_string(f.also.size())}}), kept});
    const std::size_t most = limit > 0 ? 2 : 10;
    std::string list;
    for (std::size_t i = 0; i < std::min(most, f.also.size()); ++i) {
        const auto& other = f.also[i];
        const auto place = limit > 0 ? utf8_cut(other.place, short_name) : other.place;
        list += list.empty() ? say("colon") : say("list.between");
        list += say("also.one", {{"place", place}, {"level", level_text(other.level, l)}, {"n", std::to_string(other.missing)}});
        if (f.group && !other.people.empty()) {
            list += say("ask.group", {{"who", list_of(other.people, l)}});
        }
        list += limit > 0 ? "" : " #" + other.incident;
    }
    parts.push_back({list + (f.also.size() > most ? "…" : ""), aside});
}

std::string takeover_text(const PageFacts& f, const PageSay& say, std::string_view from, std::string_view who) {
    if (f.substitute) {
        return f.group ? say("substitute.group", {{"from", from}, {"who", who}}) : say("substitute.you", {{"from", from}});
    }
    return f.group ? say("takeover.group", {{"from", from}, {"who", who}}) : say("takeover.you", {{"from", from}});
}

std::string takeover_short(const PageFacts& f, const PageSay& say, std::string_view from, std::string_view who) {
    if (f.substitute) {
        return f.group ? say("substitute.group_short", {{"from", from}, {"who", who}}) : say("substitute.you_short", {{"from", from}});
    }
    return f.group ? say("takeover.group_short", {{"from", from}, {"who", who}}) : say("takeover.you_short", {{"from", from}});
}

/// " 请您接替张伟"; in a group "请王芳接替张伟". It comes first: it is the reason for the call.
void takeover_parts(const PageFacts& f, Language l, std::size_t limit, Parts& parts) {
    const PageSay say{l};
    std::string text;
    std::string brief;
    for (const auto& pair : f.takes_over) {
        const auto from = limit > 0 ? utf8_cut(pair.other, short_name) : pair.other;
        const auto before = text.empty() ? " " : say("list.between");
        text += before + takeover_text(f, say, from, pair.person);
        brief += before + takeover_short(f, say, from, pair.person);
    }
    if (!text.empty()) {
        parts.push_back({text + say("takeover.end"), kept, {{title_cut, brief + say("takeover.end")}}});
    }
}

}  // namespace

Parts calling(const PageFacts& f, Language l, std::size_t limit) {
    const PageSay say{l};
    Parts parts;
    takeover_parts(f, l, limit, parts);
    parts.push_back({(parts.empty() ? " " : "") + level_text(f.level, l), kept});
    cause_parts(f, limit, l, parts);
    staffing_parts(f, l, parts);
    if (f.rising) {
        parts.push_back({say("rising"), aside});
    }
    if (f.last_resort) {
        parts.push_back({say("last_resort"), title_cut, {{counts, say("last_resort_short")}}});
    }
    parts.push_back(request(f, l));
    also_parts(f, l, limit, parts);
    slack_parts(f, l, limit, parts);
    if (limit == 0 && !f.evidence.empty()) {
        parts.push_back({say("sentence") + f.evidence, spare});
    }
    return parts;
}

}  // namespace surged::wording
