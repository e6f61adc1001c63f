// Room in vectors of many: an eighth more each time where a vector by itself takes as much again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace surged {

/// `out` can take `more` elements without moving. Each element is moved eight times in the mean while a vector grows, twice by doubling.
template <typename T>
void make_room(std::vector<T>& out, std::size_t more) {
    constexpr std::size_t least = 16;
    if (out.capacity() - out.size() < more) {
        out.reserve(out.size() + std::max({more, least, out.size() / 8}));
    }
}

}  // namespace surged
