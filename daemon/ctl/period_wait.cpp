#include "ctl/period_wait.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "core/base/text.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

/// How far the daemon is, on a terminal: one line that is written over.
class ProgressLine {
public:
    ProgressLine() = default;
    ~ProgressLine() {
        if (shown_) {
            std::fputs("\r\033[K", stderr);
        }
    }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const JsonValue& progress) {
        if (::isatty(STDERR_FILENO) == 1) {
            std::fprintf(stderr, "\rsurgectl: reading the %s, %d %%\033[K", shown_safely(progress.text_or("stage", "log")).c_str(),
                         static_cast<int>(count_of(progress, "percent")));
            shown_ = true;
        }
    }

private:
    bool shown_ = false;
};

}  // namespace

std::optional<std::string> awaited_report(Api& api, const std::string& path) {
    constexpr std::chrono::milliseconds again{250};
    ProgressLine line;
    for (;;) {
        auto body = api.get(path);
        if (!body || !body->starts_with("{\"percent\":")) {
            return body;
        }
        if (const auto progress = parse_json(*body)) {
            line.show(*progress);
        }
        std::this_thread::sleep_for(again);
    }
}

}  // namespace surged
