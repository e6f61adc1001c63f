#include "io/http/link_page.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/base/text.hpp"
#include "io/http/link_html.hpp"
#include "io/http/nonce.hpp"
#include "io/http/query.hpp"
#include "wire/html_text.hpp"

namespace surged {
namespace {

constexpr std::size_t who_bytes_max = 64;

HttpResponse html(int status, std::string body, std::string_view nonce) {
    HttpResponse page;
    page.status = status;
    page.content_type = "text/html; charset=utf-8";
    page.body = std::move(body);
    page.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'nonce-" + std::string(nonce) +
                                                             "'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    return page;
}

/// A page that has nothing but a reason to show. In both languages: it is not known whose link it was.
HttpResponse notice_page(int status, LinkSay::Key what, LinkSay::Key remedy) {
    const auto nonce = page_nonce().value_or("");
    const std::string body = link_frame("surged", "<div class=\"card bad\" role=\"alert\"><h1 class=\"big\">" + escape_html(link_both(what)) +
                                                      "</h1><p>" + escape_html(link_both(remedy)) + "</p></div>",
                                        nonce);
    return html(status, body, nonce);
}

HttpResponse refused(const ApiError& error) {
    const bool busy = error.code == "unavailable" || error.code == "internal";
    if (error.code == "over") {
        return notice_page(status_of_code(error.code), "long_over", "nothing_to_do");
    }
    const LinkSay::Key what = error.code == "gone" ? LinkSay::Key("gone") : busy ? LinkSay::Key("busy") : LinkSay::Key("invalid");
    return notice_page(status_of_code(error.code), what, error.code == "gone" ? LinkSay::Key("after_hours") : LinkSay::Key("use_newest"));
}

const ApiError no_random_numbers{"internal", "no random numbers"};

std::string chinese_reason(std::string_view code) {
    const auto found = std::ranges::find(link_reasons, code, &LinkReason::code);
    return std::string(found == link_reasons.end() ? std::string_view() : found->zh);
}

/// What became of an answer, and why: "已记录：此前已记录 · Recorded: ...".
std::string result_text(const LinkFacts& facts, LinkSay::Key what, const CommandReply& reply) {
    const auto zh = LinkSay{Language::zh}(what) + chinese_reason(reply.code);
    const auto en = LinkSay{Language::en}(what) + ": " + reply.message;
    return !facts.language ? link_both(zh, en) : *facts.language == Language::zh ? zh : en;
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
    const auto again = [&](int status, LinkSay::Key notice) { return shown(status, link_words(notice, *facts), false); };
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
