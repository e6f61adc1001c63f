// From where a request comes, as far as it can be known: the address and the site behind proxies, and whether a page that is not
// ours sent it. Pure.
//
// The hardest rule: what a header says of other hosts counts only from a peer that `trusted_proxies` names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/network.hpp"
#include "io/http/api_router.hpp"

namespace surged {

/// The address of who asks, when the peer is a trusted proxy: X-Forwarded-For, walked from the right past trusted addresses. nullopt
/// without such a peer, and where the list has no address: then several people may share what is known.
std::optional<AddressBytes> forwarded_client(const RequestHead& head, const std::vector<Network>& trusted);

/// Whether the browser reached us over TLS: here, or at a trusted proxy that says so.
bool reached_by_tls(const RequestHead& head, const std::vector<Network>& trusted);

/// Where the site may be reached.
struct SiteNames {
    const std::vector<Network>& trusted_proxies;
    std::string url;  ///< ack_url_base; may be empty
    bool open = false;  ///< without tokens
};

/// Why a request must be refused, a sentence; empty = it may go on. `link`: its path is a signed link, which is a key of its own.
std::string refusal_by_site(const RequestHead& head, const SiteNames& site, bool link);

}  // namespace surged
