// Texts in Chinese and English. The texts of one subject stand in one table, a row each, so that whoever corrects one language sees
// the other beside it.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace surged {

enum class Language : std::uint8_t { zh, en };

/// One row: both languages name the same `{placeholders}`, and neither is empty.
struct Phrase {
    std::string_view key;
    std::string_view zh;
    std::string_view en;

    std::string_view in(Language language) const { return language == Language::zh ? zh : en; }
};

struct PhraseValue {
    std::string_view name;
    std::string_view value;
};

/// `text` with every `{name}` replaced by its value. A name without a value stays; a value is never searched for names itself.
std::string fill(std::string_view text, std::span<const PhraseValue> values);
inline std::string fill(std::string_view text, std::initializer_list<PhraseValue> values) {
    return fill(text, std::span(values.begin(), values.size()));
}

/// The values with which fill() makes `text` of `pattern`, in their order; each as short as what follows it allows. Views of both.
/// Empty: there are none.
std::vector<PhraseValue> taken_apart(std::string_view pattern, std::string_view text);

/// A table of phrases in one language: `const Phrases<page_phrases> say{language}; say("closing.age", {{"age", text}})`.
template <const auto& table>
class Phrases {
public:
    /// A row of this table. A key that the table lacks does not compile.
    class Key {
    public:
        consteval Key(const char* key) : row_(find(key)) {  // NOLINT(google-explicit-constructor): say("key") is the point
            if (row_ == nullptr) {
                throw "no such row";
            }
        }
        const Phrase& row() const { return *row_; }

    private:
        const Phrase* row_;
    };

    explicit Phrases(Language language) : language_(language) {}

    std::string operator()(Key key, std::initializer_list<PhraseValue> values = {}) const { return (*this)(key.row(), values); }
    std::string operator()(const Phrase& row, std::initializer_list<PhraseValue> values = {}) const {
        return fill(row.in(language_), values);
    }
    Language language() const { return language_; }

    /// The row of a key known only at run time; nullptr = none.
    static constexpr const Phrase* find(std::string_view key) {
        for (const Phrase& row : table) {
            if (row.key == key) {
                return &row;
            }
        }
        return nullptr;
    }

private:
    Language language_;
};

}  // namespace surged
