// A file descriptor that other threads make readable: what the engine thread sleeps on beside its sockets.
#pragma once

#include "os/file.hpp"

namespace surged {

/// An eventfd. set() from any thread; clear() by the one who waits. Both never block.
class WakeFd {
public:
    WakeFd();
    WakeFd(const WakeFd&) = delete;
    WakeFd& operator=(const WakeFd&) = delete;

    int fd() const { return fd_.get(); }
    void set();
    void clear();

private:
    Fd fd_;
};

}  // namespace surged
