// Bytes to and from one peer, plain or by TLS, never waiting: what cannot be done now says what to wait for.
#pragma once

#include <cstddef>
#include <memory>

#include "io/http/credentials.hpp"

struct ssl_st;

namespace surged {

enum class Io : std::uint8_t { done, want_read, want_write, closed, idle };

class HttpTransport {
public:
    /// `fd` is borrowed and non-blocking.
    HttpTransport(int fd, TlsContext tls) : fd_(fd), context_(std::move(tls)), ssl_(nullptr, nullptr) {}
    bool is_tls() const { return context_ != nullptr; }
    /// Only for TLS. OpenSSL's state is made once the peer has said something: a peer that says nothing costs its socket alone.
    Io shake();
    Io receive(char* to, std::size_t room, std::size_t& got);
    Io send(const char* from, std::size_t size, std::size_t& sent);
    /// Says that nothing more comes; what the peer still sends can be received.
    void finish();

private:
    Io reason(int result) const;

    int fd_;
    TlsContext context_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
};

}  // namespace surged
