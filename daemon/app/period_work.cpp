#include "app/period_work.hpp"

#include <algorithm>

#include "app/half_hours.hpp"
#include "wire/record_json.hpp"

namespace surged {

namespace {

/// Clocks are set back now and then: records up to this much earlier than those before them are found.
constexpr std::int64_t disorder_ms = 3600 * 1000;
constexpr int attempts_max = 5;

tl::unexpected<ApiError> stopped() {
    return tl::unexpected<ApiError>(ApiError{"unavailable", "surged is stopping"});
}

/// A store that is busy is asked again.
template <typename Ask>
auto patiently(const Ask& ask, const PeriodProgress& progress) -> decltype(ask()) {
    for (int attempt = 1;; ++attempt) {
        auto answer = ask();
        if (answer || answer.error().code != "unavailable" || attempt == attempts_max || progress.stop) {
            return answer;
        }
    }
}

class PeriodWalk {
public:
    PeriodWalk(WallTime from, WallTime to, const Zone& zone, const PeriodSources& sources, PeriodProgress& progress)
        : from_(from), to_(to), sources_(sources), progress_(progress), fold_(from, to, zone) {}

    ApiResult<PeriodReport> run() {
        for (const auto step : {&PeriodWalk::log, &PeriodWalk::incidents, &PeriodWalk::history}) {
            if (const auto done = (this->*step)(); !done) {
                return tl::unexpected(done.error());
            }
        }
        fold_.coverage(sources_.duty, to_);
        auto out = fold_.take();
        for (PeriodPerson& person : out.people) {
            const auto known = std::ranges::find(sources_.duty.plan.people, person.burden.person, &PersonSpec::id);
            person.burden.name = known == sources_.duty.plan.people.end() ? std::string() : known->name;
        }
        return out;
    }

private:
    void tell(const char* stage, double share) {
        progress_.stage = stage;
        progress_.percent = static_cast<int>(100 * std::clamp(share, 0.0, 1.0));
    }
    ApiResult<PeriodSources::Piece> piece(std::uint64_t after, std::size_t limit, bool first_only) {
        return patiently([&] { return sources_.log(after, limit, first_only); }, progress_);
    }

    /// The number before the first record that may be of the period: times rise with numbers, but for `disorder_ms`.
    ApiResult<std::uint64_t> begin(std::uint64_t head) {
        const auto first = piece(0, 1, true);
        if (!first || first->last == 0) {
            return first ? ApiResult<std::uint64_t>(head) : tl::unexpected(first.error());
        }
        fold_.log_begins(wall_time(first->last_wall_ms));
        std::uint64_t low = first->last - 1;
        std::uint64_t high = head;
        while (low + PeriodSources::piece < high) {
            const auto middle = low + (high - low) / 2;
            const auto there = piece(middle, 1, true);
            if (!there) {
                return tl::unexpected(there.error());
            }
            const bool before = there->last != 0 && there->last_wall_ms < to_ms(from_) - disorder_ms;
            (before ? low : high) = middle;
        }
        return low;
    }

    /// Which incidents opened, and which alerts fired.
    ApiResult<bool> log() {
        const auto head = patiently(sources_.head, progress_);
        if (!head) {
            return tl::unexpected(head.error());
        }
        const auto first = begin(*head);
        if (!first) {
            return tl::unexpected(first.error());
        }
        for (auto after = *first; after < *head;) {
            if (progress_.stop) {
                return stopped();
            }
            const auto records = piece(after, PeriodSources::piece, false);
            if (!records) {
                return tl::unexpected(records.error());
            }
            for (const StoredRecord& record : records->records) {
                take(record);
            }
            if (records->last == 0 || records->last_wall_ms > to_ms(to_) + disorder_ms) {
                break;
            }
            after = records->last;
            tell("log", static_cast<double>(after - *first) / static_cast<double>(*head - *first));
        }
        return true;
    }
    void take(const StoredRecord& record) {
        const auto wall = wall_time(record.wall_ms);
        if (wall < from_ || wall >= to_) {
            return;
        }
        if (record.type == "incident.opened") {
            if (ids_.size() < PeriodSources::incidents_max) {
                ids_.push_back(record.incident);
            } else {
                fold_.unread();
            }
        } else if (const auto decoded = decode_record(record.bytes)) {
            if (const auto* edge = std::get_if<AlertEdge>(&decoded->body)) {
                fold_.alert(*edge);
            }
        }
    }

    ApiResult<bool> incidents() {
        for (std::size_t i = 0; i < ids_.size(); ++i) {
            if (progress_.stop) {
                return stopped();
            }
            tell("incidents", static_cast<double>(i) / static_cast<double>(ids_.size()));
            const auto stored = patiently([&] { return sources_.records(ids_[i]); }, progress_);
            if (!stored) {
                return tl::unexpected(stored.error());
            }
            std::vector<Record> records;
            for (const auto& bytes : *stored) {
                if (auto record = decode_record(bytes)) {
                    records.push_back(*std::move(record));
                }
            }
            const auto facts = after_action(ids_[i], {}, std::move(records), {});
            facts ? fold_.incident(*facts) : fold_.unread();
        }
        return true;
    }

    ApiResult<bool> history() {
        fold_.history_kept(sources_.history->stats().file);
        const auto queues = patiently(sources_.queues, progress_);
        if (!queues) {
            return tl::unexpected(queues.error());
        }
        HalfHoursWalk walk(*sources_.history, from_, to_, fold_);
        return walk.run(*queues, [this](double share) {
            tell("history", share);
            return !progress_.stop;
        }) ? ApiResult<bool>(true) : stopped();
    }

    WallTime from_;
    WallTime to_;
    const PeriodSources& sources_;
    PeriodProgress& progress_;
    PeriodFold fold_;
    std::vector<std::string> ids_;
};

}  // namespace

ApiResult<PeriodReport> period_work(WallTime from, WallTime to, const Zone& zone, const PeriodSources& sources, PeriodProgress& progress) {
    return PeriodWalk(from, to, zone, sources, progress).run();
}

}  // namespace surged
