#include "app/loop.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "app/cluster.hpp"
#include "app/version.hpp"
#include "core/base/text.hpp"
#include "core/engine/next_plan.hpp"

namespace surged {
namespace {

constexpr Span housekeeping_every{1000};
constexpr std::chrono::microseconds waited_min{500};

}  // namespace

Loop::Loop(LoopParts parts)
    : parts_(parts), decoder_(parts.engine.plan().limits, parts.lenient), history_walk_(parts.engine, parts.history) {}

int Loop::run() {
    started_ = now();
    reload_.at = started_.wall;
    drained_at_ = started_.at;
    parts_.notifier.ready(std::to_string(parts_.engine.plan().rules.size()) + " rules, " +
                          std::to_string(parts_.engine.stats().queues) + " queues");
    while (!stopping_) {
        turn();
    }
    stop();
    return 0;
}

void Loop::turn() {
    const std::array<int, 2> extra{parts_.inbox.fd(), parts_.signals.fd()};
    const auto before = std::chrono::steady_clock::now();
    const auto ready = parts_.ingest.wait(sleep_until_next(now()), extra);
    // A loop that had to wait for input was not behind it. receive() alone would not tell: it stops early when something was decided.
    if (!ready.messages || std::chrono::steady_clock::now() - before >= waited_min) {
        drained_at_ = now().at;
    }
    run_timers();
    take_signals();
    if ((ready.descriptors & 1U) != 0) {
        parts_.inbox.woken();
    }
    parts_.inbox.drain(*this, 1024, jobs_max);
    settle();
    receive();
    settle();
    const Stamp at = now();
    parts_.snapshots.turn(at);
    history_walk_.turn(at);
    if (at.at >= housekeeping_at_) {
        housekeeping(at);
    }
    first_turn_ = false;
    parts_.pulse.turned();
    parts_.notifier.alive(parts_.clock.now().at.time_since_epoch());
}

Span Loop::sleep_until_next(Stamp now) const {
    const EngineTime next = std::min({parts_.engine.next_deadline(), housekeeping_at_, parts_.snapshots.next(), history_walk_.next()});
    const Span most = parts_.notifier.alive_every().value_or(housekeeping_every);
    // One millisecond more than the difference: waking in the very millisecond of the deadline is in time, waking before it is a
    // turn for nothing.
    return next <= now.at ? Span{0} : std::min(next - now.at, most);
}

void Loop::run_timers() {
    const Stamp at = now();
    const EngineTime due = parts_.engine.next_deadline();
    if (due > at.at) {
        return;
    }
    // After a restart timers are late by the time the daemon was down; that is not the loop's lateness.
    if (!first_turn_) {
        lateness_.observe(seconds(at.at - due));
    }
    parts_.engine.advance(at);
}

void Loop::take_signals() {
    while (const auto signal = parts_.signals.take()) {
        if (*signal == Signal::stop) {
            stopping_ = true;
            continue;
        }
        parts_.notifier.reloading();
        parts_.reloader.start([&inbox = parts_.inbox](const ReloadResult& result) {
            inbox.push([text = result.ok ? "configuration reloaded" : "reload refused, the old configuration is in force"](
                           Loop& loop) { loop.parts_.notifier.ready(text); });
        });
    }
}

void Loop::receive() {
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t taken = 0; taken < messages_per_turn;) {
        const std::size_t got =
            parts_.ingest.receive(16, [this](std::string_view payload, std::string_view) { message(payload); });
        taken += got;
        if (got == 0) {
            drained_at_ = now().at;
        }
        // What is decided goes to the store at once; the rest of the messages wait for a moment.
        if (got == 0 || parts_.engine.decided() || std::chrono::steady_clock::now() - began > receive_max) {
            break;
        }
    }
    from_texts_ += decoder_.take_lenient();
    const RefusalCounts refused = parts_.ingest.take_refused();
    for (std::size_t i = 0; i < refusal_count; ++i) {
        if (refused[i] > 0) {
            parts_.engine.refuse(static_cast<Refusal>(i), refused[i]);
        }
    }
}

void Loop::message(std::string_view payload) {
    const auto arrived = std::chrono::steady_clock::now();
    const Stamp at = now();
    if (const auto refused = decoder_.decode(payload, message_, dropped_)) {
        parts_.engine.refuse(*refused);
        note_refused(*refused, 1, at);
        return;
    }
    for (std::size_t i = 0; i < refusal_count; ++i) {
        if (dropped_[i] > 0) {
            note_refused(static_cast<Refusal>(i), dropped_[i], at);
            parts_.engine.refuse(static_cast<Refusal>(i), dropped_[i]);
            dropped_[i] = 0;
        }
    }
    if (!parts_.ingest.may_speak_for(message_.source)) {
        parts_.engine.refuse(Refusal::foreign_source);
        parts_.engine.note_refusal(message_.source,
                                   {Refusal::foreign_source, "source", printable_front(message_.source),
                                    "a name that [[ingest.client]] gives to the key of this connection"},
                                   1, at);
        network_.foreign(message_.source);
        return;
    }
    arrived_ = at;
    arrived_steady_ = arrived;
    parts_.engine.ingest(message_, at);
    decision_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - arrived).count());
}

/// Keeps the decoder's example of a reason for `status` and the log.
void Loop::note_refused(Refusal reason, std::uint64_t count, Stamp at) {
    for (const RefusalNote& note : decoder_.notes()) {
        if (note.reason == reason) {
            parts_.engine.note_refusal(decoder_.source(), note, count, at);
        }
    }
}

/// What people want to read in the journal: incidents, and pages that failed. Alerts are in the metrics; ten thousand of them
/// must not become ten thousand lines.
void Loop::tell(const Record& record) const {
    if (const auto* change = std::get_if<IncidentChange>(&record.body)) {
        parts_.log.notice(record_type(record), {{"incident", change->incident},
                                                {"policy", change->policy},
                                                {"level", to_string(change->level)},
                                                {"tier", change->tier},
                                                {"joined", change->joined},
                                                {"need", change->need},
                                                {"reason", change->reason}});
    } else if (const auto* page = std::get_if<PageChange>(&record.body)) {
        const bool bad = page->state == PageState::failed_temp || page->state == PageState::failed_perm ||
                         page->state == PageState::unknown || page->state == PageState::expired;
        if (bad) {
            parts_.log.warning(record_type(record), {{"page", page->page}, {"attempt", page->attempt}, {"reason", page->reason}});
        }
    } else if (const auto* note = std::get_if<SystemNote>(&record.body)) {
        parts_.log.notice("system." + note->what, {{"detail", note->detail}});
    }
}

void Loop::housekeeping(Stamp now) {
    housekeeping_at_ = now.at + housekeeping_every;
    // The engine hears of time at least once a second even when nothing is due: it compares both clocks and finds steps.
    parts_.engine.advance(now);
    // Input that was never empty for this long: what arrives waits longer than it takes to work on it.
    const Span behind = now.at - drained_at_;
    const bool late = behind >= parts_.engine.plan().overload.behind;
    if (late || late_) {
        parts_.engine.overload(OverloadCause::behind, late,
                               "behind its input: more has waited for " + format_span(behind / 1000 * 1000), now);
        late_ = late;
        parts_.pulse.behind(late);
    }
    settle();
    beat(now);
    if (const auto listening = parts_.engine.desk().listening(); listening_ || !listening.empty()) {
        parts_.courier.expect({listening.begin(), listening.end()});
        listening_ = !listening.empty();
    }
    faults_.turn(parts_.engine.refusals(), now.at, parts_.log);
    report(now);
    const EngineStats stats = parts_.engine.stats();
    network_.turn(parts_.ingest, parts_.publisher, parts_.engine, stats.rejected, now, parts_.log);
    parts_.notifier.status(std::to_string(stats.queues) + " queues, " + std::to_string(stats.series) + " series, " +
                           std::to_string(stats.messages) + " messages" + (parts_.store.degraded() ? "; STORE DEGRADED" : ""));
}

void Loop::report(Stamp now) {
    if (parts_.report == nullptr) {
        return;
    }
    feed_report_.turn(parts_.engine.refusals(), now, [this](const std::string& topic, const std::string& json) {
        static_cast<void>(parts_.report->publish(topic, json));  // one that finds the queue full is said again with the next
    });
    // Its subscribers come past [ingest]'s guard: those that were refused count among [ingest]'s.
    const RefusalCounts refused = parts_.report->stats().refused;
    for (std::size_t i = 0; i < refusal_count; ++i) {
        if (refused[i] > 0) {
            parts_.engine.refuse(static_cast<Refusal>(i), refused[i]);
        }
    }
}

/// Straight to the courier: a sign of life is no decision and waits for no disk.
void Loop::beat(Stamp now) {
    const char* trouble = parts_.store.degraded() ? "decisions are not durable" : late_ ? "behind its input" : "";
    if (auto order = heartbeat_.turn(parts_.engine.plan(), now, trouble, parts_.engine.desk().open_incidents())) {
        parts_.courier.submit(std::move(*order));
    }
}

void Loop::command(const Command& command, std::promise<std::optional<CommandReply>> reply) {
    hear();
    replies_.push_back({std::move(reply), parts_.engine.command(command, now())});
}

void Loop::outcome(const SendOutcome& outcome, const SendTiming& timing) {
    if (heartbeat_.outcome(outcome, now().wall)) {
        if (outcome.outcome != OutcomeClass::ok) {
            parts_.log.warning("heartbeat_failed", {{"outcome", to_string(outcome.outcome)}, {"why", outcome.detail}});
        }
        return;
    }
    if (const auto took = pages_.finished(outcome, timing.first_byte)) {
        page_.observe(*took);
    }
    heard_.push_back(outcome);
}

/// Decides about the outcomes that came in one turn: a tier of three hundred is looked at once for all that are there, not for each.
void Loop::hear() {
    if (!heard_.empty()) {
        parts_.engine.outcomes(heard_, now());
        heard_.clear();
    }
}

/// Word of a provider: what became of messages, and what people wrote.
void Loop::pulled(const Pulled& pulled) {
    hear();
    auto& counts = pulls_[pulled.channel];
    ++counts[pulled.problem.empty() ? "ok" : "failed"];
    counts["ignored"] += pulled.ignored;
    if (const bool was = unreadable_.count(pulled.channel) > 0; was == pulled.problem.empty()) {
        was ? void(unreadable_.erase(pulled.channel)) : void(unreadable_.insert(pulled.channel));
        parts_.engine.note(was ? "provider_heard" : "provider_silent", pulled.channel + (was ? "" : ": " + pulled.problem), now());
    }
    for (const DeliveryReceipt& receipt : pulled.receipts) {
        parts_.engine.receipt(receipt, now());
    }
    const Plan& plan = parts_.engine.plan();
    for (const IncomingText& text : pulled.texts) {
        auto verdict = sms_.take(
            text, plan, [this] { return parts_.engine.desk().incidents(); }, parts_.links, now());
        if (verdict.command) {
            const auto reply = parts_.engine.command(*verdict.command, now());
            if (auto order = sms_.answer(*verdict.command, reply, text, plan, now())) {
                said_.push_back({std::move(order), sms_.unsure(*verdict.command, text, plan, now())});
            }
        } else if (verdict.answer) {
            said_.push_back({verdict.answer, verdict.answer});
        }
    }
}

void Loop::publish(const Batch& batch) {
    for (const Batch::Event& event : batch.events) {
        parts_.publisher.publish(event.topic, event.json);
        if (parts_.http != nullptr) {
            parts_.http->publish(event.seq, event.type, event.json);
        }
    }
}

void Loop::publish_action(const std::string& topic, const std::string& json) {
    static_cast<void>(parts_.publisher.publish(topic, json));  // counts what it drops; told once a minute
}

void Loop::store_state(bool degraded, const std::string& why) {
    if (degraded) {
        parts_.log.error("store_degraded", {{"why", why}, {"effect", "pages go on, decisions are kept in memory"}});
    } else {
        parts_.log.notice("store_recovered");
    }
    parts_.engine.note(degraded ? "store_degraded" : "store_recovered", why, now());
    parts_.engine.overload(OverloadCause::store, degraded, "decisions are not durable: " + why, now());
}

ReloadReport Loop::adopt(NextPlan& next, const std::string& message) {
    hear();
    decoder_ = Decoder(next.plan().limits, parts_.lenient);
    ReloadReport report = parts_.engine.reload(next, now());
    if (parts_.cluster != nullptr) {
        parts_.cluster->set_version(parts_.engine.plan().version);
    }
    parts_.snapshots.adopt(report);
    reload_ = {true, now().wall, message};
    parts_.log.notice("reloaded", {{"version", parts_.engine.plan().version},
                                   {"kept", report.kept},
                                   {"re_evaluated", report.re_evaluated},
                                   {"closed", report.closed},
                                   {"note", message}});
    return report;
}

void Loop::take_profiles(ProfileShelf profiles) {
    const auto offered = profiles.size();
    const auto taken = parts_.engine.offer_profiles(std::move(profiles));
    parts_.log.notice("profiles", {{"offered", offered}, {"taken", taken}});
}

void Loop::reload_refused(const std::string& message) {
    reload_ = {false, now().wall, message};
    parts_.log.error("reload_refused", {{"effect", "the old configuration stays in force"}, {"why", message}});
}

MetricsSnapshot Loop::metrics() {
    return metrics_.make({parts_.engine, parts_.store, parts_.http, reload_, decision_, page_, lateness_, heartbeat_.state(),
                          parts_.inbox.refused(), help_, pulls_, sms_.counts(), from_texts_, policy_unreadable_},
                         now());
}

}  // namespace surged
