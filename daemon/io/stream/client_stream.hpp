// A connection of ours to somebody's TCP port, plain or by TLS, for one thread. Knows bytes; refuses to know what they say.
//
// The hardest rule: nothing here waits longer than it is told to but the look-up of a name, which the system bounds; and a peer that
// is not who it should be (no certificate of a known authority, of another name, expired) is no connection.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace surged {

struct StreamPeer {
    std::string host;  ///< name or address
    std::string port;  ///< number or service
    bool tls = false;
    std::string ca_file;   ///< PEM; empty = the system's authorities. TLS only
    std::string tls_name;  ///< what the certificate must be for; empty = host
};

class ClientStream {
public:
    /// Tries the peer's addresses in turn. Errors name host and port and say what is wrong in words for a person; `bound` is for all
    /// of it, but the look-up of the name.
    static Result<std::unique_ptr<ClientStream>> connect(const StreamPeer& peer, Span bound, const std::atomic<bool>& stop);
    ~ClientStream();
    ClientStream(const ClientStream&) = delete;
    ClientStream& operator=(const ClientStream&) = delete;

    /// Waits until bytes may be there, at most `bound`. False: nothing came.
    bool wait(Span bound);
    /// Appends what is there, at most `most` bytes; never waits. False: the connection has ended, why() says how.
    bool read(std::string& into, std::size_t most);
    /// All of it, within `bound`. False: the connection has ended, or the peer does not read.
    bool write(std::string_view bytes, Span bound);
    const std::string& why() const { return why_; }
    /// "192.0.2.7:5038"
    const std::string& address() const { return address_; }

private:
    struct Parts;
    explicit ClientStream(std::unique_ptr<Parts> parts);
    bool ended(std::string why);

    std::unique_ptr<Parts> parts_;
    std::string why_;
    std::string address_;
};

/// A CA file that can be read and holds a certificate; tried before a service starts. Empty file name: the system's.
Result<void> try_ca_file(const std::string& ca_file);

}  // namespace surged
