// The stream of pages over real sockets: snapshot, changes, compressed and not, and readers that lag.
#include <zlib.h>

#include <thread>

#include "support/http_fixture.hpp"
#include "wire/deflate.hpp"

using namespace surged;
using namespace surged::test;

namespace {

std::unique_ptr<HttpConnection> page_of(int port, const std::string& headers = {}) {
    auto page = std::make_unique<HttpConnection>(port);
    REQUIRE(page->send("GET /api/v1/events?view=console HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n"));
    REQUIRE(page->receive_until("\r\n\r\n"));
    return page;
}

PageEvent event_of(const std::string& text) {
    return {std::make_shared<const std::string>(text), std::make_shared<const std::string>(gzip_piece(text))};
}

/// As a browser inflates it: what can be read by now.
std::string inflated(std::string_view packed) {
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
    stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string out(1 << 20, '\0');
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int read = inflate(&stream, Z_SYNC_FLUSH);
    CHECK((read == Z_OK || read == Z_BUF_ERROR));
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

void wait_for_readers(HttpServer& server, std::size_t count) {
    for (int i = 0; i < 500 && server.pages().stats().readers != count; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    REQUIRE(server.pages().stats().readers == count);
}

}  // namespace

TEST_CASE("http pages: a page gets its snapshot and what follows", "[integration]") {
    Served served;
    const auto page = page_of(served.port());
    wait_for_readers(*served.server, 1);
    served.server->pages().give_snapshot(event_of("event: snapshot\ndata: {\"now_ms\":1}\n\n"));
    served.server->pages().publish(event_of("event: delta\ndata: {\"now_ms\":2}\n\n"));
    CHECK(page->receive_until("event: snapshot\ndata: {\"now_ms\":1}\n\nevent: delta\ndata: {\"now_ms\":2}\n\n"));
    CHECK(page->received().find("Content-Encoding") == std::string::npos);
    CHECK(http(served.port(), "GET", "/api/v1/events?view=other").status == 400);
}

TEST_CASE("http pages: who takes gzip gets a gzip stream, also one who came later", "[integration]") {
    Served served;
    const auto first = page_of(served.port(), "Accept-Encoding: gzip, br\r\n");
    wait_for_readers(*served.server, 1);
    auto& hub = served.server->pages();
    hub.give_snapshot(event_of("event: snapshot\ndata: {\"a\":1}\n\n"));
    hub.publish(event_of("event: delta\ndata: {\"a\":2}\n\n"));
    const auto second = page_of(served.port(), "Accept-Encoding: gzip\r\n");
    wait_for_readers(*served.server, 2);
    hub.give_snapshot(event_of("event: snapshot\ndata: {\"a\":2}\n\n"));
    hub.publish(event_of("event: delta\ndata: {\"a\":3}\n\n"));
    for (const auto& [page, whole] :
         {std::pair(first.get(), std::string("retry: 3000\n\nevent: snapshot\ndata: {\"a\":1}\n\nevent: delta\ndata: {\"a\":2}\n\nevent: delta\ndata: "
                                             "{\"a\":3}\n\n")),
          std::pair(second.get(), std::string("retry: 3000\n\nevent: snapshot\ndata: {\"a\":2}\n\nevent: delta\ndata: {\"a\":3}\n\n"))}) {
        std::string read;
        for (int i = 0; i < 50 && read != whole; ++i) {
            const auto head = page->received().find("\r\n\r\n") + 4;
            read = inflated(std::string_view(page->received()).substr(head));
            if (read != whole) {
                page->receive();
            }
        }
        CHECK(read == whole);
        CHECK(page->received().find("Content-Encoding: gzip\r\n") != std::string::npos);
        CHECK(page->received().find("Vary: Accept-Encoding\r\n") != std::string::npos);
    }
}

TEST_CASE("http pages: a page that does not read is given a new snapshot, the others miss nothing", "[integration]") {
    Served served;
    auto& hub = served.server->pages();
    HttpConnection deaf(served.port());
    REQUIRE(deaf.send("GET /api/v1/events?view=console HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    REQUIRE(deaf.receive_until("retry: 3000\n\n"));
    const auto quick = page_of(served.port());
    wait_for_readers(*served.server, 2);
    const std::string first = "event: snapshot\ndata: {}\n\n";
    const std::string delta = "event: delta\ndata: \"" + std::string(900'000, 'x') + "\"\n\n";
    std::size_t expected = quick->received().find("\r\n\r\n") + 4 + std::string("retry: 3000\n\n").size() + first.size();
    hub.give_snapshot(event_of(first));
    for (int i = 0; i < 60 && hub.stats().lagged == 0; ++i) {
        hub.publish(event_of(delta));
        expected += delta.size();
        while (quick->received().size() < expected && !quick->receive().empty()) {
        }
        REQUIRE(quick->received().size() == expected);
    }
    CHECK(hub.stats().lagged == 1);
    CHECK(hub.wanted_snapshot().plain);
    CHECK(hub.stats().readers == 2);
    const std::string fresh = "event: snapshot\ndata: {\"new\":true}\n\n";
    hub.give_snapshot(event_of(fresh));
    while (!deaf.received().ends_with(fresh) && !deaf.receive().empty()) {
    }
    CHECK(deaf.received().ends_with(fresh));
}

TEST_CASE("http pages: without a token there is no stream, a viewer's is enough, and ends with the token", "[integration]") {
    Served served({}, *TokenTable::parse("viewer view-token-00000001\n", "tokens"));
    CHECK(http(served.port(), "GET", "/api/v1/events?view=console").status == 401);
    const auto page = page_of(served.port(), "Authorization: Bearer view-token-00000001\r\n");
    wait_for_readers(*served.server, 1);
    REQUIRE(served.server->renew({lead_only(), nullptr}));
    wait_for_readers(*served.server, 0);
}
