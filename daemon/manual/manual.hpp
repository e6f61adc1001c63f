// The manual as it is installed, embedded so that `surgectl help` needs no file and no man.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace surged {

struct ManualPage {
    std::string_view name;     ///< surged-rules
    std::string_view section;  ///< 5
    std::string_view summary;  ///< what the page's NAME says behind the dash
    std::span<const std::string_view> lines;  ///< man(7)

    /// What people ask for: "rules"; "surged.toml" stays as it is.
    std::string_view topic() const { return name.starts_with("surged-") ? name.substr(7) : name; }
    std::string source() const;
};

/// All of them, in the order of `surgectl help`.
std::span<const ManualPage> manual_pages();

/// "rules", "surged-rules", "surged-rules(5)", "surged-rules.5", "toml"; nullptr = there is none.
const ManualPage* find_manual_page(std::string_view topic);

}  // namespace surged
