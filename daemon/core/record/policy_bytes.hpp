// A policy as text for the `incident.opened` record: base64 (RFC 4648) of version, checksum and the fields by name
// (core/base/tagged_fields.hpp). A policy is snapshotted when an incident opens and used to its end, whatever is configured
// meanwhile, and whatever keys the release has that goes on with it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/team/spec.hpp"

namespace surged {

class FieldsOut;
class FieldsIn;

std::string encode_policy(const PolicySpec& policy);
/// nullopt when the text is not base64, torn, or of another version. A field that is absent has its default; the names of those
/// this release does not know are put into `unknown`.
std::optional<PolicySpec> decode_policy(std::string_view text, std::vector<std::string>* unknown = nullptr);

/// A policy in the bytes of a snapshot, which are positional: its own fields stand there by name. Empty text = not to be read.
struct PolicyInState {
    PolicySpec& policy;
    std::vector<std::string>& unknown;
    void fields(FieldsOut& v);
    void fields(FieldsIn& v);
};

}  // namespace surged
