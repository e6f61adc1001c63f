// Two surgeds of one store: one works, the other stands by and takes over when the first has ended, however it ended.
//
// It knows how to wait; the store's lock decides whose turn it is, and the kernel releases it with the process that held it. So
// there are never two at work. A daemon that hangs keeps the lock: its watchdog ends it first.
#pragma once

#include <memory>
#include <string>

#include "app/log.hpp"
#include "app/signals.hpp"
#include "config/settings.hpp"
#include "io/record_log.hpp"
#include "io/systemd/notifier.hpp"

namespace surged {

/// What the command line said.
struct StandbyFiles {
    std::string config;
    std::string store;  ///< instead of [store] path; empty = as configured
};

/// Opens the store; while another process has it, waits. While it waits it listens nowhere, feeds the watchdog and answers signals:
/// SIGHUP reads the configuration again (a bad one changes nothing), SIGTERM and SIGINT end the wait. When the store is free,
/// `config` is read once more, so that what was edited meanwhile is in force; when that one is bad, the last good one is.
/// Returns null when it was asked to stop. Errors: those of StoreKind::open except held.
Result<std::unique_ptr<RecordLog>, LogFailure> stand_by(const StoreKind& store, const StandbyFiles& files, LoadedConfig& config,
                                                        Signals& signals, Notifier& notifier, const Log& log);

}  // namespace surged
