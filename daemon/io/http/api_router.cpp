#include "io/http/api_router.hpp"

#include <array>
#include <charconv>

#include "core/base/text.hpp"
#include "io/http/api_commands.hpp"
#include "io/http/api_history.hpp"
#include "io/http/api_report.hpp"
#include "io/http/console_page.hpp"
#include "io/http/link_page.hpp"
#include "io/http/login_page.hpp"
#include "io/http/nonce.hpp"
#include "io/http/origin.hpp"
#include "io/http/query.hpp"
#include "io/http/sessions.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {

enum class Access : std::uint8_t { everyone, viewer, responder, lead, admin };

struct Route {
    std::string_view method;
    std::string_view path;  ///< "{}" stands for one id, "*" at the end for names that only the page itself reads
    Endpoint endpoint;
    Access access;
    AnswerKind answer = AnswerKind::join;
};

// The page and the two probes need no token: the page holds no data, and probes come from machines that have none.
constexpr std::array routes = {
    Route{"GET", "/", Endpoint::console, Access::everyone},
    Route{"GET", "/wall", Endpoint::console, Access::everyone},
    Route{"GET", "/past", Endpoint::console, Access::everyone},
    Route{"GET", "/people", Endpoint::console, Access::everyone},
    Route{"GET", "/health", Endpoint::console, Access::everyone},
    Route{"GET", "/queues/*", Endpoint::console, Access::everyone},
    Route{"GET", "/incidents/*", Endpoint::console, Access::everyone},
    Route{"GET", "/favicon.ico", Endpoint::favicon, Access::everyone},
    // The link is the key: it was signed for this person and this page.
    Route{"GET", "/a/{}", Endpoint::link, Access::everyone},
    Route{"POST", "/a/{}", Endpoint::link, Access::everyone},
    Route{"GET", "/login", Endpoint::login_page, Access::everyone},
    Route{"POST", "/login", Endpoint::login_page, Access::everyone},
    // The code is the key, or the token that comes with it.
    Route{"POST", "/api/v1/login", Endpoint::login, Access::everyone},
    Route{"POST", "/api/v1/logins", Endpoint::login_code, Access::viewer},
    Route{"POST", "/api/v1/logout", Endpoint::logout, Access::viewer},
    Route{"GET", "/api/v1/me", Endpoint::me, Access::viewer},
    Route{"GET", "/healthz", Endpoint::healthz, Access::everyone},
    Route{"GET", "/readyz", Endpoint::readyz, Access::everyone},
    Route{"GET", "/api/v1/status", Endpoint::status, Access::viewer},
    Route{"GET", "/api/v1/queues", Endpoint::queues, Access::viewer},
    Route{"GET", "/api/v1/alerts", Endpoint::alerts, Access::viewer},
    Route{"GET", "/api/v1/incidents", Endpoint::incidents, Access::viewer},
    Route{"GET", "/api/v1/incidents/{}", Endpoint::incident, Access::viewer},
    Route{"GET", "/api/v1/incidents/{}/report", Endpoint::report, Access::viewer},
    Route{"GET", "/api/v1/report", Endpoint::period, Access::viewer},
    Route{"GET", "/api/v1/rosters", Endpoint::rosters, Access::viewer},
    Route{"GET", "/api/v1/overrides", Endpoint::overrides, Access::viewer},
    Route{"GET", "/api/v1/silences", Endpoint::silences, Access::viewer},
    Route{"GET", "/api/v1/explain", Endpoint::explain, Access::viewer},
    Route{"GET", "/api/v1/history", Endpoint::history, Access::viewer},
    Route{"GET", "/api/v1/events", Endpoint::events, Access::viewer},
    Route{"POST", "/api/v1/incidents/{}/join", Endpoint::answer, Access::responder, AnswerKind::join},
    Route{"POST", "/api/v1/incidents/{}/decline", Endpoint::answer, Access::responder, AnswerKind::decline},
    Route{"POST", "/api/v1/incidents/{}/ack", Endpoint::answer, Access::responder, AnswerKind::ack},
    Route{"POST", "/api/v1/incidents/{}/leave", Endpoint::answer, Access::responder, AnswerKind::leave},
    Route{"POST", "/api/v1/incidents/{}/arrive", Endpoint::answer, Access::responder, AnswerKind::arrive},
    Route{"POST", "/api/v1/incidents/{}/escalate", Endpoint::escalate, Access::lead},
    Route{"POST", "/api/v1/incidents/{}/resolve", Endpoint::resolve, Access::lead},
    Route{"POST", "/api/v1/incidents/{}/adopt-policy", Endpoint::adopt_policy, Access::lead},
    Route{"POST", "/api/v1/incidents/{}/verdict", Endpoint::verdict, Access::lead},
    Route{"POST", "/api/v1/silences", Endpoint::silence_add, Access::lead},
    Route{"DELETE", "/api/v1/silences/{}", Endpoint::silence_remove, Access::lead},
    Route{"POST", "/api/v1/drills", Endpoint::drill, Access::lead},
    Route{"POST", "/api/v1/drills/answer", Endpoint::drill_answer, Access::responder, AnswerKind::ack},
    Route{"POST", "/api/v1/overrides", Endpoint::override_set, Access::admin},
    Route{"POST", "/api/v1/reload", Endpoint::reload, Access::admin},
};

constexpr std::size_t id_bytes_max = 64;
constexpr std::size_t link_bytes_max = 2400;
constexpr std::size_t page_path_bytes_max = 1024;  // of a page of the console: centre and queue, each byte as %XX

bool id_char(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
}

/// True when `path` has the route's form; `id` is what stands for "{}".
bool matches(std::string_view route, std::string_view path, std::string& id) {
    if (route.ends_with("/*")) {
        return path.size() >= route.size() && path.size() <= page_path_bytes_max && path.starts_with(route.substr(0, route.size() - 1));
    }
    const std::size_t hole = route.find("{}");
    if (hole == std::string_view::npos) {
        return route == path;
    }
    const std::string_view tail = route.substr(hole + 2);
    if (path.size() < hole + 1 + tail.size() || path.substr(0, hole) != route.substr(0, hole) ||
        path.substr(path.size() - tail.size()) != tail) {
        return false;
    }
    const std::string_view middle = path.substr(hole, path.size() - hole - tail.size());
    if (middle.empty() || middle.size() > (route.starts_with("/a/") ? link_bytes_max : id_bytes_max)) {
        return false;
    }
    for (const char c : middle) {
        if (!id_char(c)) {
            return false;
        }
    }
    id = middle;
    return true;
}

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

HttpResponse json_response(std::string body) {
    HttpResponse response;
    response.body = std::move(body);
    return response;
}

HttpResponse from_result(ApiResult<std::string> result) {
    if (!result) {
        return error_response(result.error().code, result.error().message);
    }
    return json_response(std::move(*result));
}

/// `owner`: in a cluster it is told who works under which term: a host that lost etcd asks, and learns that it was overtaken.
HttpResponse probe(bool good, std::string_view word, const std::optional<OwnerFacts>& owner = std::nullopt) {
    HttpResponse response;
    response.status = good ? 200 : 503;
    JsonWriter json(response.body);
    json.begin_object().field("status", good ? word : std::string_view("unavailable"));
    if (owner) {
        json.field("owner", owner->host).field("term", owner->term);
    }
    json.end_object();
    return response;
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

int status_of_code(std::string_view code) {
    struct Pair {
        std::string_view code;
        int status;
    };
    static constexpr std::array pairs = {
        Pair{"bad_request", 400},
        Pair{"invalid", 400},
        Pair{"unauthorized", 401},
        Pair{"wrong_token", 401},
        Pair{"session_over", 401},
        Pair{"wrong_code", 401},
        Pair{"forbidden", 403},
        Pair{"refused", 403},
        Pair{"not_found", 404},
        Pair{"unknown_incident", 404},
        Pair{"unknown_person", 404},
        Pair{"unknown_silence", 404},
        Pair{"unknown_roster", 404},
        Pair{"method_not_allowed", 405},
        Pair{"gone", 410},
        Pair{"over", 410},
        Pair{"length_required", 411},
        Pair{"too_large", 413},
        Pair{"unsupported_media_type", 415},
        Pair{"internal", 500},
        Pair{"unavailable", 503},
        Pair{"standby", 503},
    };
    for (const Pair& pair : pairs) {
        if (pair.code == code) {
            return pair.status;
        }
    }
    return 409;
}

std::vector<ServedRoute> served_routes() {
    constexpr std::array<std::string_view, 5> words{"everyone", "viewer", "responder", "lead", "admin"};
    std::vector<ServedRoute> out;
    for (const Route& route : routes) {
        out.push_back({route.method, route.path, words[static_cast<std::size_t>(route.access)]});
    }
    return out;
}

HttpResponse favicon() {
    HttpResponse response;
    response.content_type = "image/svg+xml";
    response.body =
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#10151c"/>)"
        R"(<path d="M4 24h6l4-8 5 5 5-14 4 4" fill="none" stroke="#e8413c" stroke-width="3" stroke-linejoin="round"/></svg>)";
    return response;
}

HttpResponse error_response(std::string_view code, std::string_view message) {
    HttpResponse response;
    response.status = status_of_code(code);
    JsonWriter json(response.body);
    json.begin_object().key("error").begin_object();
    json.field("code", code).field("message", message).end_object().end_object();
    return response;
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
    const Route* route = nullptr;
    std::string id;
    std::string allow;
    for (const Route& candidate : routes) {
        if (!matches(candidate.path, head.path, id)) {
            continue;
        }
        allow += (allow.empty() ? "" : ", ") + std::string(candidate.method) + (candidate.method == "GET" ? ", HEAD" : "");
        if (candidate.method == method) {
            route = &candidate;
        }
    }
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
    admitted.id = std::move(id);
    admitted.large = route->endpoint == Endpoint::history || route->endpoint == Endpoint::queues || route->endpoint == Endpoint::alerts || route->endpoint == Endpoint::incidents ||
                     route->endpoint == Endpoint::incident || route->endpoint == Endpoint::report || route->endpoint == Endpoint::period;
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
        case Endpoint::healthz: return probe(backend_.healthy(), "ok");
        case Endpoint::readyz: return probe(backend_.ready(), "ready", backend_.owner());
        case Endpoint::console: return console_page();
        case Endpoint::favicon: return favicon();
        case Endpoint::link: return links_->show(admitted.id);
        case Endpoint::login_page: return surged::login_page(head.query);
        case Endpoint::me: return me(admitted);
        case Endpoint::status: return from_result(backend_.status());
        case Endpoint::queues:
        case Endpoint::alerts:
        case Endpoint::incidents:
            return admitted.endpoint == Endpoint::incidents && (query_value(head.query, "from") || query_value(head.query, "to"))
                       ? past_incidents(head.query)
                       : list(admitted.endpoint, head.query);
        case Endpoint::incident: return from_result(backend_.incident(admitted.id));
        case Endpoint::report: return report(admitted.id, head.query);
        case Endpoint::period: return period(head.query);
        case Endpoint::rosters: return rosters(head.query);
        case Endpoint::overrides: return from_result(backend_.overrides());
        case Endpoint::silences: return from_result(backend_.silences());
        case Endpoint::explain: return explain(head.query);
        case Endpoint::history: return history(head.query);
        case Endpoint::events:
        case Endpoint::answer:
        case Endpoint::escalate:
        case Endpoint::resolve:
        case Endpoint::adopt_policy:
        case Endpoint::verdict:
        case Endpoint::login:
        case Endpoint::login_code:
        case Endpoint::logout:
        case Endpoint::drill_answer:
        case Endpoint::silence_add:
        case Endpoint::silence_remove:
        case Endpoint::override_set:
        case Endpoint::drill:
        case Endpoint::reload: break;
    }
    return error_response("internal", "no such reading endpoint");
}

HttpResponse ApiRouter::list(Endpoint which, std::string_view query) {
    ListQuery wanted;
    if (which == Endpoint::alerts) {
        const std::string all = query_value(query, "all").value_or("0");
        if (all != "0" && all != "1" && all != "true" && all != "false") {
            return error_response("bad_request", "all must be 0 or 1");
        }
        wanted.all = all == "1" || all == "true";
    }
    if (const auto text = query_value(query, "limit")) {
        const auto read = std::from_chars(text->data(), text->data() + text->size(), wanted.limit);
        if (read.ec != std::errc{} || read.ptr != text->data() + text->size() || wanted.limit == 0 || wanted.limit > list_limit_max) {
            return error_response("bad_request", "limit must be a whole number from 1 to " + std::to_string(list_limit_max));
        }
    }
    wanted.next = query_value(query, "next").value_or("");
    if (!wanted.next.empty() && wanted.limit == 0) {
        return error_response("bad_request", "next goes with limit");
    }
    ApiResult<SharedText> text = which == Endpoint::queues    ? backend_.queues(wanted)
                                 : which == Endpoint::alerts ? backend_.alerts(wanted)
                                                             : backend_.incidents(wanted);
    if (!text) {
        return error_response(text.error().code, text.error().message);
    }
    HttpResponse response;
    response.shared = *std::move(text);
    return response;
}

HttpResponse ApiRouter::past_incidents(std::string_view query) {
    PastQuery wanted;
    for (const auto& [name, time] : {std::pair("from", &wanted.from), std::pair("to", &wanted.to)}) {
        if (const auto text = query_value(query, name)) {
            *time = parse_api_time(*text);
            if (!*time) {
                return error_response("bad_request", std::string(name) + " must be ms UTC or 2026-01-31T10:00:00+08:00");
            }
        }
    }
    if (const auto text = query_value(query, "limit")) {
        const auto number = parse_number(*text);
        if (!number || *number < 1 || *number > static_cast<double>(past_limit_max) || *number != static_cast<double>(static_cast<std::size_t>(*number))) {
            return error_response("bad_request", "limit must be a whole number from 1 to " + std::to_string(past_limit_max));
        }
        wanted.limit = static_cast<std::size_t>(*number);
    }
    const auto people = query_value(query, "people").value_or("0");
    if (people != "0" && people != "1") {
        return error_response("bad_request", "people must be 0 or 1");
    }
    wanted.people = people == "1";
    wanted.next = query_value(query, "next").value_or("");
    return from_result(backend_.past_incidents(wanted));
}

HttpResponse ApiRouter::report(const std::string& incident, std::string_view query) {
    const auto wanted = read_report_query(query);
    if (!wanted) {
        return error_response(wanted.error().code, wanted.error().message);
    }
    auto text = backend_.report(incident, *wanted);
    return text ? report_response(wanted->form, "surged-report-" + incident, *std::move(text)) : error_response(text.error().code, text.error().message);
}

HttpResponse ApiRouter::period(std::string_view query) {
    const auto wanted = read_period_query(query);
    if (!wanted) {
        return error_response(wanted.error().code, wanted.error().message);
    }
    auto made = backend_.period(*wanted);
    return made ? period_response(*wanted, *std::move(made)) : error_response(made.error().code, made.error().message);
}

HttpResponse ApiRouter::rosters(std::string_view query) {
    if (query_value(query, "from") || query_value(query, "to")) {
        return rosters_between(query);
    }
    std::optional<WallTime> at;
    if (const auto text = query_value(query, "at")) {
        at = parse_api_time(*text);
        if (!at) {
            return error_response("bad_request", "at must be ms UTC or 2026-01-31T10:00:00+08:00");
        }
    }
    const auto days = query_value(query, "days");
    if (!days) {
        return from_result(backend_.rosters(at));
    }
    const auto number = parse_number(*days);
    if (!number || *number < 1 || *number > duty_days_max || *number != static_cast<int>(*number)) {
        return error_response("bad_request", "days must be a whole number from 1 to " + std::to_string(duty_days_max));
    }
    return from_result(backend_.duty(at, std::chrono::hours{24 * static_cast<int>(*number)}));
}

/// Two weeks where only one end is given; from now on without `from`.
HttpResponse ApiRouter::rosters_between(std::string_view query) {
    constexpr Span usual = std::chrono::hours{24 * 14};
    std::optional<WallTime> from;
    std::optional<WallTime> to;
    for (const auto& [name, time] : {std::pair("from", &from), std::pair("to", &to)}) {
        if (const auto text = query_value(query, name)) {
            *time = parse_api_time(*text);
            if (!*time) {
                return error_response("bad_request", std::string(name) + " must be ms UTC or 2026-01-31T10:00:00+08:00");
            }
        }
    }
    const WallTime begin = from.value_or(backend_.now().wall);
    const Span length = to ? *to - begin : usual;
    if (length <= Span{0} || length > std::chrono::hours{24 * duty_days_max}) {
        return error_response("bad_request", "to must be after from, by at most " + std::to_string(duty_days_max) + " days");
    }
    return from_result(backend_.duty(begin, length));
}

HttpResponse ApiRouter::explain(std::string_view query) {
    const auto rule = query_value(query, "rule");
    const auto centre = query_value(query, "centre");
    const auto queue = query_value(query, "queue");
    if (!rule || !centre || !queue || rule->empty() || centre->empty() || queue->empty()) {
        return error_response("bad_request", "explain needs rule, centre and queue; channel defaults to voice");
    }
    return from_result(backend_.explain(*rule, {*centre, *queue, query_value(query, "channel").value_or(std::string(voice_channel))}));
}

HttpResponse ApiRouter::history(std::string_view query) {
    const auto wanted = read_history_query(query, backend_.now().wall);
    return wanted ? from_result(backend_.history(*wanted)) : error_response(wanted.error().code, wanted.error().message);
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
