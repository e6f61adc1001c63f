#include "sim/shard_world.hpp"

#include <algorithm>

namespace surged::test {

using namespace std::chrono_literals;

namespace {
constexpr Span takeover{2000};             ///< [cluster] takeover
constexpr Span poll_every{200};            ///< a follower's
constexpr Span gate_open = takeover * 9 / 10;  ///< since the last commit
constexpr int steps_max = 400000;
constexpr int check_every = 64;  ///< steps
}  // namespace

ShardWorld::ShardWorld(const ShardSpec& spec)
    : spec_(spec), crowd_(spec.seed * 7919 + 17, spec.calm), dice_(spec.seed * 31 + spec.lost_after.value_or(0)) {
    for (int v = 0; v <= variations; ++v) {
        plans_[v] = std::make_unique<Plan>(detected(make_plan(spec.seed, v)));
    }
    reference_.configured(*plans_[0]);
    reference_.sees(alerts_, [this](const AlertEdge& alert, EngineTime) { return feed_.value(alert); });
    owner_ = engine();
    follower_ = engine();
    now_ = engine_time(1'000'000);
    end_ = now_ + spec.length;
}

std::unique_ptr<Engine> ShardWorld::engine() const {
    return std::make_unique<Engine>(std::make_unique<const Plan>(*plans_.at(variation_)));
}

Stamp ShardWorld::stamp() const {
    return {now_, wall_time(to_ms(now_)) + wall_start};
}

// ---- what is decided is durable, then it leaves

void ShardWorld::durable(const Record& record) {
    ++result_.records;
    if (spec_.timeline) {
        result_.timeline.push_back(line_of(record));
    }
    if (const auto* edge = std::get_if<AlertEdge>(&record.body)) {
        alerts_[{edge->rule, edge->queue}] = *edge;
    }
    if (follower_ != nullptr) {
        way_.push_back(record);
    }
    reference_.read(record);
}

void ShardWorld::leave(const SendOrder& order) {
    reference_.left(order);
    if (order.repeat && in_flight_.erase(order.page) > 0) {
        ++result_.repeated;
    }
    for (auto& next : crowd_.deliver(order, now_, life_, now_ >= end_)) {
        const auto at = next.at;
        coming_.emplace(std::pair(at, ++numbers_), std::move(next));
    }
}

void ShardWorld::commit() {
    Decisions decided;
    while (owner_->decided()) {
        owner_->take(decided);
        if (follower_ != nullptr && spec_.lost_after && result_.records + decided.records.size() >= *spec_.lost_after) {
            owner_lost(decided);
            return;
        }
        for (const auto& record : decided.records) {
            durable(record);
        }
        for (const auto& order : decided.orders) {
            leave(order);
        }
    }
}

/// The follower reads what was durable at its latest poll.
void ShardWorld::hand_on(EngineTime until) {
    for (; !way_.empty() && way_.front().at <= until; way_.pop_front()) {
        follower_->apply(way_.front());
    }
}

// ---- the take-over

/// Some records of what was decided last are durable. Of the orders that those allow some have left; the others wait in the courier, which
/// goes on for a while when the host is only cut off or was stopped.
void ShardWorld::owner_lost(const Decisions& decided) {
    const auto made = *spec_.lost_after - result_.records;
    result_.lost = decided.records.size() - made;
    for (std::size_t i = 0; i < made; ++i) {
        durable(decided.records[i]);
    }
    const auto may = std::ranges::find_if(decided.orders, [&](const SendOrder& order) { return last_of(order, decided.records) > made; });
    std::vector<Waiting> waiting;
    for (auto order = decided.orders.begin(); order != may; ++order) {
        if (dice_.chance() < 0.4) {
            leave(*order);
        } else {
            waiting.push_back({*order, now_ + Span{dice_.between(0, 5000)}});
        }
    }
    take_over(now_, waiting);
}

/// Samples that come while nobody owns the shard. People and operators are answered by the next owner.
void ShardWorld::follow_until(EngineTime until) {
    for (auto next = coming_.begin(); next != coming_.end() && next->first.first <= until;) {
        const auto* edge = std::get_if<AlertEdge>(&next->second.what);
        if (edge == nullptr) {
            ++next;
            continue;
        }
        now_ = std::max(now_, next->first.first);
        feed_.want(*edge);
        follower_->follow(feed_.message(stamp()), stamp());
        next = coming_.erase(next);
    }
    now_ = until;
    if (feed_.next() <= now_) {
        follower_->follow(feed_.message(stamp()), stamp());
    }
    follower_->follow(stamp());
}

void ShardWorld::take_over(EngineTime last_pulse, const std::vector<Waiting>& waiting) {
    const auto gate = spec_.breach == Breach::open_gate ? engine_never : last_pulse + gate_open;
    const auto claim = last_pulse + takeover + Span{dice_.between(0, static_cast<int>(poll_every.count()))};
    for (const auto& order : waiting) {
        if (order.at < std::min(gate, claim)) {
            leave(order.order);
        }
    }
    hand_on(spec_.breach == Breach::unseen_claim ? last_pulse - poll_every : engine_never);
    follow_until(claim);
    owner_ = std::move(follower_);
    for (const auto& incident : owner_->incidents()) {
        for (const auto& page : incident.pages) {
            if (page.state == PageState::sending) {
                in_flight_.insert(page.page);
            }
        }
    }
    result_.in_flight = in_flight_.size();
    way_.clear();
    ++life_;
    ++result_.take_overs;
    reference_.crashed();
    reference_.compare(owner_->incidents());
    owner_->recovered(last_pulse, stamp());
    owner_->note("took_over", "from a to b", stamp());
    commit();
    for (const auto& order : waiting) {
        if (order.at < gate && order.at >= claim) {
            leave(order.order);
        } else if (order.at >= gate) {
            ++result_.held;
        }
    }
    now_ += Span{1};
}

// ---- what happens

/// Both hosts get the same message, the follower a moment later.
void ShardWorld::look() {
    owner_->advance(stamp());  // what is due says the values of before
    commit();
    const auto& message = feed_.message(stamp());
    if (follower_ != nullptr) {
        hand_on(now_ - poll_every);
        const auto there = stamp();
        const Span later{dice_.between(0, 8)};
        follower_->follow(message, {there.at + later, there.wall + later});
    }
    owner_->ingest(message, stamp());
    commit();
}

/// Who asked hears the reply once it is durable.
void ShardWorld::answer(const Command& command) {
    ++result_.answers;
    const auto life = life_;
    const auto reply = owner_->command(command, stamp());
    commit();
    if (life == life_) {
        reference_.confirmed(command, reply, now_);
    }
}

/// Both hosts read the same files. A follower's reload builds its engine anew, with the windows and the desk of the old one.
void ShardWorld::reload(int variation) {
    variation_ = variation;
    reference_.configured(*plans_.at(variation));
    if (follower_ != nullptr) {
        auto fresh = engine();
        if (!fresh->restore(follower_->snapshot()) || !fresh->restore_series(follower_->series_snapshot())) {
            result_.breaches.push_back("O3: a follower does not read what it has written");
        }
        follower_ = std::move(fresh);
    }
    owner_->reload(std::make_unique<const Plan>(*plans_.at(variation)), stamp());
    commit();
}

void ShardWorld::handle(const Happening& happening) {
    if (const auto* temper = std::get_if<Temper>(&happening.what)) {
        crowd_.take(*temper);
    } else if (const auto* outcome = std::get_if<SendOutcome>(&happening.what)) {
        if (happening.life == life_) {
            owner_->outcome(*outcome, stamp());
            commit();
        }
    } else if (const auto* edge = std::get_if<AlertEdge>(&happening.what)) {
        feed_.want(*edge);
        look();
    } else if (const auto* command = std::get_if<Command>(&happening.what)) {
        answer(*command);
    } else if (const auto* change = std::get_if<Reload>(&happening.what)) {
        reload(change->variation);
    }
}

// ---- a run

void ShardWorld::check() {
    if (follower_ != nullptr && way_.empty()) {
        ++result_.compared;
        if (follower_->desk().snapshot() != owner_->desk().snapshot()) {
            result_.breaches.push_back("O3: the follower's desk is not the owner's at " + std::to_string(to_ms(now_)));
        }
    }
    const auto views = owner_->incidents();
    reference_.compare(views);
    for (const auto& inc : views) {
        if (inc.state != "closed" && owner_->next_deadline() == engine_never) {
            result_.breaches.push_back("P6: " + inc.incident + " is " + inc.state + " and waits for nothing");
        }
    }
}

/// False: nothing more will happen.
bool ShardWorld::step() {
    const auto event = coming_.empty() ? engine_never : coming_.begin()->first.first;
    const auto next = std::max(now_, std::min({event, owner_->next_deadline(), feed_.next()}));
    if (!over_ && next > end_) {
        over_ = true;
        now_ = std::max(now_, end_);
        feed_.calm();
        look();
        return true;
    }
    const bool idle = over_ && coming_.empty() && owner_->desk().next_deadline() == engine_never && now_ > end_ + 10min;
    if (idle || next > end_ + 3h) {
        return false;
    }
    now_ = next;
    owner_->advance(stamp());
    commit();
    if (event <= now_ && !coming_.empty()) {
        const auto happening = coming_.extract(coming_.begin());
        handle(happening.mapped());
    }
    if (feed_.next() <= now_) {
        look();
    }
    return true;
}

ShardResult ShardWorld::run() {
    for (auto& happening : crowd_.plan(now_, end_, false)) {
        const auto at = happening.at;
        coming_.emplace(std::pair(at, ++numbers_), std::move(happening));
    }
    for (int i = 0; i < steps_max && step(); ++i) {
        if (i % check_every == 0) {
            check();
        }
    }
    reference_.finish();
    result_.tally = reference_.tally();
    result_.breaches.insert(result_.breaches.begin(), reference_.breaches().begin(), reference_.breaches().end());
    return std::move(result_);
}

}  // namespace surged::test
