// The JSON side of Decoder. Private to this room.
#pragma once

#include <memory>
#include <optional>

#include "wire/part_draft.hpp"

namespace surged {

class JsonDecoder {
public:
    JsonDecoder();
    ~JsonDecoder();

    /// `payload` is followed by payload_padding zero bytes and outlives the message. `scratch` is where unescaped text goes: at
    /// least as many bytes as the payload.
    std::optional<Refusal> decode(std::string_view payload, char* scratch, DecodeContext& context);

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace surged
