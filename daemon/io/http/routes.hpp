// What is served: each path with its method, what it asks for, and who may. The table is read by the router, and by the test that holds
// the description of the API against it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/record/record.hpp"

namespace surged {

enum class Endpoint : std::uint8_t {
    healthz,
    readyz,
    console,
    favicon,
    link,
    status,
    queues,
    alerts,
    incidents,
    incident,
    report,
    period,
    rosters,
    silences,
    explain,
    history,
    windows,
    events,
    answer,
    escalate,
    resolve,
    adopt_policy,
    verdict,
    me,
    login_code,
    login,
    login_page,
    logout,
    silence_add,
    silence_remove,
    override_set,
    overrides,
    drill,
    drill_answer,
    reload
};

/// The least role that may, or everyone: the page holds no data, and probes come from machines that have no token.
enum class Access : std::uint8_t { everyone, viewer, responder, lead, admin };

struct Route {
    std::string_view method;
    std::string_view path;  ///< "{}" stands for one id, "*" at the end for names that only the page itself reads
    Endpoint endpoint;
    Access access;
    AnswerKind answer = AnswerKind::join;  ///< what a POST of an answer says
};

struct RouteMatch {
    const Route* route = nullptr;  ///< none: the path is not served, or not by this method
    std::string id;                ///< what stands for "{}"
    std::string allow;             ///< methods of this path, as an Allow header has them; empty: nothing is at this path
};
/// `method`: HEAD is asked as GET.
RouteMatch find_route(std::string_view method, std::string_view path);

/// The answer may be a large list or a long read: others must not wait for it.
bool is_large(Endpoint endpoint);

/// What is served, for the description of the API: method, path ("{}" is one id, "*" at the end what the page itself reads) and the least
/// role that may ("everyone", "viewer" ...).
struct ServedRoute {
    std::string_view method;
    std::string_view path;
    std::string_view role;
};
std::vector<ServedRoute> served_routes();

}  // namespace surged
