#include "core/record/policy_bytes.hpp"

#include "core/base/encoding.hpp"
#include "core/base/fields.hpp"

namespace surged {

namespace {
constexpr std::uint8_t policy_version = 1;
}  // namespace

std::string encode_policy(const PolicySpec& policy) {
    FieldsOut out;
    std::uint8_t version = policy_version;
    PolicySpec copy = policy;
    out(version);
    out(copy);
    return base64(out.take());
}

std::optional<PolicySpec> decode_policy(std::string_view text) {
    const auto bytes = from_base64(text);
    if (!bytes) {
        return std::nullopt;
    }
    FieldsIn in(*bytes);
    std::uint8_t version = 0;
    PolicySpec policy;
    in(version), in(policy);
    return version == policy_version && in.whole() ? std::optional(std::move(policy)) : std::nullopt;
}

}  // namespace surged
