#include "app/standby.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app/parts.hpp"
#include "io/clock/clock.hpp"
#include "os/file.hpp"

namespace surged {
namespace {

constexpr int look_every_ms = 20;
// The kernel gives back a dying process's lock before its last sockets, and a stopping one closes them a little later.
constexpr int end_within_ms = 2000;
// As long as the unit gives a start (TimeoutStartSec=): recovery reads the log, and no watchdog is fed meanwhile.
constexpr Span start_within{180000};

std::string store_path(const LoadedConfig& config, const StandbyFiles& files) {
    return settings_in_force(config.settings, files.store).store.path;
}

/// Takes the configuration of the file, unless it is bad.
void read_again(const StandbyFiles& files, LoadedConfig& config, const Log& log) {
    const auto refuse = [&log](const std::string& why) {
        log.error("reload_refused", {{"effect", "the last good configuration stays"}, {"why", why}});
    };
    LoadedConfig fresh = load_config(files.config);
    print_diagnostics(fresh);
    if (!fresh.ok() || !takes_samples(fresh.settings)) {
        return refuse(fresh.ok() ? no_samples : "see above");
    }
    if (store_path(fresh, files) != store_path(config, files)) {
        return refuse("another [store] path needs a restart");
    }
    config = std::move(fresh);
    log.notice("reloaded", {{"version", config.plan->version}});
}

/// Waits until `pid` has ended altogether. A pid of another container or one that was given to another process only costs the wait.
void await_end(pid_t pid) {
    const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process) {
        return;  // it is gone
    }
    pollfd ended{process.get(), POLLIN, 0};
    ::poll(&ended, 1, end_within_ms);
}

/// False = asked to stop.
bool wait_a_moment(const StandbyFiles& files, LoadedConfig& config, Signals& signals, Notifier& notifier, const Log& log,
                   const std::string& status) {
    pollfd signal{signals.fd(), POLLIN, 0};
    ::poll(&signal, 1, look_every_ms);
    while (const auto taken = signals.take()) {
        if (*taken == Signal::stop) {
            return false;
        }
        notifier.reloading();
        read_again(files, config, log);
        notifier.ready(status);
    }
    notifier.alive(SystemClock().steady());
    return true;
}

}  // namespace

Result<std::unique_ptr<RecordLog>, LogFailure> stand_by(const StoreKind& store, const StandbyFiles& files, LoadedConfig& config,
                                                        Signals& signals, Notifier& notifier, const Log& log) {
    const std::string path = store_path(config, files);
    std::optional<pid_t> before;
    std::string told;
    for (;;) {
        auto opened = store.open(path);
        if (opened || opened.error().error != LogError::held) {
            if (!told.empty() && opened) {
                notifier.starting(start_within, "taking over");
                if (before) {
                    await_end(*before);
                }
                read_again(files, config, log);
                log.notice("taking_over", {{"store", path}});
            }
            return opened;
        }
        before = store.holder(path);
        if (const std::string status = "standing by: " + opened.error().message; status != told) {
            log.notice("standing_by", {{"why", opened.error().message}});
            notifier.ready(status);
            told = status;
        }
        if (!wait_a_moment(files, config, signals, notifier, log, told)) {
            notifier.stopping();
            log.notice("stopped", {{"why", "asked to, while standing by"}});
            return std::unique_ptr<RecordLog>();
        }
    }
}

}  // namespace surged
