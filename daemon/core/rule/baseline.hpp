// One rule of kind "baseline" on one queue: its learned profile, the row that is running, and what the last look said.
//
// Knows readings of one series, one zone and one calendar. Knows no alert and no person. Its hardest rule: what the last whole
// row said stands until the next one is whole; a running row can only say more, never less. So a surge that doubles the calls is
// seen in its first minutes, and no noise in the first seconds of a row ends an alert. 43 KB at slots of 5 min, apart from the
// queue's own memory, made when the rule is bound; nothing here allocates after that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "core/forecast/calendar.hpp"
#include "core/forecast/row_maker.hpp"
#include "core/forecast/surge_detector.hpp"
#include "core/rule/spec.hpp"

namespace surged {

/// What a look at a row found.
struct BaselineReading {
    enum class State : std::uint8_t {
        unknown,   ///< not enough of the row was seen, clocks change in it, or nothing came yet
        learning,  ///< fewer finished days than min_history
        closed,    ///< by the calendar: nothing is expected, and nothing is a surge
        judged
    };
    State state = State::unknown;
    double surprise = 0.0;  ///< -log10 of the chance of this much or more
    double seen = 0.0;      ///< calls in the window that is most surprising ...
    double expected = 0.0;  ///< ... against so many, at today's level
    double window_minutes = 0.0;
    SurgeScale scale = SurgeScale::minutes;
};

/// Everything that explain, pages and the metrics show. No references into the engine.
struct BaselineView {
    std::string rule;
    std::string metric;
    Span slot{0};
    BaselineReading reading;
    double usual_now = -1.0;     ///< calls usual in the running slot, as the day began; negative while unknown
    double expected_now = -1.0;  ///< the same with today's level
    double seen_now = 0.0;       ///< calls so far in the running slot ...
    double share_now = 0.0;      ///< ... of which this part was seen, 0..1
    double level = 1.0;          ///< today against the profile, as the test uses it (lagged, frozen in an incident)
    double level_now = 1.0;      ///< the same as of now
    std::uint32_t days = 0;      ///< finished days learned
    std::uint32_t days_needed = 0;
    bool frozen = false;  ///< an incident is open and the queue's own calls are a surge: nothing is learned
    SourceTime row_start{};
    std::string zone;
};

/// What is expected of the running row, and from where on the rule would be surprised. Numbers only: the band itself, which costs tails of a
/// distribution, is worked out by whoever shows it.
struct BaselineBand {
    double expected_per_s = std::numeric_limits<double>::quiet_NaN();  ///< at today's level; NaN = nothing is expected yet
    double phi = 1.0;                                                  ///< variance / mean of the calls in a row
    double slot_s = 0;
    double surprise = 0;  ///< -log10 of the chance at which the lowest level is raised
    double percent = 0;   ///< a rule that compares percent raises from so much above on, when it is surprised as well; 0 = it does not
};

class alignas(64) Baseline {
public:
    /// All borrowed from one plan; `calendar` may be null.
    Baseline(const RuleSpec& rule, const Zone& zone, const CalendarSpec* calendar);

    /// Counted in (from, to]. True: nothing more to do. False: run() must follow.
    bool add(SourceTime from, SourceTime to, double amount) { return rows_.add(to_ms(from), to_ms(to), amount); }
    /// Nothing is known of what came before `to`: a restart, an unknown value.
    bool skip(SourceTime to) { return rows_.skip(to_ms(to)); }
    /// A reading of a gauge at `ts`; rule.counts says whether it is an amount since the last one or a level in between.
    bool gauge(SourceTime ts, double value);
    /// The same under another plan, in which the rule, the zone and the calendar are equal ones.
    void belong_to(const RuleSpec& rule, const Zone& zone, const CalendarSpec* calendar) {
        rule_ = &rule;
        zone_ = &zone;
        rows_.belong_to(zone);
        calendar_ = calendar;
    }
    /// Ends and looks at rows. `hold`: an incident is open for the queue, and it is loud(). True when reading() is news.
    bool run(bool hold, bool learn_only);

    const BaselineReading& reading() const { return reading_; }
    /// What the rule's limits are compared with; NaN = unknown. `active`: the alert is not at rest.
    double value(bool active) const;
    /// "212 in 5m, 141 expected; chance 1 in 12000".
    std::string evidence() const;
    /// "learning: 3 of 10 days", "closed by the calendar", ...; empty when it judges.
    std::string reason() const;
    BaselineView view() const;
    /// Arrivals a second that are expected in the running row, at today's level; NaN while it learns, is closed or nothing runs.
    double expected_per_s() const { return expected_per_s_; }
    BaselineBand band() const;
    /// Asks for the memory that the next reading will touch.
    void prefetch() const {
        __builtin_prefetch(this, 1);
    }

    /// What it counts is a surge by itself: the last rows were, or the running one is.
    bool loud() const { return detector_.hot() || reading_.surprise >= detector_.settings().limits[0]; }

    SurgeDetector& detector() { return detector_; }
    const SurgeDetector& detector() const { return detector_; }
    const Zone& zone() const { return *zone_; }
    const CalendarSpec* calendar() const { return calendar_; }
    std::uint32_t days() const { return detector_.profile().days(); }

    /// Versioned; load() is false on torn bytes, another zone, slot or version, and leaves it as new.
    void save(ByteWriter& out) const;
    bool load(ByteReader& in);
    /// Takes a profile learned elsewhere (SurgeDetector::save) when it knows more days than this one.
    bool adopt(std::string_view detector_bytes);

    static std::size_t memory_bytes(const RuleSpec& rule);

private:
    SurgeRow surge_row(const SlotRow& row) const;
    void whole(bool hold, bool learn_only);
    bool follow(bool hold, bool learn_only);
    void look();
    void begin();
    void choose();
    void expect();

    double expected_per_s_;  ///< worked out when rows are looked at: the profile is far away in memory. In one cache line with ...
    RowMaker rows_;          ///< ... what a reading changes
    const RuleSpec* rule_;
    const Zone* zone_;
    const CalendarSpec* calendar_;
    SurgeDetector detector_;
    DayKind kind_{};
    BaselineReading row_{};      ///< of the last whole row
    BaselineReading running_{};  ///< of the running one
    BaselineReading reading_{};  ///< the worse of the two
    std::int64_t gauge_ms_ = 0;  ///< time of the last reading of a gauge; 0 = none
    double held_minutes_ = 0.0;  ///< how long learning has been frozen
    bool frozen_ = false;
};

/// The settings a rule's detector works by.
SurgeSettings surge_settings(const RuleSpec& rule);

}  // namespace surged
