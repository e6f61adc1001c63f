// How often each person was asked, came, and was asked at night: the burden of the emergency team, person by person.
//
// Out of the incidents' timelines as the API gives them. Hardest rule: only what a record says is counted.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/zone.hpp"
#include "report/after_action.hpp"

namespace surged {

struct Burden {
    std::string person;
    std::string name;
    int asked = 0;      ///< incidents
    int joined = 0;     ///< of these: took a seat, or stood by when none was left
    int arrived = 0;
    int declined = 0;
    int silent = 0;     ///< never answered: timed out, unreachable, or released without an answer
    int noshow = 0;
    int night = 0;      ///< asked between 22:00 and 06:00
    int pages = 0;      ///< that a provider took, closing and stand-down messages left out
    std::optional<WallTime> last;  ///< asked
    int false_alarms = 0;  ///< of the incidents asked for: judged false

    template <typename V>
    void fields(V& v) {
        v("person", person), v("name", name), v("asked", asked), v("joined", joined), v("arrived", arrived);
        v("declined", declined), v("silent", silent), v("noshow", noshow), v("night", night), v("pages", pages);
        v("last_asked", last.value_or(WallTime{})), v("false_alarms", false_alarms);
    }
};

class Fairness {
public:
    explicit Fairness(Zone zone) : zone_(std::move(zone)) {}
    void add(const AfterAction& incident);
    /// Most asked first, then by name.
    std::vector<Burden> people() const;

private:
    Zone zone_;
    std::map<std::string, Burden> people_;
};

/// With a line of heads; fields as RFC 4180 has them. `last_asked` in UTC, "2026-03-02 01:00:05Z".
std::string fairness_csv(const std::vector<Burden>& people);
std::string fairness_json(const Burden& person);

}  // namespace surged
