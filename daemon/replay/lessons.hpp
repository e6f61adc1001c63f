// What one queue's history teaches: each baseline rule that covers it learns its own profile from the same rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/team/plan.hpp"
#include "core/rule/baseline.hpp"
#include "core/rule/learned_profile.hpp"
#include "core/rule/queue_store.hpp"

namespace surged {

/// One row of a file, in the zone of its queue.
struct LearnRow {
    std::int32_t day = 0;
    std::int32_t second = 0;
    float count = 0;
    bool set_aside = false;  ///< unreadable, or of the hour that comes twice
};

class QueueLessons {
public:
    /// `metric` picks the rules; `interval` unset = the commonest step of the first rows.
    QueueLessons(const Plan& plan, const QueueStore& store, QueueKey key, const std::string& metric,
                 std::optional<Span> interval);

    void learn(const std::vector<LearnRow>& rows);
    /// Adds what was learned; `why` is told when nothing was.
    void finish(ProfileShelf& shelf, std::string& why);
    bool empty() const { return lessons_.empty(); }
    const Zone* zone() const { return lessons_.empty() ? nullptr : lessons_.front().zone; }
    const QueueKey& key() const { return key_; }

private:
    struct Lesson {
        const RuleSpec* rule = nullptr;
        const Zone* zone = nullptr;
        const CalendarSpec* calendar = nullptr;
        SurgeDetector detector;
        DayKind kind{};
        std::int64_t day = INT64_MIN;
        // The slot that fills, when the file's rows are shorter.
        std::int32_t slot_start = -1;
        std::int64_t slot_day = INT64_MIN;
        double count = 0;
        double seen_s = 0;
    };
    void row(Lesson& lesson, std::int64_t day, std::int32_t second, double count, bool set_aside);
    void gather(Lesson& lesson, const LearnRow& row);
    void close(Lesson& lesson);

    QueueKey key_;
    std::string metric_;
    std::int32_t interval_s_ = 0;
    std::vector<Lesson> lessons_;
    std::string problem_;
};

}  // namespace surged
