#include "os/wake_fd.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "core/base/check.hpp"

namespace surged {

WakeFd::WakeFd() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    SURGED_CHECK(fd_);
}

void WakeFd::set() {
    const std::uint64_t one = 1;
    // Full (2^64 - 2 signals) is as good as set; nothing else can go wrong with an eventfd of our own.
    [[maybe_unused]] const auto written = ::write(fd_.get(), &one, sizeof one);
}

void WakeFd::clear() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(fd_.get(), &count, sizeof count);
}

}  // namespace surged
