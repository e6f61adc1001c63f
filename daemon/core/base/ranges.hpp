// Lookups in small sequences: plans and messages hold tens of items, where a walk is the fastest index.
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

namespace surged {

/// True when an element of `range` equals `value`. Linear.
template <typename Range, typename Value>
bool contains(const Range& range, const Value& value) {
    return std::find(std::begin(range), std::end(range), value) != std::end(range);
}

/// The first element whose member `id` equals `id`; nullptr when there is none. It points into `range`. Linear.
template <typename Range>
auto find_by_id(Range& range, std::string_view id) -> decltype(&*std::begin(range)) {
    const auto found = std::find_if(std::begin(range), std::end(range), [id](const auto& item) { return item.id == id; });
    return found == std::end(range) ? nullptr : &*found;
}

}  // namespace surged
