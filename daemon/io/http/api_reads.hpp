// Answers of what is only read: what the query says is looked over here, what is true comes from the program.
#pragma once

#include <string_view>

#include "io/http/api_router.hpp"

namespace surged {

inline constexpr std::size_t list_limit_max = 10000;  ///< of `limit`
inline constexpr std::size_t past_limit_max = 500;    ///< of `limit` with from or to
inline constexpr int duty_days_max = 62;              ///< of one look ahead at the rosters

/// Of an endpoint that needs nothing but the program; `query` without '?'.
HttpResponse read_answer(ApiBackend& backend, const Admitted& admitted, std::string_view query);

}  // namespace surged
