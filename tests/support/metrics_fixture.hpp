// The metrics page on a free port, composed as the daemon does.
#pragma once

#include <memory>

#include "io/exporter/exporter.hpp"
#include "io/http/http_server.hpp"
#include "support/catch.hpp"

namespace surged::test {

struct ServedMetrics {
    explicit ServedMetrics(Exporter::Source source, ListenerOptions options = {}) : exporter(std::move(source)) {
        options.workers = 2;
        auto started =
            PageServer::start(options, "/metrics", Exporter::content_type, [this](bool gzip) { return exporter.page(gzip); });
        if (!started) {
            FAIL(started.error().message);
        }
        server = std::move(*started);
    }
    int port() const { return server->port(); }

    Exporter exporter;
    std::unique_ptr<PageServer> server;
};

}  // namespace surged::test
