// What a feeder says, as bytes: for feeders, recorders and tests. The inverse of decode.hpp.
//
// `v`, `source`, `epoch` (when there is one), `seq`, `ts`, `queues`; a part writes its `channel` when it is not voice and its
// `ts` when it differs from the message's. Values that are not finite are left out: the wire has no word for them.
#pragma once

#include <string>

#include "core/series/message.hpp"

namespace surged {

std::string encode_json(const Message& message);
std::string encode_msgpack(const Message& message);

}  // namespace surged
