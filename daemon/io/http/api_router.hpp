// From a request to a response, without a socket: which endpoint, whether the caller may, what the body says, what the program
// answers. Pure but for the backend it is given, so the whole matrix of roles and endpoints is tested without a network.
//
// The hardest rule: what is refused is refused before its body is read. admit() sees the head only and says what the server must
// do next; handle() is called with the body once admit() said so.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/network.hpp"
#include "core/record/record.hpp"
#include "io/http/api.hpp"
#include "io/http/response.hpp"
#include "io/http/routes.hpp"
#include "io/http/tokens.hpp"

namespace surged {

/// The head of a request. Header names in lower case.
struct RequestHead {
    std::string method;
    std::string path;   ///< as sent, without the query; never decoded: no legal path needs it
    std::string query;  ///< without '?'
    std::map<std::string, std::string> headers;
    long long content_length = -1;  ///< -1 = not given
    bool chunked = false;
    bool tls = false;  ///< the connection itself
    std::string peer;  ///< numeric address of who connected; empty = unknown (behind a front of our own)

    /// One header line. Of a name that comes twice the first counts, but lists that proxies append to (x-forwarded-*) are joined.
    void add(std::string lower_case_name, std::string_view value);
    std::string_view header(const std::string& lower_case_name) const;
};

/// How a caller was known.
enum class KnownBy : std::uint8_t { nothing, token, cookie };

class LinkPages;
class Sessions;

/// A request that may go on.
struct Admitted {
    Endpoint endpoint = Endpoint::status;
    Caller caller;
    KnownBy by = KnownBy::nothing;
    std::string id;  ///< incident or silence
    AnswerKind answer = AnswerKind::join;
    bool large = false;       ///< the answer may be a large list or a long read: others must not wait for it
    bool wants_body = false;  ///< read content_length bytes (at most body_bytes_max), then handle()
};

class ApiRouter {
public:
    static constexpr std::size_t body_bytes_max = 65536;
    static constexpr std::size_t key_bytes_max = 128;  ///< Idempotency-Key

    /// Both borrowed; must outlive the router.
    /// `trusted_proxies`: peers whose X-Forwarded-* headers are believed. `port`: on which we listen; the login's cookie is named by it.
    ApiRouter(ApiBackend& backend, const TokenTable& tokens, std::vector<Network> trusted_proxies = {}, int port = 0);
    ~ApiRouter();
    /// The port, when it was any free one. From any thread.
    void listens_on(int port) { port_ = port; }

    /// Order of refusals: unknown path 404, method 405, foreign host or origin 403, no token 401 (`unauthorized`; `wrong_token`,
    /// `session_over`), role 403, body
    /// without length or too large 413 (411 when there is none), not JSON 415. On a link's path the refusal is a page for people.
    std::variant<Admitted, HttpResponse> admit(const RequestHead& head) const;
    /// Whether the one who sent this head may still read: their token or cookie counts.
    bool knows(const RequestHead& head) const;
    /// Not for Endpoint::events, which is a stream and the server's matter.
    HttpResponse handle(const Admitted& admitted, const RequestHead& head, std::string_view body);

private:
    HttpResponse read(const Admitted& admitted, const RequestHead& head);
    HttpResponse act(const Admitted& admitted, const RequestHead& head, std::string_view body);
    std::variant<Admitted, HttpResponse> judge(const RequestHead& head) const;
    ApiResult<Admitted> caller_of(const RequestHead& head) const;
    HttpResponse me(const Admitted& admitted) const;
    HttpResponse login(const Admitted& admitted, const RequestHead& head, std::string_view body);
    HttpResponse logout(const RequestHead& head);
    /// Of a page that is not ours no request carries it (SameSite), and no script reads it.
    void set_cookie(HttpResponse& response, const RequestHead& head, const std::string& value, std::chrono::seconds life) const;
    std::string client_of(const RequestHead& head) const;

    ApiBackend& backend_;
    const TokenTable& tokens_;
    const std::vector<Network> trusted_;
    std::atomic<int> port_;
    std::unique_ptr<LinkPages> links_;
    std::unique_ptr<Sessions> sessions_;
};

}  // namespace surged
