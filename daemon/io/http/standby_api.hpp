// What a host that stands by answers over HTTP: that it lives, who is at work, and where people go on. It has the listener of the API with
// its TLS and limits, and none of the API: it forwards nothing, reads no body and needs no token, for it tells nothing but who is who.
//
// The hardest rule: people are sent to the owner's address and nowhere else, whatever the request says. The address comes from the
// cluster's own log; one that is no plain address is as good as none.
#pragma once

#include <functional>
#include <memory>

#include "core/base/result.hpp"
#include "io/cluster_facts.hpp"
#include "io/http/http_listener.hpp"

namespace surged {

/// The answer to one request. Pure.
///   /healthz  200
///   /readyz   503 {"standby":host,"owner":..,"term":..,"behind":..,"warm":..,"config_agrees":..}: no place for a proxy to send people to
///   /api/...  503 {"error":{"code":"standby","message":..,"owner":..}}
///   any other path is for people: GET is sent on to the owner by 307, with path and query kept. Anything else is answered 503 by a page
///             with that address: browsers let no form follow to another host, and nothing that was sent here was recorded. 503 and a page
///             as well while no owner is known.
HttpResponse standby_answer(const RequestHead& head, const StandbyFacts& facts);

class StandbyServer {
public:
    /// From the listener's thread, once for each request: thread-safe, must not wait.
    using Facts = std::function<StandbyFacts()>;
    /// `tls` as the API has it; null = plain HTTP. Errors: the address is in use or not ours.
    static Result<std::unique_ptr<StandbyServer>> start(const ListenerOptions& options, TlsContext tls, Facts facts);
    /// The port is free again afterwards.
    ~StandbyServer();
    StandbyServer(const StandbyServer&) = delete;
    StandbyServer& operator=(const StandbyServer&) = delete;

    int port() const;
    ListenerStats stats() const;
    /// For connections from now on. From any thread.
    void renew(TlsContext tls);

private:
    struct Impl;
    explicit StandbyServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace surged
