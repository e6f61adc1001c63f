// Incidents that are over, out of the log: the page of the past. One row an incident, made of its own records.
//
// The hardest rule: only what a record says is told; what the log has forgotten is unknown, and the list says where it ends.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "io/http/api.hpp"
#include "io/http/render.hpp"

namespace surged {

/// One row out of an incident's records in their order; nullopt when its opening is not among them.
std::optional<PastIncident> past_incident(const std::string& id, const std::vector<std::string>& records);

/// What the list is made of.
struct PastSources {
    std::uint64_t newest = 0;  ///< number of the last incident; 0 = there was none
    std::string shard = "0";   ///< what stands before the number in an incident's id
    /// Records of one incident, oldest first; an empty list = the log has none.
    std::function<ApiResult<std::vector<std::string>>(const std::string& id)> records;
};

/// Those opened in [from, to), latest first, as `{"now","incidents":[..],"next"}`. ApiError{"bad_request"}: `next` is none of this list.
ApiResult<std::string> past_incidents(const PastQuery& query, const PastSources& sources, Stamp now);

}  // namespace surged
