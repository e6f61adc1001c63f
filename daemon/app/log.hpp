// The daemon's own log: one line per state change, key=value, the event first, to stderr. Under systemd each line carries its
// priority
// ("<4>event=..."), so that journalctl -p works. For people; machines read the metrics.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace surged {

/// One field of a log line. Numbers and texts; never a secret.
struct LogField {
    LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
    LogField(std::string_view name, const char* text) : key(name), value(text) {}
    LogField(std::string_view name, std::string text) : key(name), value(std::move(text)) {}
    template <std::integral T>
    LogField(std::string_view name, T number) : key(name), value(std::to_string(number)) {}
    std::string_view key;
    std::string value;
};

enum class LogPriority { error = 3, warning = 4, notice = 5, info = 6 };

/// Safe from any thread: a line is one write.
class Log {
public:
    /// `priorities`: write the systemd prefix. Default: when stderr is the journal ($JOURNAL_STREAM).
    Log();
    explicit Log(bool priorities) : priorities_(priorities) {}

    void error(std::string_view event, std::initializer_list<LogField> fields = {}) const {
        write(LogPriority::error, event, fields);
    }
    void warning(std::string_view event, std::initializer_list<LogField> fields = {}) const {
        write(LogPriority::warning, event, fields);
    }
    void notice(std::string_view event, std::initializer_list<LogField> fields = {}) const {
        write(LogPriority::notice, event, fields);
    }
    void info(std::string_view event, std::initializer_list<LogField> fields = {}) const {
        write(LogPriority::info, event, fields);
    }
    void write(LogPriority priority, std::string_view event, std::initializer_list<LogField> fields) const;
    /// A line that is made already.
    void raw(LogPriority priority, std::string_view line) const;

    /// `event=started head=12 took="1.2 s"`: values with blanks, quotes or line breaks are quoted and escaped.
    static std::string line(std::string_view event, std::initializer_list<LogField> fields);

private:
    bool priorities_ = false;
};

}  // namespace surged
