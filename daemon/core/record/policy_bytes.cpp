#include "core/record/policy_bytes.hpp"

#include "core/base/encoding.hpp"
#include "core/base/fields.hpp"
#include "core/base/tagged_fields.hpp"

namespace surged {

// What the reader believes of an enum. Not in an unnamed namespace: it finds them by the types.
static constexpr Level last_of(Level /*any*/) {
    return Level::red;
}
static constexpr TierMode last_of(TierMode /*any*/) {
    return TierMode::batch;
}
static constexpr ArriveBy last_of(ArriveBy /*any*/) {
    return ArriveBy::answer;
}

namespace {
/// Of the form, not of the keys: a new key of a policy leaves it as it is. Version 1 had the fields by their position.
constexpr std::uint8_t policy_version = 2;

std::string policy_out(const PolicySpec& policy) {
    const auto body = TaggedOut::bytes(policy);
    ByteWriter out;
    out.put(policy_version);
    out.put(crc32c(body));
    out.put_raw(body.data(), body.size());
    return out.take();
}

std::optional<PolicySpec> policy_in(std::string_view bytes, std::vector<std::string>* unknown) {
    ByteReader head(bytes);
    const auto version = head.get<std::uint8_t>();
    const auto crc = head.get<std::uint32_t>();
    const auto body = bytes.substr(bytes.size() - head.left());
    if (!head.ok() || version != policy_version || crc != crc32c(body)) {
        return std::nullopt;
    }
    TaggedIn in;
    PolicySpec policy;
    if (!in.read(body, policy)) {
        return std::nullopt;
    }
    if (unknown != nullptr) {
        *unknown = in.unknown();
    }
    return policy;
}
}  // namespace

std::string encode_policy(const PolicySpec& policy) {
    return base64(policy_out(policy));
}

std::optional<PolicySpec> decode_policy(std::string_view text, std::vector<std::string>* unknown) {
    const auto bytes = from_base64(text);
    return bytes ? policy_in(*bytes, unknown) : std::nullopt;
}

void PolicyInState::fields(FieldsOut& v) {
    auto bytes = policy_out(policy);
    v(bytes);
}

void PolicyInState::fields(FieldsIn& v) {
    std::string bytes;
    v(bytes);
    policy = policy_in(bytes, &unknown).value_or(PolicySpec{});
}

}  // namespace surged
