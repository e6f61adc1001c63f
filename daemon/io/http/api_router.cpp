#include "io/http/api_router.hpp"

#include "core/base/text.hpp"
#include "io/http/api_commands.hpp"
#include "io/http/api_reads.hpp"
#include "io/http/console_page.hpp"
#include "io/http/link_page.hpp"
#include "io/http/login_page.hpp"
#include "io/http/nonce.hpp"
#include "io/http/origin.hpp"
#include "io/http/sessions.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {

/// The media type without its parameters, in lower case.
std::string media_of(std::string_view type) {
    std::string media(type.substr(0, std::min(type.find(';'), type.size())));
    for (char& c : media) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    while (!media.empty() && media.back() == ' ') {
        media.pop_back();
    }
    return media;
}

bool good_key(std::string_view key) {
    for (const char c : key) {
        if (c < '!' || c > '~') {
            return false;
        }
    }
    return key.size() <= ApiRouter::key_bytes_max;
}

/// Only the page's own style and script may run, and it may only ask the host it came from. `data:` is the icon that it draws itself.
HttpResponse console_page() {
    const auto nonce = page_nonce();
    if (!nonce) {
        return error_response("internal", "no random numbers");
    }
    HttpResponse page;
    page.content_type = "text/html; charset=utf-8";
    page.body = console_html(*nonce);
    page.headers.emplace_back("Content-Security-Policy",
                              "default-src 'none'; style-src 'nonce-" + *nonce + "'; script-src 'nonce-" + *nonce +
                                  "'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    return page;
}

}  // namespace

ApiRouter::ApiRouter(ApiBackend& backend, const TokenTable& tokens, std::vector<Network> trusted_proxies, int port)
    : backend_(backend), tokens_(tokens), trusted_(std::move(trusted_proxies)), port_(port), links_(std::make_unique<LinkPages>(backend)),
      sessions_(std::make_unique<Sessions>(tokens)) {}
ApiRouter::~ApiRouter() = default;

void RequestHead::add(std::string lower_case_name, std::string_view value) {
    const bool list = lower_case_name.starts_with("x-forwarded-");
    const auto [at, first] = headers.try_emplace(std::move(lower_case_name), value);
    if (!first && list) {
        at->second.append(", ").append(value);
    }
}

std::string_view RequestHead::header(const std::string& lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::variant<Admitted, HttpResponse> ApiRouter::admit(const RequestHead& head) const {
    auto verdict = judge(head);
    if (const auto* refusal = std::get_if<HttpResponse>(&verdict); refusal != nullptr && (head.path == "/a" || head.path.starts_with("/a/"))) {
        return refused_link(*refusal);  // whoever stands here came from a message, and reads no JSON
    }
    return verdict;
}

std::variant<Admitted, HttpResponse> ApiRouter::judge(const RequestHead& head) const {
    const std::string_view method = head.method == "HEAD" ? std::string_view("GET") : std::string_view(head.method);
    const auto [route, id, allow] = find_route(method, head.path);
    if (allow.empty()) {
        return error_response("not_found", "there is nothing at this path");
    }
    if (route == nullptr) {
        HttpResponse response = error_response("method_not_allowed", "this path allows " + allow);
        response.headers.emplace_back("Allow", allow);
        return response;
    }
    if (const auto why = refusal_by_site(head, {trusted_, backend_.ack_url_base(), tokens_.is_open()}, route->endpoint == Endpoint::link);
        !why.empty()) {
        return error_response("forbidden", why);
    }
    Admitted admitted;
    admitted.endpoint = route->endpoint;
    admitted.answer = route->answer;
    admitted.id = id;
    admitted.large = is_large(route->endpoint);
    if (route->access != Access::everyone) {
        auto known = caller_of(head);
        if (!known) {
            HttpResponse response = error_response(known.error().code, known.error().message);
            if (response.status == 401) {
                response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"surged\"");
            }
            return response;
        }
        const auto needed = static_cast<Role>(static_cast<int>(route->access) - 1);
        if (known->caller.role < needed) {
            return error_response("forbidden", "this needs the role " + std::string(to_string(needed)) + " or higher");
        }
        admitted.caller = std::move(known->caller);
        admitted.by = known->by;
    }
    if (method == "POST" || method == "DELETE") {
        if (head.chunked) {
            return error_response("length_required", "bodies need a Content-Length");
        }
        if (head.content_length > static_cast<long long>(body_bytes_max)) {
            return error_response("too_large", "a body has at most " + std::to_string(body_bytes_max) + " bytes");
        }
        const std::string_view wanted =
            route->endpoint == Endpoint::link || route->endpoint == Endpoint::login_page ? "application/x-www-form-urlencoded" : "application/json";
        if (method == "POST" && media_of(head.header("content-type")) != wanted) {
            return error_response("unsupported_media_type", "Content-Type must be " + std::string(wanted));
        }
        if (!good_key(head.header("idempotency-key"))) {
            return error_response("bad_request", "Idempotency-Key: at most 128 printable characters without blanks");
        }
        admitted.wants_body = head.content_length > 0;
    }
    return admitted;
}

/// By the Authorization header; where there is none, by the cookie.
ApiResult<Admitted> ApiRouter::caller_of(const RequestHead& head) const {
    Admitted out;
    const auto refuse = [](const char* code, const char* why) { return tl::unexpected<ApiError>(ApiError{code, why}); };
    const auto authorization = head.header("authorization");
    if (auto caller = tokens_.find(authorization)) {
        out.caller = *std::move(caller);
        out.by = tokens_.is_open() ? KnownBy::nothing : KnownBy::token;
        return out;
    }
    if (!authorization.empty()) {
        return refuse("wrong_token", "this token is not known");
    }
    const auto cookie = cookie_in(head.header("cookie"), Sessions::cookie_name(port_));
    if (cookie.empty()) {
        return refuse("unauthorized", "a valid bearer token or a login is needed");
    }
    auto caller = sessions_->find(cookie, backend_.now().wall);
    if (!caller) {
        return refuse("session_over", "this login is over; log in again");
    }
    // A browser sends the cookie by itself: whoever acts by it shows that a page of ours did. That Origin is ours was seen before.
    const bool acts = head.method != "GET" && head.method != "HEAD";
    if (acts && head.headers.count("origin") == 0 && head.header("sec-fetch-site") != "same-origin") {
        return refuse("forbidden", "a login acts from our own pages only: Origin is missing");
    }
    out.caller = *std::move(caller);
    out.by = KnownBy::cookie;
    return out;
}

bool ApiRouter::knows(const RequestHead& head) const {
    return caller_of(head).has_value();
}

HttpResponse ApiRouter::handle(const Admitted& admitted, const RequestHead& head, std::string_view body) {
    const bool reads = head.method == "GET" || head.method == "HEAD";
    return reads ? read(admitted, head) : act(admitted, head, body);
}

HttpResponse ApiRouter::read(const Admitted& admitted, const RequestHead& head) {
    switch (admitted.endpoint) {
        case Endpoint::console: return console_page();
        case Endpoint::favicon: return favicon();
        case Endpoint::link: return links_->show(admitted.id);
        case Endpoint::login_page: return surged::login_page(head.query);
        case Endpoint::me: return me(admitted);
        default: return read_answer(backend_, admitted, head.query);
    }
}

std::string ApiRouter::client_of(const RequestHead& head) const {
    const auto address = forwarded_client(head, trusted_);
    return address ? subscriber_of(*address) : std::string();
}

HttpResponse ApiRouter::act(const Admitted& admitted, const RequestHead& head, std::string_view body) {
    if (admitted.endpoint == Endpoint::link) {
        return links_->act(admitted.id, body, client_of(head));
    }
    if (admitted.endpoint == Endpoint::login || admitted.endpoint == Endpoint::login_code || admitted.endpoint == Endpoint::login_page) {
        return login(admitted, head, body);
    }
    if (admitted.endpoint == Endpoint::logout) {
        return logout(head);
    }
    if (admitted.endpoint == Endpoint::reload) {
        return from_result(backend_.reload());
    }
    const ApiResult<Command> command = make_command(admitted, std::string(head.header("idempotency-key")), body, backend_.now());
    if (!command) {
        return error_response(command.error().code, command.error().message);
    }
    const ApiResult<CommandReply> reply = backend_.command(*command);
    if (!reply) {
        return error_response(reply.error().code, reply.error().message);
    }
    if (!reply->ok) {
        return error_response(reply->code.empty() ? "conflict" : reply->code, reply->message);
    }
    HttpResponse response;
    JsonWriter json(response.body);
    json.begin_object().field("ok", true).field("code", reply->code).field("message", reply->message);
    json.field("joined", reply->joined).field("need", reply->need).end_object();
    return response;
}

}  // namespace surged
