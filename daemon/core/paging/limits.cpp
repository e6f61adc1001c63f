#include "core/paging/limits.hpp"

#include <algorithm>
#include <array>

#include "core/base/hash.hpp"

namespace surged {

void ChannelState::sent(EngineTime at) {
    sends.push_back(at);
    if (sends.size() > send_log_max) {
        sends.pop_front();
    }
    if (open) {
        probed = at;
    }
}

void ChannelState::failed(EngineTime at) {
    failures.push_back(at);
    while (failures.size() > static_cast<std::size_t>(breaker_failures) || failures.front() + breaker_window < at) {
        failures.pop_front();
    }
    if (!open && failures.size() == static_cast<std::size_t>(breaker_failures)) {
        open = true;
        probed = at;
    }
}

void ChannelState::succeeded() {
    failures.clear();
    open = false;
}

EngineTime ChannelState::slot(const RateLimit& rate, int reserve, std::size_t position, EngineTime now) const {
    if (rate.count <= 0) {
        return now;
    }
    const auto allowed = std::min(static_cast<std::size_t>(std::max(1, rate.count - reserve)), send_log_max);
    const auto round = static_cast<std::int64_t>(position / allowed);
    // The send that must be older than `per` before ours may go: the allowed-th before it.
    const auto back = allowed - position % allowed;
    const auto base = back > sends.size() ? now : std::max(now, sends[sends.size() - back] + rate.per);
    return base + rate.per * round;
}

void PersonLog::sent(EngineTime at) {
    sends.push_back(at);
    if (sends.size() > kept) {
        sends.pop_front();
    }
}

EngineTime PersonLog::slot(const RateLimit& most, EngineTime now) const {
    const auto allowed = std::min(static_cast<std::size_t>(std::max(0, most.count)), kept);
    if (allowed == 0 || sends.size() < allowed) {
        return now;
    }
    return std::max(now, sends[sends.size() - allowed] + most.per);
}

int reserved_slots(const RateLimit& rate) {
    return std::min(3, rate.count / 4);
}

int priority(PagePurpose purpose) {
    switch (purpose) {
        case PagePurpose::first:
        case PagePurpose::handover:
        case PagePurpose::act: return 0;
        case PagePurpose::repeat_round: return 1;
        case PagePurpose::blind:
        case PagePurpose::data_back: return 2;
        case PagePurpose::remind: return 3;
        case PagePurpose::need: return 4;
        case PagePurpose::update: return 5;
        case PagePurpose::stand_down: return 6;
        case PagePurpose::undo: return 7;
        case PagePurpose::close: return 8;
        case PagePurpose::admin: return 9;
        case PagePurpose::test: return 10;
    }
    return priorities - 1;
}

Span backoff(std::string_view page, int attempt, Span retry_after) {
    static constexpr std::array<std::int64_t, 5> steps_ms{1000, 2000, 5000, 10000, 20000};
    const auto step = static_cast<std::size_t>(std::clamp(attempt, 1, 5) - 1);
    const auto hash = fnv1a(page, fnv1a_basis + static_cast<std::uint64_t>(attempt));
    const auto jitter = static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(steps_ms[step] / 4));
    return std::max(Span{steps_ms[step] + jitter}, retry_after);
}

}  // namespace surged
