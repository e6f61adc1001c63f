// libFuzzer: a path and a document of `feed poll`. Build with the preset "fuzz"; run bin/fuzz_mapping -max_total_time=30
// tests/fuzz/corpus/mapping.
#include "fuzz/check_feed.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    surged::fuzz::check_mapping({reinterpret_cast<const char*>(data), size});
    return 0;
}
