#include "feed/ami_replay.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/text.hpp"

namespace surged {

namespace {
constexpr double year_2100 = 4102444800.0;

/// The seconds at the front of `text`, in ms; 0 = none.
std::int64_t leading_ms(std::string_view text) {
    const auto seconds = parse_number(text.substr(0, text.find_first_not_of("0123456789.")));
    return seconds && *seconds < year_2100 ? static_cast<std::int64_t>(std::floor(*seconds * 1000.0)) : 0;
}

std::int64_t first_event_ms(std::string_view recording) {
    const auto at = recording.find("\nTimestamp: ");
    return at == std::string_view::npos ? 0 : leading_ms(recording.substr(at + 12));
}

std::string word_after(std::string_view line, std::string_view mark) {
    const auto at = line.find(mark);
    if (at == std::string_view::npos) {
        return {};
    }
    const auto rest = line.substr(at + mark.size());
    return std::string(rest.substr(0, rest.find_first_of(" |\r")));
}
}  // namespace

bool AmiReplay::at(std::int64_t ms) {
    // A list has no times of its own, and notes may be rounded: time never goes back.
    now_ms_ = std::max(now_ms_, ms);
    return !before_ || before_(now_ms_);
}

bool AmiReplay::note(std::string_view line) {
    const auto time = line.find(" at ");
    const auto ms = time == std::string_view::npos ? 0 : leading_ms(line.substr(time + 4));
    if (ms == 0) {
        return true;
    }
    if (!at(ms)) {
        return false;
    }
    if (line.find("connection lost") != std::string_view::npos && connected_) {
        state_.advance(now_ms_);
        state_.disconnected(now_ms_);
        connected_ = false;
    } else if (line.find("Action: Login") != std::string_view::npos) {
        const auto events = word_after(line, "Events: ");
        asks_causes_ = events.empty() || events == "on" || events.find("call") != std::string::npos;
    } else if (line.find("Action: QueueStatus") != std::string_view::npos) {
        list_ = word_after(line, "ActionID: ");
        state_.ask_list(now_ms_);
    }
    return true;
}

bool AmiReplay::block(const AmiBlock& block) {
    const auto name = block.event();
    if (name.empty()) {
        return true;
    }
    ++events_;
    const auto stamped = block.time_ms("Timestamp");
    if (!at(stamped.value_or(now_ms_))) {
        return false;
    }
    if (name == "FullyBooted") {
        state_.booted(block.number("Uptime"), now_ms_);
    } else if (name == "QueueParams" || name == "QueueMember" || name == "QueueEntry") {
        const auto id = std::string(block.get("ActionID"));
        if (id != list_) {
            list_ = id;  // nobody noted the question
            state_.ask_list(now_ms_);
        }
        ++lists_;
        state_.list_item(block, now_ms_);
    } else if (name == "QueueStatusComplete") {
        state_.list_end(block.number("ListItems"), now_ms_);
    } else if (block.get("ActionID").empty()) {
        state_.event(block, now_ms_);
    }
    return true;
}

bool AmiReplay::run(std::string_view recording) {
    now_ms_ = std::max(now_ms_, first_event_ms(recording.substr(0, std::min<std::size_t>(recording.size(), 1U << 20U))));
    if (const auto noted = recording.substr(0, 15) == "# connected at " ? leading_ms(recording.substr(15)) : 0; noted > 0) {
        now_ms_ = noted;
    }
    bool go_on = true;
    while (!recording.empty() && go_on) {
        const auto end = std::min(recording.find('\n'), recording.size() - 1) + 1;
        const auto line = recording.substr(0, end);
        recording.remove_prefix(end);
        if (line.front() == '#') {
            go_on = note(line);
            continue;
        }
        const bool greets = line.starts_with("Asterisk Call Manager/");
        if (greets) {
            parser_.restart();
        }
        parser_.feed(line, [&](const AmiBlock& one) { go_on = go_on && block(one); });
        if (greets) {
            if (connected_) {
                state_.disconnected(now_ms_);
            }
            state_.connected(parser_.version(), asks_causes_, now_ms_);
            connected_ = true;
            list_.clear();
        }
    }
    return go_on;  // a block that has not ended is none
}

}  // namespace surged
