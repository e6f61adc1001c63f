// The report in three sentences: what happened, who helped when, what it cost and saved.
#include <algorithm>

#include "core/base/clock_text.hpp"
#include "core/base/text.hpp"
#include "replay/timeline.hpp"
#include "report/report_sections.hpp"
#include "report/report_words.hpp"

namespace surged {

namespace {

constexpr std::size_t named_max = 4;

std::string place_of(const AfterAction& report, const ReportSay& say) {
    std::string out;
    for (const auto& part : report.scope) {
        out += (out.empty() ? "" : " · ") + part.second;
    }
    return out.empty() ? say("said.everything") : out;
}

std::string what_happened(const AfterAction& report, const ReportSay& say, const Zone& zone) {
    const auto place = place_of(report, say);
    const auto level = engine_word(to_string(report.worst), say.language());
    const auto from = civil_text(report.opened, zone);
    std::string out;
    if (report.resolved) {
        const auto span = report_span(*report.since_opened(report.resolved), say.language());
        out = say("said.what", {{"from", from}, {"to", civil_text(*report.resolved, zone)}, {"span", span}, {"place", place}, {"level", level}});
    } else {
        out = say("said.what_open", {{"from", from}, {"place", place}, {"level", level}, {"state", engine_word(report.state, say.language())}});
    }
    if (report.alerts.empty()) {
        return out + say("said.end");
    }
    const AlertPart& worst = report.alerts.front();
    return out + say("said.worst", {{"queue", queue_text(worst.queue)},
                                    {"what", rule_text(report, worst.rule, say.language())},
                                    {"value", rule_value(report, worst.rule, worst.value, say.language())},
                                    {"limit", worst.limit}});
}

std::string who_helped(const AfterAction& report, const ReportSay& say) {
    if (report.asked() == 0 && report.came() == 0) {
        return say("said.nobody_asked");
    }
    std::vector<const PersonPart*> came;
    for (const PersonPart& part : report.people) {
        if (part.joined) {
            came.push_back(&part);
        }
    }
    std::ranges::stable_sort(came, std::ranges::less{}, [](const PersonPart* part) { return *part->joined; });
    std::string names;
    for (std::size_t i = 0; i < std::min(came.size(), named_max); ++i) {
        const auto& name = came[i]->name.empty() ? came[i]->person : came[i]->name;
        const auto after = report_span(*report.since_opened(came[i]->joined), say.language());
        names += (names.empty() ? "" : say("list.between")) + say("said.who_one", {{"name", name}, {"after", after}});
    }
    if (came.size() > named_max) {
        names += say("said.who_more", {{"n", std::to_string(came.size() - named_max)}});
    }
    const auto after = [&](const std::optional<WallTime>& at) {
        const auto span = report.since_opened(at);
        return span ? say("said.after", {{"after", report_span(*span, say.language())}}) : say("never");
    };
    return say("said.help", {{"asked", std::to_string(report.asked())},
                             {"need", std::to_string(report.need_max)},
                             {"came", std::to_string(report.came())},
                             {"arrived", std::to_string(report.arrived())},
                             {"half", after(report.half)},
                             {"full", after(report.quorum)},
                             {"who", names.empty() ? names : say("said.who", {{"names", names}})}});
}

std::string what_it_cost(const AfterAction& report, const ReportSay& say) {
    const auto offered = report.load.offered();
    const auto lost = report.load.abandoned();
    std::string out = lost && offered ? say("said.cost", {{"offered", format_rounded(*offered, 0)}, {"lost", format_rounded(*lost, 0)}})
                                      : say("said.cost_unknown");
    if (const auto saved = report.saved()) {
        return out + say("said.saved", {{"saved", format_rounded(*saved, 0)}});
    }
    const auto worth = report.load.worth();
    const auto why = !worth ? say("why.nobody") : worth->counted ? say("why.unexplained") : say("why.uncounted");
    return out + say("said.saved_none", {{"why", why}});
}

}  // namespace

std::string report_span(Span span, Language language) {
    constexpr Span whole{10000};
    const Span shown = span >= whole ? std::chrono::floor<std::chrono::seconds>(span) : span;
    if (language == Language::en) {
        return format_span(shown);
    }
    std::string out;
    auto rest = shown.count();
    constexpr std::int64_t day = 86400000;
    constexpr std::int64_t hour = 3600000;
    constexpr std::int64_t minute = 60000;
    constexpr std::int64_t second = 1000;
    for (const auto& [length, name] : {std::pair(day, "天"), std::pair(hour, "小时"), std::pair(minute, "分")}) {
        if (rest >= length) {
            out += std::to_string(rest / length) + name;
            rest %= length;
        }
    }
    return rest > 0 || out.empty() ? out + format_rounded(static_cast<double>(rest) / second, 1) + "秒" : out;
}

std::string rule_text(const AfterAction& report, const std::string& rule, Language language) {
    const auto known = report.rules.find(rule);
    if (known == report.rules.end()) {
        return rule;
    }
    const auto& name = language == Language::zh ? known->second.zh : known->second.en;
    return name.empty() ? rule : name;
}

std::string rule_value(const AfterAction& report, const std::string& rule, double value, Language language) {
    const auto known = report.rules.find(rule);
    return known == report.rules.end() ? format_rounded(value, 2) : value_text(value, known->second.form, language);
}

std::vector<std::string> report_sentences(const AfterAction& report, Language language, const Zone& zone) {
    const ReportSay say(language);
    return {what_happened(report, say, zone), who_helped(report, say), what_it_cost(report, say)};
}

}  // namespace surged
