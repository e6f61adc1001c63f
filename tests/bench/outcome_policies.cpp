#include "outcome_policies.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <regex>
#include <sstream>

#include "core/rule/queue_store.hpp"
#include "replay/lessons.hpp"

namespace surged::bench {

namespace {

constexpr double home_after_s = 900;

std::string file_text(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string person_id(int person) {
    char text[16];
    std::snprintf(text, sizeof text, "h%05d", person);
    return text;
}

int person_of(const std::string& id) {
    return id.size() == 6 && id[0] == 'h' ? std::atoi(id.c_str() + 1) : -1;
}

double world_s(EngineTime at) {
    return static_cast<double>(to_ms(at) - world_start_ms) / 1000.0;
}

}  // namespace

void call_everybody(World& world, const std::string& tag, double at_s) {
    for (int i = 0; i < world.people(); ++i) {
        world.call(i, tag, at_s);
    }
}

void join_in_turn(World& world, int person) {
    world.join(World::centre_name(person % world.scenario().centres), person);
}

void send_everybody_home(World& world, bool& home) {
    if (!home && world.now_s() >= world.scenario().until_s + home_after_s) {
        home = true;
        for (int i = 0; i < world.people(); ++i) {
            world.send_home(i);
        }
    }
}

void Oracle::tick(World& world) {
    const auto& scenario = world.scenario();
    if (scenario.quiet) {
        return;
    }
    if (!called_ && world.now_s() >= scenario.from_s) {
        called_ = true;
        call_everybody(world, "oracle", scenario.from_s);
    }
    send_everybody_home(world, home_);
}

void Oracle::answers(World& world, int person, const std::string&) {
    join_in_turn(world, person);
}

LoadedConfig outcome_config(const PackFiles& files, int centres, int people) {
    const auto team = file_text(files.team);
    const auto begin = team.find("\n[[policy]]");
    const std::string policies = begin == std::string::npos ? "" : team.substr(begin);
    std::vector<std::string> rosters;
    const std::regex list(R"(\n\s*rosters\s*=\s*\[([^\]]*)\])");
    const std::regex name("\"([^\"]+)\"");
    for (std::sregex_iterator at(policies.begin(), policies.end(), list), end; at != end; ++at) {
        const std::string inside = (*at)[1];
        for (std::sregex_iterator n(inside.begin(), inside.end(), name); n != end; ++n) {
            const std::string id = (*n)[1];
            if (std::find(rosters.begin(), rosters.end(), id) == rosters.end()) {
                rosters.push_back(id);
            }
        }
    }
    std::string text = "[defaults]\ntimezone = \"UTC\"\nlanguage = \"en\"\n[[channel]]\nid = \"out\"\ntype = \"log\"\n";
    for (int i = 0; i < centres; ++i) {
        text += "[[expect]]\ncentre = \"" + World::centre_name(i) + "\"\nqueue = [\"general\"]\nevery = \"5s\"\ngroup = \"hotline\"\n";
    }
    for (int i = 0; i < people; ++i) {
        text += "[[person]]\nid = \"" + person_id(i) + "\"\nname = \"" + person_id(i) + "\"\nreach = { normal = [{ via = \"out\" }] }\n";
    }
    const int groups = std::max<int>(1, static_cast<int>(rosters.size()));
    for (int r = 0; r < static_cast<int>(rosters.size()); ++r) {
        text += "[[roster]]\nid = \"" + rosters[static_cast<std::size_t>(r)] + "\"\nshift = [{ days = \"mon-sun\", from = \"00:00\", to = \"24:00\", people = [";
        // In turn, so that every tier has people of every centre; who is left over belongs to the first tiers.
        std::string who;
        for (int i = r; i < people; i += groups) {
            who += (who.empty() ? "\"" : ", \"") + person_id(i) + "\"";
        }
        text += (who.empty() ? "\"" + person_id(people - 1) + "\"" : who) + "] }]\n";
    }
    // The fallback is a person of the file's own: one of ours stands in.
    text += std::regex_replace(policies, std::regex(R"(\n\s*fallback\s*=\s*\[[^\]]*\])"), "\nfallback = [\"" + person_id(people - 1) + "\"]");
    return load_configs(files.rules, "outcome", text);
}

std::unique_ptr<const Plan> scaled_limits(const Plan& plan, double factor) {
    auto out = std::make_unique<Plan>(plan);
    for (auto& rule : out->rules) {
        if (rule.kind == RuleKind::absence) {
            continue;
        }
        rule.surprise *= factor;
        for (auto& level : rule.levels) {
            for (auto* limit : {&level.raise, &level.clear}) {
                if (level.raise.upward()) {
                    limit->value *= factor;
                } else if (limit->value > 0 && limit->value < 1) {
                    limit->value = std::max(0.01, 1 - (1 - limit->value) * factor);
                } else {
                    limit->value /= factor;
                }
            }
        }
    }
    return out;
}

std::vector<std::string> learned_metrics(const Plan& plan) {
    std::vector<std::string> out;
    for (const auto& rule : plan.rules) {
        if (rule.kind == RuleKind::baseline && std::find(out.begin(), out.end(), rule.metric) == out.end()) {
            out.push_back(rule.metric);
        }
    }
    return out;
}

ProfileShelf learned_shelf(const Plan& plan, const HistoryRows& rows, int centres) {
    ProfileShelf shelf;
    const QueueStore store(plan);
    const auto first_day = static_cast<std::int32_t>(world_start_ms / 86400000 - rows.days);
    for (const auto& [metric, counts] : rows.counts) {
        std::vector<LearnRow> learn;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            learn.push_back({first_day + static_cast<std::int32_t>(i / 288), static_cast<std::int32_t>(i % 288 * 300),
                             static_cast<float>(counts[i]), false});
        }
        for (int c = 0; c < centres; ++c) {
            QueueLessons lessons(plan, store, {World::centre_name(c), "general", "voice"}, metric, Span{300000});
            lessons.learn(learn);
            std::string why;
            lessons.finish(shelf, why);
        }
    }
    return shelf;
}

SurgedPolicy::SurgedPolicy(std::unique_ptr<const Plan> plan, ProfileShelf shelf, std::function<void(const Record&)> watch, bool everybody)
    : watch_(std::move(watch)),
      shelf_(std::move(shelf)),
      player_(std::move(plan), {[this](const Record& r) { on_record(r); }, [this](const SendOrder& o) { on_order(o); }}),
      everybody_(everybody) {}

void SurgedPolicy::start(World& world) {
    world_ = &world;
    player_.start(engine_time(world_start_ms));
    if (!shelf_.empty()) {
        player_.engine().offer_profiles(std::move(shelf_));
    }
}

void SurgedPolicy::message(World&, const Message& message) {
    player_.message(message);
}

void SurgedPolicy::on_record(const Record& record) {
    if (watch_) {
        watch_(record);
    }
    if (const auto* change = std::get_if<IncidentChange>(&record.body)) {
        if (change->step == IncidentStep::opened || change->step == IncidentStep::reopened) {
            rounds_[change->incident] += change->step == IncidentStep::reopened ? 1 : 0;
            const auto centre = change->scope.find("centre");
            centre_of_[change->incident] = centre == change->scope.end() ? "*" : centre->second;
            world_->incident_opened(change->incident);
            if (world_->counting()) {
                ++opened_by_[change->reason];
                opened_first_ = opened_first_.empty() ? change->reason : opened_first_;
            }
        } else if (change->step == IncidentStep::resolved || change->step == IncidentStep::closed || change->step == IncidentStep::merged) {
            world_->incident_ended(change->incident);
            for (auto at = seat_of_.begin(); at != seat_of_.end() && change->step == IncidentStep::closed;) {
                if (at->second == change->incident) {
                    world_->send_home(at->first);
                    at = seat_of_.erase(at);
                } else {
                    ++at;
                }
            }
        }
    } else if (const auto* seat = std::get_if<SeatChange>(&record.body)) {
        const int person = person_of(seat->person);
        if (seat->state == SeatState::joined) {
            seat_of_[person] = seat->incident;
            world_->join(centre_of_[seat->incident], person);
        } else if (seat->state == SeatState::released || seat->state == SeatState::left || seat->state == SeatState::noshow) {
            told_off_[seat->incident + "/" + seat->person] += seat->state == SeatState::released ? 1 : 0;
            const auto at = seat_of_.find(person);
            if (at != seat_of_.end() && at->second == seat->incident) {
                world_->send_home(person);
                seat_of_.erase(at);
            }
        }
    }
}

void SurgedPolicy::on_order(const SendOrder& order) {
    if (is_action(order.purpose)) {
        return;
    }
    const bool calls = calls_for_surge(order.purpose);
    if (everybody_) {
        if (calls && world_->counting() && !all_called_) {
            all_called_ = true;
            call_everybody(*world_, "everybody", world_s(order.decided));
        }
        return;
    }
    for (const auto& who : order.people) {
        world_->message_out(calls);
        if (calls) {
            const int told_off = told_off_[order.incident + "/" + who.person];
            const auto round = order.incident + "~" + std::to_string(rounds_[order.incident]);
            world_->call(person_of(who.person), told_off > 0 ? round + "." + std::to_string(told_off) : round, world_s(order.decided));
        }
    }
}

void SurgedPolicy::tick(World& world) {
    if (all_called_) {
        send_everybody_home(world, home_);
    }
}

void SurgedPolicy::answers(World& world, int person, const std::string& tag) {
    if (everybody_) {
        join_in_turn(world, person);
        return;
    }
    player_.to(engine_time(world_start_ms + static_cast<std::int64_t>(world.now_s() * 1000)));
    Command command;
    command.answer = AnswerKind::join;
    command.person = command.by = person_id(person);
    command.way = "outcome";
    command.incident = tag.substr(0, tag.find('~'));
    player_.command(command);
}

}  // namespace surged::bench
