#include "io/http/link_page.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/base/text.hpp"
#include "io/http/link_phrases.hpp"
#include "io/http/nonce.hpp"
#include "io/http/query.hpp"
#include "wire/html_text.hpp"

namespace surged {
namespace {

constexpr std::size_t who_bytes_max = 64;

constexpr std::string_view style =
    "body{font:18px/1.5 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#1b1f24}main{max-width:34rem;margin:0 "
    "auto;padding:1rem}"
    "h1{font-size:1.3rem;margin:.2rem 0}.level{display:inline-block;padding:.1rem .7rem;border-radius:1rem;color:#fff;background:#57606a}"
    ".yellow{background:#8a6100}.orange{background:#b34700}.red{background:#b3001b}.card{background:#fff;border-radius:.7rem;"
    "padding:.8rem 1rem;margin:.8rem 0;box-shadow:0 1px 3px #0002}p{margin:.4rem 0}.big{font-size:1.5rem;font-weight:600;line-height:1.3}"
    ".big small{font-size:1rem;font-weight:400}[role]>.big{font-size:1.25rem}.good{border-left:.4rem solid #1a7f37}"
    ".bad{border-left:.4rem solid #b3001b}button{display:block;width:100%;min-height:3.2rem;margin:.5rem 0;font:inherit;"
    "font-weight:600;border:0;border-radius:.6rem;background:#0b57d0;color:#fff}button.quiet{background:#e3e6ea;color:#1b1f24}"
    "button:focus-visible,input:focus-visible{outline:3px solid #e08700;outline-offset:2px}"
    "label{display:block;margin:.5rem 0}input{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;border:1px solid "
    "#8c959f;border-radius:.5rem}"
    "small{color:#57606a}@media(prefers-color-scheme:dark){body{background:#15181c;color:#e6e9ed}.card{background:#22262c}"
    "button.quiet{background:#3a4048;color:#e6e9ed}small{color:#a0a8b2}input{background:#15181c;color:#e6e9ed}}";

struct Button {
    std::string_view action;
    LinkSay::Key label;
    bool quiet;
};

/// "中文 · English": for readers whose language is not known.
std::string both(std::string_view zh, std::string_view en) {
    return std::string(zh) + (zh.ends_with("。") ? "· " : " · ") + std::string(en);
}

std::string both(LinkSay::Key key) {
    return both(key.row().zh, key.row().en);
}

/// In the reader's language; in both when it is not known.
std::string in_words(LinkSay::Key key, const LinkFacts& facts) {
    return facts.language ? LinkSay{*facts.language}(key) : both(key);
}

std::string buttons_of(const LinkFacts& facts, std::string_view seat, std::string_view incident) {
    static constexpr std::array asked = {Button{"join", "join", false}, Button{"ack", "ack", true},
                                         Button{"decline", "decline", true}};
    static constexpr std::array seated = {Button{"arrive", "arrive", false}, Button{"leave", "leave", true}};
    static constexpr std::array sits_elsewhere = {Button{"move", "move", false},
                                                  Button{"decline", "decline", true}};
    static constexpr std::array drill = {Button{"ack", "received", false}};
    const bool in = seat == "joined" || seat == "arrived";
    std::string out = "<input type=\"hidden\" name=\"incident\" value=\"" + escape_html(incident) + "\">";
    const auto add = [&](const Button& button) {
        out += "<button name=\"action\" value=\"" + std::string(button.action) + "\"" + (button.quiet ? " class=\"quiet\"" : "") +
               ">" + in_words(button.label, facts) + "</button>";
    };
    if (!facts.drill.empty()) {
        std::ranges::for_each(drill, add);
    } else if (in) {
        std::ranges::for_each(seated, add);
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
    return "<label>" + both("name") + "<input name=\"person\" maxlength=\"64\" autocomplete=\"name\" "
           "required value=\"" + escape_html(who) + "\"></label><label>" + both("last4") + "<input name=\"last4\" inputmode=\"numeric\" maxlength=\"4\" "
           "autocomplete=\"off\" required></label>";
}

/// The page behind a test page: what it is, and one button.
std::string drill_body(const LinkFacts& facts) {
    return "<div class=\"card\"><h1>" + in_words("drill", facts) + "</h1><p>" +
           in_words("drill.what", facts) + "</p></div>";
}

HttpResponse html(int status, std::string body, std::string_view nonce) {
    HttpResponse page;
    page.status = status;
    page.content_type = "text/html; charset=utf-8";
    page.body = std::move(body);
    page.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'nonce-" + std::string(nonce) +
                                                             "'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    return page;
}

std::string frame(std::string_view title, const std::string& inner, std::string_view nonce, bool english = false) {
    return std::string("<!doctype html><html lang=\"") + (english ? "en" : "zh") + "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
           "content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>" +
           escape_html(title) + "</title><style nonce=\"" + std::string(nonce) + "\">" + std::string(style) + "</style></head><body><main>" +
           inner + "</main></body></html>";
}

/// A page that has nothing but a reason to show. In both languages: it is not known whose link it was.
HttpResponse notice_page(int status, LinkSay::Key what, LinkSay::Key remedy) {
    const auto nonce = page_nonce().value_or("");
    const std::string body = frame("surged", "<div class=\"card bad\" role=\"alert\"><p class=\"big\">" + escape_html(both(what)) + "</p><small>" +
                                                 escape_html(both(remedy)) + "</small></div>",
                                   nonce);
    return html(status, body, nonce);
}

HttpResponse refused(const ApiError& error) {
    const bool gone = error.code == "gone";
    const bool busy = error.code == "unavailable" || error.code == "internal";
    const LinkSay::Key what = gone ? LinkSay::Key("gone") : busy ? LinkSay::Key("busy") : LinkSay::Key("invalid");
    return notice_page(status_of_code(error.code), what, "use_newest");
}

const ApiError no_random_numbers{"internal", "no random numbers"};

std::string level_in_words(const LinkFacts& facts, Level level) {
    switch (level) {
        case Level::yellow: return in_words("yellow", facts);
        case Level::orange: return in_words("orange", facts);
        case Level::red: return in_words("red", facts);
        case Level::none: break;
    }
    return "";
}

std::string chinese_reason(std::string_view code) {
    const auto found = std::ranges::find(link_reasons, code, &LinkReason::code);
    return std::string(found == link_reasons.end() ? std::string_view() : found->zh);
}

/// What became of an answer, and why: "已记录：此前已记录 · Recorded: ...".
std::string result_text(const LinkFacts& facts, LinkSay::Key what, const CommandReply& reply) {
    const auto zh = LinkSay{Language::zh}(what) + chinese_reason(reply.code);
    const auto en = LinkSay{Language::en}(what) + ": " + reply.message;
    return !facts.language ? both(zh, en) : *facts.language == Language::zh ? zh : en;
}

std::optional<AnswerKind> action_of(std::string_view word) {
    static constexpr std::array<std::pair<std::string_view, AnswerKind>, 5> words{{{"join", AnswerKind::join},
                                                                                  {"decline", AnswerKind::decline},
                                                                                  {"ack", AnswerKind::ack},
                                                                                  {"leave", AnswerKind::leave},
                                                                                  {"arrive", AnswerKind::arrive}}};
    for (const auto& [name, kind] : words) {
        if (name == word) {
            return kind;
        }
    }
    return std::nullopt;
}

}  // namespace

/// One incident: how bad, where, what, and how many have come.
std::string incident_card(const LinkFacts& facts, const LinkOther& shown, std::string_view state) {
    return "<div class=\"card\"><span class=\"level " + std::string(to_string(shown.level)) + "\">" +
           level_in_words(facts, shown.level) + "</span><h1>" + escape_html(shown.place) + "</h1><p>" +
           escape_html(shown.trouble) + "</p><p class=\"big\">" + std::to_string(shown.joined) + " / " + std::to_string(shown.need) +
           " <small>" + in_words("counts", facts) + "</small></p><small>" + escape_html(shown.incident) +
           (state.empty() ? "" : " · ") + escape_html(state) + "</small></div>";
}

std::string link_html(const LinkFacts& facts, std::string_view notice, bool notice_good, std::string_view nonce, std::string_view who) {
    std::string inner;
    if (!notice.empty()) {
        inner += std::string("<div class=\"card ") + (notice_good ? "good" : "bad") + "\" role=\"status\"><p class=\"big\">" + escape_html(notice) +
                 "</p></div>";
    }
    if (!facts.drill.empty()) {
        inner += drill_body(facts);
    } else {
        inner += incident_card(facts, {facts.incident, facts.seat, facts.place, facts.trouble, facts.level, facts.need, facts.joined},
                               facts.state);
    }
    if (facts.open) {
        inner += "<form class=\"card\" method=\"post\">" + who_fields(facts, who) + buttons_of(facts, facts.seat, facts.incident) + "</form>";
    } else {
        inner += "<div class=\"card\"><p>" + (facts.drill.empty() ? in_words("over", facts) : in_words("drill.over", facts)) + "</p></div>";
    }
    if (!facts.others.empty()) {
        inner += "<h1>" + in_words("others", facts) + "</h1>";
    }
    for (const auto& other : facts.others) {
        inner += incident_card(facts, other, "");
        inner += "<form class=\"card\" method=\"post\">" + buttons_of(facts, other.seat, other.incident) + "</form>";
    }
    const auto title = facts.drill.empty() ? facts.incident + " " + facts.place : in_words("drill", facts);
    return frame(title, inner, nonce, facts.language == Language::en);
}

HttpResponse refused_link(const HttpResponse& refusal) {
    auto page = refusal.status == 404   ? refused({"not_found", ""})
                : refusal.status == 403 ? notice_page(403, "other_origin", "press_again")
                                        : notice_page(refusal.status, "refused", "open_again");
    page.headers.insert(page.headers.end(), refusal.headers.begin(), refusal.headers.end());
    return page;
}

Result<std::string, bool> LinkPages::who_presses(const std::string& link, const std::string& client, const std::string& name,
                                                 const std::string& last4) {
    const auto named = backend_.people_named(name);
    const auto person = backend_.person_by(name, last4);
    const auto now = backend_.now().at;
    const auto old = [&](const Tries& tries) { return now - tries.since >= tries_within; };
    const auto count = [&](Tries& tries) { tries = old(tries) || tries.count == 0 ? Tries{1, now} : Tries{tries.count + 1, tries.since}; };
    const std::string here = link + "\n" + client;
    const std::string anywhere = "\n" + client;
    const std::lock_guard hold(lock_);
    for (auto& [id, guesses] : guesses_) {
        std::erase_if(guesses.by_place, [&](const auto& tries) { return old(tries.second); });
    }
    std::erase_if(guesses_, [&](const auto& entry) { return old(entry.second.all) && entry.second.by_place.empty(); });
    const auto exhausted = [&](const std::string& id) {
        const auto found = guesses_.find(id);
        if (found == guesses_.end()) {
            return false;
        }
        const Guesses& guesses = found->second;
        const auto tries = [&](const std::string& place) {
            const auto at = guesses.by_place.find(place);
            return at == guesses.by_place.end() ? 0 : at->second.count;
        };
        const int all = old(guesses.all) ? 0 : guesses.all.count;
        return all >= (client.empty() ? person_tries_max : known_tries_max) || tries(here) >= tries_max ||
               (!client.empty() && tries(anywhere) >= client_tries_max) ||
               (tries(here) == 0 && guesses.by_place.size() >= places_max);
    };
    if (person && !exhausted(*person)) {
        return *person;
    }
    // Of namesakes one who is exhausted answers for all, else a refusal would tell whose number was right.
    if (std::ranges::any_of(named, exhausted)) {
        return tl::unexpected(true);
    }
    for (const std::string& id : named) {
        Guesses& guesses = guesses_[id];
        count(guesses.all);
        count(guesses.by_place[here]);
        if (!client.empty()) {
            count(guesses.by_place[anywhere]);
        }
    }
    return tl::unexpected(false);
}

HttpResponse LinkPages::show(const std::string& token) {
    const auto facts = backend_.link(token);
    const auto nonce = page_nonce();
    if (!facts || !nonce) {
        return refused(facts ? no_random_numbers : facts.error());
    }
    return html(200, link_html(*facts, "", true, *nonce), *nonce);
}

HttpResponse LinkPages::act(const std::string& token, std::string_view form, const std::string& client) {
    const auto nonce = page_nonce();
    auto facts = backend_.link(token);
    if (!facts || !nonce) {
        return refused(facts ? no_random_numbers : facts.error());
    }
    std::string who;  // from a group's chat; kept in the form, so that a wrong number costs no second typing
    const auto shown = [&](int status, const std::string& notice, bool good) {
        return html(status, link_html(*facts, notice, good, *nonce, who), *nonce);
    };
    const auto again = [&](int status, LinkSay::Key notice) { return shown(status, in_words(notice, *facts), false); };
    const auto word = query_value(form, "action", true).value_or("");
    const auto action = action_of(word == "move" ? "join" : word);
    const auto incident = query_value(form, "incident", true).value_or(facts->incident);
    const bool theirs =
        incident == facts->incident || std::ranges::any_of(facts->others, [&](const LinkOther& other) { return other.incident == incident; });
    if (!theirs) {
        return again(409, "not_theirs");
    }
    if (!action) {
        return again(400, "no_button");
    }
    Command command;
    command.kind = Command::Kind::answer;
    command.answer = *action;
    command.move = word == "move";
    command.incident = incident;
    command.drill = facts->drill;
    command.person = facts->person;
    command.way = "link";
    if (command.person.empty()) {
        auto typed = query_value(form, "person", true).value_or("");
        const auto last4 = query_value(form, "last4", true).value_or("");
        if (typed.size() > who_bytes_max || !utf8_valid(typed)) {
            typed.clear();
        }
        who = std::move(typed);
        if (who.find_first_not_of(' ') == std::string::npos || last4.empty()) {
            return again(400, "who");
        }
        const auto person = who_presses(facts->drill.empty() ? facts->incident : facts->drill, client, who, last4);
        if (!person && person.error()) {
            return again(429, "too_many");
        }
        if (!person) {
            return again(403, "no_match");
        }
        command.person = *person;
    }
    command.by = command.person;
    const auto reply = backend_.command(command);
    if (const auto fresh = backend_.link(token)) {
        *facts = *fresh;
    }
    if (!reply) {
        return again(status_of_code(reply.error().code), "unconfirmed");
    }
    if (!reply->ok) {
        return shown(status_of_code(reply->code), result_text(*facts, "refused", *reply), false);
    }
    return shown(200, result_text(*facts, "recorded", *reply), true);
}

}  // namespace surged
