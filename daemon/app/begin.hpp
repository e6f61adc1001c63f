// How a daemon comes to work: alone, out of its own file; standing by for the file; or as one of several hosts (follow.hpp). Whichever it
// was, what follows in main.cpp is the same.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "app/cluster.hpp"
#include "app/log.hpp"
#include "app/parts.hpp"
#include "app/recovery.hpp"
#include "app/signals.hpp"
#include "config/settings.hpp"
#include "core/engine/engine.hpp"
#include "io/clock/clock.hpp"
#include "io/record_log.hpp"
#include "io/systemd/notifier.hpp"
#include "io/zmq/ingest.hpp"

namespace surged {

/// What the command line said.
struct StartFiles {
    std::string config;
    std::string store;  ///< instead of [store] path; empty = as configured
    bool standby = false;
    std::string host;  ///< this machine's name in a [cluster]; empty = the machine's own
};

struct Begun {
    Settings settings;  ///< in force
    std::unique_ptr<RecordLog> records;
    std::uint64_t head = 0;
    std::unique_ptr<Engine> engine;
    EngineClockSource clock;
    std::unique_ptr<Ingest> ingest;
    bool snapshot_soon = false;          ///< what stands in the store could not be used, or another host waits for one
    std::shared_ptr<Cluster> cluster{};  ///< null = one host
};

/// Why it cannot, for the log.
struct StartFailure {
    ExitCode code = exit_store;
    const char* event = "";
    std::string why;
};

/// What main hands to every way of beginning; borrowed.
struct Surroundings {
    const Clock& host_clock;
    const StoreKind& store;
    const StartFiles& files;
    Signals& signals;
    Notifier& notifier;
    const Log& log;
    const Steps& steps;
};

/// What the start read back, for the log.
void tell_recovery(const RecoveryReport& report, const Log& log);

/// Takes `config.plan`; `config` may be read anew while this waits. nullptr = asked to stop while it stood by or followed.
Result<std::unique_ptr<Begun>, StartFailure> begin(LoadedConfig& config, const Surroundings& around);

}  // namespace surged
