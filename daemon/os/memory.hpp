// Memory that the program has done with.
#pragma once

namespace surged {

/// What this thread and threads that have ended freed, and the allocator kept for later, goes back to the system. Takes milliseconds for each
/// hundred megabytes that go: not for the engine's thread. By mimalloc where the program runs with it, else by glibc.
void give_memory_back();

}  // namespace surged
