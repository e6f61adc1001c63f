#include "os/memory.hpp"

#include <malloc.h>

/// mimalloc's, which only the daemon is linked with.
extern "C" void mi_collect(bool force) __attribute__((weak));

namespace surged {

void give_memory_back() {
    if (mi_collect != nullptr) {
        mi_collect(true);
    } else {
        ::malloc_trim(0);
    }
}

}  // namespace surged
