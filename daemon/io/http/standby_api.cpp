#include "io/http/standby_api.hpp"

#include <algorithm>

#include "config/address.hpp"
#include "io/http/plain_page.hpp"
#include "wire/html_text.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {

bool reads(const RequestHead& head) {
    return head.method == "GET" || head.method == "HEAD";
}

/// A name, or null while there is none.
void put_owner(JsonWriter& json, const std::string& owner) {
    json.key("owner");
    if (owner.empty()) {
        json.null();
    } else {
        json.value(owner);
    }
}

HttpResponse standby_health(const RequestHead& head) {
    if (!reads(head)) {
        auto refusal = error_response("method_not_allowed", "this path allows GET, HEAD");
        refusal.headers.emplace_back("Allow", "GET, HEAD");
        return refusal;
    }
    HttpResponse out;
    JsonWriter(out.body).begin_object().field("status", "ok").end_object();
    return out;
}

HttpResponse standby_readiness(const StandbyFacts& facts) {
    HttpResponse out;
    out.status = 503;
    JsonWriter json(out.body);
    json.begin_object().field("standby", facts.host);
    put_owner(json, facts.owner);
    json.field("term", facts.term).field("behind", facts.behind).field("warm", facts.warm).field("config_agrees", facts.config_agrees);
    json.end_object();
    return out;
}

HttpResponse standby_refusal(const StandbyFacts& facts) {
    HttpResponse out;
    out.status = status_of_code("standby");
    const std::string at_work = facts.owner.empty() ? "no host is known to be at work"
                                                    : facts.owner + " is at work under term " + std::to_string(facts.term) +
                                                          (facts.owner_url.empty() ? "" : ", at " + facts.owner_url);
    const std::string state = std::to_string(facts.behind) + " records behind" + (facts.warm ? "" : ", its windows not full") +
                              (facts.config_agrees ? "" : ", with another configuration");
    JsonWriter json(out.body);
    json.begin_object().key("error").begin_object().field("code", "standby");
    json.field("message", facts.host + " stands by, " + state + "; " + at_work);
    put_owner(json, facts.owner);
    json.end_object().end_object();
    return out;
}

/// Where the same page is at the owner's; empty = no owner is known, or the request names nothing that fits a header line.
std::string place_at_owner(const RequestHead& head, const StandbyFacts& facts) {
    const auto visible = [](const std::string& text) { return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; }); };
    if (!parse_server(facts.owner_url) || !head.path.starts_with('/') || !visible(head.path) || !visible(head.query)) {
        return {};
    }
    return facts.owner_url + head.path + (head.query.empty() ? "" : "?" + head.query);
}

HttpResponse nobody_page() {
    auto page = plain_page(503,
                           "<p role=\"alert\">此主机待命，目前没有已知的值班主机。请稍候再打开。<br><span lang=\"en\">This host stands by, and no host is known to be at "
                           "work. Open this again in a moment.</span></p>");
    page.headers.emplace_back("Retry-After", "2");
    return page;
}

HttpResponse elsewhere_page(const std::string& place) {
    const std::string shown = escape_html(place);
    return plain_page(503,
                      "<p role=\"alert\">此主机待命，没有记录任何内容。请在值班主机上继续：<br><span lang=\"en\">This host stands by and recorded nothing. Go on at the "
                      "host at work:</span></p><p><a href=\"" +
                          shown + "\">" + shown + "</a></p>");
}

}  // namespace

HttpResponse standby_answer(const RequestHead& head, const StandbyFacts& facts) {
    if (head.path == "/healthz") {
        return standby_health(head);
    }
    if (head.path == "/readyz") {
        return standby_readiness(facts);
    }
    if (head.path == "/api" || head.path.starts_with("/api/")) {
        return standby_refusal(facts);
    }
    if (head.path == "/favicon.ico") {
        return favicon();
    }
    const std::string place = place_at_owner(head, facts);
    if (place.empty()) {
        return nobody_page();
    }
    if (!reads(head)) {
        return elsewhere_page(place);
    }
    auto page = elsewhere_page(place);
    page.status = 307;
    page.headers.emplace_back("Location", place);
    return page;
}

struct StandbyServer::Impl final : HttpService {
    explicit Impl(Facts f) : facts(std::move(f)) {}

    Step admit(const RequestHead& head) override {
        Step step;
        step.answer = standby_answer(head, facts());
        return step;
    }
    HttpResponse handle(const Step& /*step*/, const RequestHead& head, std::string_view /*body*/) override { return standby_answer(head, facts()); }

    Facts facts;
    std::unique_ptr<HttpListener> listener;
};

StandbyServer::StandbyServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<StandbyServer>> StandbyServer::start(const ListenerOptions& options, TlsContext tls, Facts facts) {
    auto impl = std::make_unique<Impl>(std::move(facts));
    auto listener = HttpListener::start(options, std::move(tls), *impl, nullptr);
    if (!listener) {
        return tl::unexpected<Error>(listener.error());
    }
    impl->listener = *std::move(listener);
    return std::unique_ptr<StandbyServer>(new StandbyServer(std::move(impl)));
}

StandbyServer::~StandbyServer() {
    impl_->listener.reset();
}

int StandbyServer::port() const {
    return impl_->listener->port();
}

ListenerStats StandbyServer::stats() const {
    return impl_->listener->stats();
}

void StandbyServer::renew(TlsContext tls) {
    impl_->listener->renew(std::move(tls), [](const RequestHead& /*head*/) { return true; });
}

}  // namespace surged
