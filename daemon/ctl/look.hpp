// How surgectl speaks to people: in which language, in which colours.
//
// It knows the flags, the environment and the terminal; it refuses to know what is said. Hardest rule: what a script may read does not
// change with a person's environment. JSON, CSV, ids, timelines and findings of files are never translated; a table that goes into a pipe
// is in English unless --language asks for another; colours go to a terminal only, and never stand for a word.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/phrase.hpp"
#include "core/base/time.hpp"
#include "ctl/tool_words.hpp"

namespace surged {

enum class Tone : std::uint8_t { plain, good, warning, worse, bad, faint, head };

/// Whether colours are used: `choice` is auto, always or never; auto: on a terminal that knows them, without NO_COLOR.
bool colours_wanted(std::string_view choice, bool terminal);

/// The language that LC_ALL, LC_MESSAGES and LANG ask for, the first that is not empty. nullopt: a language that surged does not speak, or
/// LANG alone says C. LC_ALL or LC_MESSAGES of C are English, whatever a file says.
std::optional<Language> language_of_environment();

class Look {
public:
    using Key = Phrases<tool_words>::Key;

    Look() = default;
    Look(Language sentences, Language tables, bool colours) : sentences_(sentences), tables_(tables), colours_(colours) {}

    /// A sentence, without a line break at its end.
    std::string say(Key key, std::initializer_list<PhraseValue> values = {}) const { return Phrases<tool_words>(sentences_)(key, values); }
    /// A cell of a table.
    std::string cell(Key key, std::initializer_list<PhraseValue> values = {}) const { return Phrases<tool_words>(tables_)(key, values); }
    std::vector<std::string> heads(std::initializer_list<Key> keys) const;

    /// A level or a state ("red", "paging", "stale") in a table's language and its colour.
    std::string word(std::string_view name) const;
    /// The same in the language of sentences.
    std::string word_in_text(std::string_view name) const;
    /// "5m", "5分钟" in a table, in a sentence.
    std::string span(Span span) const { return span_in(span, tables_); }
    std::string span_in_text(Span span) const { return span_in(span, sentences_); }

    std::string paint(Tone tone, std::string text) const;
    /// A finding as "file:1:2: error: what": its word in colour.
    std::string finding(std::string text) const;

    Language language() const { return sentences_; }

private:
    static std::string span_in(Span span, Language language);

    Language sentences_ = Language::en;
    Language tables_ = Language::en;
    bool colours_ = false;
};

}  // namespace surged
