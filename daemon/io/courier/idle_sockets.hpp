// The sockets of libcurl's pool, as far as nobody uses them now. A server that closes an idle TLS connection says so inside TLS first, and
// the library (7.88), which looks for one byte to read, takes that for a sign of life: the next request would be written to a connection
// that is over, and nobody could say whether it arrived. Nothing that comes on an idle connection is good news: it ends it.
//
// It knows descriptors, and by name the way out that they belong to; it refuses to know requests. Private to this room.
#pragma once

#include <poll.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "os/file.hpp"

namespace surged {

class IdleSockets {
public:
    IdleSockets();

    /// The library has a new one, which it connects for somebody.
    void opened(int fd);
    /// The library is done with it; it is closed here.
    void close(int fd);
    /// One use of one of them. The number of a descriptor alone may be another's by the time the use is over.
    struct Use {
        int fd = -1;
        std::uint64_t socket = 0;
        std::uint64_t number = 0;
    };
    /// A request is about to be written to the connection with this port on our side.
    Use take(int local_port);
    enum class After : std::uint8_t {
        ended,     ///< the connection ended with the request
        waits,     ///< it waits for the next
        passed_on  ///< the next request has it already
    };
    /// The request on it has ended.
    After release(const Use& use, const std::string& way);

    /// Ends the idle connections on which something came. The ways that had one and have none left.
    std::vector<std::string> sweep();
    /// Whether this way has a connection that waits for the next request.
    bool waits(const std::string& way) const;
    /// Calls `each` with every idle one.
    template <typename Each>
    void each_idle(Each each) const {
        for (const auto& [fd, socket] : sockets_) {
            if (socket.idle) {
                each(fd);
            }
        }
    }

private:
    struct Socket {
        std::string way{};
        std::uint64_t number = 0;
        std::uint64_t use = 0;
        int local_port = 0;
        bool idle = false;
    };
    std::map<int, Socket> sockets_;
    std::uint64_t counted_ = 0;
    std::vector<pollfd> looked_at_;
    Fd ended_;  ///< a socket whose peer is gone: put in the place of one that is over
};

}  // namespace surged
