// libFuzzer: separated values and XML of `feed poll` and `feed csv`.
#include "fuzz/check_feed.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    surged::fuzz::check_table({reinterpret_cast<const char*>(data), size});
    return 0;
}
