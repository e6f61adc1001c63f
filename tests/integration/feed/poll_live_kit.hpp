// `surgectl feed poll` of a file, running in a thread of the test, and what it said.
#pragma once

#include <regex>
#include <thread>

#include "core/base/text.hpp"
#include "feed/run_poll.hpp"
#include "feed_live_kit.hpp"

namespace surged::test {

inline std::string text_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

/// Parts of messages as "jinan/general calls_waiting=7 ...", one a line.
inline std::string parts_of(const std::string& lines) {
    std::istringstream in(lines);
    std::string out;
    Decoder decoder{IngestLimits{}};
    for (std::string line; std::getline(in, line);) {
        Message message;
        RefusalCounts dropped{};
        if (decoder.decode(line, message, dropped)) {
            out += "refused: " + line + "\n";
            continue;
        }
        for (const auto& part : message.parts) {
            out += std::string(part.centre) + "/" + std::string(part.queue) +
                   (part.channel == "voice" ? "" : "/" + std::string(part.channel));
            for (std::uint32_t i = 0; i < part.count; ++i) {
                const auto& value = message.values[part.first + i];
                out += " " + std::string(value.name) + "=" + format_number(value.value);
            }
            out += "\n";
        }
    }
    return out;
}

class RunningPoll {
public:
    /// Writes `text` as feed.toml of the folder; files for its secrets are there already. JSON lines go to out().
    RunningPoll(const TempFolder& folder, const std::string& text) {
        options_.file = folder.file("feed.toml");
        std::ofstream(options_.file, std::ios::trunc) << text;
        options_.live.to = {"-"};
        start();
    }
    ~RunningPoll() { end(); }
    RunningPoll(const RunningPoll&) = delete;
    RunningPoll& operator=(const RunningPoll&) = delete;

    std::string parts() const { return parts_of(out_.text()); }
    std::string err() const { return err_.text(); }
    bool says(const std::string& part) const {
        return eventually([&] { return parts().find(part) != std::string::npos; });
    }
    bool tells(const std::string& line) const {
        return eventually([&] { return err().find(line) != std::string::npos; });
    }
    int end() {
        if (thread_.joinable()) {
            stop_ = true;
            thread_.join();
        }
        return code_;
    }

private:
    void start() {
        thread_ = std::thread([this] {
            std::ostream out(&out_);
            std::ostream err(&err_);
            code_ = run_feed_poll(options_, out, err, stop_);
        });
    }

    PollOptions options_;
    SharedText out_;
    SharedText err_;
    std::atomic<bool> stop_{false};
    int code_ = -1;
    std::thread thread_;
};

/// --once of a file: exit code and what was said.
struct PollOnce {
    int code = -1;
    std::string parts;
    std::string err;
};
inline PollOnce poll_once(const TempFolder& folder, const std::string& text) {
    PollOptions options;
    options.file = folder.file("feed.toml");
    options.once = true;
    std::ofstream(options.file, std::ios::trunc) << text;
    std::ostringstream out;
    std::ostringstream err;
    const std::atomic<bool> stop{false};
    PollOnce once;
    once.code = run_feed_poll(options, out, err, stop);
    once.parts = parts_of(out.str());
    once.err = err.str();
    return once;
}

}  // namespace surged::test
