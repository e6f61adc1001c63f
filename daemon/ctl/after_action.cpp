#include "ctl/after_action.hpp"

#include <algorithm>
#include <functional>
#include <cmath>
#include <set>

#include "ctl/api_json.hpp"
#include "wire/record_json.hpp"

namespace surged {

namespace {

/// What the daemon shows of one incident at most (Backend::timeline_max).
constexpr std::size_t shown_max = 2000;

bool takes_seat(SeatState state) {
    return state == SeatState::joined || state == SeatState::arrived;
}

bool counts(AnswerResult result) {
    return result == AnswerResult::seated || result == AnswerResult::spare || result == AnswerResult::noted ||
           result == AnswerResult::already;
}

/// True when `a` is farther beyond a limit of this form than `b`.
bool worse_value(double a, double b, const std::string& limit) {
    if (std::isnan(a) || std::isnan(b)) {
        return std::isnan(b) && !std::isnan(a);
    }
    return limit.starts_with('<') ? a < b : a > b;
}

/// Folds the records in their order.
class Fold {
public:
    explicit Fold(AfterAction& out) : out_(out) {}

    void add(const Record& record) {
        wall_ = record.wall;
        std::visit([this](const auto& body) { on(body); }, record.body);
    }
    bool opened() const { return opened_; }
    void finish() {
        for (const auto& page : pages_) {
            ++out_.pages[page.second.first][page.second.second];
        }
        std::ranges::stable_sort(out_.alerts, std::ranges::greater{}, &AlertPart::worst);
    }

private:
    void on(const AlertEdge& edge) {
        if (edge.level == Level::none || edge.stale_changed || edge.muted) {
            return;
        }
        auto it = std::ranges::find_if(out_.alerts, [&](const AlertPart& a) { return a.rule == edge.rule && a.queue == edge.queue; });
        if (it == out_.alerts.end()) {
            it = out_.alerts.insert(it, {edge.rule, edge.queue, Level::none, 0, {}, {}, {}});
        }
        // A clearing edge has the value that cleared; only what still stands beyond its limit is a worst value.
        const bool firing = edge.to == AlertState::firing;
        const bool first = it->worst == Level::none;
        if (first ||
            (firing && (edge.level > it->worst || (edge.level == it->worst && worse_value(edge.value, it->value, edge.limit))))) {
            *it = {edge.rule, edge.queue, edge.level, edge.value, edge.limit, edge.evidence, wall_};
        }
    }
    void on(const IncidentChange& change) {
        if (change.step == IncidentStep::load) {
            out_.load.add(change, wall_, static_cast<int>(taken_.size()), static_cast<int>(arrived_.size()));
            return;
        }
        if (change.step == IncidentStep::opened && !opened_) {
            opened_ = true;
            out_.opened = wall_;
            out_.policy = change.policy;
            out_.scope = change.scope;
        }
        out_.worst = std::max(out_.worst, change.level);
        out_.tier_max = std::max(out_.tier_max, change.tier);
        out_.exhausted = out_.exhausted || change.step == IncidentStep::exhausted;
        if (change.step == IncidentStep::filled && !out_.quorum) {
            out_.quorum = wall_;
        }
        if (change.step == IncidentStep::resolved || change.step == IncidentStep::merged) {
            out_.resolved = wall_;
            out_.ended_by = change.by;
            out_.ended_why = change.reason;
            out_.still = change.by != by_engine || change.reason == reason_max_age ? change.level : Level::none;
            over_ = true;
        } else if (change.step == IncidentStep::reopened) {
            ++out_.reopened;
            out_.resolved.reset();
            over_ = false;
        }
        if (change.need > 0 && !over_) {
            need_ = change.need;
            out_.need_max = std::max(out_.need_max, need_);
        }
        point();
    }
    void on(const SeatChange& change) {
        auto& part = person(change.person);
        part.tier = change.tier;
        part.state = to_string(change.state);
        if (change.state == SeatState::asked && !part.asked) {
            part.asked = wall_;
        } else if (change.state == SeatState::arrived && !part.arrived) {
            part.arrived = wall_;
        } else if (change.state == SeatState::noshow) {
            part.noshow = true;
        }
        if (change.state == SeatState::arrived) {
            arrived_.insert(change.person);
        } else {
            arrived_.erase(change.person);
        }
        if (takes_seat(change.state)) {
            taken_.insert(change.person);
        } else {
            taken_.erase(change.person);
        }
        point();
    }
    void on(const PageChange& change) {
        if (is_action(change.purpose)) {
            return;  // no page: it is in the timeline
        }
        pages_[change.page] = {change.channel, std::string(to_string(change.state))};
        const bool taken = change.state == PageState::accepted || change.state == PageState::delivered;
        if (taken && !out_.first_accepted) {
            out_.first_accepted = wall_;
        }
    }
    void on(const AnswerGiven& answer) {
        if (!counts(answer.result)) {
            return;
        }
        if (!out_.first_answer) {
            out_.first_answer = wall_;
        }
        auto& part = person(answer.person);
        part.successor = answer.successor.empty() ? part.successor : answer.successor;
        if (!part.answered) {
            part.answered = wall_;
            part.answer = to_string(answer.kind);
            part.way = answer.way;
        }
    }
    void on(const SilenceChange&) {}
    void on(const OverrideChange&) {}
    void on(const SystemNote&) {}
    void on(const VerdictGiven& given) {
        out_.verdict = given.verdict;
        out_.verdict_by = given.by;
        out_.verdict_why = given.reason;
    }

    PersonPart& person(const std::string& id) {
        auto it = std::ranges::find(out_.people, id, &PersonPart::person);
        if (it == out_.people.end()) {
            it = out_.people.insert(it, PersonPart{});
            it->person = id;
        }
        return *it;
    }
    void point() {
        const SeatPoint now{wall_, static_cast<int>(taken_.size()), need_};
        if (!out_.seats.empty() && out_.seats.back().at == wall_) {
            out_.seats.back() = now;
        } else if (out_.seats.empty() || out_.seats.back().taken != now.taken || out_.seats.back().need != now.need || over_) {
            out_.seats.push_back(now);
        }
    }

    AfterAction& out_;
    WallTime wall_{};
    bool opened_ = false;
    bool over_ = false;
    int need_ = 0;
    std::set<std::string> taken_;
    std::set<std::string> arrived_;  ///< of those taken
    std::map<std::string, std::pair<std::string, std::string>> pages_;  ///< key -> channel, last state
};

void add_names(const JsonValue& incident, AfterAction& out) {
    for (const JsonValue& seat : list_of(incident, "seats")) {
        for (auto& part : out.people) {
            if (part.person == seat.text_or("person", "")) {
                part.name = seat.text_or("name", "");
            }
        }
    }
}

}  // namespace

std::optional<Span> AfterAction::since_opened(const std::optional<WallTime>& at) const {
    return at ? std::optional(std::max(Span{0}, *at - opened)) : std::nullopt;
}

int AfterAction::noshows() const {
    return static_cast<int>(std::ranges::count_if(people, [](const PersonPart& p) { return p.noshow; }));
}

Result<AfterAction> read_after_action(const JsonValue& incident) {
    AfterAction out;
    out.incident = incident.text_or("incident", "");
    out.state = incident.text_or("state", "");
    const JsonValue* timeline = incident.find("timeline");
    if (out.incident.empty() || timeline == nullptr || timeline->array() == nullptr) {
        return tl::unexpected(Error{"this is no incident with its timeline"});
    }
    Fold fold(out);
    for (const JsonValue& item : *timeline->array()) {
        auto record = decode_record(to_text(item));
        if (!record) {
            return tl::unexpected(Error{"a record of the timeline cannot be read: " + record.error().message});
        }
        fold.add(*record);
        out.timeline.push_back(std::move(*record));
    }
    if (!fold.opened()) {
        return tl::unexpected(Error{"the timeline of " + out.incident + " does not show its opening any more"});
    }
    fold.finish();
    add_names(incident, out);
    out.cut = timeline->array()->size() >= shown_max;
    return out;
}

}  // namespace surged
