#include "core/record/order.hpp"

#include <array>

namespace surged {

std::string_view to_string(OutcomeClass v) {
    static constexpr std::array<std::string_view, 6> words{"ok", "retry", "channel_down", "reject", "config_error", "unknown"};
    const auto i = static_cast<std::size_t>(v);
    return i < words.size() ? words[i] : std::string_view("?");
}

}  // namespace surged
