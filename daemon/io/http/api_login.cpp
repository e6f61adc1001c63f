// Logging in and out, and who one is.
#include <array>

#include "io/http/api_router.hpp"
#include "io/http/login_page.hpp"
#include "io/http/origin.hpp"
#include "io/http/query.hpp"
#include "io/http/sessions.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {

struct Deed {
    std::string_view word;
    Role role;
};
/// What a role may do, in the words of pages.
constexpr std::array deeds{Deed{"read", Role::viewer},        Deed{"join", Role::responder},   Deed{"decline", Role::responder},
                           Deed{"ack", Role::responder},      Deed{"leave", Role::responder},  Deed{"arrive", Role::responder},
                           Deed{"escalate", Role::lead},      Deed{"resolve", Role::lead},     Deed{"adopt_policy", Role::lead},
                           Deed{"verdict", Role::lead},       Deed{"silence", Role::lead},     Deed{"drill", Role::lead},
                           Deed{"override", Role::admin},     Deed{"reload", Role::admin}};

std::string who_text(const Caller& caller, std::string_view by) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("role", to_string(caller.role)).field("name", caller.name).field("person", caller.person);
    json.field("by", by).key("may").begin_array();
    for (const auto& deed : deeds) {
        if (caller.role >= deed.role) {
            json.value(deed.word);
        }
    }
    json.end_array().end_object();
    return out;
}

/// {"code"} of a JSON body, or of the form of the page; empty = none.
std::string code_in(Endpoint endpoint, std::string_view body) {
    if (endpoint == Endpoint::login_page) {
        return query_value(body, "code", true).value_or("");
    }
    const auto json = parse_json(body);
    return json ? json->text_or("code", "") : std::string();
}

}  // namespace

void ApiRouter::set_cookie(HttpResponse& response, const RequestHead& head, const std::string& value, std::chrono::seconds life) const {
    response.headers.emplace_back("Set-Cookie", Sessions::cookie_name(port_) + "=" + value + "; Path=/; Max-Age=" + std::to_string(life.count()) +
                                                    "; HttpOnly; SameSite=Strict" + (reached_by_tls(head, trusted_) ? "; Secure" : ""));
}

HttpResponse ApiRouter::me(const Admitted& admitted) const {
    HttpResponse response;
    response.body = who_text(admitted.caller, admitted.by == KnownBy::cookie ? "login" : admitted.by == KnownBy::token ? "token" : "open");
    return response;
}

HttpResponse ApiRouter::login(const Admitted& admitted, const RequestHead& head, std::string_view body) {
    if (tokens_.is_open()) {
        return error_response("conflict", "there are no tokens: whoever reaches this address is admin");
    }
    const auto now = backend_.now().wall;
    const auto authorization = head.header("authorization");
    if (admitted.endpoint == Endpoint::login_code) {
        const auto code = admitted.by == KnownBy::token ? sessions_->code_for(authorization, now) : std::nullopt;
        if (!code) {
            return error_response("forbidden", "a code is given for a token, not for a login");
        }
        HttpResponse response;
        JsonWriter json(response.body);
        const auto path = "/login?code=" + *code;
        json.begin_object().field("code", *code).field("path", path);
        json.field("url", backend_.ack_url_base().empty() ? std::string() : backend_.ack_url_base() + path);
        json.field("until_ms", to_ms(now + Sessions::code_life)).end_object();
        return response;
    }
    const bool page = admitted.endpoint == Endpoint::login_page;
    const auto code = code_in(admitted.endpoint, body);
    const bool by_token = !page && code.empty() && !authorization.empty();
    const auto opened = by_token ? sessions_->open_by_token(authorization, now) : sessions_->open_by_code(code, now);
    if (!opened && page) {
        return login_refused_page();
    }
    if (!opened) {
        return by_token ? error_response("wrong_token", "this token is not known")
                        : error_response("wrong_code", "this code has been used, or is older than two minutes");
    }
    HttpResponse response;
    if (page) {
        response.status = 303;
        response.headers.emplace_back("Location", "./");  // a proxy may serve us in a folder
    } else {
        response.body = who_text(opened->caller, "login");
    }
    set_cookie(response, head, opened->value, opened->life);
    return response;
}

HttpResponse ApiRouter::logout(const RequestHead& head) {
    if (const auto cookie = cookie_in(head.header("cookie"), Sessions::cookie_name(port_)); !cookie.empty()) {
        sessions_->end(cookie, backend_.now().wall);
    }
    HttpResponse response;
    response.body = R"({"ok":true})";
    set_cookie(response, head, "", std::chrono::seconds{0});
    return response;
}

}  // namespace surged
