// A router asked without a socket: its tokens, a head, and what a call is answered with.
#pragma once

#include <string>

#include "io/http/api_router.hpp"
#include "support/fake_backend.hpp"

namespace surged::test {

inline const std::string viewer_token = "viewer-token-000001";
inline const std::string responder_token = "responder-token-0001";
inline const std::string bound_token = "responder-token-zhang";
inline const std::string lead_token = "lead-token-00000001";
inline const std::string admin_token = "admin-token-0000001";

inline TokenTable all_roles() {
    return *TokenTable::parse("viewer " + viewer_token + "\nresponder " + responder_token + "\nresponder " + bound_token +
                                  " zhang\nlead " + lead_token + "\nadmin " + admin_token + "\n",
                              "tokens");
}

inline RequestHead head_of(const std::string& method, const std::string& path, const std::string& token, std::size_t body = 0) {
    RequestHead head;
    head.method = method;
    const std::size_t mark = path.find('?');
    head.path = path.substr(0, mark);
    head.query = mark == std::string::npos ? "" : path.substr(mark + 1);
    head.headers["host"] = "surge.example:9847";
    if (!token.empty()) {
        head.headers["authorization"] = "Bearer " + token;
    }
    if (method == "POST") {
        head.headers["content-type"] = "application/json";
    }
    head.content_length = static_cast<long long>(body);
    return head;
}

inline HttpResponse run(ApiRouter& router, const RequestHead& head, const std::string& body = "") {
    const auto verdict = router.admit(head);
    if (const auto* refusal = std::get_if<HttpResponse>(&verdict)) {
        return *refusal;
    }
    return router.handle(std::get<Admitted>(verdict), head, body);
}

}  // namespace surged::test
