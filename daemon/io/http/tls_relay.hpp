// One connection of the TLS front: handshake, then bytes both ways until one side ends or nothing moves.
#pragma once

#include <openssl/ssl.h>

#include "core/base/time.hpp"

namespace surged {

/// A file descriptor that is closed with its holder.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }
    bool open() const { return fd_ >= 0; }

private:
    int fd_;
};

struct RelayLimits {
    Span handshake{5000};
    Span idle{30000};
};

/// Serves `peer` (a non-blocking socket) by TLS until it ends, carrying to a connection of its own to 127.0.0.1:`inner_port`.
/// Returns early when `stop` (a descriptor) becomes readable. False = the handshake failed.
bool relay(SSL_CTX* context, int peer, int inner_port, int stop, const RelayLimits& limits);

}  // namespace surged
