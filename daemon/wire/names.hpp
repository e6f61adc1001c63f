// Which names may come in. The form is part of the contract with feeders: metrics [a-z][a-z0-9_]*; centre, queue, channel and source
// any text without control characters (C1 and those that turn the direction of writing too: names are shown on terminals) and not
// with a leading `*`, which names sums of our own; nothing empty; nothing longer than the limit, which counts bytes and is inclusive.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "core/series/message.hpp"

namespace surged {

/// bad_name, name_too_long or nothing.
std::optional<Refusal> check_metric_name(std::string_view name, std::size_t limit);

/// The same for centre, queue, channel and source. `utf8_known`: the bytes are known to be UTF-8 already.
std::optional<Refusal> check_label(std::string_view label, std::size_t limit, bool utf8_known);

/// Bytes that may stand in a metric name after the first.
bool metric_byte(char byte);

}  // namespace surged
