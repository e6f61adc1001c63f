#include "ctl/explain_text.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "ctl/api_json.hpp"
#include "replay/timeline.hpp"

namespace surged {
namespace {

std::string value_shown(const JsonValue& json, std::string_view name) {
    return number_text(json, name, 3, "unknown");
}

class Text {
public:
    Text(const JsonValue& x, const Zone& zone) : x_(x), zone_(zone) {}

    std::string write() {
        head();
        inputs();
        levels();
        stops();
        paging();
        return std::move(out_);
    }

private:
    template <typename... Args>
    void line(fmt::format_string<Args...> format, Args&&... args) {
        out_ += fmt::format(format, std::forward<Args>(args)...) + "\n";
    }
    std::string clock(const JsonValue& json, std::string_view name) const {
        const auto at = integer_of(json, name);
        return at ? civil_text(wall_time(*at), zone_) : "never";
    }
    std::string since(const JsonValue& json, std::string_view name) const {
        const auto at = integer_of(json, name);
        const auto span = count_of(x_, "now") - at.value_or(0);
        return at ? format_span(Span{std::max<std::int64_t>(0, span) / 1000 * 1000}) : "";
    }

    void head() {
        const std::string who = x_.text_or("rule", "?") + " on " + queue_of(x_);
        line("{} at {}", who, clock(x_, "now"));
        const JsonValue* health = x_.find("health");
        if (health != nullptr && !flag_of(*health, "healthy")) {
            line("  CANNOT FIRE HERE: {}", health->text_or("problem", ""));
        }
        if (!flag_of(x_, "bound")) {
            return;
        }
        const std::string level = x_.text_or("level", "none");
        const std::string pending = x_.text_or("pending", "none");
        line("  state     {}{}{}{}", x_.text_or("state", "?"), level == "none" ? "" : " " + level,
             pending == "none" ? "" : ", " + pending + " is waiting",
             integer_of(x_, "since") ? fmt::format(", since {} ({})", clock(x_, "since"), since(x_, "since")) : "");
        line("  data      {}{}", flag_of(x_, "never_seen") ? "never came" : "last " + since(x_, "last_data") + " ago",
             flag_of(x_, "stale") ? ": STALE" : "");
        line("  kind      {}{}", x_.text_or("kind", "?"),
             x_.text_or("metric", "").empty() ? "" : " of " + x_.text_or("metric", ""));
    }

    void inputs() {
        if (flag_of(x_, "bound")) {
            line("  compared  {}{}", value_shown(x_, "value"), x_.text_or("unit", ""));
        }
        for (const JsonValue& input : list_of(x_, "inputs")) {
            const std::string note = input.text_or("note", "");
            line("    {} = {}{}", input.text_or("name", "?"), value_shown(input, "value"), note.empty() ? "" : " (" + note + ")");
        }
        for (const JsonValue& note : list_of(x_, "notes")) {
            line("    {}", note.text() == nullptr ? "" : *note.text());
        }
    }

    void levels() {
        line("  limits in force");
        for (const JsonValue& level : list_of(x_, "levels")) {
            const auto span = [&](std::string_view name) { return format_span(Span{count_of(level, name)}); };
            std::string latch = level.text_or("latch", "off");
            if (latch != "off") {
                latch += " since " + clock(level, "since");
            }
            if (const auto left = integer_of(level, "hold_left_ms")) {
                latch += fmt::format(", {} more until it is {}", format_span(Span{*left}),
                                     level.text_or("latch", "") == "raising" ? "raised" : "cleared");
            } else if (flag_of(level, "raise_holds") && latch == "off") {
                latch += " (its limit is met)";
            }
            line("    {:<6} raise {} for {}, clear {} for {}: {}", level.text_or("level", "?"), level.text_or("raise", ""),
                 span("raise_after_ms"), level.text_or("clear", ""), span("clear_after_ms"), latch);
        }
    }

    void stops() {
        for (const JsonValue& mute : list_of(x_, "mutes")) {
            line("  mute      {}{}", mute.text_or("window", ""), flag_of(mute, "now") ? ": NOW" : "");
        }
        for (const JsonValue& silence : list_of(x_, "silences")) {
            line("  silence   {} by {} until {}: {}", silence.text_or("silence", "?"), silence.text_or("by", "?"),
                 clock(silence, "until"), silence.text_or("reason", ""));
        }
        for (const JsonValue& above : list_of(x_, "depends_on")) {
            line("  under     {}{}", above.text_or("rule", "?"),
                 flag_of(above, "speaks") ? ": it fires and speaks for this one" : "");
        }
    }

    void paging() {
        const JsonValue* paging = x_.find("paging");
        if (paging == nullptr) {
            return;
        }
        line("  paging    {}", paging->text_or("why", ""));
        const JsonValue* incident = paging->find("incident");
        if (incident != nullptr && !incident->is_null()) {
            line("  incident  {} {} {}, policy {}, tier {}, {} of {} seats, opened {}", incident->text_or("incident", "?"),
                 incident->text_or("level", ""), incident->text_or("state", ""), paging->text_or("policy", "?"),
                 count_of(*incident, "tier"), count_of(*incident, "joined"), count_of(*incident, "need"),
                 clock(*incident, "opened"));
        }
        for (const JsonValue& tier : list_of(*paging, "tiers")) {
            line("    tier {} {}: {}", count_of(tier, "tier"), tier.text_or("id", ""), tier.text_or("why", ""));
            for (const JsonValue& person : list_of(tier, "people")) {
                const std::string why = person.text_or("why", "");
                std::string pages;
                for (const JsonValue& page : list_of(person, "pages")) {
                    const std::string reason = page.text_or("reason", "");
                    pages += fmt::format("; {} by {} {}{}", page.text_or("purpose", ""), page.text_or("channel", ""),
                                         page.text_or("state", ""), reason.empty() ? "" : " (" + reason + ")");
                }
                line("      {} {}{}{}", person.text_or("person", "?"), person.text_or("state", ""),
                     why.empty() ? "" : " (" + why + ")", pages);
            }
        }
    }

    const JsonValue& x_;
    const Zone& zone_;
    std::string out_;
};

}  // namespace

std::string explain_text(const JsonValue& explanation, const Zone& zone) {
    return Text(explanation, zone).write();
}

}  // namespace surged
