// What channels make of a page's text: cuts by bytes, the line that calls people by name, times for machines. It knows bytes and
// names; it refuses to know which provider asks.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "core/record/order.hpp"

namespace surged {

/// `text` cut to at most `bytes` bytes at a code point's edge; an ellipsis stands for what was cut when there is room for it.
std::string cut_bytes(std::string_view text, std::size_t bytes);

/// True when the page asks people to do something: only then are they mentioned, so that their phones ring.
bool calls_people(PagePurpose purpose);

/// The people of an order in one line, each as `one` says; blanks between. At most `most` people, then "+N".
std::string people_line(const SendOrder& order, std::size_t most, const std::function<std::string(const Recipient&)>& one);

/// What stands under a chat's text: the link to answer by, then the people.
std::string under_text(const SendOrder& order, std::string_view people);

/// The person's name, made fit for one line; the id when there is none.
std::string shown_name(const Recipient& person);

/// Text, then the lines under it, within `bytes`: the text's end is cut first (the engine puts the least important last), and
/// `under` keeps at least half of the room when it needs it. `keyword` is appended when the whole does not contain it.
std::string compose(std::string_view text, std::string_view under, std::string_view keyword, std::size_t bytes);

/// "2026-09-20T08:00:00.123Z"
std::string utc_text(WallTime at);
/// The scope's values for people: "jinan / 普席"; the policy when there is no scope.
std::string place_text(const SendOrder& order);
/// One line an alert: level, rule, queue, the value now and at the change, evidence; in the order's language.
std::string alert_lines(const SendOrder& order);

}  // namespace surged
