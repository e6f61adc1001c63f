// surgectl replay: the same engine on recorded time; prints alerts, incidents, and who would have been called when. With --diff:
// what another configuration would change.
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <memory>

#include "config/settings.hpp"
#include "config/zones.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "ctl/learned_input.hpp"
#include "ctl/recorded_input.hpp"
#include "ctl/replay_diff.hpp"
#include "ctl/replay_run.hpp"
#include "replay/timeline.hpp"
#include "wire/record_json.hpp"

namespace surged {
namespace {

struct ReplayOptions {
    std::string config = "/etc/surged/surged.toml";
    std::string other;  // --diff
    RecordedInput input;
    LearnedInput learned;
    std::string from;
    std::string until;
    std::string answers;
    bool all = false;
};

/// What a person wants to read; the rest is in --json and --all.
bool worth_a_line(const Record& record) {
    if (const auto* page = std::get_if<PageChange>(&record.body)) {
        return terminal(page->state) || page->state == PageState::failed_temp;
    }
    if (const auto* edge = std::get_if<AlertEdge>(&record.body)) {
        return edge->stale_changed || edge->to == AlertState::firing || edge->from == AlertState::firing ||
               edge->from == AlertState::clearing;
    }
    if (is_load(record)) {
        return false;
    }
    if (const auto* seat = std::get_if<SeatChange>(&record.body)) {
        return seat->state != SeatState::asked && seat->state != SeatState::informed;
    }
    return true;
}

/// Prints records as they come, and counts what the last line says.
class Teller {
public:
    Teller(bool json, bool all, const Zone& zone) : json_(json), all_(all), zone_(zone) {}

    void tell(const Record& record) {
        if (const auto* change = std::get_if<IncidentChange>(&record.body)) {
            incidents_ += change->step == IncidentStep::opened ? 1U : 0U;
        }
        if (const auto* edge = std::get_if<AlertEdge>(&record.body)) {
            const bool fired = edge->from == AlertState::firing || edge->from == AlertState::clearing;
            raised_ += edge->to == AlertState::firing && !fired ? 1U : 0U;
        }
        if (json_) {
            std::printf("%s\n", encode(record).c_str());
        } else if (all_ || worth_a_line(record)) {
            std::printf("%s\n", line_of(narrate(record, zone_), true).c_str());
        }
    }
    void count(const SendOrder& order) {
        if (is_action(order.purpose)) {
            ++actions_;
        } else if (order.purpose != PagePurpose::close && order.purpose != PagePurpose::stand_down) {
            calls_[order.tier] += 1;
        }
    }
    void summary(const EngineStats& stats) const {
        std::string calls;
        for (const auto& [tier, count] : calls_) {
            calls += fmt::format("{}tier {}: {}", calls.empty() ? "" : ", ", tier, count);
        }
        std::printf(
            "%s\n",
            fmt::format("{} messages, {} samples, {} queues; {} alerts raised, {} incidents; pages that call for help: {}{}",
                        stats.messages, stats.samples, stats.queues, raised_, incidents_, calls.empty() ? "none" : calls,
                        actions_ == 0 ? std::string() : fmt::format("; actions: {}", actions_))
                .c_str());
    }

private:
    bool json_;
    bool all_;
    const Zone& zone_;
    std::uint64_t incidents_ = 0;
    std::uint64_t raised_ = 0;
    std::map<int, std::uint64_t> calls_;
    std::uint64_t actions_ = 0;
};

/// Everything but the input: bounds and answers, in the configuration's zone.
struct Setting {
    Zone zone;
    ReplayBounds bounds;
    std::vector<RecordedAnswer> answers;
};

bool prepare(const ReplayOptions& options, Context& context, Setting& out) {
    auto from = civil_instant(options.from, out.zone);
    auto until = civil_instant(options.until, out.zone);
    if (!from || !until) {
        context.fail(ctl_usage, !from ? from.error().message : until.error().message);
        return false;
    }
    out.bounds = {*from, *until};
    if (!options.answers.empty()) {
        auto answers = read_answers(options.answers);
        if (!answers) {
            context.fail(ctl_usage, answers.error().message);
            return false;
        }
        out.answers = std::move(*answers);
    }
    return true;
}

void nothing_found(const Setting& setting, Context& context) {
    context.fail(ctl_no, "no message in this input" +
                             std::string(setting.bounds.from || setting.bounds.until ? " between --from and --until" : ""));
}

void replay(const ReplayOptions& options, Context& context, LoadedConfig config, const Setting& setting) {
    Teller teller(context.json, options.all, setting.zone);
    const IngestLimits limits = config.plan->limits;
    ReplayRun run(std::move(config.plan),
                  {[&teller](const Record& r) { teller.tell(r); }, [&teller](const SendOrder& o) { teller.count(o); }},
                  setting.bounds, setting.answers, setting.zone);
    run.before_first([&options](Engine& engine, WallTime first) { options.learned.offer(engine, first); });
    if (!options.input.read(context, limits, [&run](const Message& message) { return run.message(message); })) {
        return;
    }
    run.finish();
    if (!run.started()) {
        nothing_found(setting, context);
    } else if (!context.json) {
        teller.summary(run.player().engine().stats());
    }
}

/// Both engines hear each message in turn: a recording from a pipe is read once.
void diff(const ReplayOptions& options, Context& context, LoadedConfig config, LoadedConfig other, const LearnedInput& other_learned,
          const Setting& setting) {
    ReplayStory before;
    ReplayStory after;
    const auto watch = [](ReplayStory& story) {
        return Player::Watch{[&story](const Record& r) { story.record(r); }, [&story](const SendOrder& o) { story.order(o); }};
    };
    const IngestLimits limits = config.plan->limits;
    ReplayRun one(std::move(config.plan), watch(before), setting.bounds, setting.answers, setting.zone);
    ReplayRun two(std::move(other.plan), watch(after), setting.bounds, setting.answers, setting.zone);
    one.before_first([&options](Engine& engine, WallTime first) { options.learned.offer(engine, first); });
    two.before_first([&other_learned](Engine& engine, WallTime first) { other_learned.offer(engine, first); });
    const auto each = [&one, &two](const Message& message) {
        const bool more = one.message(message);
        return two.message(message) && more;
    };
    if (!options.input.read(context, limits, each)) {
        return;
    }
    one.finish();
    two.finish();
    if (!one.started()) {
        return nothing_found(setting, context);
    }
    const auto difference = compare(before, after);
    std::printf("%s", context.json ? (diff_json(difference) + "\n").c_str() : diff_text(difference, setting.zone).c_str());
}

void run_replay(ReplayOptions options, Context& context) {
    auto config = load_for_ctl(context, options.config);
    if (!config || !options.input.prepare(context, config->plan) || !options.learned.load(context, *config)) {
        return;
    }
    Setting setting;
    setting.zone = load_zone(config->plan->timezone).value_or(Zone{});
    if (!prepare(options, context, setting)) {
        return;
    }
    if (options.other.empty()) {
        return replay(options, context, std::move(*config), setting);
    }
    LearnedInput other_learned{options.learned.choice, {}, {}, {}};
    if (auto other = load_for_ctl(context, options.other);
        other && options.input.prepare(context, other->plan) && other_learned.load(context, *other)) {
        diff(options, context, std::move(*config), std::move(*other), other_learned, setting);
    }
}

}  // namespace

void add_replay(CliCommand app, Context& context) {
    const auto command =
        app.command("replay", "run the engine on a recording and print alerts, incidents and pages on its own time");
    auto options = std::make_shared<ReplayOptions>();
    command.option("--config", options->config, "main configuration file").type("FILE").shows_default();
    options->input.add_options(command, true, true);
    options->learned.add_option(command);
    command.option("--diff", options->other, "another configuration: print only what it would change").type("FILE");
    command.option("--from", options->from, "start here, civil time of the configuration's zone: 2026-03-02[T09:00]")
        .type("TIME");
    command.option("--until", options->until, "end before this").type("TIME");
    command.option("--answers", options->answers, "what people say: {\"ts\":ms,\"person\":..,\"say\":\"join\"} a line")
        .type("FILE");
    command.flag("--all", options->all, "every record, not only what people read");
    command.run([options, &context] { run_replay(*options, context); });
}

}  // namespace surged
