#include "reference.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

namespace surged::bench {

std::uint64_t reference_work() {
    constexpr std::size_t items = 2000;
    std::uint64_t state = 20261129;
    const auto next = [&state] {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return state >> 33U;
    };
    std::vector<double> values;
    std::unordered_map<std::string, double> sums;
    for (std::size_t i = 0; i < items; ++i) {
        const auto value = static_cast<double>(next() % 100000) / 7.0;
        values.push_back(value);
        sums["queue-" + std::to_string(next() % 97)] += value;
    }
    std::sort(values.begin(), values.end());
    double total = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        total = total * 0.75 + values[i] * static_cast<double>(i % 5);
    }
    std::uint64_t out = static_cast<std::uint64_t>(total);
    for (int i = 0; i < 97; ++i) {
        out = out * 31 + static_cast<std::uint64_t>(sums["queue-" + std::to_string(i)]);
    }
    return out;
}

}  // namespace surged::bench
