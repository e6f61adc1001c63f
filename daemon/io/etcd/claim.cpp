#include "io/etcd/claim.hpp"

#include <time.h>

namespace surged::etcd {

BootTime boottime() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

void ClaimWatch::answered(const Standing& standing, BootTime at) {
    const bool moved = !looked_ || standing.term_revision != seen_.term_revision || standing.head_revision != seen_.head_revision;
    if (moved) {
        since_ = at;  // not when it was sent: the owner may have written in between
    }
    looked_ = true;
    seen_ = standing;
    ++answers_;
}

bool ClaimWatch::may_claim(BootTime now, bool warm) const {
    if (!looked_ || answers_ == 0) {
        return false;
    }
    if (!seen_.head) {
        return true;
    }
    const BootTime still = now - since_;
    const BootTime patience = warm ? BootTime{0} : takeover_;
    if (seen_.head->released) {
        return still >= patience;
    }
    return answers_ >= answers_needed && still >= takeover_ + patience;
}

}  // namespace surged::etcd
