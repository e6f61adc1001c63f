// A file descriptor that other threads make readable: what the engine thread sleeps on beside its sockets.
#pragma once

namespace surged {

/// An eventfd. set() from any thread; clear() by the one who waits. Both never block.
class WakeFd {
public:
    WakeFd();
    ~WakeFd();
    WakeFd(const WakeFd&) = delete;
    WakeFd& operator=(const WakeFd&) = delete;

    int fd() const { return fd_; }
    void set();
    void clear();

private:
    int fd_ = -1;
};

}  // namespace surged
