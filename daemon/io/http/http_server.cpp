#include "io/http/http_server.hpp"

#include <arpa/inet.h>

#include <charconv>

#include "io/http/api_router.hpp"
#include "io/http/query.hpp"

namespace surged {

namespace {

std::optional<std::uint64_t> events_after(const RequestHead& head) {
    // A browser that reconnects sends the header; a new client that knows a record's number asks with ?after=.
    const auto found = head.headers.find("last-event-id");
    const auto asked = found == head.headers.end() ? query_value(head.query, "after") : std::optional<std::string>(found->second);
    if (!asked) {
        return std::nullopt;
    }
    const std::string_view text = *asked;
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    // What is no number counts as a very old one: the reader hears that it missed something.
    return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? number : std::uint64_t{0};
}

}  // namespace

struct HttpServer::Impl final : HttpService {
    Impl(const HttpOptions& o, TokenTable t, ApiBackend& b) : options(o), tokens(std::move(t)), router(b, tokens, o.trusted_proxies, o.port), hub(o.events, o.past) {}

    Step admit(const RequestHead& head) override {
        Step step;
        std::variant<Admitted, HttpResponse> verdict = router.admit(head);
        if (auto* refusal = std::get_if<HttpResponse>(&verdict)) {
            step.answer = std::move(*refusal);
            return step;
        }
        step.admitted = std::get<Admitted>(std::move(verdict));
        const Endpoint endpoint = step.admitted.endpoint;
        step.at_once = endpoint == Endpoint::healthz || endpoint == Endpoint::readyz || endpoint == Endpoint::console ||
                       endpoint == Endpoint::favicon || endpoint == Endpoint::me;
        step.stream = endpoint == Endpoint::events;
        step.known = !step.admitted.caller.name.empty() && !tokens.is_open();
        if (step.stream) {
            const auto view = query_value(head.query, "view");
            step.pages = view == "console";
            if (view && !step.pages) {
                step.stream = false;
                step.answer = error_response("bad_request", "view must be console");
            } else if (!step.pages) {
                step.after = events_after(head);
            }
        }
        return step;
    }
    HttpResponse handle(const Step& step, const RequestHead& head, std::string_view body) override {
        return router.handle(step.admitted, head, body);
    }

    HttpOptions options;
    TokenTable tokens;
    ApiRouter router;
    EventHub hub;
    PageHub pages;
    std::unique_ptr<HttpListener> listener;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpOptions& options, HttpCredentials credentials, ApiBackend& backend) {
    if (credentials.tokens.is_open() && !is_loopback(options.host)) {
        return fail("http: " + options.host + " is not a loopback address; listening there needs a token_file");
    }
    auto impl = std::make_unique<Impl>(options, std::move(credentials.tokens), backend);
    auto listener = HttpListener::start(options, std::move(credentials.tls), *impl, &impl->hub, &impl->pages);
    if (!listener) {
        return tl::unexpected<Error>(listener.error());
    }
    impl->listener = *std::move(listener);
    impl->router.listens_on(impl->listener->port());
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() {
    impl_->hub.close();
    impl_->pages.close();
    impl_->listener.reset();
}

int HttpServer::port() const {
    return impl_->listener->port();
}

void HttpServer::publish(std::uint64_t sequence, std::string_view type, std::string_view json) {
    impl_->hub.post(sequence, type, json);
}

PageHub& HttpServer::pages() {
    return impl_->pages;
}

HttpStats HttpServer::stats() const {
    return HttpStats{{impl_->listener->stats()}, impl_->hub.stats(), impl_->pages.stats()};
}

Result<void> HttpServer::renew(HttpCredentials credentials) {
    if (credentials.tokens.is_open() && !is_loopback(impl_->options.host)) {
        return fail("http: " + impl_->options.host + " is not a loopback address; listening there needs a token_file");
    }
    impl_->tokens.replace(credentials.tokens);
    impl_->listener->renew(std::move(credentials.tls), [impl = impl_.get()](const RequestHead& head) {
        return impl->router.knows(head);
    });
    return {};
}

struct PageServer::Impl final : HttpService {
    Impl(std::string p, std::string t, Source s) : path(std::move(p)), content_type(std::move(t)), source(std::move(s)) {}

    Step admit(const RequestHead& head) override {
        Step step;
        const bool entry = head.path == "/" || head.path == "/favicon.ico";
        if (head.path != path && !entry) {
            step.answer = error_response("not_found", "there is nothing at this path but " + path);
        } else if (head.method != "GET" && head.method != "HEAD") {
            step.answer = error_response("method_not_allowed", "this path allows GET, HEAD");
            step.answer->headers.emplace_back("Allow", "GET, HEAD");
        } else if (entry) {
            step.answer = head.path == "/" ? entry_page() : favicon();
        }
        return step;
    }
    HttpResponse handle(const Step& /*step*/, const RequestHead& head, std::string_view /*body*/) override {
        const bool gzip = head.header("accept-encoding").find("gzip") != std::string_view::npos;
        HttpResponse response;
        response.content_type = content_type;
        response.body = source(gzip);
        if (response.body.starts_with("\x1f\x8b")) {
            response.headers.emplace_back("Content-Encoding", "gzip");
        }
        return response;
    }

    /// What a person sees who opens the port in a browser.
    HttpResponse entry_page() const {
        HttpResponse page;
        page.content_type = "text/html; charset=utf-8";
        page.body = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>surged</title></head><body><h1>surged</h1><p><a href=\"" +
                    path.substr(1) + "\">" + path.substr(1) + "</a></p></body></html>\n";
        return page;
    }

    std::string path;
    std::string content_type;
    Source source;
    std::unique_ptr<HttpListener> listener;
};

PageServer::PageServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<PageServer>> PageServer::start(const ListenerOptions& options, std::string path, std::string content_type,
                                                      Source source) {
    auto impl = std::make_unique<Impl>(std::move(path), std::move(content_type), std::move(source));
    auto listener = HttpListener::start(options, nullptr, *impl, nullptr);
    if (!listener) {
        return tl::unexpected<Error>(listener.error());
    }
    impl->listener = *std::move(listener);
    return std::unique_ptr<PageServer>(new PageServer(std::move(impl)));
}

PageServer::~PageServer() {
    impl_->listener.reset();
}

int PageServer::port() const {
    return impl_->listener->port();
}

ListenerStats PageServer::stats() const {
    return impl_->listener->stats();
}

bool is_loopback(std::string_view host) {
    if (host.ends_with('.')) {
        host.remove_suffix(1);  // the same name, written to its root
    }
    std::string name(host);
    for (char& c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (name == "localhost" || name == "::1") {
        return true;
    }
    // 127.0.0.0/8, written as four decimal numbers; "127.evil.example" is a name, not an address.
    in_addr address{};
    return name.starts_with("127.") && inet_pton(AF_INET, name.c_str(), &address) == 1;
}

}  // namespace surged
