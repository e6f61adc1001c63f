#include "feed/live_log.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace surged {

Span Backoff::next() {
    const auto whole = static_cast<double>(wait_.count());
    wait_ = std::min(wait_ * 2, bounds_.most);
    return Span{static_cast<std::int64_t>(whole * (0.5 + 0.5 * random_.uniform()))};
}

Span Backoff::longest() {
    wait_ = bounds_.most;
    return next();
}

TroubleLog::Kind& TroubleLog::kind_of(std::string_view event, std::int64_t now_ms) {
    auto at = kinds_.find(event);
    if (at == kinds_.end()) {
        at = kinds_.emplace(std::string(event), Kind{}).first;
        at->second.told_ms = now_ms - every_.count();
    }
    return at->second;
}

bool TroubleLog::tell(Kind& kind, std::string_view event, std::string_view details, std::int64_t now_ms) {
    if (now_ms - kind.told_ms < every_.count()) {
        ++kind.untold;
        return false;
    }
    const auto repeats = kind.untold == 0 ? std::string() : " repeats=" + std::to_string(kind.untold);
    kind.told_ms = now_ms;
    kind.untold = 0;
    note(event.substr(0, event.find(':')), std::string(details) + repeats);
    return true;
}

void TroubleLog::trouble(std::string_view event, std::string_view details, std::int64_t now_ms) {
    if (on_trouble_) {
        on_trouble_(event);
    }
    auto& kind = kind_of(event, now_ms);
    kind.since_ms = kind.open ? kind.since_ms : now_ms;
    kind.open = tell(kind, event, details, now_ms) || kind.open;
}

void TroubleLog::news(std::string_view event, std::string_view details, std::int64_t now_ms) {
    tell(kind_of(event, now_ms), event, details, now_ms);
}

void TroubleLog::ended(std::string_view event, std::string_view says, std::int64_t now_ms) {
    ended(std::vector<std::string>{std::string(event)}, says, now_ms);
}

void TroubleLog::ended(const std::vector<std::string>& events, std::string_view says, std::int64_t now_ms) {
    bool told = false;
    auto since_ms = now_ms;
    for (const auto& event : events) {
        if (const auto at = kinds_.find(event); at != kinds_.end() && at->second.open) {
            at->second.open = false;
            since_ms = std::min(since_ms, at->second.since_ms);
            told = true;
        }
    }
    if (told) {
        note(says, "after_s=" + std::to_string((now_ms - since_ms + 500) / 1000));
    }
}

void TroubleLog::note(std::string_view event, std::string_view details) {
    std::string line = "event=" + std::string(event) + (details.empty() ? "" : " " + std::string(details));
    std::replace(line.begin(), line.end(), '\n', ' ');
    err_ << shown_safely(line) << std::endl;
}

std::string TroubleLog::quoted(std::string_view text) {
    std::string out = "\"" + utf8_cut(text.substr(0, 1000), 200) + "\"";
    for (auto at = out.begin() + 1; at != out.end() - 1; ++at) {
        *at = *at == '"' ? '\'' : *at == '\n' || *at == '\r' ? ' ' : *at;
    }
    return out;
}

}  // namespace surged
