#include "channels/secret.hpp"

#include <openssl/crypto.h>

#include <ostream>

namespace surged {
namespace {

constexpr std::size_t scrub_bytes_min = 4;  // shorter ones would star out ordinary words

}  // namespace

Secret::~Secret() {
    OPENSSL_cleanse(value_.data(), value_.size());
}

std::string Secret::scrub(std::string text) const {
    if (value_.size() < scrub_bytes_min) {
        return text;
    }
    for (auto at = text.find(value_); at != std::string::npos; at = text.find(value_, at)) {
        text.replace(at, value_.size(), "***");
        at += 3;
    }
    return text;
}

std::ostream& operator<<(std::ostream& out, const Secret&) {
    return out << "***";
}

}  // namespace surged
