#include "app/reload.hpp"

#include "support/catch.hpp"

using namespace surged;

TEST_CASE("reload: what takes effect only at a restart is named by its section; the rest is not", "[unit]") {
    const Settings running;
    CHECK(needs_restart(running, running).empty());
    Settings loaded = running;
    loaded.base_dir = "/elsewhere";
    CHECK(needs_restart(running, loaded).empty());
    loaded.ingest.bind = {"tcp://127.0.0.1:1"};
    loaded.publish.hwm = 1;
    loaded.metrics.port = 1;
    loaded.http.token_file = "tokens";  // read again by every reload
    CHECK(needs_restart(running, loaded).size() == 3);
    loaded.http.listen.connections = 20;
    loaded.store.path = "x.db";
    CHECK(needs_restart(running, loaded) ==
          std::vector<std::string>{"[ingest]", "[publish]", "[metrics]", "[http] listen, limits, proxies or link keys", "[store]"});
    loaded = running;
    loaded.ingest.curve.allowed_keys = {"k"};
    CHECK(needs_restart(running, loaded) == std::vector<std::string>{"[ingest]"});
    loaded = running;
    loaded.ingest.lenient = true;
    CHECK(needs_restart(running, loaded) == std::vector<std::string>{"[ingest]"});
    loaded = running;
    loaded.ingest.report = {"tcp://127.0.0.1:1"};
    CHECK(needs_restart(running, loaded) == std::vector<std::string>{"[ingest]"});
    loaded = running;
    loaded.cluster = ClusterSettings{};
    CHECK(needs_restart(running, loaded) == std::vector<std::string>{"[cluster]"});
    const Settings clustered = loaded;
    CHECK(needs_restart(clustered, loaded).empty());
    CHECK(needs_restart(clustered, running) == std::vector<std::string>{"[cluster]"});
    loaded.cluster->alone_after = Span{0};
    CHECK(needs_restart(clustered, loaded) == std::vector<std::string>{"[cluster]"});
}

TEST_CASE("reload: a message_bytes that the socket of the start cuts is said to need a restart, and up to that none", "[unit]") {
    CHECK(beyond_socket(1024, 512).empty());
    CHECK(beyond_socket(1024, 2048).empty());
    CHECK(beyond_socket(1024, 2049) == "[ingest.limits] message_bytes beyond 2048, twice that of the start");
    CHECK(beyond_socket(0, 1U << 20U).empty());
}
