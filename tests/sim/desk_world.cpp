#include "sim/desk_world.hpp"

#include <algorithm>
#include <string_view>

#include "wire/order_json.hpp"
#include "wire/record_json.hpp"

namespace surged::test {

using namespace std::chrono_literals;

namespace {
constexpr std::size_t snapshot_every = 500;  ///< records
constexpr std::size_t look_every = 512;      ///< steps

/// FNV-1a: equal runs have equal digests, and a byte that differs shows.
std::uint64_t digest_after(std::uint64_t digest, std::string_view bytes) {
    digest ^= 14695981039346656037U;
    for (const char byte : bytes) {
        digest = (digest ^ static_cast<unsigned char>(byte)) * 1099511628211U;
    }
    return digest;
}
}  // namespace

std::size_t last_of(const SendOrder& order, const std::vector<Record>& records) {
    std::size_t out = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto* page = std::get_if<PageChange>(&records[i].body);
        const bool attempt = page != nullptr && page->state == PageState::sending;
        if (attempt && ((page->page == order.page && page->attempt == order.attempt) || page->carrier == order.page)) {
            out = i + 1;
        }
    }
    return out == 0 ? records.size() : out;
}

DeskWorld::DeskWorld(const WorldSpec& spec)
    : spec_(spec), crowd_(spec.seed * 7919 + 17, spec.calm), sabotage_(spec.fault), wall_offset_(wall_start) {
    for (int v = 0; v <= variations; ++v) {
        plans_[v] = std::make_unique<Plan>(make_plan(spec.seed, v));
        spoilt_[v] = std::make_unique<Plan>(sabotage_.spoil(*plans_[v], *plans_[0]));
    }
    values_.truth = &truth_;
    reference_.configured(*plans_[0]);
    reference_.sees(truth_);
    desk_ = std::make_unique<Desk>(*spoilt_[0]);
    desk_->watch(&board_, &values_);
    snapshot_ = desk_->snapshot();
    now_ = result_.start = engine_time(1'000'000);
    end_ = now_ + spec.length;
}

Stamp DeskWorld::stamp() const {
    return {now_, wall_time(to_ms(now_)) + wall_offset_};
}

void DeskWorld::breach(std::string what) {
    if (own_breaches_.size() < 20) {
        own_breaches_.push_back(std::move(what));
    }
}

void DeskWorld::push(Happening happening) {
    const auto at = happening.at;
    coming_.emplace(std::pair(at, ++numbers_), std::move(happening));
}

// ---- the process: what is decided is durable, then it leaves

void DeskWorld::durable(const Record& record) {
    ++result_.records;
    if (spec_.digest) {
        result_.digest = digest_after(result_.digest, encode(record));
    }
    if (spec_.timeline) {
        result_.timeline.push_back(line_of(record));
    }
    if (!sabotage_.forgets(record)) {
        since_snapshot_.push_back(record);
    }
    if (const auto* edge = std::get_if<AlertEdge>(&record.body)) {
        durable_alerts_[{edge->rule, edge->queue}] = *edge;
    }
    if (!sabotage_.hides(record)) {
        for (const auto& read : sabotage_.arrange(record)) {
            reference_.read(read);
        }
    }
}

void DeskWorld::leave(const SendOrder& order) {
    if (spec_.digest) {
        result_.digest = digest_after(result_.digest, encode(order));
    }
    const auto& channels = plans_.at(variation_)->channels;
    const bool group = std::any_of(channels.begin(), channels.end(),
                                   [&](const ChannelSpec& c) { return c.id == order.channel && c.kind == ChannelKind::group; });
    for (int copies = sabotage_.copies(order); copies > 0; --copies) {
        for (const auto& spoilt : sabotage_.spoil(order, group)) {
            reference_.left(spoilt);
        }
    }
    if (closed_loop_) {
        for (auto& next : crowd_.deliver(order, now_, life_, now_ >= end_)) {
            push(std::move(next));
        }
    }
}

void DeskWorld::commit() {
    while (!out_.empty()) {
        if (spec_.kill_after && result_.records + out_.records.size() > *spec_.kill_after) {
            const auto first = static_cast<int>(*spec_.kill_after - result_.records);
            spec_.kill_after.reset();
            kill(Kill{first, 0, 1s});
            return;
        }
        if (armed_ && !out_.records.empty()) {
            kill(*std::exchange(armed_, std::nullopt));
            return;
        }
        const auto decided = std::exchange(out_, {});
        for (const auto& record : decided.records) {
            durable(record);
        }
        for (const auto& order : decided.orders) {
            leave(order);
        }
        if (since_snapshot_.size() > snapshot_every) {
            snapshot_ = desk_->snapshot();
            since_snapshot_.clear();
        }
    }
}

void DeskWorld::kill(const Kill& kill) {
    const auto decided = std::exchange(out_, {});
    const auto made = std::min(static_cast<std::size_t>(kill.durable), decided.records.size());
    const bool whole = made == decided.records.size();
    for (std::size_t i = 0; i < made; ++i) {
        durable(decided.records[i]);
    }
    // What is decided at once becomes durable in pieces, and an order leaves with the piece that has all it is about.
    const auto may_leave =
        std::ranges::find_if(decided.orders, [&](const SendOrder& order) { return last_of(order, decided.records) > made; });
    const auto most = std::min<std::ptrdiff_t>(kill.left, may_leave - decided.orders.begin());
    const auto left = sabotage_.leaves_early() ? decided.orders.size() : static_cast<std::size_t>(most);
    for (std::size_t i = 0; i < left; ++i) {
        leave(decided.orders[i]);
    }
    const auto live = desk_->snapshot();
    ++result_.crashes;
    ++life_;
    reference_.crashed();
    desk_ = std::make_unique<Desk>(*spoilt_.at(variation_));
    desk_->watch(&board_, &values_);
    if (!desk_->restore(snapshot_)) {
        breach("O3: the snapshot is refused");
    }
    for (const auto& record : since_snapshot_) {
        desk_->apply(record);
    }
    if (whole && desk_->snapshot() != live) {
        breach("O3: snapshot and log do not fold into the state that was");
    }
    const auto since = now_;
    now_ += kill.down;
    come_back(since);
}

void DeskWorld::come_back(EngineTime down_since) {
    reference_.compare(desk_->incidents(now_));
    // It may be killed again while it comes back: when that is the next thing that anybody outside would notice.
    auto next = coming_.begin();
    while (next != coming_.end() && next->first.first <= now_ && !told(next->second)) {
        ++next;
    }
    if (next != coming_.end() && next->first.first <= now_ && std::holds_alternative<Kill>(next->second.what)) {
        auto again = coming_.extract(next);
        armed_ = std::get<Kill>(again.mapped().what);
        again.mapped().at = now_;
        if (closed_loop_) {
            result_.list.push_back(std::move(again.mapped()));
        }
    }
    const auto crashes = result_.crashes;
    desk_->recovered(down_since, sabotage_.spoil(stamp()), out_);
    for (auto& record : out_.records) {
        record.at = now_;
    }
    commit();
    if (crashes != result_.crashes) {
        return;
    }
    now_ += Span{1};  // no restart is over in the millisecond in which it began
    // The detector comes back with its own state and says again what the log does not have.
    const auto truth = truth_;
    for (const auto& [key, edge] : sabotage_.says_old_news() ? truth : decltype(truth_){}) {
        desk_->on_alerts(std::span<const AlertEdge>(&edge, 1), now_, stamp(), out_);
        commit();
    }
    for (const auto& [key, edge] : truth) {
        const auto known = durable_alerts_.find(key);
        const bool same = known != durable_alerts_.end() && known->second.to == edge.to && known->second.level == edge.level &&
                          known->second.stale == edge.stale && known->second.muted == edge.muted;
        if (!same) {
            say(edge);
        }
    }
}

// ---- what happens

void DeskWorld::say(const AlertEdge& edge) {
    truth_[{edge.rule, edge.queue}] = edge;
    out_.records.push_back(Record{0, now_, stamp().wall, edge});
    if (!sabotage_.hides(edge)) {
        const auto heard = sabotage_.spoil(edge);
        desk_->on_alerts(std::span<const AlertEdge>(&heard, 1), now_, stamp(), out_);
    }
    commit();
}

/// Who asked hears the reply once it is durable; a kill in between is no reply.
void DeskWorld::order(const Command& command) {
    ++result_.answers;
    if (sabotage_.hides(command)) {
        auto change = command.override_change;
        change.id = change.id.empty() ? "x-" + std::to_string(result_.answers) : change.id;
        reference_.read(Record{0, now_, stamp().wall, change});
        return;
    }
    const auto crashes = result_.crashes;
    const auto reply = desk_->on_command(command, stamp(), out_);
    commit();
    if (crashes != result_.crashes) {
        return;
    }
    reference_.confirmed(command, reply, now_);
    for (const auto& edge : sabotage_.aside(command, truth_, now_)) {
        desk_->on_alerts(std::span<const AlertEdge>(&edge, 1), now_, stamp(), out_);
        commit();
    }
}

void DeskWorld::adopt(int variation) {
    variation_ = variation;
    reference_.configured(*plans_.at(variation));
    desk_->adopt(*spoilt_.at(variation), stamp(), out_);
    commit();
}

void DeskWorld::Values::each(std::span<const std::string> metrics, const Wanted& wanted, const Visit& visit) const {
    for (const auto& [queue, calls] : waiting) {
        if (wanted(queue, "")) {
            visit(std::vector<double>(metrics.size(), calls));
        }
    }
}

AlertReading DeskWorld::Values::reading(std::string_view rule, const QueueKey& queue, EngineTime now) const {
    AlertReading out;
    const auto alert = truth->find({std::string(rule), queue});
    if (alert == truth->end()) {
        return out;
    }
    const auto& stands = alert->second;
    out.known = true;
    out.stale = stands.stale;
    out.seen = stands.stale ? stands.at : now;
    out.value = value_of(stands, out.seen);
    return out;
}

void DeskWorld::hear(const Reading& reading) {
    reference_.reading(reading, now_);
    if (sabotage_.hides(reading)) {
        return;
    }
    const auto number = static_cast<std::uint32_t>(reading.queue.queue.back() - '0');
    auto& entry = board_.entry(number, reading.queue, "");
    entry.known = true;
    entry.until = engine_never;
    entry.missing = reading.missing;
    entry.lead = reading_lead;
    values_.waiting[reading.queue] = reading.waiting;
}

void DeskWorld::handle(Happening happening) {
    if (const auto* temper = std::get_if<Temper>(&happening.what)) {
        crowd_.take(*temper);
        return;
    }
    if (const auto* outcome = std::get_if<SendOutcome>(&happening.what)) {
        if (!told(happening)) {
            return;
        }
        desk_->on_outcome(*outcome, stamp(), out_);
        commit();
    } else if (const auto* edge = std::get_if<AlertEdge>(&happening.what)) {
        auto now = *edge;
        now.at = now_;
        now.value = value_of(now, now_);
        now.limit = now.to == AlertState::firing ? "> " + std::to_string(static_cast<int>(raise_of(now.level)))
                                                 : "< " + std::to_string(static_cast<int>(clear_of(now.level)));
        happening.what = now;
        say(now);
    } else if (const auto* command = std::get_if<Command>(&happening.what)) {
        order(*command);
    } else if (const auto* kill = std::get_if<Kill>(&happening.what)) {
        armed_ = *kill;
    } else if (const auto* reload = std::get_if<Reload>(&happening.what)) {
        adopt(reload->variation);
    } else if (const auto* reading = std::get_if<Reading>(&happening.what)) {
        hear(*reading);
    } else if (const auto* step = std::get_if<WallStep>(&happening.what)) {
        wall_offset_ += step->by;
        reference_.stepped();
    }
}

/// The desk hears of it: not a temper, and no outcome for a process that is no more.
bool DeskWorld::told(const Happening& happening) const {
    const bool outcome = std::holds_alternative<SendOutcome>(happening.what);
    return !std::holds_alternative<Temper>(happening.what) && (!closed_loop_ || !outcome || happening.life == life_);
}

/// An incident that calls for people must always have a next moment at which something happens.
void DeskWorld::check_alive() {
    const auto views = desk_->incidents(now_);
    reference_.compare(views);
    for (const auto& inc : views) {
        if (inc.state != "closed" && desk_->next_deadline() == engine_never) {
            breach("P6: " + inc.incident + " is " + inc.state + " and waits for nothing");
        }
    }
}

// ---- a run

void DeskWorld::live() {
    const auto stop = end_ + 3h;
    const auto steps_max = 400000 * std::max<std::int64_t>(1, spec_.length / 90min);
    bool over = false;
    for (std::int64_t step = 0; step < steps_max; ++step) {
        const auto timer = std::max(desk_->next_deadline(), now_);
        const auto event = coming_.empty() ? engine_never : std::max(coming_.begin()->first.first, now_);
        if (!over && std::min(timer, event) > end_) {
            over = true;
            now_ = std::max(now_, end_);
            const auto truth = truth_;
            for (auto [key, edge] : truth) {
                if (edge.to != AlertState::ok) {
                    edge.to = AlertState::ok;
                    edge.level = Level::none;
                    edge.stale = edge.muted = false;
                    say(edge);
                }
            }
            continue;
        }
        if (std::min(timer, event) > stop) {
            break;
        }
        if (event <= timer) {
            now_ = event;
            auto next = coming_.extract(coming_.begin());
            next.mapped().at = now_;
            if (closed_loop_ && told(next.mapped())) {
                result_.list.push_back(next.mapped());
            }
            handle(std::move(next.mapped()));
        } else {
            now_ = timer;
            desk_->advance(stamp(), out_);
            commit();
        }
        if (static_cast<std::size_t>(step) % look_every == 0) {
            check_alive();
        }
    }
}

WorldResult DeskWorld::finish() {
    reference_.finish();
    result_.lived = now_ - result_.start;
    result_.breaches = reference_.breaches();
    result_.breaches.insert(result_.breaches.end(), own_breaches_.begin(), own_breaches_.end());
    result_.tally = reference_.tally();
    return std::move(result_);
}

WorldResult DeskWorld::run() {
    for (auto& happening : crowd_.plan(now_, end_, !spec_.kill_after)) {
        push(std::move(happening));
    }
    live();
    return finish();
}

WorldResult DeskWorld::run(const std::vector<Happening>& list) {
    closed_loop_ = false;
    for (const auto& happening : list) {
        push(happening);
    }
    live();
    result_.list = list;
    return finish();
}

}  // namespace surged::test
