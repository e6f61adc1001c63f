#include "os/thread.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace surged {
namespace {

/// On Linux 0 is the calling thread, not its process. A daemon that was begun further back stays there; refused (a sandbox), a thread works
/// as everybody does.
void share_of(int nice) {
    if (::getpriority(PRIO_PROCESS, 0) < nice) {
        static_cast<void>(::setpriority(PRIO_PROCESS, 0, nice));
    }
}

/// As sched_setattr(2) has it; glibc 2.36 has no name for it.
struct Attributes {
    std::uint32_t size = sizeof(Attributes);
    std::uint32_t policy = 0;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0;
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

/// 0: the system's own slice. Where it is refused, or not known, a thread waits its turn as everybody does.
void slice_of(std::uint64_t nanoseconds) {
    Attributes now;
    if (::syscall(SYS_sched_getattr, 0, &now, sizeof now, 0U) == 0) {
        now.size = sizeof now;
        now.flags = 0;
        now.runtime = nanoseconds;
        static_cast<void>(::syscall(SYS_sched_setattr, 0, &now, 0U));
    }
}

}  // namespace

void wake_soon() {
    slice_of(100000);
}

void step_back() {
    slice_of(0);
    share_of(5);
}

void take_what_is_left() {
    const sched_param none{};
    static_cast<void>(::sched_setscheduler(0, SCHED_BATCH, &none));
    slice_of(0);
    share_of(10);
}

}  // namespace surged
