#include "core/paging/text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/text.hpp"
#include "core/paging/text_parts.hpp"

namespace surged {

namespace wording {

namespace {

std::string title_of(PagePurpose purpose, Language l) {
    const bool zh = chinese(l);
    switch (purpose) {
        case PagePurpose::first: return zh ? "话务突增" : "Surge";
        case PagePurpose::remind: return zh ? "话务突增提醒" : "Surge reminder";
        case PagePurpose::need: return zh ? "话务突增缺人" : "Surge, seat free";
        case PagePurpose::repeat_round: return zh ? "话务突增仍缺人" : "Surge, still short";
        case PagePurpose::update: return zh ? "话务突增通报" : "Surge notice";
        case PagePurpose::blind: return zh ? "数据中断" : "No data";
        case PagePurpose::stand_down: return zh ? "人手已够" : "Seats filled";
        case PagePurpose::close: return zh ? "话务恢复" : "All clear";
        case PagePurpose::test: return zh ? "演练测试" : "Drill";
        case PagePurpose::admin: return zh ? "系统告警" : "System";
        case PagePurpose::act: return zh ? "预案执行" : "Playbook";
        case PagePurpose::undo: return zh ? "预案撤销" : "Playbook undone";
        case PagePurpose::handover: return zh ? "话务突增接班" : "Take over";
        case PagePurpose::data_back: return zh ? "数据恢复" : "Data is back";
    }
    return {};
}

/// An ending is told by how it came: what a person or the clock closed has not recovered for that.
std::string title_of(const PageFacts& f, Language l) {
    const bool zh = chinese(l);
    if (f.purpose == PagePurpose::stand_down && f.relieved) {
        return zh ? "交班" : "Relieved";
    }
    if (f.purpose == PagePurpose::close && by_age(f)) {
        return zh ? "到期关闭" : "Closed by age";
    }
    if (f.purpose == PagePurpose::close && by_hand(f)) {
        return zh ? "人工关闭" : "Closed by hand";
    }
    return title_of(f.purpose, l);
}

/// "，需6人已加入2人，请上线": what is wanted of whom.
Part request(const PageFacts& f, Language l) {
    const bool zh = chinese(l);
    std::string lacks;
    for (const auto& [what, n] : f.lacking) {
        const auto count = std::to_string(n);
        lacks += (lacks.empty() ? "" : zh ? "、" : ", ") + (zh ? what + " " + count + "人" : what + " " + count);
    }
    const auto missing = std::max(0, f.need - f.joined);
    std::string whole;
    std::string brief;
    // Who takes a seat over is told whose; that the other seats are taken would only make them wonder.
    if (f.purpose != PagePurpose::handover || missing > 0 || !lacks.empty()) {
        const auto need = std::to_string(f.need);
        const auto have = std::to_string(f.joined);
        whole = zh ? "，需" + need + "人已加入" + have + "人" : "; need " + need + ", joined " + have;
        if (!lacks.empty()) {
            whole += zh ? "，还缺" + lacks : ", still needs: " + lacks;
            brief = zh ? "，还缺" + lacks : "; needs " + lacks;
        } else if (missing > 0) {
            brief = zh ? "，缺" + std::to_string(missing) + "人" : "; " + std::to_string(missing) + " missing";
        }
    }
    const auto ask = [&](std::size_t most) {
        const auto who = addressed(f, l, most);
        if (f.purpose == PagePurpose::update) {
            return zh ? "，请" + who + "知悉" : who.empty() ? "; for your information" : "; for information: " + who;
        }
        return zh ? "，请" + who + "上线" : ": " + (who.empty() ? std::string() : who + ", ") + "please log on";
    };
    const auto last = zh ? ask(1) : f.group ? ask(1) : f.purpose == PagePurpose::update ? std::string() : std::string("; log on");
    const auto short_ask = zh || f.group ? ask(2) : f.purpose == PagePurpose::update ? std::string() : std::string(": log on");
    return {whole + ask(named_max), kept, {{counts, brief + short_ask}, {title_cut, last}}};
}

std::string cause_text(staffing::Cause cause, Language l) {
    const bool zh = chinese(l);
    switch (cause) {
        case staffing::Cause::none: break;
        case staffing::Cause::demand: return zh ? "来话增多" : "demand";
        case staffing::Cause::handling_time: return zh ? "通话变长" : "longer calls";
        case staffing::Cause::staff: return zh ? "座席减少" : "fewer agents";
        case staffing::Cause::routing: return zh ? "分配不均" : "routing";
    }
    return {};
}

/// "（来话增多），缺8人，预计等5分", and after the request "；青岛可支援5人".
void staffing_parts(const PageFacts& f, Language l, Parts& parts) {
    const bool zh = chinese(l);
    if (!f.staffed) {
        return;
    }
    if (f.cause != staffing::Cause::none) {
        const auto word = cause_text(f.cause, l);
        parts.push_back({zh ? "（" + word + "）" : " (" + word + ")", extra});
    }
    if (f.missing >= 1 && std::isfinite(f.missing)) {
        const auto missing = format_rounded(f.missing, 0);
        parts.push_back({zh ? "，座席缺" + missing + "人" : ", " + missing + " agents short", extra});
    }
    constexpr double shown_max_s = 86400;
    if (f.expected_wait_s >= 1 && f.expected_wait_s < shown_max_s) {
        const auto wait = duration_text(Span{static_cast<std::int64_t>(f.expected_wait_s * 1000)}, l);
        parts.push_back({(zh ? "，预计等" : ", wait ") + wait, spare});
    }
}

void slack_parts(const PageFacts& f, Language l, std::size_t limit, Parts& parts) {
    const bool zh = chinese(l);
    constexpr std::size_t centres_max = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(f.slack.size(), centres_max); ++i) {
        const auto name = limit > 0 ? utf8_cut(f.slack[i].first, short_name) : f.slack[i].first;
        const auto agents = std::to_string(f.slack[i].second);
        text += zh ? (text.empty() ? "；" : "、") + name + "可支援" + agents + "人"
                   : (text.empty() ? "; " : ", ") + name + " can give " + agents;
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
    const bool zh = chinese(l);
    const auto count = std::to_string(f.also.size());
    parts.push_back({zh ? "；另" + count + "起" : "; " + count + " more", kept});
    const std::size_t most = limit > 0 ? 2 : 10;
    std::string list;
    for (std::size_t i = 0; i < std::min(most, f.also.size()); ++i) {
        const auto& other = f.also[i];
        list += list.empty() ? (zh ? "：" : ": ") : (zh ? "、" : ", ");
        list += limit > 0 ? utf8_cut(other.place, short_name) : other.place;
        list += " " + level_text(other.level, l) + (zh ? "缺" : ", ") + std::to_string(other.missing) + (zh ? "人" : " short");
        if (f.group && !other.people.empty()) {
            list += zh ? "，请" + list_of(other.people, l) + "上线" : ": " + list_of(other.people, l) + ", please log on";
        }
        list += limit > 0 ? "" : " #" + other.incident;
    }
    parts.push_back({list + (f.also.size() > most ? "…" : ""), aside});
}

/// " 请您接替张伟"; in a group "请王芳接替张伟". First of all: it is why they are called at all.
void takeover_parts(const PageFacts& f, Language l, std::size_t limit, Parts& parts) {
    const bool zh = chinese(l);
    std::string text;
    std::string brief;
    for (const auto& pair : f.takes_over) {
        const auto from = limit > 0 ? utf8_cut(pair.other, short_name) : pair.other;
        const auto who = f.group ? pair.person : std::string(zh ? "您" : "you");
        text += text.empty() ? " " : zh ? "、" : ", ";
        if (f.substitute) {
            text += zh ? from + "来不了，推荐" + who : from + " cannot come and names " + who;
        } else if (f.group) {
            text += zh ? "请" + who + "接替" + from : who + " to take over from " + from;
        } else {
            text += zh ? "请您接替" + from : "take over from " + from;
        }
        const auto whom = f.group ? pair.person : std::string();
        brief += brief.empty() ? " " : zh ? "、" : ", ";
        brief += f.substitute ? (zh ? from + "荐" + whom : "by " + from + (f.group ? ", " : "") + whom)
                              : (zh ? whom + "接替" + from : whom + (f.group ? " " : "") + "for " + from);
    }
    if (!text.empty()) {
        parts.push_back({text + (zh ? "，" : ";"), kept, {{title_cut, brief + (zh ? "，" : ";")}}});
    }
}

Parts calling(const PageFacts& f, Language l, std::size_t limit) {
    const bool zh = chinese(l);
    Parts parts;
    takeover_parts(f, l, limit, parts);
    parts.push_back({(zh && !parts.empty() ? "" : " ") + level_text(f.level, l), kept});
    cause_parts(f, limit, l, parts);
    staffing_parts(f, l, parts);
    if (f.rising) {
        parts.push_back({zh ? "，人齐仍在涨" : ", filled but still rising", aside});
    }
    if (f.last_resort) {
        parts.push_back({zh ? "，各级已呼完，这是最后一级" : "; all tiers were called, this is the last resort",
                         title_cut,
                         {{counts, zh ? "，最后一级" : "; last resort"}}});
    }
    parts.push_back(request(f, l));
    also_parts(f, l, limit, parts);
    slack_parts(f, l, limit, parts);
    if (limit == 0 && !f.evidence.empty()) {
        parts.push_back({(zh ? "。" : ". ") + f.evidence, spare});
    }
    return parts;
}

Parts without_data(const PageFacts& f, Language l) {
    const bool zh = chinese(l);
    const auto who = addressed(f, l);
    const auto level = f.level == Level::none ? std::string() : " " + level_text(f.level, l);
    const auto ask = zh ? "请" + who + "人工确认" : (who.empty() ? "please" : who + ", please") + std::string(" check by hand");
    return {{level, kept},
            {zh ? " 指标停更，无法判断涨落，" : " metrics stopped, the surge cannot be judged: ", kept, {{counts, zh ? " 指标停更，" : ": "}}},
            {ask, kept}};
}

/// Those who heard that data stopped hear how it stands.
Parts with_data(const PageFacts& f, Language l, std::size_t limit) {
    const bool zh = chinese(l);
    const auto who = addressed(f, l);
    Parts parts{{zh ? " 指标已恢复，现为" + level_text(f.level, l) : " metrics are back, the surge is " + level_text(f.level, l) + " now",
                 kept,
                 {{counts, (zh ? " 现为" : " now ") + level_text(f.level, l)}}}};
    cause_parts(f, limit, l, parts);
    parts.push_back({zh ? "，之前的安排照旧" + (who.empty() ? "" : "（致" + who + "）")
                        : "; go on as before" + (who.empty() ? "" : " (for " + who + ")"),
                     aside});
    return parts;
}

Parts drill(const PageFacts& f, Language l) {
    const bool zh = chinese(l);
    const auto who = addressed(f, l);
    return {{zh ? (who.empty() ? "" : who + "：") + std::string("这是演练，无需上线")
                : (who.empty() ? "" : who + ": ") + std::string("this is a drill, no need to log on"),
             kept}};
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
    const auto who = addressed(f, l);
    Parts parts{{chinese(l) ? " 监控系统异常：" : " surged is in trouble: ", kept}, {f.evidence, kept}};
    if (!who.empty()) {
        parts.push_back({chinese(l) ? "，请" + who + "处理" : "; " + who + ", please look", kept});
    }
    return parts;
}

/// What is said when the words cannot be: raw values, bytes beyond ASCII and control bytes as '?'.
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

PageText page_text(const PageFacts& f, Language l, std::size_t limit) {
    const bool zh = chinese(l);
    const bool ours = f.rule == "surged-overload";  // trouble with surged itself: nobody is asked to take calls
    const auto title = ours && calls(f.purpose) ? title_of(PagePurpose::admin, l) : title_of(f, l);
    Parts parts;
    if (f.repeat) {
        parts.push_back({zh ? "重发" : "Repeat: ", kept});
    }
    const auto framed = [zh](const std::string& words) { return zh ? "【" + words + "】" : "[" + words + "] "; };
    parts.push_back({framed(title), kept});
    if (!ours && calls(f.purpose) && f.purpose != PagePurpose::blind) {
        parts.back().shorter.push_back({title_cut, framed(zh ? "突增" : "Surge")});
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

std::string reading_text(const AlertReading& reading, const RuleSpec& rule, Level level, ValueForm form, Language l,
                         EngineTime now) {
    const bool zh = wording::chinese(l);
    const auto spec = std::find_if(rule.levels.begin(), rule.levels.end(), [&](const LevelSpec& s) { return s.level == level; });
    const auto* limit = spec != rule.levels.end() ? &spec->raise : rule.levels.empty() ? nullptr : &rule.levels.front().raise;
    if (!reading.known || limit == nullptr) {
        return {};
    }
    auto out = value_beside(reading.value, *limit, form, l);
    const auto bound = limit_text(*limit, form, l);
    out += zh ? "（触发线" + bound + "）" : " (raised at " + bound + ")";
    if (reading.stale) {
        const auto ago = duration_text(now - reading.seen, l);
        out += zh ? "，" + ago + "前的数据" : ", as of " + ago + " ago";
    }
    if (!std::isnan(reading.worst)) {
        const auto worst = value_beside(reading.worst, *limit, form, l);
        const auto ago = duration_text(now - reading.worst_at, l);
        out += zh ? "，最差" + worst + "（" + ago + "前）" : ", worst " + worst + " (" + ago + " ago)";
    }
    return out;
}

}  // namespace surged
