#include "io/http/link_html.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "wire/html_text.hpp"

namespace surged {
namespace {

// Each colour that letters have or stand on appears in both themes' lines.
constexpr std::string_view style =
    "body{font:18px/1.45 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#1b1f24}main{max-width:34rem;margin:0 auto;padding:.6rem 1rem}"
    "h1,h2{font-size:1.35rem;line-height:1.25;margin:.3rem 0}h1.big{font-size:1.5rem}p{margin:.4rem 0}"
    ".level{display:inline-block;padding:.05rem .7rem;border-radius:1rem;color:#fff;background:#57606a;font-weight:600}"
    ".yellow{background:#8a6100}.orange{background:#b34700}.red{background:#b3001b}"
    ".card{background:#fff;border-radius:.7rem;padding:.7rem 1rem;margin:.7rem 0;box-shadow:0 1px 3px #0002;overflow-wrap:anywhere}"
    ".good{border-left:.4rem solid #1a7f37}.bad{border-left:.4rem solid #b3001b}"
    ".do{font-size:1.2rem;font-weight:600;line-height:1.3}.do span{display:block}.big{font-size:1.25rem;font-weight:600;line-height:1.3}"
    ".seats strong{font-size:1.5rem}ul{list-style:none;margin:.5rem 0;padding:0}li{border-top:1px solid #d0d5db;padding:.3rem 0}"
    "li strong{white-space:nowrap}.line{display:flex;flex-wrap:wrap;gap:.1rem .8rem;align-items:baseline}"
    "small{font-size:.9rem;color:#57606a}.old{color:#b3001b;font-weight:600}a{color:#0b57d0;display:inline-block;padding:.6rem .4rem}"
    "button{display:block;width:100%;min-height:3.2rem;margin:.5rem 0;font:inherit;font-weight:600;border:0;border-radius:.6rem;"
    "background:#0b57d0;color:#fff}button.quiet{background:#e3e6ea;color:#1b1f24}"
    "button:focus-visible,input:focus-visible,a:focus-visible{outline:3px solid #e08700;outline-offset:2px}"
    "label{display:block;margin:.5rem 0}input{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;border:1px solid #767f89;"
    "border-radius:.5rem;background:#fff;color:#1b1f24}"
    "@media(prefers-color-scheme:dark){body{background:#15181c;color:#e6e9ed}.card{background:#22262c}li{border-color:#444b54}"
    "button.quiet{background:#3a4048;color:#e6e9ed}small{color:#a0a8b2}.old{color:#ff9a9a}a{color:#8ab4f8}"
    "input{background:#15181c;color:#e6e9ed}}";

struct Button {
    std::string_view action;
    LinkSay::Key label;
    bool quiet;
};

using Say = std::function<std::string(const LinkSay&)>;

/// What is said in the reader's language; in both, one behind the other, when it is not known. Escaped.
std::string said(const LinkFacts& facts, const Say& say) {
    return escape_html(facts.language ? say(LinkSay{*facts.language}) : link_both(say(LinkSay{Language::zh}), say(LinkSay{Language::en})));
}

const std::string& in(const LinkText& text, const LinkSay& say) {
    return say.language() == Language::zh ? text.zh : text.en;
}

std::string buttons_of(const LinkFacts& facts, std::string_view seat, std::string_view incident) {
    static constexpr std::array asked = {Button{"join", "join", false}, Button{"ack", "ack", true},
                                         Button{"decline", "decline", true}};
    static constexpr std::array seated = {Button{"arrive", "arrive", false}, Button{"leave", "leave", true}};
    static constexpr std::array arrived = {Button{"leave", "leave", true}};
    static constexpr std::array sits_elsewhere = {Button{"move", "move", false},
                                                  Button{"decline", "decline", true}};
    static constexpr std::array drill = {Button{"ack", "received", false}};
    std::string out = "<input type=\"hidden\" name=\"incident\" value=\"" + escape_html(incident) + "\">";
    const auto add = [&](const Button& button) {
        out += "<button name=\"action\" value=\"" + std::string(button.action) + "\"" + (button.quiet ? " class=\"quiet\"" : "") +
               ">" + link_words(button.label, facts) + "</button>";
    };
    if (!facts.drill.empty()) {
        std::ranges::for_each(drill, add);
    } else if (seat == "joined") {
        std::ranges::for_each(seated, add);
    } else if (seat == "arrived") {
        std::ranges::for_each(arrived, add);
    } else if (seat == "elsewhere") {
        std::ranges::for_each(sits_elsewhere, add);
    } else {
        std::ranges::for_each(asked, add);
    }
    return out;
}

std::string who_fields(const LinkFacts& facts, std::string_view who) {
    if (!facts.person.empty()) {
        return "<p>" + escape_html(facts.person_name.empty() ? facts.person : facts.person_name) + "</p>";
    }
    return "<label>" + link_both("name") + "<input name=\"person\" maxlength=\"64\" autocomplete=\"name\" "
           "required value=\"" + escape_html(who) + "\"></label><label>" + link_both("last4") + "<input name=\"last4\" inputmode=\"numeric\" maxlength=\"4\" "
           "autocomplete=\"off\" required></label>";
}

/// The page behind a test page: what it is, and one button.
std::string drill_body(const LinkFacts& facts) {
    return "<div class=\"card\"><h1>" + link_words("drill", facts) + "</h1><p>" +
           link_words("drill.what", facts) + "</p></div>";
}

LinkSay::Key level_key(Level level) {
    switch (level) {
        case Level::yellow: return "yellow";
        case Level::orange: return "orange";
        case Level::red: return "red";
        case Level::none: break;
    }
    return "level.none";
}

/// What whoever reads it should do now. Of a group's chat nobody knows who reads: seat empty.
LinkSay::Key to_do(std::string_view seat, std::string_view state, bool enough) {
    if (seat == "joined") {
        return "do.joined";
    }
    if (seat == "arrived") {
        return "do.arrived";
    }
    if (seat == "elsewhere") {
        return "do.elsewhere";
    }
    if (seat == "informed") {
        return "do.informed";
    }
    if (state == "resolving") {
        return "do.resolving";
    }
    if (seat == "spare") {
        return "do.spare";
    }
    if (enough) {
        return "do.enough";
    }
    return seat == "declined" ? LinkSay::Key("do.declined") : seat == "left" ? LinkSay::Key("do.left") : LinkSay::Key("do.come");
}

std::string line_to_do(const LinkFacts& facts, LinkSay::Key key, int missing) {
    const auto number = std::to_string(missing);
    const auto line = [&](Language language, std::string_view tag) {
        return "<span lang=\"" + std::string(tag) + "\">" + escape_html(LinkSay{language}(key, {{"n", number}})) + "</span>";
    };
    const bool zh = facts.language != Language::en;
    const bool en = facts.language != Language::zh;
    return "<p class=\"do\">" + (zh ? line(Language::zh, "zh") : std::string()) + (en ? line(Language::en, "en") : std::string()) + "</p>";
}

std::string reading_line(const LinkFacts& facts, const LinkReading& reading) {
    std::string out = "<li><div class=\"line\"><span>" + said(facts, [&](const LinkSay& say) { return in(reading.what, say); }) + "</span>";
    if (!reading.queue.empty()) {
        out += "<small>" + escape_html(reading.queue) + "</small>";
    }
    out += "</div><div class=\"line\"><strong>" + said(facts, [&](const LinkSay& say) { return in(reading.value, say); }) + "</strong>";
    if (!reading.limit.zh.empty()) {
        out += "<small>" + said(facts, [&](const LinkSay& say) { return say("limit", {{"limit", in(reading.limit, say)}}); }) + "</small>";
    }
    if (!reading.since.zh.empty()) {
        out += "<small class=\"old\">" + said(facts, [&](const LinkSay& say) { return say("old", {{"age", in(reading.since, say)}}); }) + "</small>";
    }
    return out + "</div></li>";
}

std::string readings_list(const LinkFacts& facts, const std::vector<LinkReading>& readings) {
    std::string out;
    for (const LinkReading& reading : readings) {
        out += reading_line(facts, reading);
    }
    return out.empty() ? out : "<ul>" + out + "</ul>";
}

std::string badge(const LinkFacts& facts, Level level, bool was) {
    return "<span class=\"level " + std::string(to_string(level)) + "\">" + said(facts, [&](const LinkSay& say) {
               return was ? say("was", {{"level", say(level_key(level))}}) : say(level_key(level));
           }) + "</span>";
}

std::string seats_line(const LinkFacts& facts, int joined, int need, int arrived) {
    auto out = "<p class=\"seats\"><strong>" + std::to_string(joined) + " / " + std::to_string(need) + "</strong> " +
               link_words(facts.open ? LinkSay::Key("counts") : LinkSay::Key("came"), facts);
    if (arrived > 0) {
        const auto number = std::to_string(arrived);
        out += said(facts, [&](const LinkSay& say) { return say("arrived", {{"n", number}}); });
    }
    return out + "</p>";
}

/// What the link's own incident is and asks for.
std::string own_card(const LinkFacts& facts) {
    std::string out = "<div class=\"card\"><div class=\"line\">" + badge(facts, facts.open ? facts.level : facts.worst, !facts.open);
    if (!facts.lasts.zh.empty()) {
        out += "<small>" + said(facts, [&](const LinkSay& say) { return say("lasts", {{"time", in(facts.lasts, say)}}); }) + "</small>";
    }
    out += "</div><h1>" + escape_html(facts.place) + "</h1>";
    const bool enough = facts.joined >= facts.need;
    const LinkSay::Key key = facts.open   ? to_do(facts.seat, facts.state, enough)
                             : facts.came ? LinkSay::Key("over.came")
                                          : LinkSay::Key("over");
    out += line_to_do(facts, key, std::max(0, facts.need - facts.joined));
    return out + readings_list(facts, facts.readings) + seats_line(facts, facts.joined, facts.need, facts.arrived) + "</div>";
}

/// When all this was so, and a way to see it as it is now: the page runs no script.
std::string foot(const LinkFacts& facts) {
    std::string out = "<p class=\"line\"><small>";
    if (!facts.at.empty()) {
        out += said(facts, [&](const LinkSay& say) { return say("as_of", {{"at", facts.at}, {"zone", facts.zone}}); }) + " · ";
    }
    out += said(facts, [&](const LinkSay& say) { return say("incident", {{"id", facts.incident}}); });
    if (const auto* row = LinkSay::find("state." + facts.state)) {
        out += " · " + said(facts, [row](const LinkSay& say) { return say(*row); });
    }
    return out + "</small> <a href=\"\">" + link_words("refresh", facts) + "</a></p>";
}

std::string other_card(const LinkFacts& facts, const LinkOther& other) {
    return "<div class=\"card\"><div class=\"line\">" + badge(facts, other.level, false) + "</div><h2>" + escape_html(other.place) + "</h2>" +
           line_to_do(facts, to_do(other.seat, other.state, other.joined >= other.need), std::max(0, other.need - other.joined)) +
           readings_list(facts, other.readings) + seats_line(facts, other.joined, other.need, 0) + "<small>" + escape_html(other.incident) +
           "</small></div>";
}

}  // namespace

std::string link_both(std::string_view zh, std::string_view en) {
    return zh == en ? std::string(zh) : std::string(zh) + (zh.ends_with("。") ? "· " : " · ") + std::string(en);
}

std::string link_both(LinkSay::Key key) {
    return link_both(key.row().zh, key.row().en);
}

std::string link_words(LinkSay::Key key, const LinkFacts& facts) {
    return facts.language ? LinkSay{*facts.language}(key) : link_both(key);
}

std::string link_frame(std::string_view title, const std::string& inner, std::string_view nonce, bool english) {
    return std::string("<!doctype html><html lang=\"") + (english ? "en" : "zh") + "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
           "content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><meta name=\"color-scheme\" "
           "content=\"light dark\"><title>" +
           escape_html(title) + "</title><style nonce=\"" + std::string(nonce) + "\">" + std::string(style) + "</style></head><body><main>" +
           inner + "</main></body></html>";
}

std::string link_html(const LinkFacts& facts, std::string_view notice, bool notice_good, std::string_view nonce, std::string_view who) {
    std::string inner;
    if (!notice.empty()) {
        inner += std::string("<div class=\"card ") + (notice_good ? "good" : "bad") + "\" role=\"status\"><p class=\"big\">" + escape_html(notice) +
                 "</p></div>";
    }
    const bool drill = !facts.drill.empty();
    inner += drill ? drill_body(facts) : own_card(facts);
    if (facts.open) {
        inner += "<form class=\"card\" method=\"post\">" + who_fields(facts, who) + buttons_of(facts, facts.seat, facts.incident) + "</form>";
    } else if (drill) {
        inner += "<div class=\"card\"><p>" + link_words("drill.over", facts) + "</p></div>";
    }
    inner += drill ? std::string() : foot(facts);
    if (!facts.others.empty()) {
        inner += "<h2>" + link_words("others", facts) + "</h2>";
    }
    for (const auto& other : facts.others) {
        inner += other_card(facts, other) + "<form class=\"card\" method=\"post\">" + buttons_of(facts, other.seat, other.incident) + "</form>";
    }
    const auto title = drill ? link_words("drill", facts) : facts.incident + " " + facts.place;
    return link_frame(title, inner, nonce, facts.language == Language::en);
}

}  // namespace surged
