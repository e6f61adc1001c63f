#include "report/after_action.hpp"

#include <algorithm>
#include <functional>
#include <cmath>
#include <set>

namespace surged {

namespace {

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
        const Level shown = edge.level == Level::none ? edge.pending : edge.level;
        out_.moments.push_back({wall_, edge.rule, edge.queue, edge.to, shown, edge.stale_changed, edge.stale, edge.value, edge.limit, edge.evidence});
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
        if (takes_seat(change.state) && !part.joined) {
            part.joined = wall_;
        }
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
        if (!out_.half && need_ > 0 && static_cast<int>(taken_.size()) * 2 >= need_) {
            out_.half = wall_;
        }
        point();
    }
    void on(const PageChange& change) {
        if (is_action(change.purpose)) {
            return step_of_playbook(change);
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
        out_.verdicts.push_back({wall_, given.verdict, given.by, given.reason});
    }

    void step_of_playbook(const PageChange& change) {
        const auto [at, first] = actions_.try_emplace(change.page, out_.actions.size());
        if (first) {
            out_.actions.push_back({change.action, change.channel, change.purpose, wall_, wall_, change.state, 0, {}});
        }
        auto& part = out_.actions[at->second];
        part.state = change.state;
        part.at = wall_;
        part.attempts = std::max(part.attempts, change.attempt);
        part.reason = change.reason;
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
    std::map<std::string, std::size_t> actions_;                        ///< key -> its place in the report
};

}  // namespace

std::optional<Span> AfterAction::since_opened(const std::optional<WallTime>& at) const {
    return at ? std::optional(std::max(Span{0}, *at - opened)) : std::nullopt;
}

int AfterAction::noshows() const {
    return static_cast<int>(std::ranges::count_if(people, [](const PersonPart& p) { return p.noshow; }));
}

int AfterAction::asked() const {
    return static_cast<int>(std::ranges::count_if(people, [](const PersonPart& p) { return p.asked.has_value(); }));
}

int AfterAction::came() const {
    return static_cast<int>(std::ranges::count_if(people, [](const PersonPart& p) { return p.joined.has_value(); }));
}

int AfterAction::arrived() const {
    return static_cast<int>(std::ranges::count_if(people, [](const PersonPart& p) { return p.arrived.has_value(); }));
}

int AfterAction::declined() const {
    return static_cast<int>(std::ranges::count(people, "decline", &PersonPart::answer));
}

int AfterAction::unreachable() const {
    return static_cast<int>(std::ranges::count(people, to_string(SeatState::unreachable), &PersonPart::state));
}

int AfterAction::silent() const {
    return static_cast<int>(std::ranges::count_if(people, [](const PersonPart& p) {
        return p.asked && !p.answered && !p.joined && p.state != to_string(SeatState::unreachable);
    }));
}

std::optional<double> AfterAction::saved() const {
    const auto worth = load.worth();
    return worth && worth->explains() ? std::optional(std::max(0.0, worth->lost_without - worth->lost_with)) : std::nullopt;
}

Result<AfterAction> after_action(const std::string& incident, const std::string& state, std::vector<Record> records,
                                 const std::map<std::string, std::string>& names) {
    AfterAction out;
    out.incident = incident;
    out.state = state;
    out.cut = records.size() >= report_records_max;
    Fold fold(out);
    for (const Record& record : records) {
        fold.add(record);
    }
    if (!fold.opened()) {
        return tl::unexpected(Error{"the timeline of " + incident + " does not show its opening any more"});
    }
    fold.finish();
    for (PersonPart& part : out.people) {
        const auto name = names.find(part.person);
        part.name = name == names.end() ? std::string() : name->second;
    }
    out.timeline = std::move(records);
    return out;
}

}  // namespace surged
