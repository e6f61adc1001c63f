#include "core/engine/engine.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/check.hpp"
#include "core/engine/engine_parts.hpp"
#include "core/engine/next_plan.hpp"

namespace surged {
namespace {

/// One line a rule, for people.
std::vector<std::string> rule_changes(const Plan& before, const Plan& now) {
    std::vector<std::string> out;
    for (const auto& rule : now.rules) {
        const auto old = std::ranges::find_if(before.rules, [&](const RuleSpec& r) { return r.id == rule.id; });
        out.push_back(rule.id + ": " +
                      (old == before.rules.end()       ? "new"
                       : old->content == rule.content ? "kept"
                                                      : "changed, re-evaluated"));
    }
    for (const auto& rule : before.rules) {
        if (std::ranges::none_of(now.rules, [&](const RuleSpec& r) { return r.id == rule.id; })) {
            out.push_back(rule.id + ": removed, closed");
        }
    }
    return out;
}

}  // namespace

Engine::Parts::Parts(std::shared_ptr<const Plan> p)
    : plan(std::move(p)), detection(plan), detector(std::make_shared<Detector>(*plan)), desk(std::make_unique<Desk>(*plan)), overload(*plan) {
    connect();
}

Engine::Engine(std::unique_ptr<const Plan> plan) : parts_(std::make_unique<Parts>(std::move(plan))) {}
Engine::~Engine() = default;

const Plan& Engine::plan() const {
    return *parts_->plan;
}
std::shared_ptr<const Plan> Engine::shared_plan() const {
    return parts_->plan;
}
const Desk& Engine::desk() const {
    return *parts_->desk;
}

/// Every event goes through here: nothing decided before its time, nothing decided late.
Stamp Engine::enter(Stamp now) {
    now.at = std::max(now.at, parts_->now.at);  // arrival never goes back; the shell counts it when it tries
    parts_->now = now;
    return now;
}

void Engine::ingest(const Message& message, Stamp now) {
    now = enter(now);
    if (next_deadline() <= now.at) {
        advance(now);
    }
    parts_->detector->ingest(message, now);
    watch_overload(now);
    settle(now.at, now);
}

void Engine::refuse(Refusal reason, std::uint64_t count) {
    parts_->detector->refuse(reason, count);
}

void Engine::note_refusal(std::string_view source, RefusalNote note, std::uint64_t count, Stamp now) {
    parts_->detector->note_refusal(source, std::move(note), count, now.at);
}

const RefusalBook& Engine::refusals() const {
    return parts_->detector->refusals();
}

/// Deadline by deadline, each at its own time: after a pause (or in a replay) everything happens in the order in which it was
/// due.
void Engine::advance(Stamp now) {
    now.at = std::max(now.at, parts_->now.at);
    constexpr int rounds_max = 1000000;
    int rounds = 0;
    for (auto next = next_deadline(); next <= now.at; next = next_deadline()) {
        const auto at = std::max(next, parts_->now.at);
        rounds = at > parts_->now.at ? 0 : rounds + 1;
        SURGED_CHECK(rounds < rounds_max);  // a deadline that does not go away would hang the engine
        const auto step = enter({at, now.wall - (now.at - at)});
        parts_->detector->advance(step);
        watch_overload(step);
        settle(step.at, step);
        if (parts_->desk->next_deadline() <= step.at) {
            parts_->desk->advance(step, decisions_);
            number();
        }
    }
    now = enter(now);
    parts_->detector->advance(now);
    watch_channels(now);
    watch_overload(now);
    settle(now.at, now);
}

void Engine::overload(OverloadCause cause, bool there, std::string detail, Stamp now) {
    now = enter(now);
    parts_->overload.say(cause, there, std::move(detail), now.at);
    watch_overload(now);
    settle(now.at, now);
}

/// The limits that the engine runs into become one alert among the others of the step. Costs two comparisons while all is well.
void Engine::watch_overload(Stamp now) {
    auto& parts = *parts_;
    const auto refused = parts.detector->rejected()[static_cast<std::size_t>(Refusal::series_limit)];
    if (refused != parts.refused_series) {
        // Feeders repeat a refused value with every message: half a minute without one means that it has stopped.
        constexpr Span lasts{30000};
        parts.refused_series = refused;
        parts.overload.happened(OverloadCause::series,
                                "series limit reached (" + std::to_string(parts.detector->queues().series_count()) + " series, " +
                                    std::to_string(parts.detector->queues().size()) + " queues): " + std::to_string(refused) +
                                    " values refused",
                                lasts, now.at);
    }
    watch_sources(now);
    const auto waiting = parts.desk->refused_scopes();
    if (waiting > 0 || !parts.overload.idle()) {
        parts.overload.say(OverloadCause::incidents, waiting > 0, std::to_string(waiting) + " scopes wait for an incident", now.at);
        while (const auto edge = parts.overload.step(now)) {
            parts.detector->add_edge(*edge);
        }
    }
}

void Engine::watch_sources(Stamp now) {
    auto& parts = *parts_;
    const SourceTracker& sources = parts.detector->sources();
    const auto refused = parts.detector->rejected()[static_cast<std::size_t>(Refusal::source_limit)];
    if (refused + sources.crowded_out() != parts.refused_sources) {
        constexpr Span lasts{30000};
        parts.refused_sources = refused + sources.crowded_out();
        parts.overload.happened(OverloadCause::sources,
                                "limit of sources reached (" + std::to_string(sources.sources().size()) + "): " +
                                    std::to_string(refused) + " messages of further feeders refused, " +
                                    std::to_string(sources.crowded_out()) + " feeders forgotten for others while they spoke",
                                lasts, now.at);
    }
    const SourceState* troubled = sources.troubled(now.at);
    if ((troubled != nullptr ? std::string_view(troubled->name) : std::string_view()) != parts.troubled_source) {
        parts.troubled_source = troubled != nullptr ? troubled->name : std::string();
        parts.overload.say(OverloadCause::senders, troubled != nullptr,
                           troubled != nullptr ? "source " + troubled->name + ": " + SourceTracker::trouble_of(*troubled, now.at) : "",
                           now.at);
    }
}

CommandReply Engine::command(const Command& command, Stamp now) {
    now = enter(now);
    const auto reply = parts_->desk->on_command(command, now, decisions_);
    number();
    return reply;
}

void Engine::outcome(const SendOutcome& outcome, Stamp now) {
    outcomes({&outcome, 1}, now);
}

void Engine::outcomes(std::span<const SendOutcome> outcomes, Stamp now) {
    now = enter(now);
    parts_->desk->on_outcomes(outcomes, now, decisions_);
    number();
    watch_channels(now);
}

/// A dead channel is reported over another one to those who look after surged, whether or not a surge is on.
void Engine::watch_channels(Stamp now) {
    const auto down = parts_->desk->channels_down();
    std::string names;
    for (const auto& id : down) {
        names += (names.empty() ? "" : ", ") + id;
    }
    if (names == parts_->channels_down) {
        return;
    }
    parts_->channels_down = names;
    parts_->overload.say(OverloadCause::channels, !down.empty(), "no way out by channel " + names, now.at);
    watch_overload(now);
    settle(now.at, now);
}

void Engine::receipt(const DeliveryReceipt& receipt, Stamp now) {
    now = enter(now);
    parts_->desk->on_receipt(receipt, now, decisions_);
    number();
}

void Engine::note(std::string what, std::string detail, Stamp now) {
    now = enter(now);
    decisions_.records.push_back({0, now.at, now.wall, SystemNote{std::move(what), std::move(detail)}});
    number();
}

/// Edges become records and go to the desk, all of one step together, so that a storm opens one incident and not one per queue.
void Engine::settle(EngineTime arrived, Stamp now) {
    auto& detector = *parts_->detector;
    const auto edges = parts_->put_off.with_due(detector.edges(), now.at);
    detector.clear_edges();
    if (edges.empty()) {
        return;
    }
    for (const auto& edge : edges) {
        decisions_.records.push_back({0, now.at, now.wall, edge});
    }
    const auto first = decisions_.records.size() - edges.size();
    parts_->desk->on_alerts(edges, arrived, now, decisions_);
    for (std::size_t i = 0; i < edges.size(); ++i) {
        const auto fires = [](AlertState state) { return state == AlertState::firing || state == AlertState::clearing; };
        if (!edges[i].policy.empty() && (fires(edges[i].from) || fires(edges[i].to))) {
            std::get<AlertEdge>(decisions_.records[first + i].body).incident = parts_->desk->incident_of(edges[i], now.at);
        }
    }
    number();
}

/// Records made since the last call get their sequence numbers. The desk has applied them.
void Engine::number() {
    auto& parts = *parts_;
    for (; parts.numbered < decisions_.records.size(); ++parts.numbered) {
        Record& record = decisions_.records[parts.numbered];
        record.seq = ++sequence_;
        parts.recorded = std::max(parts.recorded, record.at);
        parts.open.apply(record);
    }
}

void Engine::take(Decisions& out) {
    out.clear();
    std::swap(out, decisions_);
    parts_->numbered = 0;
}

EngineTime Engine::next_deadline() const {
    return std::min({parts_->detector->next_deadline(), parts_->desk->next_deadline(), parts_->overload.deadline(), parts_->put_off.next()});
}

void Engine::begin(NextPlan& next) const {
    next.before_ = parts_->detection;
    next.old_ = parts_->detector;
}

ReloadReport Engine::reload(std::unique_ptr<const Plan> plan, Stamp now) {
    NextPlan next(std::move(plan));
    return reload(next, now);
}

ReloadReport Engine::reload(NextPlan& next, Stamp now) {
    advance(now);
    now = parts_->now;
    ReloadReport report;
    auto& parts = *parts_;
    if (const auto before = parts.replaced.lock()) {
        before->hand_over(std::numeric_limits<std::size_t>::max());  // its heir is about to be replaced
    }
    if (next.old_ != parts.detector) {
        begin(next);
    }
    next.prepare();
    ++parts.reloads;
    report.lines = rule_changes(*parts.plan, next.plan());
    // The desk borrows the plan: it takes the new one before the old one goes.
    const auto old_plan = std::exchange(parts.plan, next.plan_);
    if (next.keeps_detector()) {
        report.kept = parts.detector->queues().bound_count();
    } else {
        replace_detector(next, report, now);
    }
    parts.overload.adopt(*parts.plan);
    report.after = sequence_;
    parts.desk->adopt(*parts.plan, now, decisions_);
    number();
    note("config", "version " + parts.plan->version, now);
    watch_overload(now);
    settle(now.at, now);
    return report;
}

/// By one of the plan in force. What the old one leaves is as large as all windows are: whoever holds the report frees it.
void Engine::replace_detector(NextPlan& next, ReloadReport& report, Stamp now) {
    auto& parts = *parts_;
    next.outline(parts.detector->queues().size());
    next.build();
    const auto counts = next.take_over_->finish(now);
    report.kept = counts.kept;
    report.re_evaluated = counts.re_evaluated;
    report.closed = counts.closed;
    Replaced::Side old{std::exchange(parts.detection, parts.plan), std::exchange(parts.detector, next.made_)};
    report.remains = std::make_shared<Replaced>(std::move(old), Replaced::Side{parts.detection, parts.detector}, std::move(next.take_over_));
    parts.replaced = report.remains;
    parts.put_off.put_off(parts.detector->edges(), now.at);
    parts.connect();
}

}  // namespace surged
