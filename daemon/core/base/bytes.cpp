#include "core/base/bytes.hpp"

#include <array>

namespace surged {

std::string ByteReader::get_text() {
    const auto size = get<std::uint32_t>();
    if (!ok_ || size > rest_.size()) {
        ok_ = false;
        return {};
    }
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
}

bool ByteReader::get_raw(void* out, std::size_t size) {
    if (!ok_ || size > rest_.size()) {
        ok_ = false;
        return false;
    }
    std::memcpy(out, rest_.data(), size);
    rest_.remove_prefix(size);
    return true;
}

namespace {
constexpr std::array<std::uint32_t, 256> crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0x82F63B78U : crc >> 1U;
        }
        table[i] = crc;
    }
    return table;
}
constexpr auto table = crc_table();
}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : bytes) {
        crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (crc >> 8U);
    }
    return crc ^ 0xFFFFFFFFU;
}

}  // namespace surged
