// The sections of the summary of a week or a month.
#include <array>

#include <fmt/format.h>

#include "core/base/clock_text.hpp"
#include "core/base/text.hpp"
#include "replay/timeline.hpp"
#include "report/period.hpp"
#include "report/period_words.hpp"
#include "report/report_sections.hpp"
#include "report/report_words.hpp"

namespace surged {

namespace {

constexpr std::size_t queues_listed = 50;

class PeriodWriter {
public:
    PeriodWriter(const PeriodReport& report, Language language, const Zone& zone) : r_(report), language_(language), zone_(zone), say(language) {}

    ReportParts parts() const {
        const auto from = date_text(zone_.to_civil(r_.from));
        const auto last = date_text(zone_.to_civil(r_.to - Span{1}));
        return {say("title", {{"from", from}, {"to", last}}), sentences(),
                {figures(), worst(), days(), queues(), rules(), coverage(), gaps(), people()},
                say("times_are_of", {{"zone", r_.zone}})};
    }

private:
    std::string percent(const std::optional<double>& share) const {
        constexpr double hundred = 100;
        return share ? format_rounded(*share * hundred, 1) + "%" : say("unknown");
    }
    std::string rate(const CallRate& of) const {
        return of.rate() ? say("rate.value", {{"rate", percent(of.rate())}, {"answered", format_rounded(of.answered, 0)}, {"offered", format_rounded(of.offered, 0)}})
                         : say("unknown");
    }
    std::string level_name() const {
        return !r_.level.level()         ? say("service_level")
               : r_.level.within_s > 0 ? say("service_level.within", {{"s", number(r_.level.within_s)}})
                                       : say("service_level.mixed");
    }
    std::string level() const {
        return r_.level.level() ? say("rate.value", {{"rate", percent(r_.level.level())}, {"answered", format_rounded(r_.level.in_time, 0)}, {"offered", format_rounded(r_.level.calls, 0)}})
                                : say("service_level.why");
    }
    std::string span(const std::optional<Span>& value) const { return value ? report_span(*value, language_) : "-"; }
    static std::string number(int value) { return std::to_string(value); }
    std::string verdict(IncidentVerdict value) const { return value == IncidentVerdict::none ? "-" : engine_word(to_string(value), language_); }

    std::vector<std::string> sentences() const {
        std::vector<std::string> out;
        if (r_.incidents == 0) {
            out.push_back(say("said.nothing"));
        } else {
            out.push_back(say("said.incidents", {{"n", number(r_.incidents)}, {"red", number(r_.levels.at("red"))}, {"orange", number(r_.levels.at("orange"))},
                                                 {"yellow", number(r_.levels.at("yellow"))}, {"days", number(r_.roller_coaster_days)}}) +
                          (r_.open > 0 ? (language_ == Language::en ? " " : "") + say("note.open", {{"n", number(r_.open)}}) : std::string()));
        }
        out.push_back(say("said.rates", {{"all", percent(r_.calls.rate())}, {"with", percent(r_.helped.rate())}, {"without", percent(r_.unhelped.rate())}}));
        if (r_.incidents > 0) {
            out.push_back(say("said.verdicts", {{"useful", number(r_.verdicts.at("useful"))}, {"late", number(r_.verdicts.at("late"))},
                                                {"wrong", number(r_.verdicts.at("false"))}, {"none", number(r_.verdicts.at("none"))}}));
        }
        if (r_.log_from) {
            out.push_back(say("note.log_from", {{"at", civil_text(*r_.log_from, zone_)}}));
        }
        if (r_.unread > 0) {
            out.push_back(say("note.unread", {{"n", number(r_.unread)}}));
        }
        return out;
    }
    ReportSection figures() const {
        ReportSection out;
        out.title = say("figures");
        out.table.head = {say("what"), say("value")};
        out.table.rows = {{say("rate.all"), rate(r_.calls)},
                          {say("rate.with"), rate(r_.helped)},
                          {say("rate.without"), rate(r_.unhelped)},
                          {level_name(), level()},
                          {say("wape"), percent(r_.forecast_error)},
                          {say("roller_days"), number(r_.roller_coaster_days)}};
        out.lines.push_back(say("roller_means"));
        if (!r_.history_trouble.empty()) {
            out.lines.push_back(say("note.trouble", {{"why", r_.history_trouble}}));
        } else if (!r_.history_kept && !r_.calls.rate()) {
            out.lines.push_back(say("note.no_history"));
        } else if (!r_.calls.rate()) {
            out.lines.push_back(say("note.no_values"));
        }
        return out;
    }
    ReportSection worst() const {
        ReportSection out;
        out.title = say("worst");
        out.table.head = {say("incident"), say("place"), say("opened"), say("level"), say("lasted"), say("came"), say("full"), say("lost"), say("verdict")};
        for (const PeriodIncident& i : r_.worst) {
            out.table.rows.push_back({i.incident, scope_text(i.scope), civil_text(i.opened, zone_), engine_word(to_string(i.level), language_), span(i.lasted),
                                      fmt::format("{} / {}", i.came, i.need), span(i.full), i.lost ? format_rounded(*i.lost, 0) : "-", verdict(i.verdict)});
        }
        return out;
    }
    ReportSection days() const {
        ReportSection out;
        out.title = say("days");
        out.table.head = {say("date"), say("incidents"), say("yellow"), say("orange"), say("red"), say("roller"), say("offered"), say("answered"), say("abandoned"), say("rate"), say("service_level")};
        for (const PeriodDay& day : r_.days) {
            const bool known = day.calls.rate().has_value();
            const auto calls = [&](double value) { return known ? format_rounded(value, 0) : std::string("-"); };
            out.table.rows.push_back({day.date, number(day.incidents), number(day.yellow), number(day.orange), number(day.red), day.roller_coaster ? say("yes") : "",
                                      calls(day.calls.offered), calls(day.calls.answered), calls(day.abandoned), known ? percent(day.calls.rate()) : "-", day.level.level() ? percent(day.level.level()) : "-"});
        }
        return out;
    }
    ReportSection queues() const {
        ReportSection out;
        out.title = say("queues");
        out.table.head = {say("queue"), say("incidents"), say("of_red")};
        for (const PeriodQueue& queue : r_.queues) {
            if (out.table.rows.size() == queues_listed) {
                out.lines.push_back(say("gaps_more", {{"n", std::to_string(queues_listed)}, {"all", std::to_string(r_.queues.size())}}));
                break;
            }
            out.table.rows.push_back({queue_text(queue.queue), number(queue.incidents), number(queue.red)});
        }
        return out;
    }
    ReportSection rules() const {
        ReportSection out;
        out.title = say("rules");
        out.says_none = false;
        out.table.head = {say("rule"), say("fired"), say("without_incident"), say("rule_incidents"), say("judged_false")};
        for (const PeriodRule& rule : r_.rules) {
            if (rule.wolf() > 0) {
                out.table.rows.push_back({rule.rule, number(rule.fired), number(rule.without_incident), number(rule.incidents), number(rule.judged_false)});
            }
        }
        if (out.table.rows.empty()) {
            out.lines.push_back(say("no_wolf"));
        }
        return out;
    }
    ReportSection coverage() const {
        ReportSection out;
        out.title = say("coverage");
        out.lines.push_back(say("coverage_means"));
        out.table.head = {say("roster"), say("least"), say("mean"), say("most"), say("nobody")};
        for (const PeriodRoster& roster : r_.rosters) {
            out.table.rows.push_back({roster.roster, number(roster.least), format_rounded(roster.mean, 1), number(roster.most),
                                      roster.nobody == Span{0} ? "-" : report_span(roster.nobody, language_)});
        }
        return out;
    }
    ReportSection gaps() const {
        ReportSection out;
        out.title = say("gaps");
        out.table.head = {say("policy"), say("tier"), say("from"), say("until")};
        for (const TierGap& gap : r_.gaps) {
            out.table.rows.push_back({gap.policy, gap.tier, civil_text(gap.from, zone_), civil_text(gap.until, zone_)});
        }
        if (r_.gaps_all > static_cast<int>(r_.gaps.size())) {
            out.lines.push_back(say("gaps_more", {{"n", std::to_string(r_.gaps.size())}, {"all", number(r_.gaps_all)}}));
        }
        return out;
    }
    ReportSection people() const {
        ReportSection out;
        out.title = say("people");
        out.lines.push_back(say("night_means"));
        out.table.head = {say("person"), say("asked"), say("joined"), say("arrived"), say("declined"), say("silent"), say("noshow"), say("nights"), say("pages"), say("hours")};
        for (const PeriodPerson& p : r_.people) {
            const auto& b = p.burden;
            out.table.rows.push_back({b.name.empty() || b.name == b.person ? b.person : b.name + " (" + b.person + ")", number(b.asked), number(b.joined), number(b.arrived),
                                      number(b.declined), number(b.silent), number(b.noshow), number(b.night), number(b.pages),
                                      p.helped == Span{0} ? "-" : report_span(std::chrono::floor<std::chrono::minutes>(p.helped), language_)});
        }
        return out;
    }

    const PeriodReport& r_;
    Language language_;
    const Zone& zone_;
    PeriodSay say;
};

}  // namespace

std::string period_markdown(const PeriodReport& report, Language language, const Zone& zone) {
    return markdown_of(PeriodWriter(report, language, zone).parts(), language);
}

std::string period_html(const PeriodReport& report, Language language, const Zone& zone) {
    return html_of(PeriodWriter(report, language, zone).parts(), language);
}

}  // namespace surged
