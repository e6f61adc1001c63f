#include "ctl/look.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <utility>

#include "core/base/text.hpp"
#include "report/report_words.hpp"

namespace surged {
namespace {

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT: no other thread sets it
    return value == nullptr ? std::string_view() : value;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// "zh_CN.UTF-8" is Chinese; "zh_CN.GB18030" is not: a terminal of that code cannot show what is written here.
std::optional<Language> language_of_locale(const std::string& locale) {
    const auto dot = locale.find('.');
    const auto code = dot == std::string::npos ? std::string() : lower(locale.substr(dot + 1, locale.find('@') - dot - 1));
    const auto name = lower(locale.substr(0, std::min(dot, locale.find('@'))));
    const auto speaks = [&name](std::string_view language) {
        return name == language || (name.starts_with(language) && (name[language.size()] == '_' || name[language.size()] == '-'));
    };
    if (speaks("zh")) {
        return code.empty() || code == "utf-8" || code == "utf8" ? Language::zh : Language::en;
    }
    return speaks("en") ? std::optional(Language::en) : std::nullopt;
}

bool is_plain(std::string_view locale) {
    const auto name = locale.substr(0, locale.find('.'));
    return name == "C" || name == "POSIX";
}

Tone tone_of(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, Tone>, 22> tones{{
        {"red", Tone::bad},          {"orange", Tone::worse},      {"yellow", Tone::warning},   {"firing", Tone::bad},
        {"pending", Tone::warning},  {"clearing", Tone::warning},  {"ok", Tone::good},          {"exhausted", Tone::bad},
        {"unreachable", Tone::bad},  {"noshow", Tone::bad},        {"declined", Tone::warning}, {"timed_out", Tone::warning},
        {"joined", Tone::good},      {"arrived", Tone::good},      {"filled", Tone::good},      {"resolved", Tone::good},
        {"closed", Tone::faint},     {"released", Tone::faint},    {"stale", Tone::warning},    {"unknown", Tone::warning},
        {"failed_perm", Tone::bad},  {"expired", Tone::warning},
    }};
    const auto found = std::ranges::find(tones, name, &std::pair<std::string_view, Tone>::first);
    return found == tones.end() ? Tone::plain : found->second;
}

std::string translated(std::string_view name, Language language) {
    const auto* row = Phrases<table_words>::find(name);
    return row != nullptr ? std::string(row->in(language)) : language == Language::zh ? engine_word(name, language) : std::string(name);
}

}  // namespace

bool colours_wanted(std::string_view choice, bool terminal) {
    if (choice != "auto") {
        return choice == "always";
    }
    return terminal && environment("NO_COLOR").empty() && environment("TERM") != "dumb" && !environment("TERM").empty();
}

std::optional<Language> language_of_environment() {
    for (const char* name : {"LC_ALL", "LC_MESSAGES"}) {
        if (const auto locale = environment(name); !locale.empty()) {
            return is_plain(locale) ? Language::en : language_of_locale(std::string(locale));
        }
    }
    return language_of_locale(std::string(environment("LANG")));
}

std::vector<std::string> Look::heads(std::initializer_list<Key> keys) const {
    std::vector<std::string> out;
    for (const Key& key : keys) {
        out.push_back(paint(Tone::head, cell(key)));
    }
    return out;
}

std::string Look::word(std::string_view name) const {
    return paint(tone_of(name), translated(name, tables_));
}

std::string Look::word_in_text(std::string_view name) const {
    return paint(tone_of(name), translated(name, sentences_));
}

std::string Look::paint(Tone tone, std::string text) const {
    // Sixteen colours: those of every terminal, which people adapt to what they can see.
    constexpr std::array<const char*, 7> codes{"", "32", "33", "1;33", "1;31", "2", "1"};
    const char* code = codes[static_cast<std::size_t>(tone)];
    return !colours_ || *code == '\0' || text.empty() ? text : std::string("\x1b[") + code + "m" + text + "\x1b[0m";
}

std::string Look::finding(std::string text) const {
    if (!colours_) {
        return text;
    }
    const auto error = text.find("error: ");
    const auto warning = text.find("warning: ");
    const auto at = std::min(error, warning);
    return at == std::string::npos ? text
           : error < warning ? text.substr(0, at) + paint(Tone::bad, "error:") + text.substr(at + 6)
                             : text.substr(0, at) + paint(Tone::warning, "warning:") + text.substr(at + 8);
}

std::string Look::span_in(Span span, Language language) {
    const std::string text = format_span(span);
    if (language == Language::en) {
        return text;
    }
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        switch (text[i]) {
            case 'd': out += "天"; break;
            case 'h': out += "小时"; break;
            case 's': out += "秒"; break;
            case 'm':
                out += i + 1 < text.size() && text[i + 1] == 's' ? "毫秒" : "分钟";
                i += i + 1 < text.size() && text[i + 1] == 's' ? 1U : 0U;
                break;
            default: out += text[i];
        }
    }
    return out;
}

}  // namespace surged
