// The HTML of the page behind a link: in the reader's language, for a telephone, without a script.
#pragma once

#include <string>
#include <string_view>

#include "io/http/api.hpp"
#include "io/http/link_phrases.hpp"

namespace surged {

/// "中文 · English": for readers whose language is not known.
std::string link_both(std::string_view zh, std::string_view en);
std::string link_both(LinkSay::Key key);
/// In the reader's language; in both when it is not known.
std::string link_words(LinkSay::Key key, const LinkFacts& facts);

/// A page of its own. `nonce`: 32 hexadecimal digits, for the style.
std::string link_frame(std::string_view title, const std::string& inner, std::string_view nonce, bool english = false);

/// The page itself. `notice`: what became of the last answer; empty = none. `who`: the name that was typed before, on a group's page.
std::string link_html(const LinkFacts& facts, std::string_view notice, bool notice_good, std::string_view nonce, std::string_view who = {});

}  // namespace surged
