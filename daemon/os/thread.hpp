// What a thread of ours gets of the processors when there is more to do than they can. Who receives, decides, commits and pages stays as it was
// begun; whoever answers reads or prepares something steps back, so that a hall full of readers holds up no page.
#pragma once

namespace surged {

/// The calling thread, and those it starts, ask for short slices of a processor (0.1 ms, the shortest there is): one that wakes up is let in at
/// once, where it else waits until another one has had its slice of three or four milliseconds. Its share stays what it is. Linux 6.12 and
/// later; elsewhere nothing changes.
void wake_soon();

/// The calling thread's share is a third of an ordinary one while others want the processor (nice 5); alone it is as fast as before.
void step_back();

/// The calling thread takes what others leave (nice 10, SCHED_BATCH): what it makes may be a moment late.
void take_what_is_left();

}  // namespace surged
