#include "os/thread.hpp"

#include <sched.h>
#include <sys/resource.h>

namespace surged {
namespace {

/// On Linux 0 is the calling thread, not its process. A daemon that was begun further back stays there; refused (a sandbox), a thread works
/// as everybody does.
void share_of(int nice) {
    if (::getpriority(PRIO_PROCESS, 0) < nice) {
        static_cast<void>(::setpriority(PRIO_PROCESS, 0, nice));
    }
}

}  // namespace

void step_back() {
    share_of(5);
}

void take_what_is_left() {
    const sched_param none{};
    static_cast<void>(::sched_setscheduler(0, SCHED_BATCH, &none));
    share_of(10);
}

}  // namespace surged
