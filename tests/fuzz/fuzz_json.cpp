// libFuzzer: JSON payloads. Build with the preset "fuzz"; run bin/fuzz_json -max_total_time=30 tests/fuzz/corpus/json.
#include "fuzz/check_decode.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    surged::fuzz::check_payload({reinterpret_cast<const char*>(data), size});
    return 0;
}
