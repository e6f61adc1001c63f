// Lists of everything, for the API and for scrapes: taken from the engine in pieces of a millisecond, written as JSON by the thread that asks.
//
// The hardest rule: however much is asked by however many, the engine is away for one piece at a time, and samples have their turn
// between two. Each queue, alert and incident is shown whole, as it was at one moment after the question.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/inbox.hpp"
#include "app/loop.hpp"
#include "app/pulse.hpp"
#include "app/queue_days.hpp"
#include "app/shared_reading.hpp"
#include "io/exporter/snapshot.hpp"
#include "io/http/api.hpp"

namespace surged {

class ListReads {
public:
    static constexpr std::chrono::microseconds piece_max{1000};  ///< the engine's time at once
    static constexpr std::chrono::milliseconds whole_max{8000};  ///< for one list

    /// All borrowed.
    ListReads(Inbox<Loop>& inbox, const Pulse& pulse, const QueueDays& days);

    ApiResult<SharedText> queues(const ListQuery& query);
    ApiResult<SharedText> alerts(const ListQuery& query);
    ApiResult<SharedText> incidents(const ListQuery& query);
    // The same entry by entry, for who keeps them: false = the engine did not answer in time, or a reload came in between.
    using QueuePiece = std::function<void(SeriesView&& piece)>;
    bool each_queue(const QueuePiece& use);
    bool each_alert(const std::function<void(const AlertView& alert)>& use);
    /// `ended`: those that are over, too.
    bool each_incident(bool ended, const std::function<void(const IncidentView& incident)>& use);
    /// Series, alerts, baselines and incidents of a scrape; false: the engine did not answer in time.
    bool fill(MetricsSnapshot& out);
    /// By list: how often it was made whole, and how often shared.
    std::map<std::string, SharedReading::Counts> counts() const;

private:
    using Clock = std::chrono::steady_clock;
    enum class Walk : std::uint8_t { whole, torn, late };
    template <typename Piece, typename Take, typename Use>
    Walk walk(PieceCursor cursor, std::size_t most, Take take, Use use, Clock::time_point until);
    template <typename Use>
    Walk walk_incidents(const std::shared_ptr<const std::vector<IncidentPlace>>& places, std::size_t from, Use use,
                        Clock::time_point until);
    ApiResult<SharedText> answer(SharedReading& whole, const ListQuery& query, ApiResult<std::string> (ListReads::*make)(const ListQuery&));
    ApiResult<std::string> make_queues(const ListQuery& query);
    ApiResult<std::string> make_alerts(const ListQuery& query);
    ApiResult<std::string> make_incidents(const ListQuery& query);
    void tidy();

    Inbox<Loop>& inbox_;
    const QueueDays& days_;
    SharedReading queues_;
    SharedReading alerts_;
    SharedReading all_alerts_;
    SharedReading incidents_;
};

}  // namespace surged
