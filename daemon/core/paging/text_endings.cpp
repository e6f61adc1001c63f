// How it ends for somebody: the closing message of an incident, and what is said to who may go while it goes on. Hardest rule: closed
// is not over, and "you may go" speaks to nobody but whom it is for.
#include <algorithm>

#include "core/base/text.hpp"
#include "core/paging/text_parts.hpp"

namespace surged::wording {

namespace {

/// " 仍为红色：最长等待2分>1分40秒，不再呼叫": closed is not over.
void still_parts(const PageFacts& f, Language l, std::size_t limit, Parts& parts) {
    const bool zh = chinese(l);
    parts.push_back({zh ? "，仍为" + level_text(f.still, l) : ", still " + level_text(f.still, l), kept});
    cause_parts(f, limit, l, parts);
    parts.push_back({zh ? "，不再呼叫" : "; nobody is called any more", aside});
}

/// " 李四已接班，您可以下线，谢谢"; in a group " 李四已接替张三，张三可以下线，谢谢".
Parts relieving(const PageFacts& f, Language l, std::size_t limit) {
    const bool zh = chinese(l);
    Parts parts;
    for (const auto& pair : f.relief) {
        const auto who = limit > 0 ? utf8_cut(pair.person, short_name) : pair.person;
        const auto now = limit > 0 ? utf8_cut(pair.other, short_name) : pair.other;
        const auto before = std::string(parts.empty() ? " " : zh ? "；" : "; ");
        if (!f.group) {
            parts.push_back({before + (now.empty() ? (zh ? "您的席位已交回" : "your seat is given back")
                                                   : (zh ? now + "已接班" : now + " has your seat")),
                             counts});
            parts.push_back({zh ? "，您可以下线" : ": you may go", kept});
            parts.push_back({zh ? "，谢谢" : ", thank you", aside});
        } else if (now.empty()) {
            parts.push_back({before + (zh ? who + "的席位已交回，" + who + "可以下线，谢谢"
                                          : "the seat of " + who + " is given back: " + who + " may go, thank you"),
                             kept});
        } else {
            parts.push_back({before + (zh ? now + "已接替" + who + "，" + who + "可以下线，谢谢"
                                          : now + " has the seat of " + who + ": " + who + " may go, thank you"),
                             kept});
        }
    }
    return parts;
}

}  // namespace

Parts closing(const PageFacts& f, Language l, std::size_t limit) {
    const bool zh = chinese(l);
    const bool over = f.still == Level::none;
    Parts parts;
    const auto by = limit > 0 ? utf8_cut(f.ended_by, short_name) : f.ended_by;
    if (by_age(f)) {
        parts.push_back({zh ? " 持续过久，到期关闭" : " open too long, closed by age", counts});
    } else if (by_hand(f)) {
        parts.push_back({zh ? " 由" + by + "关闭" : " closed by " + by, counts});
    }
    if (!over) {
        still_parts(f, l, limit, parts);
    }
    const bool first = parts.empty();
    parts.push_back({(zh ? (first ? " 历时" : "，历时") : (first ? " after " : "; after ")) + duration_text(f.age, l), counts});
    if (f.names.empty()) {
        parts.push_back({zh ? "，无人加入" : ", nobody joined", aside});
    } else {
        const auto count = std::to_string(f.names.size());
        parts.push_back({zh ? "，已加入" + count + "人" : ", joined " + count, f.group ? kept : aside});
        parts.push_back({(zh ? "：" : ": ") + list_of(f.names, l, f.names.size()), f.group ? title_cut : number});
    }
    if (!f.down.empty()) {
        parts.push_back({zh ? "，系统曾中断" + f.down : ", surged was down " + f.down, extra});
    }
    if (f.group ? f.names.empty() : !f.seated) {
        if (!f.group) {
            parts.push_back({zh ? "，您无需上线" : ". You need not log on", counts});
        }
    } else if (!over) {
        parts.push_back({zh ? "，是否下线请听值班台安排" : ". Ask the duty desk whether to stay", counts});
    } else if (f.group) {
        parts.push_back({zh ? "，以上人员可以下线，谢谢" : ". They may go, thank you", counts});
    } else {
        parts.push_back({zh ? "，您可以下线，谢谢" : ". You may go, thank you", counts});
    }
    return parts;
}

Parts standing_down(const PageFacts& f, Language l, std::size_t limit) {
    const bool zh = chinese(l);
    if (f.relieved && !f.relief.empty()) {
        return relieving(f, l, limit);
    }
    Parts parts{{zh ? " 人手已够，" : " seats are filled: ", kept, {{counts, zh ? "：" : ": "}}}};  // the title says it
    if (!f.group) {
        const bool goes = !f.going.empty();
        parts.push_back({goes ? (zh ? "您可以下线" : "you may go") : (zh ? "您无需上线" : "you need not log on"), kept});
        parts.push_back({zh ? "，谢谢" : ", thank you", aside});
        return parts;
    }
    std::vector<std::string> staying;
    std::copy_if(f.people.begin(), f.people.end(), std::back_inserter(staying), [&](const std::string& name) {
        return std::find(f.going.begin(), f.going.end(), name) == f.going.end();
    });
    if (!staying.empty()) {
        const auto who = list_of(staying, l, staying.size());
        parts.push_back({zh ? who + "无需上线" : who + " need not log on", kept});
    }
    if (!f.going.empty()) {
        const auto who = list_of(f.going, l, f.going.size());
        parts.push_back({(staying.empty() ? "" : zh ? "；" : "; ") + (zh ? who + "可以下线" : who + " may go"), kept});
    }
    parts.push_back({zh ? "，谢谢" : ", thank you", aside});
    return parts;
}

}  // namespace surged::wording
