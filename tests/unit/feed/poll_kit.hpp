// A poll file and documents in a line each, and what comes out as text, for tests of `feed poll` without sockets and clocks.
#pragma once

#include <string>

#include "core/base/text.hpp"
#include "feed/poll_feed.hpp"
#include "feed/poll_plan.hpp"
#include "feed/poll_source.hpp"
#include "support/catch.hpp"

namespace surged::test {

inline constexpr std::int64_t poll_now_ms = 1'780'000'000'000;  // 2026-05-28T20:26:40Z

inline LoadedPollPlan plan_of_text(const std::string& text) {
    auto out = parse_poll_plan("feed.toml", text);
    std::string all;
    for (const auto& finding : out.findings) {
        all += finding.text() + "\n";
    }
    INFO(all);
    REQUIRE(out.good);
    out.plan.source = out.plan.source.empty() ? "test" : out.plan.source;
    return out;
}

/// Findings, one a line, without the file's name.
inline std::string findings_of(const std::string& text) {
    std::string out;
    for (const auto& finding : parse_poll_plan("f", text).findings) {
        out += finding.text() + "\n";
    }
    return out;
}

/// One feeder on a virtual clock: documents in, text out: "jinan/sales calls_waiting=3 offered=0; ...".
class PollWorldOnPaper {
public:
    explicit PollWorldOnPaper(const std::string& text, bool from_zero = false)
        : loaded_(plan_of_text(text)), feed_(loaded_.plan, book_, from_zero) {
        book_.source = "test";
        book_.epoch = 1;
    }

    std::string say(std::string_view document, const std::string& period = "", bool adds = true) {
        const auto& ask = loaded_.plan.asks.front();
        TableFaults faults;
        const auto read = read_poll_document(ask, document, faults);
        if (!read) {
            return read.error().message;
        }
        mapped = {};
        map_document(*read, ask.map, period, loaded_.plan.zone, now_ms, mapped);
        said_.clear();
        feed_.answer(ask, mapped, adds, now_ms, [this](const Message& message) { return write(message); });
        return said_;
    }
    std::string between() {
        said_.clear();
        feed_.between(loaded_.plan.asks.front(), now_ms, [this](const Message& message) { return write(message); });
        return said_;
    }
    /// As after a stop and a start with the state file.
    void restart() {
        auto again = read_poll_book(write_poll_book(book_));
        REQUIRE(again);
        book_ = std::move(*again);
    }

    std::int64_t now_ms = poll_now_ms;
    MappedAnswer mapped;
    Message last;
    std::int64_t last_ts_ms = 0;
    std::uint64_t last_seq = 0;

private:
    bool write(const Message& message) {
        last_ts_ms = to_ms(message.ts);
        last_seq = message.seq;
        for (const auto& part : message.parts) {
            said_ += said_.empty() ? "" : "; ";
            said_ += std::string(part.centre) + "/" + std::string(part.queue) +
                     (part.channel == "voice" ? "" : "/" + std::string(part.channel));
            for (std::uint32_t i = 0; i < part.count; ++i) {
                const auto& value = message.values[part.first + i];
                said_ += " " + std::string(value.name) + "=" + format_number(value.value);
            }
        }
        return true;
    }

    LoadedPollPlan loaded_;
    PollBook book_;
    PollFeed feed_;
    std::string said_;
};

}  // namespace surged::test
