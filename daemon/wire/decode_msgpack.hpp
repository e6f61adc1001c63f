// The MessagePack side of Decoder. Private to this room.
#pragma once

#include <optional>
#include <string_view>

#include "wire/part_draft.hpp"

namespace surged {

/// `payload` outlives the message.
std::optional<Refusal> decode_msgpack(std::string_view payload, DecodeContext& context);

}  // namespace surged
