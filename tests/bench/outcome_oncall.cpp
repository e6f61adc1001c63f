#include "outcome_oncall.hpp"

#include <algorithm>

namespace surged::bench {

namespace {
constexpr double for_s = 60;
constexpr double group_wait_s = 30;
constexpr double group_interval_s = 300;
constexpr double acknowledge_s = 300;  // no answer for so long: the next on call
constexpr double call_every_s = 60;
constexpr double short_s = 120;
constexpr double long_s = 900;
}  // namespace

void OnCallPolicy::message(World& world, const Message& message) {
    for (const auto& part : message.parts) {
        auto& centre = centres_[std::string(part.centre)];
        centre.last.at_s = world.now_s();
        for (std::uint32_t i = part.first; i < part.first + part.count; ++i) {
            const auto& value = message.values[i];
            if (value.name == "calls_waiting") {
                centre.last.waiting = value.value;
            } else if (value.name == "oldest_wait_s") {
                centre.last.oldest_s = value.value;
            } else if (value.name == "agents_staffed") {
                centre.last.staffed = value.value;
            } else if (value.name == "offered") {
                centre.last.offered = value.value;
            }
        }
    }
}

std::array<bool, 3> OnCallPolicy::judge(const Centre& centre, double now_s) {
    if (centre.scraped.empty() || now_s - centre.scraped.back().at_s > 1) {
        return {};  // a target that cannot be scraped has no values: its alerts end
    }
    const auto& now = centre.scraped.back();
    std::array<bool, 3> out{now.oldest_s > 40, now.staffed >= 5 && now.waiting / now.staffed > 0.33, false};
    const auto before = [&](double ago) {
        const auto at = std::find_if(centre.scraped.begin(), centre.scraped.end(), [&](const Sample& s) { return s.at_s >= now_s - ago; });
        return at->offered;
    };
    if (now_s - centre.scraped.front().at_s >= short_s + long_s - 60) {
        const double recent = now.offered - before(short_s);
        const double usual = (before(short_s) - before(short_s + long_s)) * short_s / long_s;
        out[2] = recent > 1.3 * usual && recent - usual >= 10;
    }
    return out;
}

void OnCallPolicy::evaluate(World& world, const std::string& name, Centre& centre) {
    const double now = world.now_s();
    const auto bad = judge(centre, now);
    for (std::size_t i = 0; i < bad.size(); ++i) {
        if (!bad[i]) {
            centre.pending_since[i] = -1;
        } else if (centre.pending_since[i] < 0) {
            centre.pending_since[i] = now;
        }
        centre.firing[i] = bad[i] && now - centre.pending_since[i] >= for_s;
    }
    const bool any = std::any_of(centre.firing.begin(), centre.firing.end(), [](bool b) { return b; });
    if (any) {
        centre.end_seen_s = -1;
        if (centre.group_at_s < 0) {
            centre.group_at_s = now + group_wait_s;
        }
    } else if (centre.group_at_s >= 0 && centre.end_seen_s < 0) {
        centre.end_seen_s = now;
        if (!centre.told) {
            centre.group_at_s = centre.end_seen_s = -1;  // over before anybody was told
        }
    }
    if (centre.told && centre.end_seen_s >= 0 && now - centre.end_seen_s >= group_interval_s) {
        world.incident_ended(tag_of(name, centre));
        for (const int person : centre.seated) {
            world.message_out(false);
            world.send_home(person);
        }
        centre.seated.clear();
        centre.told = false;
        centre.group_at_s = centre.end_seen_s = -1;
    }
}

void OnCallPolicy::telephone(World& world, const std::string& name, Centre& centre) {
    const double now = world.now_s();
    if (!centre.told && centre.group_at_s >= 0 && now >= centre.group_at_s) {
        centre.told = true;
        ++centre.instance;
        centre.acknowledged = false;
        centre.next_call_s = now;
        centre.next_person = 0;
        world.incident_opened(tag_of(name, centre));
    }
    const bool calling = centre.told && now >= centre.next_call_s && centre.next_person < world.people() &&
                         (chain_ ? centre.end_seen_s < 0 : !centre.acknowledged);
    if (calling) {
        world.call(centre.next_person++, tag_of(name, centre), now);
        world.message_out(true);
        centre.next_call_s = now + (chain_ ? call_every_s : acknowledge_s);
    }
}

void OnCallPolicy::tick(World& world) {
    for (auto& [name, centre] : centres_) {
        if (world.now_s() >= centre.next_scrape_s) {
            centre.next_scrape_s = world.now_s() + scrape_s_;
            if (world.now_s() - centre.last.at_s < 1) {
                centre.scraped.push_back(centre.last);
            }
            while (!centre.scraped.empty() && centre.scraped.front().at_s < world.now_s() - short_s - long_s) {
                centre.scraped.pop_front();
            }
            evaluate(world, name, centre);
        }
        telephone(world, name, centre);
    }
}

void OnCallPolicy::answers(World& world, int person, const std::string& tag) {
    const auto name = tag.substr(0, tag.find('#'));
    auto& centre = centres_[name];
    if (!centre.told || tag != tag_of(name, centre) || (!chain_ && centre.acknowledged)) {
        return;
    }
    centre.acknowledged = true;
    centre.seated.insert(person);
    world.join(name, person);
}

}  // namespace surged::bench
