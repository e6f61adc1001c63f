// Words to the service manager. It knows sd_notify; it refuses to decide whether the program is well.
//
// The hardest rule: the watchdog is fed only from alive(), and the program calls alive() only when its engine loop made progress (or,
// while it stands by, its wait), so a hung engine is restarted although all other threads still run.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace surged {

/// Silent when not started by systemd (no NOTIFY_SOCKET). Not thread safe: the engine's thread owns it.
class Notifier {
public:
    /// Reads NOTIFY_SOCKET and WATCHDOG_USEC from the environment, once.
    Notifier();

    /// Started, or back to work after reloading(); `status` says for people what is in force.
    void ready(std::string_view status);
    void reloading();
    /// After ready() comes a start all the same, as long as one may take: the watchdog waits for `within` until the next ready().
    void starting(Span within, std::string_view status);
    void stopping();
    void status(std::string_view text);
    /// The engine loop made progress at `steady` (any steady clock). Sends at most four times in a watchdog interval.
    void alive(Span steady);
    /// How often the engine loop must call alive() to be safe: a quarter of the interval; nullopt = no watchdog.
    std::optional<Span> alive_every() const;
    bool under_systemd() const { return under_systemd_; }

private:
    bool under_systemd_ = false;
    std::optional<Span> watchdog_;
    std::optional<Span> fed_;
    bool patient_ = false;  ///< the manager was told to wait longer
};

}  // namespace surged
