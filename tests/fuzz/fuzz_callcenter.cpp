// libFuzzer: sessions of FreeSWITCH's event socket. Build with the preset "fuzz"; run bin/fuzz_callcenter -max_total_time=30 tests/fuzz/corpus/callcenter.
#include "fuzz/check_callcenter.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    surged::fuzz::check_callcenter({reinterpret_cast<const char*>(data), size});
    return 0;
}
