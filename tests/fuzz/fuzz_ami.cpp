// libFuzzer: sessions of Asterisk's manager interface. Build with the preset "fuzz"; run bin/fuzz_ami -max_total_time=30 tests/fuzz/corpus/ami.
#include "fuzz/check_ami.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    surged::fuzz::check_ami({reinterpret_cast<const char*>(data), size});
    return 0;
}
