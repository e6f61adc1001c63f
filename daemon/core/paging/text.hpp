// What a page says. Its texts stand in page_phrases.hpp; here they are put together.
//
// Knows texts and lengths; refuses to know state. Hardest rules: a page must say something true whatever it is given (a name that
// is not UTF-8 or a number that is infinite leads to the raw values in ASCII, never to silence); a channel's limit in code points
// (one SMS = 70) is kept by leaving out the least important part first: what stays longest is level, place, cause and what to do;
// and what a group reads names the people it speaks to, so that nobody takes another's "you may go" for theirs.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/time.hpp"
#include "core/record/record.hpp"
#include "core/team/spec.hpp"
#include "core/paging/value_text.hpp"
#include "core/staffing/shortfall.hpp"

namespace surged {

/// Another incident that calls the same people.
struct AlsoFacts {
    std::string place;
    std::string incident;
    Level level = Level::none;
    int missing = 0;  ///< seats
    std::vector<std::string> people;  ///< in a group: those of its readers whom that one calls
    bool operator==(const AlsoFacts&) const = default;
};

/// One person of a message, and the other whom it concerns: whose seat they take, or who has theirs.
struct PairFact {
    std::string person;
    std::string other;  ///< empty = nobody
    bool operator==(const PairFact&) const = default;
};

struct PageFacts {
    PagePurpose purpose = PagePurpose::first;
    bool repeat = false;  ///< an earlier attempt may have arrived: the text starts with "重发" / "Repeat:"
    bool group = false;   ///< many read it: those it speaks to are named
    std::vector<std::string> people;  ///< their names
    std::string incident;
    std::string place;  ///< scope values: "济南/普席"
    Level level = Level::none;
    std::string rule;     ///< of the worst alert; empty = no alert fires
    std::string queue;    ///< of that alert, where the place does not tell it
    std::string summary;  ///< short name of the trouble; empty = `metric`
    std::string metric;
    double value = 0;            ///< now, or as last seen; NaN = unknown
    std::optional<Limit> raise;  ///< of the alert's level; none = its rule is not configured any more: `limit` as text
    std::string limit;           ///< "> 100"
    ValueForm form;
    std::vector<std::string> shown;  ///< further values of its queue as they are now, the first the most important: "待回访12"
    bool stale = false;    ///< `value` was so `seen_ago`, and no data has come since
    Span seen_ago{0};
    bool falling = false;  ///< the clear limit holds, and waits
    std::string evidence;
    int need = 0;
    int joined = 0;
    std::vector<std::pair<std::string, int>> lacking;  ///< skills or roles, and how many with it are still wanted
    bool last_resort = false;                          ///< all tiers were called: this is the fallback list
    std::vector<PairFact> takes_over;  ///< handover: each person, and whose seat it is or who named them
    bool substitute = false;           ///< ... who has no seat to give
    bool relieved = false;             ///< stand_down: of those who kept a seat until another came for it
    std::vector<PairFact> relief;      ///< ... and who has it now
    std::vector<std::string> going;    ///< stand_down: of `people`, those who had joined
    bool rising = false;         ///< seats were filled once and the trouble did not fall
    bool staffed = false;        ///< the next three are known
    double missing = 0;          ///< agents
    double expected_wait_s = 0;  ///< of a call that arrives now; may be infinite
    staffing::Cause cause = staffing::Cause::none;
    std::vector<std::pair<std::string, int>> slack;  ///< centre, and agents it can give; most first
    std::vector<AlsoFacts> also;                     ///< worst first
    Span age{0};                                     ///< close: how long it lasted
    std::vector<std::string> names;                  ///< close: people who had a seat to the end
    bool seated = false;                             ///< close, to one person: they are one of them
    Level still = Level::none;                       ///< close: what fires all the same
    std::string ended_by;                            ///< close: by_engine or a person
    std::string ended_why;                           ///< close: reason_max_age or what the person said
    std::string down;                                ///< close: "14:02-14:20"
    bool operator==(const PageFacts&) const = default;
};

struct PageText {
    std::string title;
    std::string text;
};

/// `limit` in code points, 0 = none: then evidence is added. Never longer than `limit`, always valid UTF-8, never empty for limit
/// >= 1.
PageText render(const PageFacts& facts, Language language, std::size_t limit);

/// A tier is called in the same words: what was rendered last is kept for the next message that says the same.
class TextMemo {
public:
    const PageText& render(const PageFacts& facts, Language language, std::size_t limit);

private:
    PageFacts facts_;
    Language language_ = Language::zh;
    std::size_t limit_ = 0;
    std::optional<PageText> text_;
};

/// One alert as it stands, for a list under a message: "1分32秒（触发线>40秒），最差2分5秒" / "1 min 32 s (raised at >40 s), ...".
std::string reading_text(const AlertReading& reading, const RuleSpec& rule, Level level, ValueForm form, Language language,
                         EngineTime now);

}  // namespace surged
