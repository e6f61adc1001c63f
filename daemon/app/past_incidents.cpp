#include "app/past_incidents.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>

#include "wire/record_json.hpp"

namespace surged {

namespace {

/// For one answer, however much is asked; the rest follows with `next`.
constexpr std::chrono::milliseconds walk_max{4000};
/// Clocks are set back now and then: an incident that opened before `from` by this much ends the walk, a smaller step does not.
constexpr Span disorder{24 * 3600 * 1000};
/// Numbers without a record in a row: what is older has been trimmed.
constexpr int trimmed_after = 50;

class PastFold {
public:
    explicit PastFold(PastIncident& out) : out_(out) {}

    bool opened() const { return opened_; }
    void finish() {
        for (auto& [id, person] : people_) {
            stand_up(id, out_.ended.value_or(wall_));
            person.person = id;
            out_.people.push_back(person);
        }
    }
    void take(const Record& record) {
        wall_ = record.wall;
        std::visit([this](const auto& body) { on(body); }, record.body);
    }

private:
    void on(const IncidentChange& change) {
        if (change.step == IncidentStep::opened) {
            opened_ = true;
            out_.policy = change.policy;
            out_.scope = change.scope;
            out_.opened = wall_;
        }
        out_.worst = std::max(out_.worst, change.level);
        out_.tier = std::max(out_.tier, change.tier);
        out_.need = std::max(out_.need, change.need);
        need_ = change.need;
        switch (change.step) {
            case IncidentStep::filled: out_.full = out_.full ? out_.full : std::optional(wall_); break;
            case IncidentStep::exhausted: out_.exhausted = true; break;
            case IncidentStep::resolved:
                out_.ended = wall_;
                out_.ended_by = change.by;
                out_.ended_why = change.reason;
                break;
            case IncidentStep::reopened:
                ++out_.reopened;
                out_.ended.reset();
                break;
            case IncidentStep::load: load(change); break;
            default: break;
        }
    }
    void on(const SeatChange& change) {
        burden(change);
        switch (change.state) {
            case SeatState::asked: asked_.insert(change.person); break;
            case SeatState::joined:
            case SeatState::arrived:
                came_.insert(change.person);
                taken_.insert(change.person);
                break;
            case SeatState::noshow: noshow_.insert(change.person); [[fallthrough]];
            default: taken_.erase(change.person); break;
        }
        if (change.state == SeatState::declined) {
            declined_.insert(change.person);
        } else if (change.state == SeatState::arrived) {
            arrived_.insert(change.person);
        }
        if (!out_.half && need_ > 0 && static_cast<int>(taken_.size()) * 2 >= need_) {
            out_.half = wall_;
        }
        out_.asked = static_cast<int>(asked_.size());
        out_.came = static_cast<int>(came_.size());
        out_.came_arrived = static_cast<int>(arrived_.size());
        out_.declined = static_cast<int>(declined_.size());
        out_.noshow = static_cast<int>(noshow_.size());
    }
    /// Of whom it asked: who was only informed has no part in it.
    void burden(const SeatChange& change) {
        if (change.state == SeatState::asked) {
            const auto [at, first] = people_.try_emplace(change.person);
            at->second.asked = first ? wall_ : at->second.asked;
        }
        const auto found = people_.find(change.person);
        if (found == people_.end()) {
            return;
        }
        auto& person = found->second;
        if (change.state == SeatState::joined || change.state == SeatState::arrived) {
            sits_since_.try_emplace(change.person, wall_);
            person.came = true;
        } else {
            stand_up(change.person, wall_);
        }
        person.arrived |= change.state == SeatState::arrived;
        person.declined |= change.state == SeatState::declined;
        person.noshow |= change.state == SeatState::noshow;
    }
    void stand_up(const std::string& id, WallTime at) {
        if (const auto since = sits_since_.extract(id)) {
            people_[id].seated += std::max(Span{0}, at - since.mapped());
        }
    }
    void on(const PageChange& change) {
        const bool calls = change.purpose != PagePurpose::close && change.purpose != PagePurpose::stand_down && change.purpose != PagePurpose::admin &&
                           !is_action(change.purpose);
        if (!calls || (change.state != PageState::accepted && change.state != PageState::delivered) || !pages_.insert(change.page).second) {
            return;
        }
        for (const auto& id : change.people) {
            if (const auto found = people_.find(id); found != people_.end()) {
                ++found->second.pages;
            }
        }
    }
    void on(const VerdictGiven& given) { out_.verdict = VerdictView{given.verdict, given.by, wall_}; }
    template <typename Body>
    void on(const Body&) {}

    /// Counters as they stood; one that began anew counts from there.
    void load(const IncidentChange& change) {
        if (const auto abandoned = change.load.find("abandoned"); abandoned != change.load.end()) {
            if (lost_from_) {
                const double rise = abandoned->second - *lost_from_;
                out_.lost = out_.lost.value_or(0) + (rise >= 0 ? rise : abandoned->second);
            }
            lost_from_ = abandoned->second;
        }
    }

    PastIncident& out_;
    WallTime wall_{};
    bool opened_ = false;
    int need_ = 0;
    std::optional<double> lost_from_;
    std::set<std::string> asked_, came_, taken_, arrived_, declined_, noshow_;
    std::map<std::string, PastPerson> people_;
    std::map<std::string, WallTime> sits_since_;
    std::set<std::string> pages_;  ///< counted
};

/// "p17": the number that comes next.
std::optional<std::uint64_t> number_from(const std::string& next) {
    std::uint64_t number = 0;
    if (next.size() < 2 || next.front() != 'p') {
        return std::nullopt;
    }
    const auto read = std::from_chars(next.data() + 1, next.data() + next.size(), number);
    return read.ec == std::errc{} && read.ptr == next.data() + next.size() ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<PastIncident> past_incident(const std::string& id, const std::vector<std::string>& records) {
    PastIncident out;
    out.incident = id;
    PastFold fold(out);
    for (const auto& bytes : records) {
        if (const auto record = decode_record(bytes)) {
            fold.take(*record);
        }
    }
    fold.finish();
    return fold.opened() ? std::optional(std::move(out)) : std::nullopt;
}

ApiResult<std::string> past_incidents(const PastQuery& query, const PastSources& sources, Stamp now) {
    auto number = sources.newest;
    if (!query.next.empty()) {
        const auto from = number_from(query.next);
        if (!from) {
            return tl::unexpected<ApiError>(ApiError{"bad_request", "next is none that this list gave"});
        }
        number = std::min(number, *from);
    }
    ListText text("incidents", now);
    const auto until = std::chrono::steady_clock::now() + walk_max;
    int missing = 0;
    for (; number > 0 && missing < trimmed_after; --number) {
        if (text.entries() == query.limit || std::chrono::steady_clock::now() > until) {
            return text.take("p" + std::to_string(number));
        }
        const auto id = sources.shard + "-" + std::to_string(number);
        const auto records = sources.records(id);
        if (!records) {
            return tl::unexpected(records.error());
        }
        auto row = past_incident(id, *records);
        missing = records->empty() ? missing + 1 : 0;
        if (!row) {
            continue;
        }
        if (query.from && row->opened < *query.from - disorder) {
            break;
        }
        if ((!query.from || row->opened >= *query.from) && (!query.to || row->opened < *query.to)) {
            if (!query.people) {
                row->people.clear();
            }
            text.add(*row);
        }
    }
    return text.take();
}

}  // namespace surged
