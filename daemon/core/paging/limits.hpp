// What protects a channel from us and us from a channel: the send log (rate limit), the breaker, the back-off between attempts.
//
// Pure arithmetic on engine time. The rate is kept as a log of the last sends, not as a level of tokens: "count in every per"
// then holds for every window of that length (a bucket lets up to twice as many through), and the log is made of `sending`
// records whatever the configured rate was at the time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "core/record/record.hpp"
#include "core/team/spec.hpp"

namespace surged {

/// Sends remembered per channel. A configured count above this is enforced as this: the safe side.
inline constexpr std::size_t send_log_max = 4096;
inline constexpr int breaker_failures = 3;
inline constexpr Span breaker_window{60000};   ///< failures further apart than this do not add up
inline constexpr Span breaker_probe{30000};    ///< while open, one attempt every ...
inline constexpr int receipts_missed_max = 5;  ///< in a row: house choice, more than one tier's phones that are switched off

/// State of one channel, as records make it.
struct ChannelState {
    std::deque<EngineTime> sends;     ///< rising, at most send_log_max
    std::deque<EngineTime> failures;  ///< of the channel, not of a person; at most breaker_failures
    bool open = false;                ///< breaker: pages go straight to the next step
    EngineTime probed{};              ///< last attempt (or opening) while open
    EngineTime paused_until{};        ///< the provider asked for silence until then
    int unreceipted = 0;              ///< pages in a row of which no receipt came

    void sent(EngineTime at);
    /// Counts one failure of the channel; opens at the third within the window.
    void failed(EngineTime at);
    void succeeded();
    /// A page's wait for receipts is over; `any`: one came, whatever it said.
    void receipts_over(bool any) { unreceipted = any ? 0 : std::min(unreceipted + 1, receipts_missed_max); }
    /// Receipts stopped coming: that the provider accepts a page tells nothing any more, so other contact methods do not wait for it. The
    /// channel is not held back, for it may be the reports alone that are broken.
    bool doubtful() const { return unreceipted >= receipts_missed_max; }
    /// The provider throttles us. A shorter pause never cuts a longer one.
    void paused(EngineTime until) { paused_until = std::max(paused_until, until); }
    /// True when an attempt may be made now: closed, or open and a probe is due (inclusive).
    bool passes(EngineTime now) const { return !open || now >= probed + breaker_probe; }
    /// Earliest moment for the send that has `position` others before it in line (0 = next). At `rate.count - reserve` in every
    /// per.
    EngineTime slot(const RateLimit& rate, int reserve, std::size_t position, EngineTime now) const;

    template <typename V>
    void fields(V& v) {
        v(sends), v(failures), v(open), v(probed), v(paused_until), v(unreceipted);
    }
};

/// The latest pages that left for one person by personal channels, over all incidents; made of `sending` records.
struct PersonLog {
    static constexpr std::size_t kept = 200;
    std::deque<EngineTime> sends;  ///< rising

    void sent(EngineTime at);
    /// Earliest moment for one more page to this person; `now` when there is room. Inclusive: after exactly `per` there is.
    EngineTime slot(const RateLimit& most, EngineTime now) const;

    template <typename V>
    void fields(V& v) {
        v(sends);
    }
};

/// Slots of a rate kept for first pages: 3, or a quarter of small rates.
int reserved_slots(const RateLimit& rate);

/// 0 = goes first. First pages of a tier, then the loop at the top, reminders, need, ... closing messages last.
int priority(PagePurpose purpose);
inline constexpr int priorities = 11;

/// Wait before attempt `attempt + 1`: 1, 2, 5, 10, 20, 20 ... s plus up to a quarter of it derived from the page's key, so that
/// many pages do not come back in one moment and a replay waits the same. Never shorter than what the provider asked for.
Span backoff(std::string_view page, int attempt, Span retry_after);

}  // namespace surged
