// What a page says, in Chinese and English. All templates are here and nowhere else.
//
// Knows words and lengths; refuses to know state. Hardest rule: a page must say something true whatever it is given: a name that
// is not UTF-8 or a number that is not finite leads to the raw values in ASCII, never to silence; and a channel's limit in code
// points (one SMS = 70) is kept by leaving out the least important part first.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/time.hpp"
#include "core/escalation/record.hpp"
#include "core/escalation/spec.hpp"
#include "core/staffing/shortfall.hpp"

namespace surged {

/// Another incident that calls the same people.
struct AlsoFacts {
    std::string place;
    std::string incident;
    Level level = Level::none;
    int missing = 0;  ///< seats
};

struct PageFacts {
    PagePurpose purpose = PagePurpose::first;
    bool repeat = false;  ///< an earlier attempt may have arrived: the text starts with "重发" / "Repeat:"
    std::string incident;
    std::string place;  ///< scope values: "济南/普席"
    Level level = Level::none;
    std::string rule;     ///< of the worst alert; empty = no alert fires
    std::string summary;  ///< short name of the trouble; empty = `metric`
    std::string metric;
    double value = 0;
    std::string limit;  ///< "> 100"
    std::string evidence;
    int need = 0;
    int joined = 0;
    std::string handed_by;       ///< handover: whose seat it is, or who named this person
    bool substitute = false;     ///< ... who has no seat to give
    bool relieved = false;       ///< stand_down: of one who kept a seat until another came for it
    std::string relieved_by;     ///< ... who has it now; empty = nobody came
    bool rising = false;         ///< seats were filled once and the trouble did not fall
    bool staffed = false;        ///< the next three are known
    double missing = 0;          ///< agents
    double expected_wait_s = 0;  ///< of a call that arrives now; may be infinite
    staffing::Cause cause = staffing::Cause::none;
    std::vector<std::pair<std::string, int>> slack;  ///< centre, and agents it can give; most first
    std::vector<AlsoFacts> also;                     ///< worst first
    Span age{0};                                     ///< close: how long it lasted
    std::vector<std::string> names;                  ///< close: who joined
    std::string ended_by;                            ///< close: "engine" or a person
    std::string ended_why;                           ///< close: "max_age" or what the person said
    std::string down;                                ///< close: "14:02-14:20"
};

struct PageText {
    std::string title;
    std::string text;
};

/// `limit` in code points, 0 = none: then evidence is added. Never longer than `limit`, always valid UTF-8, never empty for limit
/// >= 1.
PageText render(const PageFacts& facts, Language language, std::size_t limit);

/// "45秒", "23分", "1小时5分" / "45 s", "23 min", "1 h 5 min".
std::string duration_text(Span span, Language language);

}  // namespace surged
