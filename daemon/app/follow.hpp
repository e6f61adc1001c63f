// A host that stands by in a cluster: its engine sees the same samples as the owner's and gets the owner's records out of etcd, so that it
// can go on at any moment. It pages nobody, answers no command and publishes nothing.
//
// Hardest rule: what it would decide itself does not count. Its desk is moved by the owner's records alone, and it takes over only when the
// tail has claimed the shard (etcd_tail.hpp).
#pragma once

#include <memory>

#include "app/begin.hpp"

namespace surged {

/// Until this host owns the shard; nullptr = asked to stop. Errors: the local file or a socket cannot be had, or this host cannot follow.
Result<std::unique_ptr<Begun>, StartFailure> follow(LoadedConfig& config, const Surroundings& around);

}  // namespace surged
