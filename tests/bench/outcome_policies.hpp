// The policies that are compared: nobody, an oracle, surged itself, and what a usual pipeline of metrics and an on-call telephone does.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/rule/learned_profile.hpp"
#include "outcome_world.hpp"
#include "replay/player.hpp"

namespace surged::bench {

/// Calls nobody.
class Nobody : public OutcomePolicy {
public:
    void start(World&) override {}
    void message(World&, const Message&) override {}
    void answers(World&, int, const std::string&) override {}
};

/// Everybody is called to the centres in turn, and sent home a quarter of an hour after the end of a surge.
void call_everybody(World& world, const std::string& tag, double at_s);
void join_in_turn(World& world, int person);
void send_everybody_home(World& world, bool& home);

/// Calls everybody at second 0 of a surge.
class Oracle : public OutcomePolicy {
public:
    void start(World&) override {}
    void message(World&, const Message&) override {}
    void tick(World& world) override;
    void answers(World& world, int person, const std::string& tag) override;

private:
    bool called_ = false;
    bool home_ = false;
};

/// The rule files of a pack and the file whose policies say who is called.
struct PackFiles {
    std::vector<std::string> rules;
    std::string team;
};

/// The configuration of one run: the rules, the policies of `team`, and rosters with `people` people in place of its own. What is wrong is
/// in the diagnostics.
LoadedConfig outcome_config(const PackFiles& files, int centres, int people);
/// The same plan with every limit further from usual by `factor` (above 1: quieter): limits upwards times it, limits of a share downwards
/// at so many times their distance from 1, others downwards divided by it. Silences keep theirs.
std::unique_ptr<const Plan> scaled_limits(const Plan& plan, double factor);
/// What `surgectl learn` would make of a history; empty when no rule learns.
ProfileShelf learned_shelf(const Plan& plan, const HistoryRows& rows, int centres);
/// Metrics that rules of kind baseline look at.
std::vector<std::string> learned_metrics(const Plan& plan);

class SurgedPolicy : public OutcomePolicy {
public:
    /// `shelf`: profiles learned before; may be empty. `plan` from outcome_config().
    /// `watch` sees every record.
    /// `everybody`: the first call for help in the surge calls everybody, as the oracle does: what is lost then was lost by seeing it late.
    SurgedPolicy(std::unique_ptr<const Plan> plan, ProfileShelf shelf, std::function<void(const Record&)> watch = {}, bool everybody = false);
    void start(World& world) override;
    void message(World& world, const Message& message) override;
    void tick(World& world) override;
    void answers(World& world, int person, const std::string& tag) override;

    /// By rule: how often it opened an incident while it counted.
    const std::map<std::string, int>& opened_by() const { return opened_by_; }
    /// The rule that opened the first of them; empty: none.
    const std::string& opened_first() const { return opened_first_; }

private:
    void on_record(const Record& record);
    void on_order(const SendOrder& order);

    std::function<void(const Record&)> watch_;
    World* world_ = nullptr;
    ProfileShelf shelf_;
    Player player_;
    std::map<std::string, std::string> centre_of_;        ///< incident -> centre
    std::map<std::string, int> rounds_;                   ///< incident -> how often it was opened again: its people are called anew
    std::map<int, std::string> seat_of_;                  ///< person -> incident
    std::map<std::string, int> told_off_;                 ///< incident/person -> how often told that they need not come: asked again, they answer again
    std::map<std::string, int> opened_by_;
    std::string opened_first_;
    bool everybody_ = false;
    bool all_called_ = false;
    bool home_ = false;
};

}  // namespace surged::bench
