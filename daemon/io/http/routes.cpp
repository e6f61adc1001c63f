#include "io/http/routes.hpp"

#include <array>

namespace surged {

namespace {

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
    Route{"GET", "/api/v1/windows", Endpoint::windows, Access::admin},
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

}  // namespace

RouteMatch find_route(std::string_view method, std::string_view path) {
    RouteMatch out;
    for (const Route& candidate : routes) {
        if (!matches(candidate.path, path, out.id)) {
            continue;
        }
        out.allow += (out.allow.empty() ? "" : ", ") + std::string(candidate.method) + (candidate.method == "GET" ? ", HEAD" : "");
        if (candidate.method == method) {
            out.route = &candidate;
        }
    }
    return out;
}

bool is_large(Endpoint endpoint) {
    switch (endpoint) {
        case Endpoint::history:
        case Endpoint::queues:
        case Endpoint::alerts:
        case Endpoint::incidents:
        case Endpoint::incident:
        case Endpoint::report:
        case Endpoint::period:
        case Endpoint::windows: return true;
        default: return false;
    }
}

std::vector<ServedRoute> served_routes() {
    constexpr std::array<std::string_view, 5> words{"everyone", "viewer", "responder", "lead", "admin"};
    std::vector<ServedRoute> out;
    for (const Route& route : routes) {
        out.push_back({route.method, route.path, words[static_cast<std::size_t>(route.access)]});
    }
    return out;
}

}  // namespace surged
