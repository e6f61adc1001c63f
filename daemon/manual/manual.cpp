#include "manual/manual.hpp"

#include <algorithm>

namespace surged {

std::string ManualPage::source() const {
    std::string out;
    for (const std::string_view line : lines) {
        out.append(line).append("\n");
    }
    return out;
}

const ManualPage* find_manual_page(std::string_view topic) {
    const auto pages = manual_pages();
    const auto found = std::find_if(pages.begin(), pages.end(), [&](const ManualPage& page) {
        const auto full = std::string(page.name);
        const auto section = std::string(page.section);
        return topic == page.topic() || topic == full || topic == full + "(" + section + ")" || topic == full + "." + section ||
               (topic == "toml" && page.name == "surged.toml");
    });
    return found == pages.end() ? nullptr : &*found;
}

}  // namespace surged
