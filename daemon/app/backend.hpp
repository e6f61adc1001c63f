// The program as HTTP and Prometheus see it: every question becomes a job for the engine thread and is waited for within a bound;
// texts are made on the asking thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "app/inbox.hpp"
#include "app/list_reads.hpp"
#include "app/loop.hpp"
#include "app/period_reports.hpp"
#include "app/reload.hpp"
#include "io/history/history.hpp"
#include "io/clock/clock.hpp"
#include "io/http/api.hpp"
#include "io/store/store_thread.hpp"

namespace surged {

class Backend final : public ApiBackend {
public:
    static constexpr std::chrono::milliseconds read_max{2000};
    static constexpr std::chrono::milliseconds command_max{5000};
    static constexpr int reports_max = 2;  ///< made at one time
    static constexpr std::size_t timeline_max = 2000;  ///< records of one incident shown

    /// All borrowed; must outlive whoever asks.
    Backend(Inbox<Loop>& inbox, StoreThread& store, Reloader& reloader, const Links& links, const EngineClockSource& clock,
            const Pulse& pulse, const History& history);

    /// What listens where, for `status`; set before the first request can come.
    void set_listeners(std::map<std::string, std::uint64_t> listeners);
    /// Who is at work and who follows, in a cluster; asked from several threads, must not wait. Set before the HTTP server starts.
    void in_cluster(std::function<OwnerFacts()> facts) { cluster_ = std::move(facts); }

    ApiResult<std::string> status() override;
    ApiResult<SharedText> queues(const ListQuery& query) override { return lists_.queues(query); }
    ApiResult<SharedText> alerts(const ListQuery& query) override { return lists_.alerts(query); }
    ApiResult<SharedText> incidents(const ListQuery& query) override { return lists_.incidents(query); }
    ApiResult<std::string> past_incidents(const PastQuery& query) override;
    ApiResult<std::string> incident(const std::string& id) override;
    ApiResult<std::string> report(const std::string& incident, const ReportQuery& query) override;
    ApiResult<PeriodText> period(const PeriodQuery& query) override;
    ApiResult<std::string> rosters(std::optional<WallTime> at) override;
    ApiResult<std::string> duty(std::optional<WallTime> from, Span length) override;
    ApiResult<std::string> overrides() override;
    ApiResult<std::string> silences() override;
    ApiResult<LinkFacts> link(const std::string& token) override;
    std::optional<std::string> person_by(const std::string& id_or_name, const std::string& last4) override;
    std::vector<std::string> people_named(const std::string& id_or_name) override;
    ApiResult<std::string> explain(const std::string& rule, const QueueKey& queue) override;
    ApiResult<std::string> history(const HistoryQuery& query) override;
    ApiResult<WindowsFile> windows() override;
    ApiResult<CommandReply> command(const Command& command) override;
    ApiResult<std::string> reload() override;
    std::string ack_url_base() const override { return reloader_.ack_url_base(); }
    Stamp now() const override { return clock_.now(); }
    bool healthy() const override { return pulse_.age() <= Pulse::alive_max; }
    std::optional<OwnerFacts> owner() const override { return cluster_ ? std::optional(cluster_()) : std::nullopt; }
    bool ready() const override { return !store_.degraded() && pulse_.age() <= Pulse::ready_max && !pulse_.is_behind(); }

    /// For whoever keeps pages up to date (ConsoleFeed).
    ListReads& lists() { return lists_; }
    QueueDays& days() { return days_; }
    const History& kept() const { return history_; }

    /// For the exporter: the snapshot of now, or the one before when the engine has not answered in time; null before the first.
    std::shared_ptr<const MetricsSnapshot> metrics();

private:
    ApiResult<std::vector<std::string>> timeline(const std::string& incident);
    ApiResult<PeriodSources::Piece> log_piece(std::uint64_t after, std::size_t limit, bool first_only);
    ApiResult<std::vector<QueueKey>> queue_names();
    ApiResult<PeriodReports::Work> period_job(WallTime from, WallTime to, const Zone& zone);

    Inbox<Loop>& inbox_;
    StoreThread& store_;
    Reloader& reloader_;
    const Links& links_;
    const EngineClockSource& clock_;
    const Pulse& pulse_;
    const History& history_;
    QueueDays days_;
    ListReads lists_;
    std::map<std::string, std::uint64_t> listeners_;
    std::function<OwnerFacts()> cluster_;
    std::atomic<int> reports_{0};
    std::mutex last_lock_;
    std::shared_ptr<const MetricsSnapshot> last_;
    PeriodReports periods_;  // last: its thread asks all the others
};

}  // namespace surged
