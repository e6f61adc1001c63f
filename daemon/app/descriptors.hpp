// Whether the process may hold as many descriptors as its configuration wants. At the limit new connections are refused; store,
// courier and the API have theirs kept.
#pragma once

#include <cstddef>
#include <string>

#include "config/settings.hpp"

namespace surged {

struct DescriptorCheck {
    bool enough = true;  ///< to start at all
    std::string remark;  ///< for people; empty = all that is configured fits
};

/// A connection takes three: ours, and both ends of the one behind the gate.
inline constexpr std::size_t descriptors_a_connection = 3;
/// Below this surged does not start: libzmq ends a process that finds none left.
inline constexpr std::size_t descriptors_least = 128;

/// Raises the soft limit as far as is wanted and allowed, then lowers `connections` of [ingest] and [publish] to what is left beside
/// the reserve.
DescriptorCheck fit_descriptors(Settings& settings);
/// The same for a given limit.
DescriptorCheck fit_descriptors(Settings& settings, std::size_t limit);

/// Why the limit of address space (ulimit -v) is too low to start; empty = it is not. libzmq ends a process that gets no thread.
std::string address_space_shortage();

/// Blocks of a quarter of a MiB and more go back to the system when they are freed, whatever was freed before: what a flood took is
/// not kept. Before any other thread.
void return_large_blocks();

}  // namespace surged
