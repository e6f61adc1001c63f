#include "io/courier/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "core/base/check.hpp"

namespace surged {

std::string hmac_sha256_hex(const Secret& key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const auto& bytes = key.reveal();
    const auto* data = reinterpret_cast<const unsigned char*>(text.data());
    const auto* done = HMAC(EVP_sha256(), bytes.data(), static_cast<int>(bytes.size()), data, text.size(), digest.data(), &size);
    SURGED_CHECK(done != nullptr && size == 32);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    hex.reserve(64);
    for (unsigned i = 0; i < size; ++i) {
        hex += digits[digest[i] >> 4U];
        hex += digits[digest[i] & 0x0FU];
    }
    return hex;
}

}  // namespace surged
