// Checks of our own invariants. They stay on in release: a broken invariant ends the process, systemd restarts it and the journal
// is replayed. Never used on outside input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace surged::detail {
[[noreturn]] inline void check_failed(const char* what, const char* file, int line) {
    std::fprintf(stderr, "event=invariant_broken what=\"%s\" at=%s:%d\n", what, file, line);
    std::abort();
}
}  // namespace surged::detail

#define SURGED_CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::surged::detail::check_failed(#condition, __FILE__, __LINE__))
