// TLS in front of the HTTP listener: takes a connection, shakes hands, and carries bytes to and from a plain port on loopback.
//
// Why it is ours: the civetweb of Debian bookworm finds OpenSSL at run time, looks for a function that OpenSSL 3 no longer has,
// and crashes at the first TLS connection. It knows bytes and never looks into them; tokens are checked behind it as without TLS.
//
// The hardest rule: a peer holds one thread and two bounded buffers, and neither longer than the idle limit.
#pragma once

#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

struct TlsOptions {
    std::string host = "127.0.0.1";
    int port = 0;             ///< 0 = any free port
    std::string certificate;  ///< PEM: ours first, then the intermediate ones
    std::string key;          ///< PEM
    std::size_t connections = 72;
    Span handshake_limit{5000};  ///< the whole handshake
    Span idle_limit{30000};      ///< no byte either way this long: closed. Above the beat of event streams
};

struct TlsStats {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;  ///< closed at once because there were too many
    std::uint64_t failed = 0;   ///< handshakes that did not come to an end
};

class TlsFront {
public:
    /// Carries to 127.0.0.1:`inner_port`. Errors: the address is in use or not ours, certificate or key cannot be read or do not
    /// fit.
    static Result<std::unique_ptr<TlsFront>> start(const TlsOptions& options, int inner_port);
    /// Closes every connection and waits for its threads.
    ~TlsFront();
    TlsFront(const TlsFront&) = delete;
    TlsFront& operator=(const TlsFront&) = delete;

    int port() const;
    TlsStats stats() const;

private:
    struct Impl;
    explicit TlsFront(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace surged
