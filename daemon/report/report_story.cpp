// One record of the time line in words. English is what surgectl says of it everywhere; Chinese is said here.
#include "core/base/text.hpp"
#include "replay/timeline.hpp"
#include "report/report_sections.hpp"
#include "report/report_words.hpp"

namespace surged {

namespace {

std::string list_text(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) {
        out += (out.empty() ? "" : "、") + word;
    }
    return out;
}

/// What a kind of record says after its time and type, in Chinese; empty = as the English says it.
class ChineseStory {
public:
    std::string operator()(const AlertEdge& edge) const {
        std::string out = edge.rule + " " + queue_text(edge.queue);
        if (edge.stale_changed) {
            return out + " " + (edge.stale ? say_("no_data") : say_("data_back"));
        }
        const Level level = edge.level == Level::none ? edge.pending : edge.level;
        out += level == Level::none ? "" : " " + word(to_string(level));
        out += "：" + format_rounded(edge.value, 2);
        out += edge.limit.empty() ? "" : "，" + say_("story.limit", {{"limit", edge.limit}});
        return out + because(edge.evidence.empty() ? "" : evidence_text(edge.evidence, Language::zh));
    }
    std::string operator()(const IncidentChange& change) const {
        std::string out = word(to_string(change.level)) + "，" + say_("story.tier", {{"n", std::to_string(change.tier)}}) + "，" +
                          say_("story.seats", {{"joined", std::to_string(change.joined)}, {"need", std::to_string(change.need)}});
        out += change.people.empty() ? "" : "：" + list_text(change.people);
        return out + because(change.reason);
    }
    std::string operator()(const SeatChange& change) const {
        return change.person + "，" + say_("story.tier", {{"n", std::to_string(change.tier)}}) + because(change.reason);
    }
    std::string operator()(const PageChange& change) const {
        std::string out = is_action(change.purpose) ? change.action : word(to_string(change.purpose));
        out += change.people.empty() ? "" : "，" + say_("story.to", {{"people", list_text(change.people)}});
        out += "，" + say_("story.by", {{"channel", change.channel}});
        out += change.attempt > 1 ? "，" + say_("story.attempt", {{"n", std::to_string(change.attempt)}}) : "";
        return out + because(change.reason);
    }
    std::string operator()(const AnswerGiven& answer) const {
        std::string out = answer.person + " " + word(to_string(answer.kind)) + "：" + word(to_string(answer.result)) + "，" +
                          say_("story.by", {{"channel", answer.way}});
        out += answer.successor.empty() ? "" : "，" + say_("story.successor", {{"who", answer.successor}});
        return out + because(answer.reason);
    }
    std::string operator()(const VerdictGiven& given) const { return word(to_string(given.verdict)) + "，" + given.by + because(given.reason); }
    template <typename Body>
    std::string operator()(const Body& /*other*/) const {
        return {};
    }

private:
    static std::string word(std::string_view text) { return engine_word(text, Language::zh); }
    static std::string because(const std::string& reason) { return reason.empty() ? "" : "（" + reason + "）"; }

    ReportSay say_{Language::zh};
};

}  // namespace

StoryLine story_of(const Record& record, Language language, const Zone& zone) {
    const Told told = narrate(record, zone);
    if (language != Language::zh) {
        return {told.type, told.text};
    }
    const auto dot = told.type.find('.');
    const auto what = dot == std::string::npos ? engine_word(told.type, language)
                                               : engine_word(told.type.substr(0, dot), language) + "：" + engine_word(told.type.substr(dot + 1), language);
    const auto text = std::visit(ChineseStory{}, record.body);
    return {what, text.empty() ? told.text : text};
}

}  // namespace surged
