// Whether a list holds a value.
#pragma once

#include <algorithm>
#include <ranges>

namespace surged {

/// O(size of the list).
template <std::ranges::input_range Range, typename T>
bool contains(const Range& list, const T& value) {
    return std::ranges::find(list, value) != std::ranges::end(list);
}

}  // namespace surged
