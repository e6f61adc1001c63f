// Summaries that are being made and that were: one at a time on a thread of its own; whoever asks again gets how far it is, then the
// summary, for as long as it is fresh.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "app/period_work.hpp"

namespace surged {

class PeriodReports {
public:
    static constexpr std::size_t kept_max = 8;
    static constexpr std::chrono::seconds fresh{60};        ///< of a period that is not over
    static constexpr std::chrono::seconds fresh_over{600};  ///< verdicts come later, too

    struct Asked {
        WallTime from{};
        WallTime to{};
        std::string zone;
        bool operator==(const Asked&) const = default;
    };
    struct Answer {
        std::shared_ptr<const PeriodReport> report;  ///< null: it is being made
        int percent = 0;
        std::string stage;
    };
    using Work = std::function<ApiResult<PeriodReport>(PeriodProgress& progress)>;

    PeriodReports() = default;
    ~PeriodReports();
    PeriodReports(const PeriodReports&) = delete;
    PeriodReports& operator=(const PeriodReports&) = delete;

    /// Begins it with `work` where it is not there. ApiError{"unavailable"}: another one is being made; else what the work said.
    ApiResult<Answer> ask(const Asked& asked, bool over, const std::function<ApiResult<Work>()>& work);

private:
    using Clock = std::chrono::steady_clock;
    struct Kept {
        Asked asked;
        ApiResult<std::shared_ptr<const PeriodReport>> report;
        Clock::time_point until{};
    };

    std::mutex lock_;
    std::list<Kept> kept_;  ///< the newest first
    bool working_ = false;
    Asked now_;
    bool over_ = false;
    std::shared_ptr<PeriodProgress> progress_;
    std::thread thread_;
};

}  // namespace surged
