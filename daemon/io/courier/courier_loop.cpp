#include "io/courier/courier_loop.hpp"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace surged {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds timeout_max{120000};
constexpr std::size_t connections_idle_max = 64;  // beside those in use: the library counts both
constexpr milliseconds asked_again{20};           // whether something may start, while nothing may

void print_line(const std::string& line) {
    const std::string whole = line + "\n";
    std::fwrite(whole.data(), 1, whole.size(), stderr);
}

}  // namespace

milliseconds timeout_of(const SendOrder& order, const LoadedChannel& channel) {
    const milliseconds asked = order.timeout > Span{0} ? order.timeout : channel.spec.timeout;
    return std::clamp(asked, milliseconds{1}, timeout_max);
}

std::int64_t unix_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

SendOutcome outcome_for(const SendOrder& order, OutcomeClass outcome, std::string detail) {
    SendOutcome out;
    out.page = order.page;
    out.attempt = order.attempt;
    out.outcome = outcome;
    out.detail = std::move(detail);
    return out;
}

Courier::Loop::Loop(CourierOptions options_in)
    : options(std::move(options_in)),
      http(options.in_flight_max + connections_idle_max),
      processes(options.kill_grace),
      mails([this] { http.wake(); }) {}

void Courier::Loop::run() {
    // Writing to a sink or a command that went away must not end the daemon; blocked here, the signal becomes EPIPE.
    sigset_t pipe_signal;
    ::sigemptyset(&pipe_signal);
    ::sigaddset(&pipe_signal, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_signal, nullptr);

    const auto http_done = [this](std::uint64_t ticket, const HttpReply& reply, Clock::time_point first_byte) {
        const auto at = flights.find(ticket);
        if (const auto use = warm_ups.extract(ticket); !use.empty()) {
            warmed(use.mapped(), reply);
            return;
        }
        if (at == flights.end()) {
            pulled(ticket, reply);
            return;
        }
        land(ticket, verdict_of(*at->second.type, reply), first_byte);
    };
    const auto process_done = [this](std::uint64_t ticket, const ProcessReply& reply, Clock::time_point first_byte) {
        const auto at = flights.find(ticket);
        land(ticket, verdict_of(*at->second.type, reply), first_byte);
    };
    const auto mail_done = [this](std::uint64_t ticket, const MailReply& reply, Clock::time_point first_byte) {
        const auto at = flights.find(ticket);
        land(ticket, verdict_of(*at->second.type, reply), first_byte);
    };
    std::vector<pollfd> fds;
    for (;;) {
        accept();
        start_some();
        http.drive(http_done);
        processes.drive(process_done);
        mails.drive(mail_done);
        start_some();  // what ended made room
        pull_some();
        const auto warm_at = warm_some();
        milliseconds within = [&] {
            fds.clear();
            return processes.prepare_wait(fds);
        }();
        const auto pull_at = shut() ? std::max(pulls.next(), Clock::now() + asked_again) : pulls.next();
        if (const auto next = std::min({paced_until, pull_at, warm_at}); next != Clock::time_point::max()) {
            const auto left = std::chrono::ceil<milliseconds>(next - Clock::now());
            within = std::clamp(left, milliseconds{0}, within);
        }
        {
            const std::lock_guard hold(lock);
            stats.connections = http.connections();
            if (stopping) {
                const auto left = std::chrono::duration_cast<milliseconds>(stop_at - Clock::now());
                if (nothing_left() || left <= milliseconds{0}) {
                    break;
                }
                within = std::min(within, left + milliseconds{1});
            }
            if (!inbox.empty() || !coming.empty() || new_channels || new_expected || page_soon) {
                continue;
            }
        }
        http.wait(fds, within);
    }
    end_all();
}

bool Courier::Loop::nothing_left() const {
    return inbox.empty() && stats.queued == 0 && flights.empty() && questions.empty();  // an answer is given once
}

/// Takes over new channels and new orders.
void Courier::Loop::accept() {
    std::deque<Waiting> orders;
    std::vector<SendOrder> to_come;
    {
        const std::lock_guard hold(lock);
        if (new_channels) {
            forget_ready(Clock::time_point::max());
            channels = std::move(*new_channels);
            new_channels.reset();
            std::erase_if(paces, [this](const auto& entry) { return channels.count(entry.first) == 0; });
            offer_pulls();
            offer_ways();
        }
        if (std::exchange(page_soon, false)) {
            warmth.soon(Clock::now());
        }
        if (new_expected) {
            pulls.expect(*new_expected, Clock::now());
            new_expected.reset();
        }
        orders.swap(inbox);
        to_come.swap(coming);
    }
    for (const auto& order : to_come) {
        make_ready(order);
    }
    for (auto& waiting : orders) {
        lanes[waiting.order.channel].waiting.push_back(std::move(waiting));
    }
}

/// Round robin over the lanes, one order each, until no lane may start more: a full channel leaves the others their turn.
void Courier::Loop::start_some() {
    paced_until = Clock::time_point::max();
    hold_back();
    for (bool progress = true; progress;) {
        progress = false;
        std::vector<std::string> ids;
        for (const auto& [id, lane] : lanes) {
            if (!lane.waiting.empty()) {
                ids.push_back(id);
            }
        }
        const auto behind = std::upper_bound(ids.begin(), ids.end(), turn);
        std::rotate(ids.begin(), behind, ids.end());
        for (const auto& id : ids) {
            if (start_one(lanes[id], id)) {
                progress = true;
                turn = id;
            }
        }
    }
    std::erase_if(lanes, [](const auto& entry) { return entry.second.waiting.empty() && entry.second.in_flight == 0; });
}

/// While nothing may start: ends what has waited for longer than it may take. What it says may be no longer true when it leaves.
void Courier::Loop::hold_back() {
    if (!shut()) {
        return;
    }
    const auto now = Clock::now();
    for (auto& [id, lane] : lanes) {
        const auto channel = channels.find(id);
        while (channel != channels.end() && !lane.waiting.empty() &&
               lane.waiting.front().submitted + timeout_of(lane.waiting.front().order, channel->second) <= now) {
            const Waiting late = std::move(lane.waiting.front());
            lane.waiting.pop_front();
            {
                const std::lock_guard hold(lock);
                --stats.queued;
                ++stats.held_back;
            }
            finish(late.order, {late.submitted, {}, {}}, outcome_for(late.order, OutcomeClass::retry, "nothing was allowed to leave"));
        }
    }
}

bool Courier::Loop::start_one(Lane& lane, const std::string& id) {
    const auto at = channels.find(id);
    const bool usable = at != channels.end() && at->second.problem.empty();
    if (usable && shut()) {
        paced_until = std::min(paced_until, Clock::now() + asked_again);
        return false;
    }
    if (usable) {
        const auto own = std::min(options.channel_in_flight_max, at->second.type->in_flight_max);
        const bool total_full = flights.size() >= options.in_flight_max;
        if (lane.in_flight >= own || (total_full && lane.in_flight > 0)) {
            return false;
        }
        const auto now = Clock::now();
        const auto& rate = at->second.spec.rate;
        const auto latest = lane.waiting.front().submitted + Pace::hold_max;
        if (const auto free = std::min(paces[id].free_at(rate, now), latest); free > now) {
            paced_until = std::min(paced_until, free);
            return false;
        }
        paces[id].started(rate, now);
    }
    Waiting waiting = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    {
        const std::lock_guard hold(lock);
        --stats.queued;
    }
    if (!usable) {
        const std::string why =
            at == channels.end() ? "channel " + clean_text(id, 64) + " is not configured" : at->second.scrub(at->second.problem);
        SendTiming timing{waiting.submitted, {}, {}};
        finish(waiting.order, timing, outcome_for(waiting.order, OutcomeClass::config_error, why));
        return true;
    }
    start(std::move(waiting), at->second, id);
    return true;
}

void Courier::Loop::start(Waiting waiting, const LoadedChannel& channel, const std::string& id) {
    step("before_send");
    if (const auto ticket = take_ready(waiting)) {
        take_off(*ticket, std::move(waiting), channel, id);
        return http.start(*ticket);
    }
    const milliseconds timeout = timeout_of(waiting.order, channel);
    Request request = channel.type->build({waiting.order, channel, unix_seconds()});
    if (auto* line = std::get_if<LineRequest>(&request)) {
        options.log_line ? options.log_line(line->line) : print_line(line->line);
        SendTiming timing{waiting.submitted, Clock::now(), {}};
        finish(waiting.order, timing, outcome_for(waiting.order, OutcomeClass::ok, "logged"));
        return;
    }
    if (auto* message = std::get_if<PublishRequest>(&request)) {
        SendTiming timing{waiting.submitted, Clock::now(), {}};
        if (options.publish) {
            options.publish(std::move(message->topic), std::move(message->json));
            finish(waiting.order, timing, outcome_for(waiting.order, OutcomeClass::ok, "published"));
        } else {
            finish(waiting.order, timing, outcome_for(waiting.order, OutcomeClass::config_error, "nothing publishes here"));
        }
        return;
    }
    if (const auto* none = std::get_if<NoRequest>(&request)) {
        SendTiming timing{waiting.submitted, {}, {}};
        const auto why = clean_text(channel.scrub(none->verdict.detail), detail_points_max);
        finish(waiting.order, timing, outcome_for(waiting.order, none->verdict.outcome, why));
        return;
    }
    const std::uint64_t ticket = next_ticket++;
    take_off(ticket, std::move(waiting), channel, id);
    if (auto* post = std::get_if<HttpRequest>(&request)) {
        http.start(ticket, std::move(*post), timeout);
    } else if (auto* mail = std::get_if<MailRequest>(&request)) {
        mails.start(ticket, std::move(*mail), timeout);
    } else {
        processes.start(ticket, std::get<ProcessRequest>(request), timeout);
    }
}

/// From here on the order is under way.
void Courier::Loop::take_off(std::uint64_t ticket, Waiting waiting, const LoadedChannel& channel, const std::string& id) {
    Flight flight;
    flight.timing.submitted = waiting.submitted;
    flight.order = std::move(waiting.order);
    flight.type = channel.type;
    flight.hidden = channel.hidden;
    flights.emplace(ticket, std::move(flight));
    ++lanes[id].in_flight;
    {
        const std::lock_guard hold(lock);
        stats.in_flight = flights.size();
    }
}

/// An order came back from its carrier.
void Courier::Loop::land(std::uint64_t ticket, const SendVerdict& verdict, Clock::time_point first_byte) {
    auto node = flights.extract(ticket);
    Flight& flight = node.mapped();
    --lanes[flight.order.channel].in_flight;
    {
        const std::lock_guard hold(lock);
        stats.in_flight = flights.size();
    }
    flight.timing.first_byte = first_byte;
    // Scrubbed before it is cut: half a secret would not be recognised any more.
    std::string detail = verdict.detail;
    for (const auto& secret : flight.hidden) {
        detail = secret.scrub(std::move(detail));
    }
    auto outcome = outcome_for(flight.order, verdict.outcome, clean_text(detail, detail_points_max));
    outcome.retry_after = verdict.retry_after;
    outcome.pause = verdict.pause;
    outcome.message = verdict.message;
    finish(flight.order, flight.timing, std::move(outcome));
}

void Courier::Loop::finish(const SendOrder& order, SendTiming timing, SendOutcome outcome) {
    step("after_send");
    timing.finished = Clock::now();
    {
        const std::lock_guard hold(lock);
        ++stats.outcomes[order.channel][std::string(to_string(outcome.outcome))];
    }
    if (options.on_outcome) {
        options.on_outcome(std::move(outcome), timing);
    }
}

/// Which channels have something to ask for.
void Courier::Loop::offer_pulls() {
    std::map<PullPlan::Key, milliseconds> every;
    for (const auto& [id, channel] : channels) {
        for (const auto kind : {PullKind::receipts, PullKind::texts}) {
            if (options.on_pulled && channel.problem.empty() && channel.type->pulls() && channel.type->ask(kind, channel)) {
                every[{id, kind}] = channel.spec.pull_every;
            }
        }
    }
    pulls.offer(every);
}

void Courier::Loop::pull_some() {
    {
        const std::lock_guard hold(lock);
        if (stopping) {
            return;
        }
    }
    if (shut()) {
        return;
    }
    for (const auto& key : pulls.due(Clock::now())) {
        const auto& channel = channels.at(key.first);
        const auto ticket = next_ticket++;
        questions.emplace(ticket, Question{key, channel.type, channel.hidden});
        http.start(ticket, *channel.type->ask(key.second, channel),
                   std::clamp(channel.spec.timeout, milliseconds{1}, timeout_max));
    }
}

void Courier::Loop::pulled(std::uint64_t ticket, const HttpReply& reply) {
    const auto node = questions.extract(ticket);
    const Question& question = node.mapped();
    Pulled out = question.type->read_pulled(question.key.second, reply);
    out.channel = question.key.first;
    for (const auto& secret : question.hidden) {
        out.problem = secret.scrub(std::move(out.problem));
    }
    out.problem = clean_text(out.problem, detail_points_max);
    for (auto& receipt : out.receipts) {
        receipt.channel = out.channel;
    }
    for (auto& text : out.texts) {
        text.channel = out.channel;
    }
    pulls.ended(question.key, !out.receipts.empty() || !out.texts.empty(), Clock::now());
    options.on_pulled(std::move(out));
}

/// The time for stopping is over: every order still gets its outcome.
void Courier::Loop::end_all() {
    accept();
    http.abandon();
    processes.abandon();
    mails.abandon();
    for (auto& [ticket, flight] : std::exchange(flights, {})) {
        ++cut_off;
        finish(flight.order, flight.timing,
               outcome_for(flight.order, OutcomeClass::unknown, "surged stopped while it was being sent"));
    }
    for (auto& [id, lane] : std::exchange(lanes, {})) {
        for (auto& waiting : lane.waiting) {
            ++cut_off;
            SendTiming timing{waiting.submitted, {}, {}};
            finish(waiting.order, timing, outcome_for(waiting.order, OutcomeClass::retry, "surged stopped before it was sent"));
        }
    }
    const std::lock_guard hold(lock);
    stats.queued = 0;
    stats.in_flight = 0;
}

}  // namespace surged
