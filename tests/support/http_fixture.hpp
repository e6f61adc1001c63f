// A real server on a free port with a remembered backend behind it.
#pragma once

#include <memory>
#include <string>

#include "io/http/http_server.hpp"
#include "support/catch.hpp"
#include "support/fake_backend.hpp"
#include "support/http_client.hpp"

namespace surged::test {

inline const std::string lead_token = "lead-token-00000001";

struct Served {
    explicit Served(HttpOptions options = {}, TokenTable tokens = TokenTable::open(), TlsContext tls = nullptr) {
        auto started = HttpServer::start(options, {std::move(tokens), std::move(tls)}, backend);
        if (!started) {
            FAIL(started.error().message);
        }
        server = std::move(*started);
    }
    int port() const { return server->port(); }

    FakeBackend backend;
    std::unique_ptr<HttpServer> server;
};

inline TokenTable lead_only() {
    return *TokenTable::parse("lead " + lead_token, "tokens");
}

}  // namespace surged::test
