#include "io/systemd/notifier.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdlib>

namespace surged {

namespace {
/// A status is one line: a line break would start another assignment of the protocol.
std::string one_line(std::string_view text) {
    std::string line(text.substr(0, 512));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
    return line;
}
/// Another interval of the watchdog from now on, as the last line of a message.
std::string watchdog_usec(Span interval) {
    return "\nWATCHDOG_USEC=" + std::to_string(std::chrono::microseconds{interval}.count());
}
// A manager that does not listen is no reason to fail: results are ignored, the unit's own time limits notice.
void send(const std::string& message) {
    static_cast<void>(sd_notify(0, message.c_str()));
}
}  // namespace

Notifier::Notifier() : under_systemd_(std::getenv("NOTIFY_SOCKET") != nullptr) {
    std::uint64_t usec = 0;
    if (sd_watchdog_enabled(0, &usec) > 0 && usec > 0) {
        watchdog_ = std::max(Span{1}, std::chrono::duration_cast<Span>(std::chrono::microseconds{usec}));
    }
}

void Notifier::ready(std::string_view status) {
    if (under_systemd_) {
        send("READY=1\nSTATUS=" + one_line(status) + (patient_ ? watchdog_usec(*watchdog_) : ""));
        patient_ = false;
    }
}

void Notifier::starting(Span within, std::string_view text) {
    status(text);
    if (watchdog_) {
        send(watchdog_usec(within).substr(1));
        patient_ = true;
    }
}

void Notifier::reloading() {
    if (under_systemd_) {
        send("RELOADING=1\nSTATUS=reading the configuration");
    }
}

void Notifier::stopping() {
    if (under_systemd_) {
        send("STOPPING=1\nSTATUS=stopping");
    }
}

void Notifier::status(std::string_view text) {
    if (under_systemd_) {
        send("STATUS=" + one_line(text));
    }
}

void Notifier::alive(Span steady) {
    const std::optional<Span> every = alive_every();
    if (!every || (fed_ && steady - *fed_ < *every && steady >= *fed_)) {
        return;
    }
    fed_ = steady;
    send("WATCHDOG=1");
}

std::optional<Span> Notifier::alive_every() const {
    if (!watchdog_) {
        return std::nullopt;
    }
    return std::max(Span{1}, *watchdog_ / 4);
}

}  // namespace surged
