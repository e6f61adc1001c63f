#include "ctl/rule_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/text.hpp"
#include "ctl/player.hpp"
#include "ctl/test_history.hpp"
#include "ctl/timeline.hpp"

namespace surged {
namespace {

constexpr Span around{30000};  // how much of the timeline is shown on each side of a difference

bool calls_for_help(PagePurpose purpose) {
    return purpose != PagePurpose::close && purpose != PagePurpose::stand_down;
}

std::string joined(const std::set<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out.empty() ? "nobody" : out;
}

/// One test being played: the player, what it recorded so far, and what differed.
class Play {
public:
    Play(const RuleTest& test, const std::string& path, std::unique_ptr<const Plan> plan, const Zone& zone)
        : test_(test),
          path_(path),
          zone_(zone),
          start_(engine_time(to_ms(zone.first_instant(test.start)))),
          player_(std::move(plan),
                  {[this](const Record& r) { records_.push_back(r); }, [this](const SendOrder& o) { orders_.push_back(o); }}) {}

    TestVerdict run() {
        if (!test_.histories.empty()) {
            player_.engine().offer_profiles(learn_histories(player_.engine().plan(), test_.histories, zone_.first_instant(test_.start)));
        }
        player_.start(start_);
        for (const Step& step : steps()) {
            player_.to(start_ + step.at);
            perform(step);
        }
        std::for_each(test_.pages.begin(), test_.pages.end(), [this](const TestPages& pages) { check(pages); });
        return verdict();
    }

private:
    // At one instant samples come first, then answers, then the look at the result.
    struct Step {
        Span at{0};
        int kind = 0;  // 0 feed, 1 answer, 2 expect, 3 incident, 4 only time
        std::size_t index = 0;
    };

    std::vector<Step> steps() const {
        std::vector<Step> out;
        std::size_t ticks = 0;
        for (const TestFeed& feed : test_.feeds) {
            ticks = std::max(ticks, feed.values.size());
        }
        for (std::size_t i = 0; i < ticks; ++i) {
            out.push_back({test_.every * static_cast<std::int64_t>(i), 0, i});
        }
        for (std::size_t i = 0; i < test_.answers.size(); ++i) {
            out.push_back({test_.answers[i].at, 1, i});
        }
        for (std::size_t i = 0; i < test_.expects.size(); ++i) {
            out.push_back({test_.expects[i].at, 2, i});
        }
        for (std::size_t i = 0; i < test_.incidents.size(); ++i) {
            out.push_back({test_.incidents[i].at, 3, i});
        }
        for (const TestPages& pages : test_.pages) {
            out.push_back({pages.until, 4, 0});
        }
        std::stable_sort(out.begin(), out.end(),
                         [](const Step& a, const Step& b) { return a.at != b.at ? a.at < b.at : a.kind < b.kind; });
        return out;
    }

    void perform(const Step& step) {
        switch (step.kind) {
            case 0: return feed(step.index);
            case 1: return answer(test_.answers[step.index]);
            case 2: return check(test_.expects[step.index]);
            case 3: return check(test_.incidents[step.index]);
            default: return;
        }
    }

    void feed(std::size_t tick) {
        std::map<QueueKey, std::vector<MetricValue>> parts;
        for (const TestFeed& feed : test_.feeds) {
            if (tick < feed.values.size() && feed.values[tick]) {
                parts[feed.queue].push_back({feed.metric, *feed.values[tick]});
            }
        }
        if (parts.empty()) {
            return;  // nobody has anything to say: the feed is silent
        }
        Message message;
        message.source = "test";
        message.seq = ++seq_;
        message.ts = source_time(to_ms(player_.now()));
        for (const auto& [queue, values] : parts) {
            message.parts.push_back({queue.centre, queue.queue, queue.channel, message.ts,
                                     static_cast<std::uint32_t>(message.values.size()),
                                     static_cast<std::uint32_t>(values.size())});
            message.values.insert(message.values.end(), values.begin(), values.end());
        }
        player_.message(message);
    }

    void answer(const TestAnswer& answer) {
        Command command;
        command.answer = answer.say;
        command.person = command.by = answer.person;
        command.way = "test";
        std::size_t open = 0;
        for (const IncidentView& incident : player_.engine().desk().incidents()) {
            if (incident.state != "closed" && (answer.policy.empty() || incident.policy == answer.policy)) {
                command.incident = incident.incident;
                ++open;
            }
        }
        if (open != 1) {
            return differ(answer.at, 0,
                          fmt::format("{} cannot answer: {} incidents are open{}", answer.person, open,
                                      open > 1 ? "; name the policy" : ""));
        }
        const CommandReply reply = player_.command(command);
        if (!reply.ok) {
            differ(answer.at, 0, fmt::format("{} of {} was refused: {}", to_string(answer.say), answer.person, reply.message));
        }
    }

    void check(const TestExpect& expect) {
        const std::vector<AlertView> alerts = player_.engine().alerts(true);
        const auto found = std::find_if(alerts.begin(), alerts.end(),
                                        [&](const AlertView& a) { return a.rule == expect.rule && a.queue == expect.queue; });
        const std::string who = expect.rule + " on " + queue_text(expect.queue);
        if (found == alerts.end()) {
            // Nothing was ever heard of this queue: that is `unknown`, level none.
            if (expect.state.value_or(AlertState::unknown) != AlertState::unknown ||
                expect.level.value_or(Level::none) != Level::none) {
                differ(expect.at, expect.line, who + ": no such alert (no rule of this id is bound to this queue)");
            }
            return;
        }
        if (expect.state && found->state != *expect.state) {
            differ(expect.at, expect.line,
                   fmt::format("{} is {}, expected {}", who, to_string(found->state), to_string(*expect.state)));
        }
        if (expect.level && found->level != *expect.level) {
            differ(expect.at, expect.line,
                   fmt::format("{} has level {}, expected {}", who, to_string(found->level), to_string(*expect.level)));
        }
        if (expect.stale && found->stale != *expect.stale) {
            differ(expect.at, expect.line, fmt::format("{} is {}stale", who, found->stale ? "" : "not "));
        }
    }

    void check(const TestIncident& expect) {
        const std::vector<IncidentView> incidents = player_.engine().desk().incidents();
        const IncidentView* found = nullptr;
        for (const IncidentView& incident : incidents) {
            if (incident.policy == expect.policy && (found == nullptr || found->state == "closed")) {
                found = &incident;
            }
        }
        const std::string state = found == nullptr ? "none" : found->state;
        const bool none_wanted = expect.state && *expect.state == "none";
        if (none_wanted ? (state != "none" && state != "closed") : (expect.state && state != *expect.state)) {
            return differ(expect.at, expect.line,
                          fmt::format("incident of {} is {}, expected {}", expect.policy, state, *expect.state));
        }
        if (found == nullptr) {
            if (!none_wanted) {
                differ(expect.at, expect.line, "no incident of " + expect.policy);
            }
            return;
        }
        if (expect.level && found->level != *expect.level) {
            differ(
                expect.at, expect.line,
                fmt::format("{} has level {}, expected {}", found->incident, to_string(found->level), to_string(*expect.level)));
        }
        if (expect.tier && found->tier != *expect.tier) {
            differ(expect.at, expect.line,
                   fmt::format("{} is at tier {}, expected {}", found->incident, found->tier, *expect.tier));
        }
        if (expect.joined && found->joined + found->arrived != *expect.joined) {
            differ(
                expect.at, expect.line,
                fmt::format("{} people joined {}, expected {}", found->joined + found->arrived, found->incident, *expect.joined));
        }
    }

    void check(const TestPages& pages) {
        int count = 0;
        std::set<std::string> people;
        EngineTime first = start_ + pages.from;
        for (const SendOrder& order : orders_) {
            const bool wanted = pages.purpose ? order.purpose == *pages.purpose : calls_for_help(order.purpose);
            if (!wanted || order.decided < start_ + pages.from || order.decided > start_ + pages.until ||
                (pages.tier && order.tier != *pages.tier) || (!pages.policy.empty() && order.policy != pages.policy)) {
                continue;
            }
            first = count++ == 0 ? order.decided : first;
            for (const Recipient& recipient : order.people) {
                people.insert(recipient.person);
            }
        }
        const std::string window = fmt::format("between {} and {}", format_span(pages.from), format_span(pages.until)) +
                                   (pages.tier ? fmt::format(" to tier {}", *pages.tier) : "");
        const Span at = first - start_;
        if (pages.count && count != *pages.count) {
            differ(at, pages.line,
                   pages.none ? fmt::format("{} pages {}, expected none (to {})", count, window, joined(people))
                              : fmt::format("{} pages {}, expected {} (to {})", count, window, *pages.count, joined(people)));
        }
        if (pages.people && people != *pages.people) {
            differ(at, pages.line, fmt::format("paged {} {}, expected {}", joined(people), window, joined(*pages.people)));
        }
    }

    void differ(Span at, int line, const std::string& what) {
        if (differences_.empty()) {
            first_difference_ = at;
        }
        differences_.push_back(fmt::format("{}:{}: at {}: {}", path_, line == 0 ? test_.line : line, format_span(at), what));
    }

    TestVerdict verdict() const {
        TestVerdict out{differences_, {}};
        if (out.passed()) {
            return out;
        }
        for (const Record& record : records_) {
            const Span at = record.at - start_;
            if (at >= first_difference_ - around && at <= first_difference_ + around) {
                out.context.push_back(fmt::format("{:>8}  {}", "+" + format_span(at), narrate(record, zone_, false)));
            }
        }
        if (out.context.empty()) {
            out.context.push_back(fmt::format("(nothing was decided between {} and {})",
                                              format_span(std::max(Span{0}, first_difference_ - around)),
                                              format_span(first_difference_ + around)));
        }
        return out;
    }

    const RuleTest& test_;
    const std::string& path_;
    const Zone& zone_;
    EngineTime start_;
    std::vector<Record> records_;
    std::vector<SendOrder> orders_;
    std::vector<std::string> differences_;
    Span first_difference_{0};
    std::uint64_t seq_ = 0;
    Player player_;
};

}  // namespace

TestVerdict run_rule_test(const RuleTest& test, const std::string& path, std::unique_ptr<const Plan> plan, const Zone& zone) {
    return Play(test, path, std::move(plan), zone).run();
}

}  // namespace surged
