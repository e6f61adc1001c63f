#include "ctl/explain_text.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "ctl/api_json.hpp"
#include "replay/timeline.hpp"

namespace surged {
namespace {

class Text {
public:
    Text(const JsonValue& x, const Zone& zone, const Look& look) : x_(x), zone_(zone), look_(look) {}

    std::string write() {
        head();
        inputs();
        levels();
        stops();
        paging();
        return std::move(out_);
    }

private:
    using Values = std::initializer_list<PhraseValue>;

    void line(Look::Key key, Values values = {}) { out_ += look_.say(key, values) + "\n"; }
    std::string clock(const JsonValue& json, std::string_view name) const {
        const auto at = integer_of(json, name);
        return at ? civil_text(wall_time(*at), zone_) : look_.say("never");
    }
    std::string since(const JsonValue& json, std::string_view name) const {
        const auto at = integer_of(json, name);
        const auto span = count_of(x_, "now") - at.value_or(0);
        return at ? look_.span_in_text(Span{std::max<std::int64_t>(0, span) / 1000 * 1000}) : "";
    }
    std::string value_shown(const JsonValue& json, std::string_view name) const { return number_text(json, name, 3, look_.say("unknown")); }
    bool chinese() const { return look_.language() == Language::zh; }
    /// What the daemon says in both languages, in that of the reader.
    std::string said(const JsonValue& json, const std::string& name) const {
        const auto english = json.text_or(name, "");
        return chinese() ? json.text_or(name + "_zh", english) : english;
    }
    /// The text of a phrase, or nothing.
    std::string when(bool there, Look::Key key, Values values = {}) const { return there ? look_.say(key, values) : std::string(); }

    void head() {
        line("explain.head", {{"rule", x_.text_or("rule", "?")}, {"queue", queue_of(x_)}, {"time", clock(x_, "now")}});
        const JsonValue* health = x_.find("health");
        if (health != nullptr && !flag_of(*health, "healthy")) {
            out_ += look_.paint(Tone::bad, look_.say("explain.cannot_fire", {{"why", said(*health, "problem")}})) + "\n";
        }
        if (!flag_of(x_, "bound")) {
            return;
        }
        const std::string level = x_.text_or("level", "none");
        const std::string pending = x_.text_or("pending", "none");
        line("explain.state",
             {{"state", look_.word_in_text(x_.text_or("state", "?"))},
              {"level", level == "none" ? "" : " " + look_.word_in_text(level)},
              {"pending", when(pending != "none", "explain.waiting", {{"level", look_.word_in_text(pending)}})},
              {"since", when(integer_of(x_, "since").has_value(), "explain.since", {{"time", clock(x_, "since")}, {"span", since(x_, "since")}})}});
        line("explain.data", {{"last", flag_of(x_, "never_seen") ? look_.say("explain.never_came")
                                                                 : look_.say("explain.last", {{"ago", look_.say("ago", {{"span", since(x_, "last_data")}})}})},
                              {"stale", look_.paint(Tone::warning, when(flag_of(x_, "stale"), "explain.stale"))}});
        const auto metric = x_.text_or("metric", "");
        line("explain.kind", {{"kind", x_.text_or("kind", "?")}, {"metric", when(!metric.empty(), "explain.of", {{"metric", metric}})}});
    }

    void inputs() {
        if (flag_of(x_, "bound")) {
            line("explain.compared", {{"value", value_shown(x_, "value")}, {"unit", x_.text_or("unit", "")}});
        }
        for (const JsonValue& input : list_of(x_, "inputs")) {
            const std::string note = said(input, "note");
            out_ += fmt::format("    {} = {}{}\n", said(input, "name"), value_shown(input, "value"), note.empty() ? "" : " (" + note + ")");
        }
        const bool in_chinese = chinese() && x_.find("notes_zh") != nullptr;
        for (const JsonValue& note : list_of(x_, in_chinese ? "notes_zh" : "notes")) {
            out_ += fmt::format("    {}\n", note.text() == nullptr ? "" : *note.text());
        }
    }

    std::string latch_of(const JsonValue& level) const {
        const std::string latch = level.text_or("latch", "off");
        std::string out = latch == "on" ? look_.say("explain.on") : latch == "off" ? look_.say("explain.off") : look_.word_in_text(latch);
        out += when(latch != "off", "explain.latched", {{"time", clock(level, "since")}});
        if (const auto left = integer_of(level, "hold_left_ms")) {
            const auto span = look_.span_in_text(Span{*left});
            out += latch == "raising" ? look_.say("explain.until_raised", {{"span", span}}) : look_.say("explain.until_cleared", {{"span", span}});
        } else {
            out += when(flag_of(level, "raise_holds") && latch == "off", "explain.met");
        }
        return out;
    }

    void levels() {
        line("explain.limits");
        for (const JsonValue& level : list_of(x_, "levels")) {
            const auto span = [&](std::string_view name) { return look_.span_in_text(Span{count_of(level, name)}); };
            const std::string name = level.text_or("level", "?");
            const std::string shown = look_.word_in_text(name);
            // Columns of one width: the longest English name has six letters, the Chinese ones are alike.
            const std::string padding = look_.language() == Language::en && name.size() < 6 ? std::string(6 - name.size(), ' ') : std::string();
            line("explain.level", {{"level", shown + padding},
                                   {"raise", level.text_or("raise", "")},
                                   {"raise_for", span("raise_after_ms")},
                                   {"clear", level.text_or("clear", "")},
                                   {"clear_for", span("clear_after_ms")},
                                   {"latch", latch_of(level)}});
        }
    }

    void stops() {
        for (const JsonValue& mute : list_of(x_, "mutes")) {
            line("explain.mute", {{"window", mute.text_or("window", "")}, {"now", when(flag_of(mute, "now"), "explain.now")}});
        }
        for (const JsonValue& silence : list_of(x_, "silences")) {
            line("explain.silence", {{"silence", silence.text_or("silence", "?")},
                                     {"by", silence.text_or("by", "?")},
                                     {"until", clock(silence, "until")},
                                     {"reason", silence.text_or("reason", "")}});
        }
        for (const JsonValue& above : list_of(x_, "depends_on")) {
            line("explain.under", {{"rule", above.text_or("rule", "?")}, {"speaks", when(flag_of(above, "speaks"), "explain.speaks")}});
        }
    }

    void people(const JsonValue& tier) {
        for (const JsonValue& person : list_of(tier, "people")) {
            const std::string why = person.text_or("why", "");
            std::string pages;
            for (const JsonValue& page : list_of(person, "pages")) {
                const std::string reason = page.text_or("reason", "");
                pages += look_.say("explain.page", {{"purpose", page.text_or("purpose", "")},
                                                    {"channel", page.text_or("channel", "")},
                                                    {"state", look_.word_in_text(page.text_or("state", ""))},
                                                    {"reason", reason.empty() ? "" : " (" + reason + ")"}});
            }
            out_ += fmt::format("      {} {}{}{}\n", person.text_or("person", "?"), look_.word_in_text(person.text_or("state", "")),
                                why.empty() ? "" : " (" + why + ")", pages);
        }
    }

    void paging() {
        const JsonValue* paging = x_.find("paging");
        if (paging == nullptr) {
            return;
        }
        line("explain.paging", {{"why", paging->text_or("why", "")}});
        const JsonValue* incident = paging->find("incident");
        if (incident != nullptr && !incident->is_null()) {
            const auto count = [&](const char* name) { return std::to_string(count_of(*incident, name)); };
            line("explain.incident", {{"incident", incident->text_or("incident", "?")},
                                      {"level", look_.word_in_text(incident->text_or("level", ""))},
                                      {"state", look_.word_in_text(incident->text_or("state", ""))},
                                      {"policy", paging->text_or("policy", "?")},
                                      {"tier", count("tier")},
                                      {"joined", count("joined")},
                                      {"need", count("need")},
                                      {"opened", clock(*incident, "opened")}});
        }
        for (const JsonValue& tier : list_of(*paging, "tiers")) {
            line("explain.tier", {{"tier", std::to_string(count_of(tier, "tier"))}, {"id", tier.text_or("id", "")}, {"why", tier.text_or("why", "")}});
            people(tier);
        }
    }

    const JsonValue& x_;
    const Zone& zone_;
    const Look& look_;
    std::string out_;
};

}  // namespace

std::string explain_text(const JsonValue& explanation, const Zone& zone, const Look& look) {
    return Text(explanation, zone, look).write();
}

}  // namespace surged
