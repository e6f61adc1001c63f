#include "ruletest/world.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "ruletest/history.hpp"

namespace surged {

TestWorld::TestWorld(const RuleTest& test, std::unique_ptr<const Plan> plan, const Zone& zone, const ProfileShelf& learned,
                     Player::Watch watch)
    : test_(test),
      plan_(*plan),
      start_(engine_time(to_ms(zone.first_instant(test.start)))),
      player_(std::move(plan), std::move(watch)) {
    std::size_t ticks = 0;
    for (const TestFeed& feed : test.feeds) {
        feeders_[feed.source];
        ticks = std::max(ticks, feed.values.size());
    }
    const auto add = [this](Span at, Kind kind, std::size_t index) { steps_.push_back({at, kind, index}); };
    for (std::size_t i = 0; i < ticks; ++i) {
        add(test.every * static_cast<std::int64_t>(i), Kind::feed, i);
    }
    for (std::size_t i = 0; i < test.answers.size(); ++i) {
        add(test.answers[i].at, Kind::answer, i);
    }
    for (std::size_t i = 0; i < test.restarts.size(); ++i) {
        add(test.restarts[i].at, Kind::restart, i);
    }
    for (std::size_t i = 0; i < test.clock_steps.size(); ++i) {
        add(test.clock_steps[i].at, Kind::clock, i);
    }
    for (std::size_t i = 0; i < test.epochs.size(); ++i) {
        add(test.epochs[i].from, Kind::epoch, i);
    }
    for (std::size_t i = 0; i < test.silences.size(); ++i) {
        add(test.silences[i].at, Kind::silence, i);
    }
    std::ranges::stable_sort(steps_, [](const Step& a, const Step& b) { return a.at != b.at ? a.at < b.at : a.kind < b.kind; });
    if (auto shelf = learn_histories(plan_, test.histories, zone.first_instant(test.start)); !shelf.empty() || !learned.empty()) {
        shelf.insert(learned.begin(), learned.end());
        player_.engine().offer_profiles(std::move(shelf));
    }
    if (!test.restarts.empty()) {
        player_.keep_for_restart();
    }
    player_.start(start_);
}

void TestWorld::to(Span at) {
    for (; next_ < steps_.size() && steps_[next_].at <= at; ++next_) {
        if (start_ + steps_[next_].at >= down_until_) {
            player_.to(start_ + steps_[next_].at);
        }
        perform(steps_[next_]);
    }
    player_.to(start_ + at);
}

void TestWorld::perform(const Step& step) {
    switch (step.kind) {
        case Kind::clock: return step_clock(test_.clock_steps[step.index]);
        case Kind::restart: return restart(test_.restarts[step.index]);
        case Kind::epoch: return new_epoch(test_.epochs[step.index]);
        case Kind::silence: return silence(test_.silences[step.index]);
        case Kind::feed: return feed(step.index, step.at);
        case Kind::answer: return answer(test_.answers[step.index]);
    }
}

bool TestWorld::during(const std::vector<TestSpell>& spells, const std::string& source, Span at) const {
    return std::ranges::any_of(spells, [&](const TestSpell& spell) {
        return (spell.source.empty() || spell.source == source) && at >= spell.from && at < spell.until;
    });
}

bool TestWorld::counter(const std::string& metric) const {
    return std::ranges::any_of(plan_.metrics, [&](const MetricSpec& spec) { return spec.name == metric && spec.kind == MetricKind::counter; });
}

void TestWorld::feed(std::size_t tick, Span at) {
    for (const auto& entry : feeders_) {
        if (!during(test_.silent, entry.first, at)) {
            send(entry.first, tick, at);
        }
    }
}

void TestWorld::send(const std::string& source, std::size_t tick, Span at) {
    Feeder& feeder = feeders_[source];
    std::map<QueueKey, std::vector<MetricValue>> parts;
    for (const TestFeed& feed : test_.feeds) {
        if (feed.source != source || tick >= feed.values.size() || !feed.values[tick]) {
            continue;
        }
        double value = *feed.values[tick];
        if (!test_.epochs.empty() && counter(feed.metric)) {
            const std::pair key(feed.queue, feed.metric);
            feeder.counted[key] = value;
            const auto zero = feeder.restarted.find(key);
            value -= zero == feeder.restarted.end() ? 0 : zero->second;
        }
        parts[feed.queue].push_back({feed.metric, value});
    }
    if (parts.empty()) {
        return;  // it has nothing to say: the feed is silent
    }
    Message message;
    message.source = source;
    message.seq = ++feeder.seq;
    if (!test_.epochs.empty()) {
        message.has_epoch = true;
        message.epoch = feeder.epoch;
    }
    message.ts = source_time(to_ms(start_ + at) + feeder.clock.count());
    for (const auto& [queue, values] : parts) {
        message.parts.push_back({queue.centre, queue.queue, queue.channel, message.ts,
                                 static_cast<std::uint32_t>(message.values.size()), static_cast<std::uint32_t>(values.size())});
        message.values.insert(message.values.end(), values.begin(), values.end());
    }
    if (start_ + at < down_until_ || during(test_.lost, source, at)) {
        return;  // sent, and never seen
    }
    player_.message(message);
    if (during(test_.repeated, source, at)) {
        player_.message(message);
    }
}

void TestWorld::restart(const TestRestart& restart) {
    down_until_ = start_ + restart.at + restart.down;
    player_.restart(std::make_unique<const Plan>(plan_), down_until_);
}

void TestWorld::step_clock(const TestClockStep& step) {
    for (auto& entry : feeders_) {
        entry.second.clock += step.feeders ? step.step : Span{0};
    }
    player_.step_wall(step.step);
}

void TestWorld::new_epoch(const TestSpell& spell) {
    for (auto& [source, feeder] : feeders_) {
        if (spell.source.empty() || spell.source == source) {
            ++feeder.epoch;
            feeder.seq = 0;
            feeder.restarted = feeder.counted;
        }
    }
}

void TestWorld::silence(const TestSilence& silence) {
    Command command;
    command.kind = Command::Kind::silence;
    command.by = silence.by;
    command.way = "test";
    command.silence.rule = silence.rule;
    command.silence.centre = silence.centre;
    command.silence.queue = silence.queue;
    command.silence.until = start_ + silence.at + silence.lasts;
    command.silence.by = silence.by;
    command.silence.reason = command.reason = "test";
    if (const CommandReply reply = player_.command(command); !reply.ok) {
        troubles_.push_back({silence.at, "the silence was refused: " + reply.message});
    }
}

void TestWorld::answer(const TestAnswer& answer) {
    Command command;
    command.answer = answer.say;
    command.person = command.by = answer.person;
    command.way = "test";
    std::size_t open = 0;
    for (const IncidentView& incident : player_.engine().desk().incidents()) {
        if (!incident.closed() && (answer.policy.empty() || incident.policy == answer.policy)) {
            command.incident = incident.incident;
            ++open;
        }
    }
    if (open != 1) {
        troubles_.push_back({answer.at, fmt::format("{} cannot answer: {} incidents are open{}", answer.person, open,
                                                    open > 1 ? "; name the policy" : "")});
        return;
    }
    const CommandReply reply = player_.command(command);
    if (!reply.ok) {
        troubles_.push_back(
            {answer.at, fmt::format("{} of {} was refused: {}", to_string(answer.say), answer.person, reply.message)});
    }
}

}  // namespace surged
