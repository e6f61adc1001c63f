#include "core/escalation/text.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"

namespace surged {

namespace {

constexpr std::size_t short_name = 16;  ///< code points of a place or a summary when space is short

/// A text in parts; those with the highest rank are left out first, rank 0 never.
struct Part {
    std::string text;
    int rank = 0;
};

std::string joined_text(const std::vector<Part>& parts) {
    std::string out;
    for (const auto& part : parts) {
        out += part.text;
    }
    return out;
}

std::string fit(std::vector<Part> parts, std::size_t limit) {
    auto text = joined_text(parts);
    while (limit > 0 && utf8_length(text) > limit) {
        const auto least =
            std::max_element(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.rank < b.rank; });
        if (least->rank == 0) {
            return utf8_cut(text, limit);
        }
        parts.erase(least);
        text = joined_text(parts);
    }
    return text;
}

bool chinese(Language l) {
    return l == Language::zh;
}

std::string level_text(Level level, Language l) {
    switch (level) {
        case Level::none: return chinese(l) ? "已回落" : "clearing";
        case Level::yellow: return chinese(l) ? "黄色" : "yellow";
        case Level::orange: return chinese(l) ? "橙色" : "orange";
        case Level::red: return chinese(l) ? "红色" : "red";
    }
    return {};
}

std::string title_of(PagePurpose purpose, Language l) {
    const bool zh = chinese(l);
    switch (purpose) {
        case PagePurpose::first: return zh ? "话务突增" : "Surge";
        case PagePurpose::remind: return zh ? "话务突增提醒" : "Surge reminder";
        case PagePurpose::need: return zh ? "话务突增缺人" : "Surge, seat free";
        case PagePurpose::repeat_round: return zh ? "话务突增仍缺人" : "Surge, still short";
        case PagePurpose::update: return zh ? "话务突增通报" : "Surge notice";
        case PagePurpose::blind: return zh ? "数据中断" : "No data";
        case PagePurpose::data_back: return zh ? "数据恢复" : "Data back";
        case PagePurpose::stand_down: return zh ? "人手已够" : "Seats filled";
        case PagePurpose::close: return zh ? "话务恢复" : "All clear";
        case PagePurpose::test: return zh ? "演练测试" : "Drill";
        case PagePurpose::admin: return zh ? "系统告警" : "System";
        case PagePurpose::act: return zh ? "预案执行" : "Playbook";
        case PagePurpose::undo: return zh ? "预案撤销" : "Playbook undone";
        case PagePurpose::handover: return zh ? "话务突增接班" : "Take over";
    }
    return {};
}

/// "排队最长104>100"; the limit without its blanks. Empty when no alert fires.
std::string cause(const PageFacts& f, std::size_t limit, Language l) {
    if (f.rule.empty()) {
        return {};
    }
    auto name = f.summary.empty() ? f.metric : f.summary;
    if (name.empty()) {
        name = f.rule;
    }
    std::string bound;
    std::copy_if(f.limit.begin(), f.limit.end(), std::back_inserter(bound), [](char c) { return c != ' '; });
    const auto shown = limit > 0 ? utf8_cut(name, short_name) : name;
    return shown + (chinese(l) ? "" : " ") + format_rounded(f.value, 1) + bound;
}

std::string request(const PageFacts& f, Language l) {
    const auto need = std::to_string(f.need);
    const auto have = std::to_string(f.joined);
    if (chinese(l)) {
        const auto counts = "，需" + need + "人已到" + have;
        return f.purpose == PagePurpose::update ? counts + "，请知悉" : counts + "，请上线";
    }
    const auto counts = "; need " + need + ", joined " + have;
    return f.purpose == PagePurpose::update ? counts : counts + ": please log on";
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
void staffing_parts(const PageFacts& f, Language l, std::vector<Part>& parts) {
    const bool zh = chinese(l);
    if (!f.staffed) {
        return;
    }
    if (f.cause != staffing::Cause::none) {
        const auto word = cause_text(f.cause, l);
        parts.push_back({zh ? "（" + word + "）" : " (" + word + ")", 3});
    }
    if (f.missing >= 1 && std::isfinite(f.missing)) {
        const auto missing = format_rounded(f.missing, 0);
        parts.push_back({zh ? "，缺" + missing + "人" : ", " + missing + " short", 3});
    }
    constexpr double shown_max_s = 86400;
    if (f.expected_wait_s >= 1 && f.expected_wait_s < shown_max_s) {
        const auto wait = duration_text(Span{static_cast<std::int64_t>(f.expected_wait_s * 1000)}, l);
        parts.push_back({(zh ? "，预计等" : ", wait ") + wait, 4});
    }
}

void slack_parts(const PageFacts& f, Language l, std::size_t limit, std::vector<Part>& parts) {
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
        parts.push_back({text, 4});
    }
}

/// "；另2起：青岛/投诉 橙色缺3人、…": that there are others is said whatever else is left out.
void also_parts(const PageFacts& f, Language l, std::size_t limit, std::vector<Part>& parts) {
    if (f.also.empty()) {
        return;
    }
    const bool zh = chinese(l);
    const auto count = std::to_string(f.also.size());
    parts.push_back({zh ? "；另" + count + "起" : "; " + count + " more", 0});
    const std::size_t most = limit > 0 ? 2 : 10;
    std::string list;
    for (std::size_t i = 0; i < std::min(most, f.also.size()); ++i) {
        const auto& other = f.also[i];
        list += list.empty() ? (zh ? "：" : ": ") : (zh ? "、" : ", ");
        list += limit > 0 ? utf8_cut(other.place, short_name) : other.place;
        list += " " + level_text(other.level, l) + (zh ? "缺" : ", ") + std::to_string(other.missing) + (zh ? "人" : " short");
        list += limit > 0 ? "" : " #" + other.incident;
    }
    parts.push_back({list + (f.also.size() > most ? "…" : ""), 2});
}

std::vector<Part> calling(const PageFacts& f, Language l, std::size_t limit) {
    const bool zh = chinese(l);
    std::vector<Part> parts;
    const auto reason = cause(f, limit, l);
    parts.push_back({" " + level_text(f.level, l), 1});
    if (!reason.empty()) {
        parts.push_back({(zh ? "：" : ": ") + reason, 2});
    }
    staffing_parts(f, l, parts);
    if (!f.handed_by.empty()) {
        const auto name = limit > 0 ? utf8_cut(f.handed_by, short_name) : f.handed_by;
        parts.push_back({f.substitute ? (zh ? "，" + name + "来不了，推荐您" : "; " + name + " names you")
                                      : (zh ? "，" + name + "请您接班" : "; " + name + " hands over"),
                         1});
    }
    if (f.rising) {
        parts.push_back({zh ? "，人齐仍在涨" : ", filled but still rising", 2});
    }
    parts.push_back({request(f, l), 0});
    also_parts(f, l, limit, parts);
    slack_parts(f, l, limit, parts);
    if (limit == 0 && !f.evidence.empty()) {
        parts.push_back({(zh ? "。" : ". ") + f.evidence, 5});
    }
    return parts;
}

std::vector<Part> closing(const PageFacts& f, Language l) {
    const bool zh = chinese(l);
    std::vector<Part> parts;
    if (f.ended_why == "max_age") {
        parts.push_back({zh ? " 持续过久，事件到期关闭" : " open too long, incident closed by age", 0});
    } else if (f.ended_by != "engine" && !f.ended_by.empty()) {
        parts.push_back({zh ? " 由" + f.ended_by + "关闭" : " closed by " + f.ended_by, 3});
    }
    parts.push_back({(zh ? " 历时" : " after ") + duration_text(f.age, l), 1});
    parts.push_back({(zh ? "，到岗" : ", joined ") + std::to_string(f.names.size()) + (zh ? "人" : ""), 2});
    std::string names;
    for (const auto& name : f.names) {
        names += (names.empty() ? (zh ? "：" : ": ") : (zh ? "、" : ", ")) + name;
    }
    parts.push_back({names, 4});
    if (!f.down.empty()) {
        parts.push_back({(zh ? "，系统曾中断" : ", surged was down ") + f.down, 3});
    }
    parts.push_back({zh ? "，可以下线，谢谢" : ". Stand down, thank you", 1});
    return parts;
}

std::vector<Part> relief(const PageFacts& f, Language l, std::size_t limit) {
    const bool zh = chinese(l);
    std::vector<Part> parts;
    if (!f.relieved_by.empty()) {
        const auto name = limit > 0 ? utf8_cut(f.relieved_by, short_name) : f.relieved_by;
        parts.push_back({zh ? " " + name + "已接班" : " " + name + " has your seat", 1});
    } else {
        parts.push_back({zh ? " 您的席位已交回" : " your seat is given back", 1});
    }
    parts.push_back({zh ? "，您可以下线，谢谢" : ": you may go, thank you", 0});
    return parts;
}

std::vector<Part> body(const PageFacts& f, Language l, std::size_t limit) {
    const bool zh = chinese(l);
    switch (f.purpose) {
        case PagePurpose::close: return closing(f, l);
        case PagePurpose::blind:
            return {{zh ? " 指标停更，无法判断涨落，请人工确认"
                        : " metrics stopped, the surge cannot be judged: please check by hand",
                     0}};
        case PagePurpose::data_back:
            return {{zh ? " 指标已恢复，现为" + level_text(f.level, l) : " metrics are back, the surge is " + level_text(f.level, l) + " now", 0},
                    {zh ? "，之前的安排照旧" : ": go on as before", 1}};
        case PagePurpose::stand_down:
            if (f.relieved) {
                return relief(f, l, limit);
            }
            return {{zh ? " 人手已够，无需上线" : " seats are filled, no need to log on", 0},
                    {zh ? "，已上线的可以下线，谢谢" : "; if you have, stand down, thank you", 1}};
        case PagePurpose::test: return {{zh ? "这是演练，收到请确认，无需上线" : "this is a test: confirm that you got it, no need to log on", 0}};
        case PagePurpose::admin:
        case PagePurpose::act:
        case PagePurpose::undo: return {{" " + f.evidence, 0}};
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
    return purpose != PagePurpose::close && purpose != PagePurpose::stand_down && purpose != PagePurpose::data_back && purpose != PagePurpose::test &&
           !is_action(purpose);
}

std::vector<Part> in_trouble(const PageFacts& f, Language l) {
    return {{chinese(l) ? " 监控系统异常：" : " surged is in trouble: ", 0}, {f.evidence, 0}};
}

/// What is said when the words cannot be: raw values, bytes beyond ASCII and control bytes as '?'.
std::string raw_text(const PageFacts& f, std::size_t limit) {
    std::string text = (f.repeat ? "Repeat: surge " : "surge ") + f.incident + " " + f.place +
                       " level=" + std::to_string(static_cast<int>(f.level)) + " rule=" + f.rule +
                       " value=" + format_number(f.value) + " limit=" + f.limit + " need=" + std::to_string(f.need) +
                       " joined=" + std::to_string(f.joined);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return limit > 0 ? utf8_cut(text, limit) : text;
}

}  // namespace

std::string duration_text(Span span, Language l) {
    const bool zh = chinese(l);
    const auto s = std::max<std::int64_t>(0, span.count() / 1000);
    if (s < 60) {
        return std::to_string(s) + (zh ? "秒" : " s");
    }
    const auto min = s / 60;
    if (min < 60) {
        return std::to_string(min) + (zh ? "分" : " min");
    }
    return std::to_string(min / 60) + (zh ? "小时" : " h ") + std::to_string(min % 60) + (zh ? "分" : " min");
}

PageText render(const PageFacts& f, Language l, std::size_t limit) {
    const bool zh = chinese(l);
    const bool ours = f.rule == "surged-overload";  // trouble with surged itself: nobody is asked to take calls
    auto title = title_of(ours && f.purpose != PagePurpose::close ? PagePurpose::admin : f.purpose, l);
    if (f.purpose == PagePurpose::stand_down && f.relieved) {
        title = zh ? "交班" : "Relieved";
    }
    std::vector<Part> parts;
    if (f.repeat) {
        parts.push_back({zh ? "重发" : "Repeat: ", 0});
    }
    parts.push_back({zh ? "【" + title + "】" : "[" + title + "] ", 0});
    parts.push_back({limit > 0 ? utf8_cut(f.place, short_name) : f.place, 0});
    for (auto& part : ours&& calls(f.purpose) ? in_trouble(f, l) : body(f, l, limit)) {
        parts.push_back(std::move(part));
    }
    if (!f.incident.empty()) {
        parts.push_back({" #" + f.incident, 3});
    }
    PageText out{title, fit(std::move(parts), limit)};
    if (!std::isfinite(f.value) || !utf8_valid(out.text)) {
        out.text = raw_text(f, limit);
    }
    return out;
}

}  // namespace surged
