#include "app/parts.hpp"

#include <cstdlib>
#include <fstream>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace surged;
using namespace surged::test;

TEST_CASE("settings in force: file names start at the configuration's folder, secrets at the unit's credentials when they are there",
          "[unit]") {
    const TempDir credentials;
    std::ofstream(credentials.file("api-tokens")) << "t";
    Settings configured;
    configured.base_dir = "/etc/surged";
    configured.http.token_file = "api-tokens";
    configured.http.tls_key = "tls.key";
    configured.http.tls_cert = "/elsewhere/tls.pem";
    configured.store.path = "api-tokens";  // no secret, whatever it is called
    const auto at = [&] { return settings_in_force(configured, ""); };
    ::unsetenv("CREDENTIALS_DIRECTORY");
    CHECK(at().http.token_file == "/etc/surged/api-tokens");
    ::setenv("CREDENTIALS_DIRECTORY", credentials.path().c_str(), 1);
    CHECK(at().http.token_file == credentials.file("api-tokens"));
    CHECK(at().http.tls_key == "/etc/surged/tls.key");
    CHECK(at().http.tls_cert == "/elsewhere/tls.pem");
    CHECK(at().http.link_key_file.empty());
    CHECK(at().store.path == "/etc/surged/api-tokens");
    CHECK(settings_in_force(configured, "try.db").store.path == "try.db");
    ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_CASE("settings: a daemon that no sample can reach is told apart", "[unit]") {
    Settings settings;
    CHECK_FALSE(takes_samples(settings));
    settings.ingest.subscribe = {"tcp://127.0.0.1:5555"};
    CHECK(takes_samples(settings));
    settings.ingest.subscribe.clear();
    settings.ingest.bind = {"tcp://127.0.0.1:5556"};
    CHECK(takes_samples(settings));
}
