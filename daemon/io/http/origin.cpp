#include "io/http/origin.hpp"

#include <algorithm>
#include <string_view>

#include "core/base/text.hpp"
#include "io/http/http_server.hpp"

namespace surged {
namespace {

/// Values of a header that proxies append to, first to last.
std::vector<std::string_view> values_of(std::string_view list) {
    std::vector<std::string_view> out;
    while (!list.empty()) {
        const auto comma = list.find(',');
        auto value = list.substr(0, comma);
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
        const auto from = value.find_first_not_of(" \t");
        if (from != std::string_view::npos) {
            value = value.substr(from);
            out.push_back(value.substr(0, value.find_last_not_of(" \t") + 1));
        }
    }
    return out;
}

struct SiteName {
    std::string scheme;  ///< empty = not said
    std::string host;    ///< lower case; empty = no site ("null", a file)
    std::string port;    ///< empty = the scheme's own
};

/// "host", "host:port", "[v6]:port".
SiteName site_of_authority(std::string_view authority) {
    SiteName out;
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        if (end == std::string_view::npos) {
            return out;
        }
        out.host = lower_case(authority.substr(1, end - 1));
        authority.remove_prefix(end + 1);
    } else {
        const auto colon = std::min(authority.find(':'), authority.size());
        out.host = lower_case(authority.substr(0, colon));
        authority.remove_prefix(colon);
    }
    out.port = authority.starts_with(':') ? std::string(authority.substr(1)) : std::string();
    return out;
}

/// "https://host:port", also with a path behind.
SiteName site_of_url(std::string_view url) {
    for (const std::string_view scheme : {std::string_view("http"), std::string_view("https")}) {
        if (url.starts_with(std::string(scheme) + "://")) {
            const auto rest = url.substr(scheme.size() + 3);
            auto out = site_of_authority(rest.substr(0, rest.find_first_of("/?#")));
            out.scheme = scheme;
            return out;
        }
    }
    return {};
}

std::string port_in(const SiteName& site, const std::string& scheme) {
    return !site.port.empty() ? site.port : scheme == "https" ? "443" : "80";
}

/// What the request and its proxy say of where it was sent.
struct Asked {
    std::vector<SiteName> sites;
    std::vector<std::string_view> schemes;  ///< as the proxy says; empty = unknown
};

Asked asked_of(const RequestHead& head, const std::vector<Network>& trusted) {
    Asked out;
    const auto host = head.header("host");
    if (!host.empty()) {
        out.sites.push_back(site_of_authority(host));
    }
    const auto peer = parse_address(head.peer);
    if (peer && std::ranges::any_of(trusted, [&](const Network& n) { return n.holds(*peer); })) {
        for (const auto name : values_of(head.header("x-forwarded-host"))) {
            out.sites.push_back(site_of_authority(name));
        }
        out.schemes = values_of(head.header("x-forwarded-proto"));
    }
    return out;
}

/// Whether a page of `origin` is one of ours. A link is taken from any port of our names and over any scheme: proxies that send
/// nginx's $host drop the port, and one in front of another knows not what the browser spoke.
bool ours(const SiteName& origin, const Asked& asked, const SiteName& url, bool link) {
    if (origin.host.empty()) {
        return false;
    }
    const auto same = [&](const SiteName& name) {
        return origin.host == name.host && (link || port_in(origin, origin.scheme) == port_in(name, origin.scheme));
    };
    const bool scheme = link || asked.schemes.empty() ||
                        std::ranges::any_of(asked.schemes, [&](std::string_view s) { return lower_case(s) == origin.scheme; });
    if (scheme && std::ranges::any_of(asked.sites, same)) {
        return true;
    }
    return same(url) && (link || origin.scheme == url.scheme);
}

/// Whether a page that is not ours sent this. Sec-Fetch-Site is set by the browser and no page can forge it; browsers leave it out
/// over plain http, and old ones always. A link's signature is its key: whoever has it could post without a browser, so there a
/// missing Origin or "null" (in-app browsers, privacy extensions) is no reason to refuse. Elsewhere "null" counts only with a token
/// and the browser's Sec-Fetch-Site; without tokens a name made to resolve to us could have that too.
bool foreign(const RequestHead& head, const Asked& asked, const SiteName& url, bool link, bool open) {
    const std::string_view site = head.header("sec-fetch-site");
    if (site == "cross-site" || site == "same-site") {
        return true;
    }
    const auto origin = head.headers.find("origin");
    if (origin == head.headers.end()) {
        return false;
    }
    if (ours(site_of_url(origin->second), asked, url, link)) {
        return false;
    }
    if (site == "same-origin" && (link || !open)) {
        return false;  // a proxy has another name for us than the browser
    }
    return !link || (origin->second != "null" && !origin->second.empty());
}

}  // namespace

std::optional<AddressBytes> forwarded_client(const RequestHead& head, const std::vector<Network>& trusted) {
    const auto trusts = [&](const AddressBytes& address) {
        return std::ranges::any_of(trusted, [&](const Network& network) { return network.holds(address); });
    };
    const auto peer = parse_address(head.peer);
    if (!peer || !trusts(*peer)) {
        return std::nullopt;
    }
    std::optional<AddressBytes> client;
    const auto hops = values_of(head.header("x-forwarded-for"));
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        client = parse_forwarded_address(*hop);
        if (!client || !trusts(*client)) {
            break;
        }
    }
    return client;
}

bool reached_by_tls(const RequestHead& head, const std::vector<Network>& trusted) {
    const auto schemes = asked_of(head, trusted).schemes;
    return head.tls || std::ranges::any_of(schemes, [](std::string_view scheme) { return lower_case(scheme) == "https"; });
}

std::string refusal_by_site(const RequestHead& head, const SiteNames& site, bool link) {
    const auto url = site_of_url(site.url);
    const auto asked = asked_of(head, site.trusted_proxies);
    // Without tokens the listener trusts whoever reaches loopback. A browser reaches it too when a foreign name is made to
    // resolve to 127.0.0.1 (DNS rebinding); then the Host header shows that name.
    const auto known = [&](const SiteName& name) {
        return is_loopback(name.host) || (!url.host.empty() && name.host == url.host);
    };
    if (site.open && !std::ranges::all_of(asked.sites, known)) {
        return "without a token file only loopback names and that of ack_url_base are served";
    }
    if (head.method == "GET" || head.method == "HEAD") {
        return {};
    }
    return foreign(head, asked, url, link, site.open) ? "requests from pages of other hosts are refused" : "";
}

}  // namespace surged
