// What a rescue tells the operator, as text.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/zone.hpp"
#include "core/engine/engine.hpp"
#include "core/record/record.hpp"
#include "io/store/rescue.hpp"

namespace surged {

/// What of the records makes up a state, and what does not.
struct RescueFold {
    struct Behind {
        bool opened = false;
        bool closed = false;
        std::int64_t last_ms = 0;
    };
    struct Answer {
        std::int64_t wall_ms = 0;
        AnswerGiven answer;
    };
    std::uint64_t base = 0;    ///< the snapshot it begins with; 0 = none
    std::uint64_t folded = 0;  ///< records behind it
    std::uint64_t upto = 0;    ///< the state is that of this record; 0 = no state could be made
    std::int64_t upto_ms = 0;  ///< its wall time; 0 = not known
    std::uint64_t behind = 0;  ///< records read behind it, which the state does not know
    std::map<std::string, Behind> incidents_behind;
    std::vector<Answer> answers_behind;
    EngineTime last{};         ///< engine time of the newest record
    std::uint64_t incidents_made = 0;  ///< highest numbers among them
    std::uint64_t silences_made = 0;
    std::uint64_t overrides_made = 0;
};

struct RescueDone {
    RescueFold fold;
    bool whole = false;  ///< nothing is missing: the installation stays
    std::vector<IncidentView> incidents;
    std::string installation;
    std::vector<std::string> moved;  ///< the store, then the damaged files
};

std::string rescue_text(const std::string& store_path, const std::string& damage, const StoreFindings& found, const RescueDone& done, const Zone& zone);

}  // namespace surged
