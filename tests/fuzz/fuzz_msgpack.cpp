// libFuzzer: MessagePack payloads. An input whose first byte is no map gets one, so that no time is spent on the JSON side.
#include "fuzz/check_decode.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string payload(reinterpret_cast<const char*>(data), size);
    if (!payload.empty() && (data[0] & 0xF0U) != 0x80 && data[0] != 0xDE && data[0] != 0xDF) {
        payload[0] = static_cast<char>(0x80U | (data[0] & 0x0FU));
    }
    surged::fuzz::check_payload(payload);
    return 0;
}
