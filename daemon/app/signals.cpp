#include "app/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

#include "core/base/check.hpp"

namespace surged {

Signals::Signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGHUP, SIGTERM, SIGINT}) {
        sigaddset(&set, signal);
    }
    SURGED_CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
    // A sink that closes its end must cost a page's attempt, not the process.
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT: no handler, nothing can race
    // A file that may not grow (ulimit -f, LimitFSIZE=) is a full disk, not the end.
    std::signal(SIGXFSZ, SIG_IGN);
    fd_.reset(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    SURGED_CHECK(fd_);
}

std::optional<Signal> Signals::take() {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
        return std::nullopt;
    }
    return info.ssi_signo == SIGHUP ? Signal::reload : Signal::stop;
}

}  // namespace surged
