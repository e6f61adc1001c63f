#include "core/escalation/policy_bytes.hpp"

#include "core/base/encoding.hpp"
#include "core/escalation/archive.hpp"

namespace surged {

namespace {
constexpr std::uint8_t policy_version = 4;
}  // namespace

std::string encode_policy(const PolicySpec& policy) {
    ArchiveOut out;
    std::uint8_t version = policy_version;
    PolicySpec copy = policy;
    out(version);
    out(copy), out(copy.actions), out(copy.region);
    archive_policy_4(out, copy);
    return base64(out.take());
}

std::optional<PolicySpec> decode_policy(std::string_view text) {
    const auto bytes = from_base64(text);
    if (!bytes) {
        return std::nullopt;
    }
    ArchiveIn in(*bytes);
    std::uint8_t version = 0;
    PolicySpec policy;
    in(version);
    if (version == 1) {
        archive_policy_1(in, policy);
    } else {
        in(policy);
    }
    if (version >= 3) {
        in(policy.actions), in(policy.region);
    }
    if (version >= 4) {
        archive_policy_4(in, policy);
    }
    if (version < 1 || version > policy_version || !in.whole()) {
        return std::nullopt;
    }
    return policy;
}

}  // namespace surged
