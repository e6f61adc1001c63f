// The closing message of an incident, and the message to people who may go while it goes on. Hardest rule: "closed" never claims that
// the surge is over, and "you may go" is read only by those it is meant for.
#include <algorithm>

#include "core/base/ranges.hpp"
#include "core/base/text.hpp"
#include "core/paging/text_parts.hpp"

namespace surged::wording {

namespace {

/// " 仍为红色：最长等待2分>1分40秒，不再呼叫": closed is not over.
void still_parts(const PageFacts& f, Language l, std::size_t limit, Parts& parts) {
    const PageSay say{l};
    parts.push_back({say("closing.still", {{"level", level_text(f.still, l)}}), kept});
    cause_parts(f, limit, l, parts);
    parts.push_back({say("closing.no_more_calls"), aside});
}

/// " 李四已接班，您可以下线，谢谢"; in a group " 李四已接替张三，张三可以下线，谢谢".
Parts relieving(const PageFacts& f, Language l, std::size_t limit) {
    const PageSay say{l};
    Parts parts;
    for (const auto& pair : f.relief) {
        const auto who = limit > 0 ? utf8_cut(pair.person, short_name) : pair.person;
        const auto now = limit > 0 ? utf8_cut(pair.other, short_name) : pair.other;
        const auto before = parts.empty() ? " " : say("semicolon");
        if (!f.group) {
            parts.push_back({before + (now.empty() ? say("relieved.you_given_back") : say("relieved.you", {{"now", now}})), counts});
            parts.push_back({say("relieved.you_may_go"), kept});
            parts.push_back({say("thanks"), aside});
        } else {
            parts.push_back({before + (now.empty() ? say("relieved.group_given_back", {{"who", who}})
                                                   : say("relieved.group", {{"now", now}, {"who", who}})),
                             kept});
        }
    }
    return parts;
}

/// What the reader of a closing message is to do.
void parting(const PageFacts& f, const PageSay& say, Parts& parts) {
    const bool concerned = f.group ? !f.names.empty() : f.seated;
    if (!concerned) {
        if (!f.group) {
            parts.push_back({say("closing.need_not"), counts});
        }
    } else if (f.still != Level::none) {
        parts.push_back({say("closing.ask_desk"), counts});
    } else {
        parts.push_back({f.group ? say("closing.group_may_go") : say("closing.you_may_go"), counts});
    }
}

}  // namespace

Parts closing(const PageFacts& f, Language l, std::size_t limit) {
    const PageSay say{l};
    Parts parts;
    if (by_age(f)) {
        parts.push_back({say("closing.by_age"), counts});
    } else if (by_hand(f)) {
        const auto by = limit > 0 ? utf8_cut(f.ended_by, short_name) : f.ended_by;
        parts.push_back({say("closing.by_hand", {{"by", by}}), counts});
    }
    if (f.still != Level::none) {
        still_parts(f, l, limit, parts);
    }
    const auto age = duration_text(f.age, l);
    parts.push_back({parts.empty() ? say("closing.after", {{"age", age}}) : say("closing.then_after", {{"age", age}}), counts});
    if (f.names.empty()) {
        parts.push_back({say("closing.nobody"), aside});
    } else {
        parts.push_back({say("closing.joined", {{"n", std::to_string(f.names.size())}}), f.group ? kept : aside});
        parts.push_back({say("colon") + list_of(f.names, l, f.names.size()), f.group ? title_cut : number});
    }
    if (!f.down.empty()) {
        parts.push_back({say("closing.down", {{"when", f.down}}), extra});
    }
    parting(f, say, parts);
    return parts;
}

Parts standing_down(const PageFacts& f, Language l, std::size_t limit) {
    const PageSay say{l};
    if (f.relieved && !f.relief.empty()) {
        return relieving(f, l, limit);
    }
    Parts parts{{say("filled"), kept, {{counts, say("colon")}}}};  // the title says it too
    if (!f.group) {
        parts.push_back({f.going.empty() ? say("need_not.you") : say("may_go.you"), kept});
        parts.push_back({say("thanks"), aside});
        return parts;
    }
    std::vector<std::string> staying;
    std::ranges::copy_if(f.people, std::back_inserter(staying), [&](const std::string& name) {
        return !contains(f.going, name);
    });
    if (!staying.empty()) {
        parts.push_back({say("need_not.group", {{"who", list_of(staying, l, staying.size())}}), kept});
    }
    if (!f.going.empty()) {
        const auto going = say("may_go.group", {{"who", list_of(f.going, l, f.going.size())}});
        parts.push_back({(staying.empty() ? "" : say("semicolon")) + going, kept});
    }
    parts.push_back({say("thanks"), aside});
    return parts;
}

}  // namespace surged::wording
