#include "app/log.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "core/base/text.hpp"

namespace surged {
namespace {

/// $JOURNAL_STREAM names the device and inode of the journal's socket; it is inherited by children whose stderr may be something
/// else.
bool stderr_is_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");  // NOLINT: read once, before any thread
    struct stat info {};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &info) != 0) {
        return false;
    }
    return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) == stream;
}

void append_value(std::string& out, std::string raw) {
    std::replace(raw.begin(), raw.end(), '\r', '\n');
    const std::string value = shown_safely(raw);
    if (!value.empty() && value.find_first_of(" \t\r\n\"\\=") == std::string::npos) {
        out += value;
        return;
    }
    out += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace

Log::Log() : priorities_(stderr_is_journal()) {}

std::string Log::line(std::string_view event, std::initializer_list<LogField> fields) {
    std::string out = "event=" + std::string(event);
    for (const LogField& field : fields) {
        out += ' ';
        out += field.key;
        out += '=';
        append_value(out, field.value);
    }
    return out;
}

void Log::write(LogPriority priority, std::string_view event, std::initializer_list<LogField> fields) const {
    raw(priority, line(event, fields));
}

void Log::raw(LogPriority priority, std::string_view line) const {
    std::string out = priorities_ ? "<" + std::to_string(static_cast<int>(priority)) + ">" : "";
    out += line;
    out += '\n';
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, out.data(), out.size());
}

}  // namespace surged
