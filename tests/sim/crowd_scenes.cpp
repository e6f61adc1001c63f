// Scenes: events that random draws would combine too rarely. A silence ends while its alert is clearing, a second alert turns red
// in an incident in which everybody has been called, surged restarts without data, an operator ends an incident under a silence.
#include <algorithm>

#include "sim/crowd.hpp"

namespace surged::test {

namespace {
/// One alert of a scene and its changes.
class SceneAlert {
public:
    SceneAlert(std::vector<Happening>& out, int rule, const QueueKey& queue, EngineTime since, EngineTime end) : out_(out), end_(end) {
        edge_.rule = rule_of(rule);
        edge_.policy = policy_of_rule(rule);
        edge_.queue = queue;
        edge_.metric = rule_metric;
        edge_.since = since;
    }
    void tell(EngineTime at, AlertState to, Level level, bool stale = false, bool muted = false) {
        edge_.to = to;
        edge_.level = level;
        edge_.stale = stale;
        edge_.muted = muted;
        out_.push_back({std::min(at, end_), edge_});
    }

private:
    std::vector<Happening>& out_;
    EngineTime end_;
    AlertEdge edge_;
};

Command silence_of(const std::string& queue, EngineTime until) {
    Command c;
    c.kind = Command::Kind::silence;
    c.by = "operator";
    c.silence.queue = queue;
    c.silence.until = until;
    return c;
}
}  // namespace

void Crowd::plan_scenes(std::vector<Happening>& out, EngineTime start, EngineTime end, bool kills) {
    const int length_s = static_cast<int>((end - start).count() / 1000);
    for (int i = share(start, end, 3); i > 0; --i) {
        const int scene = dice_.between(0, scenes - 1);
        const auto at = start + dice_.span(0, length_s);
        const auto level = static_cast<Level>(dice_.between(1, 3));
        const int queue = dice_.between(0, 3);
        SceneAlert one(out, rules + 2 * scene, queue_of(queue), at, end);
        SceneAlert two(out, rules + 2 * scene + 1, queue_of((queue + 2) % 4), at, end);  // of the same centre
        const auto on = AlertState::firing;
        auto t = at;
        switch (scene) {
            case 0: {  // silenced, and clearing when the silence ends
                const auto until = at + dice_.span(120, 400);
                out.push_back({at, silence_of(dice_.chance() < 0.5 ? "*" : queue_of(queue).queue, until)});
                ++silences_;
                one.tell(at + dice_.span(-60, 60), on, level);
                one.tell(until - dice_.span(1, 50), AlertState::clearing, level);
                if (dice_.chance() < 0.3) {
                    one.tell(until + dice_.span(10, 60), on, level);
                }
                one.tell(until + dice_.span(61, 300), AlertState::ok, Level::none);
                break;
            }
            case 1:  // a further red while everybody has been called
                one.tell(t, on, dice_.chance() < 0.5 ? Level::red : Level::orange);
                t = t + dice_.span(100, 900);
                two.tell(t, on, Level::red);
                t = t + dice_.span(120, 900);
                one.tell(t, AlertState::ok, Level::none);
                two.tell(t + dice_.span(0, 60), AlertState::ok, Level::none);
                break;
            case 2:  // it clears and comes again
                for (int k = dice_.between(2, 4); k > 0; --k) {
                    one.tell(t, on, level);
                    t = t + dice_.span(30, 300);
                    one.tell(t, AlertState::ok, Level::none);
                    t = t + dice_.span(10, 400);
                }
                break;
            case 3:  // worse and worse
                for (const auto worse : {Level::yellow, Level::orange, Level::red}) {
                    one.tell(t, on, worse);
                    t = t + dice_.span(30, 600);
                }
                one.tell(t, AlertState::ok, Level::none);
                break;
            case 4: {  // killed, and back before the feed is
                one.tell(t, on, level);
                t = t + dice_.span(30, 200);
                const Span down{dice_.between(100, 5000)};
                if (kills) {
                    out.push_back({std::min(t, end), Kill{dice_.between(0, 3), 0, down}});
                }
                one.tell(t, on, level == Level::red ? Level::orange : Level::red);
                one.tell(t + down + dice_.span(1, 2), on, level, true);
                one.tell(t + down + dice_.span(3, dice_.chance() < 0.7 ? 8 : 120), on, level);
                one.tell(t + down + dice_.span(130, 300), AlertState::ok, Level::none);
                break;
            }
            default:  // muted for a while
                one.tell(t, on, level, false, true);
                t = t + dice_.span(30, 200);
                one.tell(t, dice_.chance() < 0.5 ? on : AlertState::clearing, level);
                t = t + dice_.span(10, 60);
                one.tell(t, AlertState::ok, Level::none);
                break;
        }
    }
}

/// A reader of the message ends the incident by force, in most cases under a silence that expires soon after.
void Crowd::end_by_hand(std::vector<Happening>& out, const SendOrder& order, EngineTime now) {
    Dice aside(std::hash<std::string>{}(order.page) ^ static_cast<std::uint64_t>(to_ms(now)));
    if (aside.chance() > 0.006) {
        return;
    }
    const auto at = now + aside.span(5, 120);
    if (aside.chance() < 0.6) {
        out.push_back({at, silence_of("*", at + aside.span(10, 60))});
        ++silences_;
    }
    Command c;
    c.kind = Command::Kind::resolve;
    c.by = "local/operator";
    c.incident = order.incident;
    c.force = true;
    out.push_back({at + Span{aside.between(1, 9000)}, c});
}

}  // namespace surged::test
