#include "io/courier/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "core/base/check.hpp"
#include "core/record/policy_bytes.hpp"

namespace surged {
namespace {

/// The 32 bytes of HMAC-SHA256.
std::string hmac_sha256(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const auto* data = reinterpret_cast<const unsigned char*>(text.data());
    const auto* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, text.size(), digest.data(), &size);
    SURGED_CHECK(done != nullptr && size == 32);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4U];
        out += digits[byte & 0x0FU];
    }
    return out;
}

}  // namespace

std::string hmac_sha256_hex(const Secret& key, std::string_view text) {
    return hex(hmac_sha256(key.reveal(), text));
}

std::string dingtalk_sign(const Secret& secret, std::int64_t unix_ms) {
    const Secret text(std::to_string(unix_ms) + "\n" + secret.reveal());
    return base64(hmac_sha256(secret.reveal(), text.reveal()));
}

std::string feishu_sign(const Secret& secret, std::int64_t unix_s) {
    const Secret key(std::to_string(unix_s) + "\n" + secret.reveal());
    return base64(hmac_sha256(key.reveal(), ""));
}

std::string md5_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    SURGED_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr) == 1 && size == 16);
    return hex({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace surged
