// A detector of another plan takes the place of one that goes on judging meanwhile: what takes long is done by another thread or in
// pieces between samples, and only what was touched since is left for the moment of the change.
//
//   outline()  by the thread of the old detector, in pieces: which queues and series there are
//   build()    by any thread: the new detector's queues, laid out and empty
//   copy()     by the thread of the old detector, in pieces: windows, counters and what rules keep; queues that a sample or a deadline
//              touched since are copied again
//   finish()   the same thread, at one moment: the last of them, alerts, deadlines. From then on the new one judges
//   hand_over() the same thread, in pieces: learned profiles that went over as they are still know the old plan, which must live until then
//
// Nothing is decided before finish(), so the result is that of a change at that moment, however long the pieces before it took.
// Windows go by metric and shape, alerts by the content of their rule, profiles by what they were learned from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/rule/detector.hpp"
#include "core/rule/timers.hpp"

namespace surged {

class TakeOver {
public:
    /// Both are borrowed; `made` is fresh: it has heard nothing. Touches neither.
    TakeOver(Detector& made, Detector& old) : made_(made), old_(old) {}

    /// The next `queues` queues; true when all are noted.
    bool outline(std::size_t queues);
    /// Precondition: outline() said true.
    void build();
    /// Copies `queues` queues at most; returns how many are to be copied still. Precondition: build().
    std::size_t copy(std::size_t queues);
    /// Precondition: build(). What copy() left is copied now. The old detector is of no use afterwards.
    ReloadCounts finish(Stamp now);
    /// `profiles` more of them; returns how many still know the old plan. Precondition: finish().
    std::size_t hand_over(std::size_t profiles);

private:
    /// What the windows and rules of a series become under another plan.
    struct Way {
        struct Rule {
            std::uint16_t from = 0;  ///< place among the rules of the series
            std::uint16_t to = 0;
            bool state = false;  ///< what it keeps is of one size
        };
        const MetricPlan* from = nullptr;
        const MetricPlan* to = nullptr;
        std::vector<std::pair<std::uint8_t, std::uint8_t>> rings;
        std::vector<Rule> rules;  ///< of equal content, in the order of the old ones
    };
    struct SeriesLine {
        const MetricPlan* plan = nullptr;  ///< the old detector's
        bool derived = false;
        std::uint16_t profiles = 0;  ///< the first of its own among the queue's
        std::uint16_t to = 0;        ///< the series of the new queue
        const Way* way = nullptr;  ///< null: the new queue has none
    };
    /// A profile that is copied with its queue, since its rule is another.
    struct Lesson {
        std::uint16_t from = 0;  ///< number in Queue::baselines
        std::uint16_t to = 0;
    };
    struct QueueLine {
        QueueKey key;
        std::vector<SeriesLine> series;
        std::vector<const Zone*> zones;  ///< of the old queue's baselines
        std::vector<Lesson> lessons;
        std::set<std::uint16_t> given{};  ///< profiles of the old queue that go over ...
        std::set<std::uint16_t> taken{};  ///< ... and what becomes of them in the new one
        std::vector<std::pair<std::uint16_t, std::uint16_t>> beginners;  ///< (series, place) of rules that begin by themselves
        std::uint32_t to = no_id;  ///< the queue's number in the new detector
        std::uint32_t copies = 0;
        std::uint16_t built = 0;  ///< series of which the new queue knows
        std::uint16_t looked = 0;  ///< series of the new queue that `beginners` tells of
    };
    /// A profile that goes over as it is: both detectors have it, until the old one goes.
    struct Moved {
        std::uint32_t queue = 0;  ///< of the old detector
        std::uint32_t into = 0;   ///< of the new one
        std::uint16_t from = 0;
        std::uint16_t to = 0;
        std::uint32_t rule = 0;
        const Zone* zone = nullptr;
        const CalendarSpec* calendar = nullptr;
    };
    /// Of a queue's copy number `copy`; that of an older one counts for nothing.
    struct Deadline {
        Timer timer;
        std::uint32_t queue = 0;
        std::uint32_t copy = 0;
    };
    struct Beginning {
        std::uint32_t queue = 0;
        std::uint32_t copy = 0;
        std::uint16_t series = 0;
        std::uint16_t place = 0;
        bool resumes = false;  ///< a feed's silence counts from when the queue was last heard
    };

    void note(std::uint32_t id);
    void build_queue(std::uint32_t id);
    void touch_room();
    const Way* way(const MetricPlan* from, const MetricPlan* to);
    void find_profiles(std::uint32_t id);
    void find_profiles_of(std::uint32_t id, const SeriesLine& series);
    bool stays(const RuleSpec& from, const RuleSpec& to, const Zone& before, const Zone& now) const;
    void find_beginners(QueueLine& line);
    void copy_queue(std::uint32_t id);
    void copy_series(std::uint32_t id, const SeriesLine& series, std::size_t s);
    void keep_deadlines(std::uint32_t id, std::uint64_t order);
    void begin_expected(Stamp now);
    void take_totals();
    void take_alerts();
    std::size_t share_profiles(std::size_t profiles);
    ReloadCounts count() const;
    void end_alerts(Stamp now);
    void set_deadlines();
    void begin_rest(Stamp now);

    Detector& made_;
    Detector& old_;
    std::shared_ptr<TouchedQueues> touched_;
    std::vector<QueueLine> lines_;      ///< by the old detector's number
    std::vector<std::string> names_;    ///< of the old detector's metrics, by id
    std::map<std::pair<const MetricPlan*, const MetricPlan*>, std::unique_ptr<Way>> ways_;
    std::vector<std::uint32_t> unheard_;  ///< declared queues of the new detector that the old one has not
    std::set<std::uint64_t> contents_;    ///< of the new plan's rules
    std::vector<Moved> moved_;
    std::vector<Deadline> deadlines_;
    std::vector<Beginning> beginnings_;
    std::uint32_t next_ = 0;        ///< queues before it were copied once
    std::size_t shared_ = 0;        ///< of moved_: the new queue has it too
    std::size_t handed_over_ = 0;   ///< of moved_: knows the new plan only
    std::size_t alerts_ = 0;        ///< alerts of the old detector, when it was last looked at
    std::vector<EngineTime> silent_at_;  ///< by the old queue's number: when it has said nothing for too long
    std::vector<Timer> timers_;          ///< room for those of the new detector
};

}  // namespace surged
