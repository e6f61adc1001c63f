// Records <-> JSON: what the log stores, PUB publishes and the API shows.
//
// One object: seq, ts (wall ms), at (engine ms), type (record_type()), then the fields of the body by name, in the order of their
// fields() list. Deterministic: the same record gives the same bytes. The hardest rule: decode_record() is the exact inverse, so
// the log can be replayed; bytes that are not UTF-8 become U+FFFD when written, and a number that is not finite becomes
// null (NaN).
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/record/record.hpp"
#include "wire/json_text.hpp"

namespace surged {

std::string encode(const Record& record);
/// Errors: not JSON, a missing or unknown field value, an unknown type. At most 4 MiB.
Result<Record> decode_record(std::string_view json);

/// PUB topic: incident.<id> for incident, seat, page and answer records, alert.<rule>.<centre>.<queue>, silence.<id>,
/// override.<roster>, system.<what>.
std::string topic_of(const Record& record);

}  // namespace surged
