// The sections of the after-action report, their order and their tables.
#include <fmt/format.h>

#include <array>

#include "core/base/clock_text.hpp"
#include "core/base/text.hpp"
#include "replay/timeline.hpp"
#include "report/report.hpp"
#include "report/report_sections.hpp"
#include "report/report_words.hpp"

namespace surged {

namespace {

/// Moments of alerts that are listed; more are counted.
constexpr std::size_t moments_max = 200;

/// What load_story.cpp computes, and who says so.
constexpr std::string_view saved_formula = "dE[X]/dt = λ − μ E[min(X, s)] − θ E[max(X − s, 0)]";
constexpr std::string_view saved_source =
    "Massey, Pender 2013, Queueing Systems 75; Garnett, Mandelbaum, Reiman 2002, M&SOM 4";

class Writer {
public:
    Writer(const AfterAction& report, Language language, const Zone& zone) : r_(report), language_(language), zone_(zone), say(language) {}

    ReportParts parts() const {
        return {say("title") + r_.incident, report_sentences(r_, language_, zone_),
                {summary(), load_curve(), seats_curve(), cost(), people(), alerts(), moments(), playbook(), verdicts(), pages(), seats(), load(),
                 timeline()},
                say("times_are_of") + zone_.name()};
    }

private:
    std::string word(std::string_view text) const { return engine_word(text, language_); }
    std::string time(WallTime at) const { return civil_text(at, zone_); }
    std::string time(const std::optional<WallTime>& at) const { return at ? time(*at) : "-"; }
    std::string span(const std::optional<Span>& span) const {
        if (!span) {
            return say("never");
        }
        return report_span(*span, language_);
    }

    /// "by hand by duty-desk (moved), still red"; empty when it recovered by itself.
    std::string ending() const {
        if (!r_.resolved) {
            return {};
        }
        std::string out;
        if (r_.ended_why == reason_max_age) {
            out = say("closed_by_age");
        } else if (!r_.ended_by.empty() && r_.ended_by != by_engine) {
            out = say("by_hand_by") + r_.ended_by + (r_.ended_why.empty() ? "" : " (" + r_.ended_why + ")");
        }
        if (r_.still != Level::none) {
            out += (out.empty() ? "" : ", ") + say("still") + word(to_string(r_.still));
        }
        return out;
    }

    ReportSection summary() const {
        ReportSection out;
        out.title = say("summary");
        out.table.head = {say("what"), say("value")};
        const auto add = [&](std::string name, std::string value) {
            out.table.rows.push_back({std::move(name), std::move(value)});
        };
        add(say("policy_and_scope"), r_.policy + " " + scope_text(r_.scope));
        add(say("worst_level"), word(to_string(r_.worst)));
        add(say("state"), word(r_.state));
        add(say("opened"), time(r_.opened));
        const bool recovered = !r_.resolved || r_.still == Level::none;
        add(recovered ? say("resolved") : say("closed_not_recovered"),
            r_.resolved ? time(r_.resolved) : say("not_yet"));
        if (const auto how = ending(); !how.empty()) {
            add(say("how_it_ended"), how);
        }
        add(say("first_accepted"), span(r_.since_opened(r_.first_accepted)));
        add(say("time_to_acknowledge"), span(r_.since_opened(r_.first_answer)));
        add(say("time_to_half"), span(r_.since_opened(r_.half)));
        add(say("time_to_quorum"), span(r_.since_opened(r_.quorum)));
        add(recovered ? say("time_to_resolve") : say("time_to_closing"),
            span(r_.since_opened(r_.resolved)));
        add(say("seats_wanted_at_most"), std::to_string(r_.need_max));
        add(say("tiers_called"), std::to_string(r_.tier_max));
        add(say("people_counts"), fmt::format("{} / {} / {}", r_.asked(), r_.came(), r_.arrived()));
        add(say("people_others"), fmt::format("{} / {} / {}", r_.declined(), r_.silent(), r_.unreachable()));
        add(say("no_shows"), std::to_string(r_.noshows()));
        if (r_.reopened > 0) {
            add(say("opened_again"), std::to_string(r_.reopened));
        }
        if (r_.exhausted) {
            out.lines.push_back(say("exhausted"));
        }
        if (r_.cut) {
            out.lines.push_back(say("cut"));
        }
        return out;
    }
    ReportSection seats() const {
        ReportSection out;
        out.title = say("seats_over_time");
        out.annex = true;
        out.table.head = {say("time"), say("seats_taken"), say("seats_wanted")};
        for (const SeatPoint& point : r_.seats) {
            out.table.rows.push_back({time(point.at), std::to_string(point.taken), std::to_string(point.need)});
        }
        return out;
    }
    ReportSection cost() const {
        ReportSection out;
        out.title = say("cost");
        out.table.head = {say("what"), say("value")};
        const auto add = [&](std::string name, std::string value) {
            out.table.rows.push_back({std::move(name), std::move(value)});
        };
        const auto count = [&](const std::optional<double>& value) {
            return value ? format_rounded(*value, 0) : say("not_known");
        };
        add(say("calls_offered"), count(r_.load.offered()));
        add(say("calls_lost"), count(r_.load.abandoned()));
        add_level(out);
        const auto worth = r_.load.worth();
        if (worth && !worth->counted) {
            add(say("fluid_model"), say("fluid_uncounted"));
        } else if (worth && !worth->explains()) {
            add(say("fluid_model"),
                say("fluid_unexplained", {{"explained", count(worth->lost_with)}, {"lost", count(worth->counted)}}));
        } else if (worth) {
            add(say("fluid_explains"),
                say("so_many_of", {{"explained", count(worth->lost_with)}, {"lost", count(worth->counted)}}));
            add(say("fluid_lost"), fmt::format("{} / {}", count(worth->lost_with), count(worth->lost_without)));
            add(say("fluid_waiting"),
                fmt::format("{} / {}", count(worth->longest_with), count(worth->longest_without)));
            add(say("cost.saved"), count(r_.saved()));
        }
        out.lines.push_back(say("cost.formula", {{"formula", saved_formula}, {"source", saved_source}}));
        return out;
    }
    void add_level(ReportSection& out) const {
        const LevelCount& during = r_.curve.level;
        const LevelCount& before = r_.curve.level_before;
        if (!during.level() && !before.level()) {
            return;  // nobody counts it, or no history is kept
        }
        const auto percent = [&](const LevelCount& of) {
            constexpr double hundred = 100;
            return of.level() ? format_rounded(*of.level() * hundred, 1) + "%" : say("not_known");
        };
        const int within = during.level() ? during.within_s : before.within_s;
        out.table.rows.push_back({within > 0 ? say("cost.level", {{"s", std::to_string(within)}}) : say("cost.level_mixed"),
                                  say("cost.level_value", {{"before", percent(before)}, {"during", percent(during)},
                                                           {"in_time", format_rounded(during.in_time, 0)}, {"calls", format_rounded(during.calls, 0)}})});
    }
    ReportSection load_curve() const {
        ReportSection out;
        out.title = say("load");
        out.says_none = false;
        out.svg = load_svg(r_, language_, zone_);
        const LoadCurve& curve = r_.curve;
        if (!curve.known()) {
            out.caption = out.svg.empty() ? say("curve.nothing") : say("curve.of_log");
        } else {
            std::string queues;
            for (const QueueKey& queue : curve.queues) {
                queues += (queues.empty() ? "" : say("list.between")) + queue_text(queue);
            }
            out.caption = say("curve.caption", {{"queues", queues}, {"step", report_span(curve.step, language_)}});
        }
        if (curve.queues_left_out > 0) {
            out.caption += " " + say("curve.left_out", {{"n", std::to_string(curve.queues_left_out)}});
        }
        if (curve.gap != CurveGap::none) {
            out.lines.push_back(gap_text());
        }
        return out;
    }
    std::string gap_text() const {
        switch (r_.curve.gap) {
            case CurveGap::unknown: return say("gap.unknown");
            case CurveGap::failed: return say("gap.failed", {{"why", r_.curve.why}});
            case CurveGap::late: return say("gap.late");
            case CurveGap::begins_later: return say("gap.begins_later");
            case CurveGap::off:
            case CurveGap::none: break;
        }
        return say("gap.off");
    }
    ReportSection seats_curve() const {
        ReportSection out;
        out.title = say("seats_over_time");
        out.says_none = false;
        out.svg = seats_svg(r_, language_, zone_);
        return out;
    }
    ReportSection load() const {
        ReportSection out;
        out.title = say("load_table");
        out.annex = true;
        out.table.head = {say("time"),           say("offered_a_minute"),
                          say("forecast"),       say("capacity"),
                          say("agents_at_work"), say("agents_needed"),
                          say("waiting"),        say("abandoned"),
                          say("joined"),         say("arrived_by_then")};
        const auto cell = [](const std::optional<double>& value) { return value ? format_rounded(*value, 1) : std::string("-"); };
        for (const LoadPoint& point : r_.load.points()) {
            out.table.rows.push_back({time(point.at), cell(point.load_per_min), cell(point.forecast_per_min),
                                      cell(point.capacity_per_min), cell(point.productive), cell(point.required), cell(point.waiting),
                                      cell(point.abandoned), std::to_string(point.joined), std::to_string(point.arrived)});
        }
        return out;
    }
    ReportSection pages() const {
        ReportSection out;
        out.title = say("pages_by_channel");
        out.table.head = {say("channel"), say("outcome"), say("pages")};
        for (const auto& [channel, outcomes] : r_.pages) {
            for (const auto& [outcome, count] : outcomes) {
                out.table.rows.push_back({channel, word(outcome), std::to_string(count)});
            }
        }
        return out;
    }
    ReportSection people() const {
        ReportSection out;
        out.title = say("people");
        out.table.head = {say("person"),       say("tier"),  say("asked"),
                          say("first_answer"), say("after"), say("arrived"),
                          say("in_the_end")};
        for (const PersonPart& part : r_.people) {
            const bool named = !part.name.empty() && part.name != part.person;
            const auto answer =
                part.answered ? fmt::format("{} {} ({})", time(part.answered), word(part.answer), part.way) : std::string("-");
            const auto after = part.answered && part.asked ? span(std::max(Span{0}, *part.answered - *part.asked)) : "-";
            auto state = word(part.state);
            state += part.noshow && part.state != "noshow" ? ", " + word("noshow") : "";
            state += part.successor.empty() ? "" : say("named") + part.successor;
            out.table.rows.push_back({named ? part.name + " (" + part.person + ")" : part.person, std::to_string(part.tier),
                                      time(part.asked), answer, after, time(part.arrived), state});
        }
        return out;
    }
    ReportSection alerts() const {
        ReportSection out;
        out.title = say("alerts");
        out.table.head = {say("rule"),        say("queue"), say("worst_level"),
                          say("worst_value"), say("limit"), say("time_of_alert"),
                          say("evidence")};
        for (const AlertPart& alert : r_.alerts) {
            out.table.rows.push_back({rule_cell(alert.rule), queue_text(alert.queue), word(to_string(alert.worst)),
                                      rule_value(r_, alert.rule, alert.value, language_), alert.limit, time(alert.at),
                                      evidence(alert.evidence)});
        }
        return out;
    }
    std::string evidence(const std::string& recorded) const { return recorded.empty() ? recorded : evidence_text(recorded, language_); }
    std::string rule_cell(const std::string& rule) const {
        const auto name = rule_text(r_, rule, language_);
        return name == rule ? rule : name + " (" + rule + ")";
    }
    ReportSection moments() const {
        ReportSection out;
        out.title = say("moments");
        out.table.head = {say("time"), say("rule"), say("queue"), say("seen"), say("value_seen"), say("limit"), say("evidence")};
        for (const AlertMoment& moment : r_.moments) {
            if (out.table.rows.size() == moments_max) {
                out.lines.push_back(say("moments_cut", {{"n", std::to_string(moments_max)}, {"all", std::to_string(r_.moments.size())}}));
                break;
            }
            auto seen = word(to_string(moment.state)) + (moment.level == Level::none ? "" : " " + word(to_string(moment.level)));
            seen = moment.stale_changed ? (moment.stale ? say("no_data") : say("data_back")) : seen;
            out.table.rows.push_back({time(moment.at), rule_cell(moment.rule), queue_text(moment.queue), seen,
                                      moment.stale_changed ? "-" : rule_value(r_, moment.rule, moment.value, language_), moment.limit,
                                      evidence(moment.evidence)});
        }
        return out;
    }
    ReportSection playbook() const {
        ReportSection out;
        out.title = say("playbook");
        out.table.head = {say("action"), say("event"), say("channel"), say("begun"), say("ended"), say("outcome"), say("attempts"), say("reason")};
        for (const ActionPart& part : r_.actions) {
            out.table.rows.push_back({part.action, word(to_string(part.purpose)), part.channel, time(part.begun), time(part.at),
                                      word(action_word(part.state)), std::to_string(part.attempts), part.reason});
        }
        return out;
    }
    ReportSection verdicts() const {
        ReportSection out;
        out.title = say("verdicts");
        if (r_.verdicts.empty()) {
            out.lines.push_back(say("no_verdict"));
            out.says_none = false;
        }
        out.table.head = {say("time"), say("verdict"), say("by"), say("reason")};
        for (const VerdictPart& part : r_.verdicts) {
            out.table.rows.push_back({time(part.at), word(to_string(part.verdict)), part.by, part.reason});
        }
        return out;
    }
    ReportSection timeline() const {
        ReportSection out;
        out.title = say("timeline");
        out.annex = true;
        out.table.head = {say("time"), say("event"), say("detail")};
        for (const Record& record : r_.timeline) {
            if (is_load(record)) {
                continue;  // has a table of its own
            }
            auto line = story_of(record, language_, zone_);
            out.table.rows.push_back({time(record.wall), std::move(line.what), std::move(line.text)});
        }
        return out;
    }

    const AfterAction& r_;
    Language language_;
    const Zone& zone_;
    ReportSay say;
};

}  // namespace

ReportParts report_parts(const AfterAction& report, Language language, const Zone& zone) {
    return Writer(report, language, zone).parts();
}

}  // namespace surged
