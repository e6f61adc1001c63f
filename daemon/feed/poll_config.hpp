// Parts of the reader of a poll file. Private to this room.
#pragma once

#include <string_view>

#include "config/reader.hpp"
#include "feed/poll_plan.hpp"

namespace surged {

/// Each returns true when the key is there and good; else `out` is untouched, and a bad value was reported at its place.
bool read_poll_template(TableReader& table, std::string_view key, PollTemplate& out);
bool read_poll_path(TableReader& table, std::string_view key, FieldPath& out);
/// `KEY`, `KEY_from` and `KEYs` (`centre`, `centre_from`, `centres`).
void read_poll_name(TableReader& table, const std::string& key, NameRule& out);
/// What answers mean: format, rows, names, metrics.
void read_poll_map(TableReader& table, AskPlan& ask);

}  // namespace surged
