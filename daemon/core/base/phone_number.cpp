#include "core/base/phone_number.hpp"

namespace surged {

namespace {
constexpr std::size_t digits_min = 5;
constexpr std::size_t digits_max = 15;
constexpr std::size_t mobile_digits = 11;
}  // namespace

std::string national_number(std::string_view text) {
    for (const std::string_view country : {"+86", "0086"}) {
        if (text.starts_with(country)) {
            text.remove_prefix(country.size());
            break;
        }
    }
    std::string out;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            out += c;
        } else if (c != ' ' && (c != '-' || out.empty())) {
            return {};
        }
        if (out.size() > digits_max) {
            return {};
        }
    }
    if (out.size() == mobile_digits + 2 && out.starts_with("861")) {
        out.erase(0, 2);
    }
    return out.size() >= digits_min ? out : std::string();
}

}  // namespace surged
