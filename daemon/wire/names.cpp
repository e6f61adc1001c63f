#include "wire/names.hpp"

#include <array>
#include <cstdint>

#include "core/base/text.hpp"

namespace surged {

namespace {

constexpr std::uint8_t in_metric = 1;
constexpr std::uint8_t control = 2;
constexpr std::uint8_t beyond_ascii = 4;

constexpr std::array<std::uint8_t, 256> make_classes() {
    std::array<std::uint8_t, 256> classes{};
    for (unsigned c = 0; c < 256; ++c) {
        std::uint8_t bits = 0;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') {
            bits = in_metric;
        } else if (c < 0x20 || c == 0x7F) {
            bits = control;
        } else if (c >= 0x80) {
            bits = beyond_ascii;
        }
        classes[c] = bits;
    }
    return classes;
}
constexpr std::array<std::uint8_t, 256> classes = make_classes();

std::uint8_t class_of(char byte) {
    return classes[static_cast<unsigned char>(byte)];
}

}  // namespace

bool metric_byte(char byte) {
    return class_of(byte) == in_metric;
}

std::optional<Refusal> check_metric_name(std::string_view name, std::size_t limit) {
    if (name.size() > limit) {
        return Refusal::name_too_long;
    }
    if (name.empty() || name.front() < 'a' || name.front() > 'z') {
        return Refusal::bad_name;
    }
    for (const char byte : name) {
        if (class_of(byte) != in_metric) {
            return Refusal::bad_name;
        }
    }
    return std::nullopt;
}

std::optional<Refusal> check_label(std::string_view label, std::size_t limit, bool utf8_known) {
    if (label.size() > limit) {
        return Refusal::name_too_long;
    }
    if (label.empty() || label.front() == '*') {
        return Refusal::bad_name;
    }
    std::uint8_t seen = 0;
    for (const char byte : label) {
        seen = static_cast<std::uint8_t>(seen | class_of(byte));
    }
    if ((seen & control) != 0) {
        return Refusal::bad_name;
    }
    if ((seen & beyond_ascii) == 0) {
        return std::nullopt;
    }
    if (!utf8_known && !utf8_valid(label)) {
        return Refusal::bad_name;
    }
    for (std::size_t at = 0; at < label.size(); ++at) {
        if (class_of(label[at]) == beyond_ascii && harmful_at(label, at) != 0) {
            return Refusal::bad_name;
        }
    }
    return std::nullopt;
}

}  // namespace surged
