#include "app/period_reports.hpp"

#include <algorithm>

#include "os/thread.hpp"

namespace surged {

PeriodReports::~PeriodReports() {
    {
        const std::lock_guard hold(lock_);
        if (progress_) {
            progress_->stop = true;
        }
    }
    if (thread_.joinable()) {
        thread_.join();
    }
}

ApiResult<PeriodReports::Answer> PeriodReports::ask(const Asked& asked, bool over, const std::function<ApiResult<Work>()>& work) {
    const std::lock_guard hold(lock_);
    const auto now = Clock::now();
    kept_.remove_if([&](const Kept& kept) { return kept.until <= now; });
    if (const auto kept = std::ranges::find(kept_, asked, &Kept::asked); kept != kept_.end()) {
        if (kept->report) {
            return Answer{*kept->report, 100, {}};
        }
        auto error = kept->report.error();
        kept_.erase(kept);  // told once, tried again when asked again
        return tl::unexpected(std::move(error));
    }
    if (working_) {
        if (now_ == asked) {
            return Answer{nullptr, progress_->percent, progress_->stage.load()};
        }
        return tl::unexpected<ApiError>(ApiError{"unavailable", "another summary is being made; try again"});
    }
    auto begun = work();
    if (!begun) {
        return tl::unexpected(begun.error());
    }
    if (thread_.joinable()) {
        thread_.join();  // it has said that it is done
    }
    working_ = true;
    now_ = asked;
    over_ = over;
    progress_ = std::make_shared<PeriodProgress>();
    thread_ = std::thread([this, progress = progress_, job = *std::move(begun)] {
        step_back();
        auto made = job(*progress);
        const std::lock_guard done(lock_);
        auto report = made ? ApiResult<std::shared_ptr<const PeriodReport>>(std::make_shared<const PeriodReport>(*std::move(made))) : tl::unexpected(made.error());
        kept_.push_front({now_, std::move(report), Clock::now() + (over_ ? fresh_over : fresh)});
        if (kept_.size() > kept_max) {
            kept_.pop_back();
        }
        working_ = false;
    });
    return Answer{nullptr, 0, "log"};
}

}  // namespace surged
