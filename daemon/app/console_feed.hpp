// Keeps the pages in browsers up to date: once a second the queues, incidents, alerts and the status are looked at, and what has changed is
// told to all pages in one text (PageHub). On a thread of its own; the engine is asked in pieces, as for a list.
//
// The hardest rule: pages cost the engine no decision, however many are open, and nothing of this runs while none is. When the engine does
// not answer nothing is said, so that a page sees that its numbers are old.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "app/backend.hpp"
#include "app/console_rows.hpp"
#include "io/http/page_hub.hpp"

namespace surged {

class ConsoleFeed {
public:
    static constexpr std::chrono::milliseconds pace{1000};        ///< between two looks while pages are open
    static constexpr std::chrono::milliseconds idle_pace{10000};  ///< ... and while none is: counts of the day go on
    static constexpr std::chrono::milliseconds beat_every{2000};  ///< a page hears something at least so often
    static constexpr std::chrono::milliseconds status_every{5000};
    static constexpr Span last_every{15000};  ///< a row of which nothing changed but when it was last heard is told so often

    /// All borrowed. `http` null: there are no pages, and nothing runs.
    ConsoleFeed(Inbox<Loop>& inbox, Backend& backend, const Pulse& pulse, HttpServer* http);
    ~ConsoleFeed();
    ConsoleFeed(const ConsoleFeed&) = delete;
    ConsoleFeed& operator=(const ConsoleFeed&) = delete;

private:
    using Clock = std::chrono::steady_clock;
    using AlertName = std::tuple<std::string, QueueKey>;  ///< rule, queue
    /// What the engine is asked before a look.
    struct Moment {
        Stamp now;
        std::uint64_t reloads = 0;
        std::shared_ptr<const DayZones> zone;
    };

    void run();
    void seed_days(const Moment& moment);
    void turn(bool pages);
    std::optional<Moment> ask_moment();
    bool look(const Moment& moment, bool pages);
    bool look_at_queues(const Moment& moment, bool pages);
    bool look_at_incidents(const Moment& moment, bool pages);
    bool look_at_alerts(const Moment& moment);
    void look_at_status();
    void take_queue(const SeriesView& piece, const QueueView& queue, std::uint32_t number, const Moment& moment);
    std::string changes(Stamp now) const;
    std::string everything(Stamp now) const;
    PageEvent event(std::string_view type, const std::string& json, PageHub::Wanted wanted) const;
    void give_snapshots();
    void forget();

    Inbox<Loop>& inbox_;
    Backend& backend_;
    const Pulse& pulse_;
    PageHub* hub_;
    ConsoleRows<QueueKey> queues_;
    ConsoleRows<std::string> incidents_;
    ConsoleRows<AlertName> alerts_;
    std::map<std::string, std::string, std::less<>> status_;  ///< members by name
    std::map<std::string, std::string, std::less<>> status_changed_;
    Clock::time_point status_at_{};
    Clock::time_point told_at_{};
    Span offset_{0};            ///< of the wall clock from the engine's, as times are written
    Stamp looked_{};            ///< of the last whole look at everything
    PageEvent snapshot_;        ///< of it, as far as somebody wanted one
    bool whole_ = false;        ///< there was one, and its rows are kept
    std::uint64_t decided_ = 0;
    std::uint64_t zone_of_ = ~std::uint64_t{0};
    std::shared_ptr<const DayZones> zone_;
    int seeds_left_ = 20;  ///< times that the history is asked for what was counted of the day before this run; 0 = it is known, or will not be
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace surged
