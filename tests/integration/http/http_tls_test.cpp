#include <curl/curl.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>
#include <vector>

#include "support/http_fixture.hpp"
#include "support/test_certificate.hpp"

using namespace surged;
using namespace surged::test;

namespace {

struct Fetched {
    CURLcode code = CURLE_OK;
    long status = 0;
    std::string body;
    std::string head;
};

std::size_t keep(char* data, std::size_t size, std::size_t count, void* to) {
    static_cast<std::string*>(to)->append(data, size * count);
    return size * count;
}

/// One request by libcurl, which checks the certificate against `certificate`.
Fetched https(int port, const std::string& path, const std::string& certificate, const std::string& body = "",
              const std::string& token = "") {
    Fetched out;
    CURL* curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, ("https://127.0.0.1:" + std::to_string(port) + path).c_str());
    curl_easy_setopt(curl, CURLOPT_CAINFO, certificate.c_str());
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 20000L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &out.body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &keep);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &out.head);
    curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
    if (!token.empty()) {
        headers = curl_slist_append(headers, ("Authorization: Bearer " + token).c_str());
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (!body.empty()) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
    }
    out.code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out.status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return out;
}

TlsContext tls_of(const TestCertificate& certificate) {
    const auto loaded = load_credentials({"", certificate.certificate(), certificate.key()});
    REQUIRE(loaded.has_value());
    return loaded->tls;
}

}  // namespace

TEST_CASE("https: reads and answers go through TLS with a certificate that is checked", "[integration]") {
    const TestCertificate certificate;
    Served served({}, lead_only(), tls_of(certificate));
    const Fetched status = https(served.port(), "/api/v1/status", certificate.certificate(), "", lead_token);
    CHECK(status.code == CURLE_OK);
    CHECK(status.status == 200);
    CHECK(status.body == R"({"what":"status"})");
    CHECK(https(served.port(), "/api/v1/status", certificate.certificate()).status == 401);
    CHECK(
        https(served.port(), "/api/v1/incidents/0-1/join", certificate.certificate(), R"({"person":"li"})", lead_token).status ==
        200);
    CHECK(served.backend.commands().size() == 1);
    CHECK(https(served.port(), "/", certificate.certificate()).body.find("</html>") != std::string::npos);
}

TEST_CASE("https: a large answer and a large body arrive whole", "[integration]") {
    const TestCertificate certificate;
    Served served({}, TokenTable::open(), tls_of(certificate));
    served.backend.pad(8UL * 1024 * 1024);
    CHECK(https(served.port(), "/api/v1/queues", certificate.certificate()).body.size() == 8UL * 1024 * 1024 + 17);
    const std::string body = R"({"person":"li")" + std::string(65536 - 15, ' ') + "}";
    CHECK(https(served.port(), "/api/v1/incidents/0-1/join", certificate.certificate(), body).status == 200);
    CHECK(https(served.port(), "/api/v1/incidents/0-1/join", certificate.certificate(), body + " ").status == 413);
}

TEST_CASE("https: events stream through TLS, and stopping ends them", "[integration]") {
    const TestCertificate certificate;
    auto served = std::make_unique<Served>(HttpOptions{}, TokenTable::open(), tls_of(certificate));
    Fetched stream;
    std::thread reader([&] { stream = https(served->port(), "/api/v1/events", certificate.certificate()); });
    while (served->server->stats().events.subscribers == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    served->server->publish(5, "incident.opened", "{}");
    // libcurl's thread keeps what it reads to itself until the stream ends; this is the time for one event to get there.
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    const auto start = std::chrono::steady_clock::now();
    served->server.reset();
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{4});
    reader.join();
    CHECK(stream.body.find("id: 5\nevent: incident.opened\n") != std::string::npos);
}

TEST_CASE("https: peers that never shake hands hold no place longer than the limit", "[integration]") {
    const TestCertificate certificate;
    HttpOptions options;
    options.request_timeout = Span{400};
    options.workers = 1;
    options.events.subscribers = 1;
    Served served(options, TokenTable::open(), tls_of(certificate));
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::unique_ptr<HttpConnection>> silent;
    for (int i = 0; i < 2; ++i) {
        silent.push_back(std::make_unique<HttpConnection>(served.port()));
        silent.back()->send("\x16\x03\x01");
    }
    for (auto& connection : silent) {
        CHECK(connection->receive().empty());
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{3});
    CHECK(https(served.port(), "/healthz", certificate.certificate()).status == 200);
}

TEST_CASE("https: plain HTTP and noise on the TLS port end the connection, not the server", "[integration]") {
    const TestCertificate certificate;
    Served served({}, TokenTable::open(), tls_of(certificate));
    CHECK(http(served.port(), "GET", "/healthz").status == 0);
    HttpConnection noise(served.port());
    noise.send(std::string(5000, '\xff'));
    CHECK(noise.reply().status == 0);
    CHECK(https(served.port(), "/healthz", certificate.certificate()).status == 200);
}

TEST_CASE("https: a missing, foreign or broken key is an error that names the file and not its content", "[integration]") {
    const TestCertificate one;
    const TestCertificate two;
    const auto message = [&](const std::string& certificate, const std::string& key) {
        const auto loaded = load_credentials({"", certificate, key});
        return loaded.has_value() ? std::string() : loaded.error().message;
    };
    CHECK(message(one.certificate(), two.key()).find("tls_key " + two.key()) != std::string::npos);
    CHECK(message(one.certificate(), "/nonexistent/key").find("/nonexistent/key") != std::string::npos);
    CHECK(message("/nonexistent/cert", one.key()).find("/nonexistent/cert") != std::string::npos);
    CHECK_FALSE(message("", one.key()).empty());
    CHECK_FALSE(message(one.certificate(), "").empty());
    CHECK(message(one.certificate(), one.key()).empty());
}

TEST_CASE("https: a port in use is an error with the address in it", "[integration]") {
    const TestCertificate certificate;
    const BusyPort busy;
    FakeBackend backend;
    HttpOptions options;
    options.port = busy.port();
    const auto server = HttpServer::start(options, {TokenTable::open(), tls_of(certificate)}, backend);
    REQUIRE_FALSE(server.has_value());
    CHECK(server.error().message.find("127.0.0.1:" + std::to_string(busy.port())) != std::string::npos);
}

TEST_CASE("https: browsers are told to keep to TLS only when it is asked for, since that is for every port of the host", "[integration]") {
    const TestCertificate certificate;
    const auto head = [&](Span hsts) {
        HttpOptions options;
        options.hsts = hsts;
        Served served(options, TokenTable::open(), tls_of(certificate));
        return https(served.port(), "/api/v1/status", certificate.certificate()).head;
    };
    CHECK(head(Span{0}).find("Strict-Transport-Security") == std::string::npos);
    CHECK(head(std::chrono::hours{24 * 365}).find("Strict-Transport-Security: max-age=31536000\r\n") != std::string::npos);
}
