// Signals as a descriptor. Made before any other thread exists, so that every thread inherits the block and no handler is ever
// run.
#pragma once

#include <optional>

#include "os/file.hpp"

namespace surged {

enum class Signal { reload, stop };  // SIGHUP; SIGTERM and SIGINT

class Signals {
public:
    /// Blocks SIGHUP, SIGTERM, SIGINT in this thread and those it starts; ignores SIGPIPE and SIGXFSZ.
    Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    int fd() const { return fd_.get(); }
    /// The next signal that waits; nullopt = none. Never blocks.
    std::optional<Signal> take();

private:
    Fd fd_;
};

}  // namespace surged
