// A text in parts; when space is short the least important is shortened or left out first. Private to text*.cpp.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/paging/page_phrases.hpp"
#include "core/paging/text.hpp"

namespace surged::wording {

inline constexpr std::size_t short_name = 16;  ///< code points of a place or a summary when space is short
inline constexpr std::size_t named_max = 8;    ///< people in one text

/// When a part is shortened or left out; the highest goes first, `kept` never.
enum Rank : int { kept, place_cut, cause_cut, title_cut, counts, cause_short, aside, shown, number, extra, spare };

/// A part of a text. Its shorter forms take its place one after the other before it is left out.
struct Part {
    std::string text;
    Rank drop = kept;
    std::vector<std::pair<Rank, std::string>> shorter = {};
    bool elastic = false;  ///< its end is cut off as far as needed, before it is left out

    Rank next() const { return shorter.empty() ? drop : shorter.front().first; }
};
using Parts = std::vector<Part>;

/// The parts in a row, at most `limit` code points (0 = no limit).
std::string fit(Parts parts, std::size_t limit);

/// How an incident ended: its time was up; a person ended it.
bool by_age(const PageFacts& f);
bool by_hand(const PageFacts& f);

/// "张伟、王芳", "张伟、王芳等12人"; in English with commas.
std::string list_of(const std::vector<std::string>& names, Language l, std::size_t most = named_max);
/// Those spoken to where many read: empty in a message to one person.
std::string addressed(const PageFacts& f, Language l, std::size_t most = named_max);

/// "：english 最长等待1分44秒>1分40秒". Nothing when no alert fires.
void cause_parts(const PageFacts& f, std::size_t limit, Language l, Parts& parts);

/// The whole text of a page (text.cpp).
PageText page_text(const PageFacts& f, Language l, std::size_t limit);
/// A finished text with the word in front that it may have been sent before, within `limit` code points (0 = none).
std::string as_repeat(const std::string& text, Language l, std::size_t limit);
/// What calls people, or keeps them informed (text_calling.cpp).
Parts calling(const PageFacts& f, Language l, std::size_t limit);
/// What closing and stand-down messages say (text_endings.cpp).
Parts closing(const PageFacts& f, Language l, std::size_t limit);
Parts standing_down(const PageFacts& f, Language l, std::size_t limit);

}  // namespace surged::wording
