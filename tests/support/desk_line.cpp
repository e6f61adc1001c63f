#include "support/desk_line.hpp"

#include <algorithm>

#include "support/catch.hpp"

namespace surged::test {

PersonSpec make_person(const std::string& id, const std::vector<std::string>& ways) {
    PersonSpec p;
    p.id = id;
    p.name = id;
    p.mobile = "13800000000";
    for (const auto& way : ways) {
        p.normal.push_back({way, Span{0}, Span{0}});
    }
    return p;
}

namespace {
RosterSpec all_day(const std::string& id, std::vector<std::string> people) {
    RosterSpec r;
    r.id = id;
    r.shifts.push_back({0x7F, 0, 1440, std::move(people)});
    return r;
}
ChannelSpec channel(const std::string& id, ChannelKind kind) {
    ChannelSpec c;
    c.id = id;
    c.type = "log";
    c.kind = kind;
    return c;
}
TierSpec tier(const std::string& id, Span wait) {
    TierSpec t;
    t.id = id;
    t.rosters = {id};
    t.wait = wait;
    return t;
}
}  // namespace

Plan team_plan() {
    Plan plan;
    plan.channels = {channel("sms", ChannelKind::personal), channel("ding", ChannelKind::group),
                     channel("voice", ChannelKind::personal)};
    std::vector<std::string> leads{"lead-1", "lead-2", "lead-3", "lead-4"};
    std::vector<std::string> sups{"sup-1", "sup-2", "sup-3"};
    for (const auto& id : leads) {
        plan.people.push_back(make_person(id, {"sms"}));
        plan.people.back().role = "lead";
    }
    for (const auto& id : sups) {
        plan.people.push_back(make_person(id, {"sms"}));
        plan.people.back().role = "supervisor";
    }
    plan.people.push_back(make_person("boss", {"sms"}));
    plan.people.push_back(make_person("desk", {"sms"}));
    plan.rosters = {all_day("leads", leads), all_day("supervisors", sups), all_day("management", {"boss"})};
    PolicySpec policy;
    policy.id = "surge";
    policy.scope = {"centre", "group"};
    policy.need.fixed = 3;
    policy.fallback = {"desk"};
    policy.tiers = {tier("leads", std::chrono::minutes{2}), tier("supervisors", std::chrono::minutes{3}),
                    tier("management", std::chrono::minutes{5})};
    plan.policies = {policy};
    RuleSpec rule;
    rule.id = "wait";
    rule.policy = "surge";
    rule.summary_zh = "排队最长";
    rule.summary_en = "oldest wait";
    plan.rules = {rule};
    return plan;
}

DeskLine::DeskLine(Plan plan) : plan_(std::make_unique<Plan>(std::move(plan))) {
    start_ = {engine_time(1'795'330'800'000), wall_time(1'795'330'800'000)};
    now_ = start_;
    desk_ = std::make_unique<Desk>(*plan_);
    desk_->watch(&board_, &values_);
    mirror_ = std::make_unique<Desk>(*plan_);
}

void DeskLine::check_fold(const Decisions& decisions) {
    for (const auto& record : decisions.records) {
        mirror_->apply(record);
    }
    REQUIRE(mirror_->snapshot() == desk_->snapshot());
}

/// Makes the decisions durable, gives the orders to the scripted courier and its outcomes back to the desk, until nothing is left to
/// do at this moment.
void DeskLine::settle() {
    std::deque<SendOutcome> outcomes;
    for (int pass = 0; pass < 10000; ++pass) {
        check_fold(out_);
        records_.insert(records_.end(), out_.records.begin(), out_.records.end());
        for (auto& order : out_.orders) {
            orders_.push_back(order);
            if (silent_[order.channel]) {
                continue;
            }
            auto& script = script_[order.channel];
            SendOutcome o{order.page, order.attempt, OutcomeClass::ok, Span{0}, "scripted"};
            if (!script.empty()) {
                o.outcome = script.front();
                script.pop_front();
            }
            const auto spec = std::find_if(plan_->channels.begin(), plan_->channels.end(),
                                           [&](const ChannelSpec& c) { return c.id == order.channel; });
            if (o.outcome == OutcomeClass::ok && spec != plan_->channels.end() && spec->receipt_within > Span{0}) {
                o.message = order.page + "#" + std::to_string(order.attempt);
            }
            outcomes.push_back(o);
        }
        out_.clear();
        if (outcomes.empty()) {
            return;
        }
        desk_->on_outcome(outcomes.front(), now_, out_);
        outcomes.pop_front();
    }
    FAIL("the desk does not come to rest");
}

DeskLine& DeskLine::at(Span t) {
    quiet();
    const auto target = start_.at + t;
    REQUIRE(target >= now_.at);
    for (int steps = 0; desk_->next_deadline() <= target; ++steps) {
        REQUIRE(steps < 100000);
        const auto next = std::max(now_.at, desk_->next_deadline());
        now_.wall += next - now_.at;
        now_.at = next;
        desk_->advance(now_, out_);
        settle();
    }
    now_.wall += target - now_.at;
    now_.at = target;
    return *this;
}

DeskLine& DeskLine::edges(std::vector<AlertEdge> edges) {
    for (auto& edge : edges) {
        edge.at = now_.at;
        out_.records.push_back({0, now_.at, now_.wall, edge});
    }
    desk_->on_alerts(edges, now_.at, now_, out_);
    settle();
    return *this;
}

namespace {
AlertEdge make_edge(const std::string& rule, const std::string& queue, AlertState to, Level level, EngineTime since) {
    AlertEdge e;
    e.rule = rule;
    e.policy = "surge";
    e.queue = {"jinan", queue, "voice"};
    e.group = "普席";
    e.metric = "oldest_wait_s";
    e.from = AlertState::ok;
    e.to = to;
    e.level = level;
    e.value = 104;
    e.limit = "> 100";
    e.since = since;
    return e;
}
}  // namespace

DeskLine& DeskLine::fire(const std::string& rule, const std::string& queue, Level level) {
    return edge(firing(rule, queue, level));
}
AlertEdge DeskLine::firing(const std::string& rule, const std::string& queue, Level level) {
    const auto since = firing_.emplace(rule + "/" + queue, now_.at).first->second;
    return make_edge(rule, queue, AlertState::firing, level, since);
}
DeskLine& DeskLine::clear(const std::string& rule, const std::string& queue) {
    firing_.erase(rule + "/" + queue);
    return edge(make_edge(rule, queue, AlertState::ok, Level::none, now_.at));
}
DeskLine& DeskLine::stale(const std::string& rule, const std::string& queue, bool is_stale) {
    auto e = make_edge(rule, queue, AlertState::firing, Level::yellow, now_.at);
    e.stale = is_stale;
    e.stale_changed = true;
    return edge(e);
}

DeskLine& DeskLine::staffed(const std::string& centre, const std::string& queue, double missing, double slack,
                            staffing::Cause cause, Span life) {
    // Numbers are dense, as the detector gives them.
    const auto number = queue_numbers_.emplace(centre + "/" + queue, static_cast<std::uint32_t>(queue_numbers_.size())).first;
    auto& entry = board_.entry(number->second, {centre, queue, "voice"}, "普席");
    entry.known = true;
    entry.until = now_.at + life;
    entry.required = 20;
    entry.productive = 20 - missing;
    entry.missing = std::max(0.0, missing);
    entry.slack = slack;
    entry.wait_s = missing > 0 ? 180 : 0;
    entry.lead = std::chrono::minutes{5};
    entry.cause = cause;
    return *this;
}

DeskLine& DeskLine::knows(const std::string& centre, const std::string& queue, const std::string& metric, double value) {
    values_.known[{centre, queue, "voice"}][metric] = value;
    return *this;
}

void DeskLine::Values::each(std::span<const std::string> metrics, const Wanted& wanted, const Visit& visit) const {
    for (const auto& [queue, last] : known) {
        std::vector<double> values;
        for (const auto& metric : metrics) {
            const auto at = last.find(metric);
            values.push_back(at != last.end() ? at->second : std::numeric_limits<double>::quiet_NaN());
        }
        if (wanted(queue, "普席")) {
            visit(values);
        }
    }
}

CommandReply DeskLine::command(Command c) {
    if (c.incident.empty() && count() > 0) {
        c.incident = incident().incident;
    }
    auto reply = desk_->on_command(c, now_, out_);
    settle();
    return reply;
}

CommandReply DeskLine::answer(AnswerKind kind, const std::string& person, const std::string& key) {
    Command c;
    c.answer = kind;
    c.person = c.by = person;
    c.way = "test";
    c.key = key;
    return command(c);
}

DeskLine& DeskLine::says(const std::string& channel, std::vector<OutcomeClass> outcomes) {
    script_[channel].assign(outcomes.begin(), outcomes.end());
    return *this;
}
DeskLine& DeskLine::silent(const std::string& channel, bool is_silent) {
    silent_[channel] = is_silent;
    return *this;
}
DeskLine& DeskLine::outcome(const SendOutcome& o) {
    desk_->on_outcome(o, now_, out_);
    settle();
    return *this;
}

DeskLine& DeskLine::receipt(const std::string& channel, const std::string& message, bool delivered, const std::string& number) {
    desk_->on_receipt({channel, message, number, delivered, delivered ? "DELIVRD" : "DB:0140"}, now_, out_);
    settle();
    return *this;
}

DeskLine& DeskLine::crash(Span down) {
    const auto bytes = desk_->snapshot();
    const auto since = now_.at;
    desk_ = std::make_unique<Desk>(*plan_);
    desk_->watch(&board_, &values_);
    REQUIRE(desk_->restore(bytes));
    REQUIRE(desk_->snapshot() == bytes);
    now_.at += down;
    now_.wall += down;
    desk_->recovered(since, now_, out_);
    settle();
    return *this;
}

DeskLine& DeskLine::crash_to_log(const std::function<void(Record&)>& spoil, Span down) {
    desk_ = std::make_unique<Desk>(*plan_);
    desk_->watch(&board_, &values_);
    mirror_ = std::make_unique<Desk>(*plan_);
    for (auto& record : records_) {
        spoil(record);
        desk_->apply(record);
        mirror_->apply(record);
    }
    const auto since = now_.at;
    now_.at += down;
    now_.wall += down;
    desk_->recovered(since, now_, out_);
    settle();
    desk_->advance(now_, out_);  // the engine does this at once after a restart, too
    settle();
    return *this;
}

DeskLine& DeskLine::reload(Plan plan) {
    old_plans_.push_back(std::move(plan_));
    plan_ = std::make_unique<Plan>(std::move(plan));
    desk_->adopt(*plan_, now_, out_);
    const auto bytes = mirror_->snapshot();
    mirror_ = std::make_unique<Desk>(*plan_);
    REQUIRE(mirror_->restore(bytes));
    settle();
    return *this;
}

DeskLine& DeskLine::wall_step(Span by) {
    now_.wall += by;
    return *this;
}

DeskLine& DeskLine::expect(std::vector<std::string> wanted) {
    std::vector<std::string> sent;
    for (; looked_ < orders_.size(); ++looked_) {
        const auto& o = orders_[looked_];
        std::string text = o.channel + " " + std::string(to_string(o.purpose)) + " " + o.action;
        for (std::size_t i = 0; i < o.people.size(); ++i) {
            text += (i > 0 ? "+" : "") + o.people[i].person;
        }
        sent.push_back(text + (o.repeat ? " repeat" : ""));
    }
    std::sort(sent.begin(), sent.end());
    std::sort(wanted.begin(), wanted.end());
    CAPTURE((now_.at - start_.at).count());
    REQUIRE(sent == wanted);
    return *this;
}

IncidentView DeskLine::incident() const {
    auto all = desk_->incidents();
    REQUIRE(!all.empty());
    return *std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::stoul(a.incident.substr(2)) < std::stoul(b.incident.substr(2));
    });
}

std::vector<std::string> DeskLine::types() const {
    std::vector<std::string> out;
    for (const auto& record : records_) {
        out.push_back(record_type(record));
    }
    return out;
}
std::size_t DeskLine::count_type(const std::string& type) const {
    const auto all = types();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), type));
}
SeatState DeskLine::seat(const std::string& person) const {
    for (const auto& s : incident().seats) {
        if (s.person == person) {
            return s.state;
        }
    }
    FAIL("no seat of " + person);
    return SeatState::asked;
}

}  // namespace surged::test
