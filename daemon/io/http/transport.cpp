#include "io/http/transport.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace surged {

namespace {

Io plain_reason(Io wait) {
    return errno == EAGAIN || errno == EINTR ? wait : Io::closed;
}

int bounded(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

Io HttpTransport::reason(int result) const {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ: return Io::want_read;
        case SSL_ERROR_WANT_WRITE: return Io::want_write;
        default: return Io::closed;
    }
}

Io HttpTransport::shake() {
    if (!ssl_) {
        char first = 0;
        const ssize_t n = ::recv(fd_, &first, 1, MSG_PEEK | MSG_DONTWAIT);
        if (n <= 0) {
            return n == 0 ? Io::closed : plain_reason(Io::want_read);
        }
        ssl_ = {SSL_new(context_.get()), &SSL_free};
        if (!ssl_ || SSL_set_fd(ssl_.get(), fd_) != 1) {
            return Io::closed;
        }
    }
    ERR_clear_error();
    const int done = SSL_accept(ssl_.get());
    return done == 1 ? Io::done : reason(done);
}

Io HttpTransport::receive(char* to, std::size_t room, std::size_t& got) {
    if (is_tls()) {
        ERR_clear_error();
        const int n = SSL_read(ssl_.get(), to, bounded(room));
        got = n > 0 ? static_cast<std::size_t>(n) : 0;
        return n > 0 ? Io::done : reason(n);
    }
    const ssize_t n = ::recv(fd_, to, room, MSG_DONTWAIT);
    got = n > 0 ? static_cast<std::size_t>(n) : 0;
    if (n > 0) {
        return Io::done;
    }
    return n == 0 ? Io::closed : plain_reason(Io::want_read);
}

Io HttpTransport::send(const char* from, std::size_t size, std::size_t& sent) {
    if (is_tls()) {
        ERR_clear_error();
        const int n = SSL_write(ssl_.get(), from, bounded(size));
        sent = n > 0 ? static_cast<std::size_t>(n) : 0;
        return n > 0 ? Io::done : reason(n);
    }
    const ssize_t n = ::send(fd_, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    sent = n > 0 ? static_cast<std::size_t>(n) : 0;
    return n > 0 ? Io::done : plain_reason(Io::want_write);
}

void HttpTransport::finish() {
    if (ssl_) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());  // says goodbye once; what the peer says to that is not waited for
    }
    ::shutdown(fd_, SHUT_WR);
}

}  // namespace surged
